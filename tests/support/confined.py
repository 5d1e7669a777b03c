"""Our command in a process of its own, under what the system can do to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.homes import KEY, ROOT
from tests.support.made_up_tools import profiles_option

NOBODY = 65534
ROOT_USER = os.geteuid() == 0


def lacking(reason: str) -> None:
    """Leave a test out, aloud; in CI root could do all of it, so there it fails."""
    if os.environ.get("CI") and ROOT_USER:
        pytest.fail(f"left out, though root could do it: {reason}")
    pytest.skip(reason)


def tool(name: str) -> str:
    """A program of this machine."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        lacking(f"needs {name}")
    assert found is not None
    return found


def only_root() -> None:
    if not ROOT_USER:
        pytest.skip("only root can do this")


def give(folder: Path, user: int) -> None:
    """Let another user have it."""
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, user, user)


def command(home: Path, *words: str) -> list[str]:
    options = ["--home", str(home), *profiles_option(home), "--lang", "en"]
    return [sys.executable, "-m", "patcher", *options, *words]


def as_user(user: int, home: Path, *words: str) -> list[str]:
    """The same as another user; what is imported before need not be readable by that user."""
    every, these = command(home, "--all", "-n")[3:], command(home, *words)[3:]
    code = (
        f"import os, patcher.cli.commands.undo, patcher.formats.merge\n"
        f"from patcher.cli.main import main\ntry: main({every!r})\nexcept SystemExit: pass\n"
        f"os.setgroups([]); os.setgid({user}); os.setuid({user})\nmain({these!r})"
    )
    return [sys.executable, "-c", code]


def run_confined(
    home: Path, *words: str, before: Sequence[str] = (), user: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own, by way of another program."""
    env = {"PATH": os.environ["PATH"], "VSEGPT_API_KEY": KEY, "PYTHONPATH": str(ROOT), "HOME": str(home)}
    return subprocess.run(
        [*before, *(command(home, *words) if user is None else as_user(user, home, *words))],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def assert_explained(result: subprocess.CompletedProcess[str]) -> None:
    """A failure in one or a few lines, without a traceback and without a key."""
    assert result.returncode == 1, (result.stdout, result.stderr)
    assert result.stderr.strip()
    for word in ("Traceback", "internal error", KEY):
        assert word not in result.stdout + result.stderr
