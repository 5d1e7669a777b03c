"""A browser as a process of our own: found, started, waited for, ended."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from tests.support.homes import KEY, ROOT

EXTENSION = Path(__file__).parent / "extension"
NAME = "Settings of a test"
TIMEOUT = 60.0
"""Seconds for any one step."""

T = TypeVar("T")


class Hung(Exception):
    """A browser did not do in time what was asked."""


def program(*names: str) -> str:
    """The path of the first of these programs; without any the test is left out, and fails in CI."""
    for name in names:
        if found := shutil.which(name):
            return found
    reason = f"NOT TESTED: no {' or '.join(names)} on this machine (apt-get install {names[0]})"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def command_on(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run our command on a home with profiles of its own, in a process of its own."""
    options = ["--home", str(home), "--profiles", str(home / "profiles"), "--lang", "en"]
    return subprocess.run(
        [sys.executable, "-m", "patcher", *words, *options],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "VSEGPT_API_KEY": KEY},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )


def until(what: str, look: Callable[[], T | None], seconds: float = TIMEOUT) -> T:
    """The first answer of `look` that is not None. Raises `Hung` after that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (found := look()) is not None:
            return found
        time.sleep(0.05)
    raise Hung(what)


def start(command: Sequence[str], folder: Path, fds: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start it in a process group of its own, its home and its output in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "output.txt").open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=fds,
            start_new_session=True,
            env={
                **os.environ,
                "HOME": str(folder),
                "XDG_CONFIG_HOME": str(folder / ".config"),
                "XDG_CACHE_HOME": str(folder / ".cache"),
            },
        )


def end(process: subprocess.Popen[bytes], seconds: float = TIMEOUT) -> None:
    """Wait for the process; after that time it is killed, with all it started, and `Hung` is raised."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise Hung("it does not end") from None
    finally:
        kill(process)  # children that outlive it would still write


def kill(process: subprocess.Popen[bytes]) -> None:
    """End it and all it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(5)
