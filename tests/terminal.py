"""A program on a terminal: keys are typed when it asks, and what a person would see comes back."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence

from tests.homes import ROOT

Answer = tuple[str, str | Callable[[], str] | None]
"""What to wait for, and what to type then; None: that is the end."""


def on_a_terminal(
    argv: Sequence[str], *answers: Answer, env: Mapping[str, str], columns: int = 80, rows: int = 24
) -> tuple[int, str]:
    """Run a program on a terminal of this size. Its exit code, and all that it wrote there."""
    ours, theirs = os.openpty()
    termios.tcsetwinsize(ours, (rows, columns))

    def at_its_terminal() -> None:
        os.login_tty(theirs)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs start with it ignored

    process = subprocess.Popen(
        argv,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "TERM": "xterm", "LANG": "C.UTF-8", **env},
        preexec_fn=at_its_terminal,  # noqa: PLW1509 - only so a typed Ctrl-C is a signal
    )
    os.close(theirs)
    seen = b""
    end = time.monotonic() + 30
    for question, answer in answers:
        while question.encode() not in seen and process.poll() is None and time.monotonic() < end:
            seen += _read(ours)
        if answer is None:
            process.kill()
        else:
            os.write(ours, (answer if isinstance(answer, str) else answer()).encode())
    while process.poll() is None and time.monotonic() < end:
        seen += _read(ours)
    process.kill()
    while part := _read(ours):
        seen += part
    os.close(ours)
    return process.wait(), seen.decode()


def _read(terminal: int) -> bytes:
    """What there is to be read within a moment."""
    if not select.select([terminal], [], [], 0.2)[0]:
        return b""
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side is closed
        return b""
