"""Which of a user's programs are running: names alone, and nothing where the system does not tell."""

from __future__ import annotations

import csv
import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from patcher.dataclass import dataclass
from patcher.machine.base_dirs import System

_COMM = 15
"""Characters that Linux keeps of a process's own name (proc_pid_comm(5))."""
_PATIENCE = 10.0  # seconds for a system's program that lists processes


@dataclass(frozen=True)
class Process:
    name: str
    pid: int


def running(names: Iterable[str], system: System, user: int) -> dict[str, Process]:
    """Of the wanted names those that a process of this user has, with one such process.

    A name is what the process calls itself or its program file's name; capitals and an `.exe` at
    the end do not count. `user` is a user id; on Windows it is the caller.
    """
    known: dict[str, Process] = {}
    for process in _all(system, user):
        known.setdefault(_plain(process.name), process)
    answers = {name: known.get(_plain(name)) for name in names}
    if system == "linux":
        answers = {name: found or known.get(_plain(name)[:_COMM]) for name, found in answers.items()}
    return {name: process for name, process in answers.items() if process}


def _all(system: System, user: int) -> Iterator[Process]:
    if system == "linux":
        return _linux(Path("/proc"), user)
    if system == "macos":
        return _of_ps(_output("/bin/ps", "-axo", "uid=,pid=,comm="), user)
    return _of_tasklist(_tasklist())


def _plain(name: str) -> str:
    return name.casefold().removesuffix(".exe")


def _linux(proc: Path, user: int) -> Iterator[Process]:
    """From proc(5). A process may end, or be closed to us, while we look."""
    for folder in sorted(proc.glob("[0-9]*"), key=lambda folder: int(folder.name)):
        pid = int(folder.name)
        try:
            status = (folder / "status").read_text(errors="replace")
            fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            if int(fields["Uid"].split()[0]) != user or fields["State"].startswith("Z"):
                continue
            yield Process((folder / "comm").read_text(errors="replace").rstrip("\n"), pid)
            program = os.readlink(folder / "exe").removesuffix(" (deleted)")  # noqa: PTH115 - text, not a path
            yield Process(PurePosixPath(program).name, pid)
        except (OSError, KeyError, ValueError):
            continue


def _of_ps(text: str, user: int) -> Iterator[Process]:
    """From lines of `uid pid comm`; macOS gives the program file's whole path."""
    for line in text.splitlines():
        words = line.split(None, 2)
        if len(words) == 3 and words[0] == str(user) and words[1].isdecimal():
            yield Process(PurePosixPath(words[2].strip()).name, int(words[1]))


def _of_tasklist(text: str) -> Iterator[Process]:
    """From lines of `"image name","pid",...`."""
    for row in csv.reader(text.splitlines()):
        if len(row) > 1 and row[1].isdecimal():
            yield Process(row[0], int(row[1]))


def _tasklist() -> str:
    program = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "tasklist.exe"
    return _output(str(program), "/fo", "csv", "/nh", "/fi", f"USERNAME eq {os.environ.get('USERNAME', '')}")


def _output(*words: str) -> str:
    """What a program of the system prints; nothing where it fails."""
    try:
        ran = subprocess.run(  # noqa: S603 - only the two programs named above, with fixed words
            words, capture_output=True, stdin=subprocess.DEVNULL, check=False, timeout=_PATIENCE
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return ran.stdout.decode(errors="replace")
