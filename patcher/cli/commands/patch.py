"""`vsegpt-patch TOOL...`: the main job."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from patcher.cli.patch_report import told
from patcher.cli.patching import carry_out, without_beta, writes
from patcher.cli.prompts import confirm
from patcher.cli.session import Session
from patcher.errors import UsageError
from patcher.i18n import _, ngettext
from patcher.planning.plan import Plan


def run(session: Session, tools: Sequence[str]) -> int:
    """Plan, show or write, tell."""
    words = session.words
    if words["all"] and tools:
        raise UsageError(_("name tools or say --all, not both"))
    if words["export"]:
        from patcher.cli.commands import import_file  # noqa: PLC0415 - another way out, for extensions

        return import_file.run(session, tools)
    if not words["all"] and not tools:
        from patcher.cli import questions  # noqa: PLC0415 - only for the guided run

        if questions.on_terminal() and not words["json"] and not words["yes"]:
            from patcher.cli.commands import guided  # noqa: PLC0415 - few runs are

            return guided.run(session)
        click.echo(click.get_current_context().get_help(), err=True)
        return 2
    profiles, problems = session.found() if words["all"] else session.profiles(tools)
    profiles = without_beta(session, profiles)
    request = session.request(key=session.key(needed=writes(session, profiles)))
    asks = words["all"] and not words["yes"] and sys.stdin.isatty() and sys.stderr.isatty()
    done = carry_out(
        session, profiles, problems, request, (lambda made: _agreed(session, made)) if asks else None
    )
    if done is None:
        session.report.message(_("Nothing was written."))
        return 0
    return told(session, done, request)


def _agreed(session: Session, made: Plan) -> bool:
    """Show the diffs and ask. No lock is held: the answer may take its time."""
    for tool in made.tools:
        session.report.diffs(tool)
    count = len(made.writes)
    return confirm(ngettext("Change {count} file?", "Change {count} files?", count).format(count=count))
