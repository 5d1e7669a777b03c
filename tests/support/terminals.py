"""A person at a terminal: types, and sees what a real one would show."""

from __future__ import annotations

import copy
import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyte
from pyte.screens import Char

from tests.support import with_coverage
from tests.support.homes import ROOT

COLUMNS, LINES = 80, 24
DOWN, UP, SPACE, ENTER, ESC, CTRL_C, CTRL_D = "\x1b[B", "\x1b[A", " ", "\r", "\x1b", "\x03", "\x04"
KILL_LINE = "\x15"
_PATIENCE = 30.0  # seconds


class _Screen(pyte.HistoryScreen):
    """Answers what a program asks its terminal."""

    def __init__(self, terminal: int, columns: int, lines: int) -> None:
        super().__init__(columns, lines, history=1000)
        self.terminal = terminal

    def set_mode(self, *modes: int, **kinds: bool) -> None:
        """Also the second screen of xterm, which pyte leaves out."""
        if 1049 in modes:
            self._first = copy.deepcopy(self.buffer), copy.copy(self.cursor)
        super().set_mode(*modes, **kinds)

    def reset_mode(self, *modes: int, **kinds: bool) -> None:
        super().reset_mode(*modes, **kinds)
        if 1049 in modes:
            self.buffer, self.cursor = self._first
            self.dirty.update(range(self.lines))

    def write_process_input(self, data: str) -> None:
        os.write(self.terminal, data.encode())


class Terminal:
    """A program that runs on a pseudo-terminal; to be used in a `with`, which ends it."""

    def __init__(
        self,
        words: list[str],
        env: Mapping[str, str],
        cwd: Path = ROOT,
        *,
        columns: int = COLUMNS,
        lines: int = LINES,
    ) -> None:
        self._ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

        def at_its_terminal() -> None:
            os.login_tty(theirs)
            signal.signal(signal.SIGINT, signal.SIG_DFL)

        self._process = subprocess.Popen(
            words,
            cwd=cwd,
            env={"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8", **env},
            preexec_fn=at_its_terminal,  # noqa: PLW1509 - only so a typed Ctrl-C is a signal
        )
        os.close(theirs)
        self._screen = _Screen(self._ours, columns, lines)
        self._stream: Any = pyte.ByteStream(self._screen)
        self.raw = b""
        """All bytes that came, for what must never be sent."""

    @classmethod
    def ours(cls, *words: str, env: Mapping[str, str] | None = None) -> Self:
        """Our own command."""
        return cls([*with_coverage.command(), *words], env or {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    @property
    def shown(self) -> str:
        """What is on the screen now."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    @property
    def text(self) -> str:
        """The same, after what has left the screen at the top."""
        lines = ("".join(letter.data for letter in line).rstrip() for line in self.letters)
        return "\n".join(lines).rstrip()

    @property
    def letters(self) -> list[list[Char]]:
        """The same, letter by letter with their colours."""
        lines = [*self._screen.history.top, *(self._screen.buffer[y] for y in range(self._screen.lines))]
        return [[line[column] for column in range(self._screen.columns)] for line in lines]

    def sees(self, *texts: str) -> str:
        """Wait until all of these are on the screen; answers with it."""
        end = time.monotonic() + _PATIENCE
        while not all(text in _unwrapped(self.shown) for text in texts):
            if time.monotonic() > end or not self._read():
                raise AssertionError(f"not seen: {texts}\n{self.shown}")
        return self.shown

    def types(self, *keys: str) -> None:
        for key in keys:
            os.write(self._ours, key.encode())

    def ends(self) -> int:
        """Wait for its end; answers with its exit code."""
        end = time.monotonic() + _PATIENCE
        while self._read() and time.monotonic() < end:
            pass
        return self._process.wait(timeout=_PATIENCE)

    def _read(self) -> bool:
        """Take in what comes within a moment; False when it has ended."""
        if not select.select([self._ours], [], [], 0.1)[0]:
            return self._process.poll() is None
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # the other side is closed
            return False
        self.raw += data
        self._stream.feed(data)
        return bool(data)


def _unwrapped(text: str) -> str:
    """A text as it reads, wherever its lines were broken."""
    return " ".join(text.split())
