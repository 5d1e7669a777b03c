"""`completion SHELL`: the script that completes our command line in a shell."""

from __future__ import annotations

import sys

import click

from patcher.cli import shells
from patcher.cli.session import Session


def run(session: Session) -> int:
    """Print it, with the same line ends on every system."""
    shell = session.options.what
    text = shells.script(shell)
    if not session.report.as_json:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(newline="\n")
        click.echo(text, nl=False)
    session.report.json("completion", {"shell": shell, "script": text})
    return 0
