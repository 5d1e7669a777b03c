"""Runs in a child process under strace, which kills, fails or delays the call that it is told to."""

from __future__ import annotations

import ctypes
import io
import mmap
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LOOKS = (
    "newfstatat stat lstat fstat statx access faccessat faccessat2 readlink readlinkat lseek getdents64"
    " flistxattr fgetxattr read close flock"
).split()
CHANGES = (
    "openat write fsync fdatasync ftruncate rename renameat renameat2 link linkat unlink unlinkat mkdir"
    " mkdirat rmdir chmod fchmod fchmodat chown fchown fchownat fsetxattr"
).split()
_END_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_ANY_TRACER = 0x59616D61  # PR_SET_PTRACER
_PATIENCE = 60.0  # seconds, for one run


@dataclass(frozen=True)
class Call:
    """One system call of a run that touches the home: the `nth` of its name (from 1)."""

    name: str
    nth: int
    changes: bool
    text: str
    so_far: tuple[tuple[str, int], ...] = ()
    """How often each name was called up to here, this call included, also elsewhere than on the home."""


@dataclass(frozen=True)
class Ran:
    """How a run ended, what it printed, and strace's lines."""

    code: int
    out: str
    err: str
    log: str

    def fired_on(self, home: Path) -> bool:
        """Whether a call that touches the home was failed or delayed."""
        struck = (line for line in self.log.splitlines() if line.endswith(("(INJECTED)", "(DELAYED)")))
        return any(str(home) in line for line in struck)


def run(
    job: Callable[[], int],
    scratch: Path,
    strace: Sequence[str],
    meanwhile: Callable[[], None] | None = None,
) -> Ran:
    """Do the job in a forked child under strace, and `meanwhile` in a thread beside it."""
    log = scratch / "log"
    out, err = _Paper(), _Paper()
    pid = os.fork()
    if pid == 0:
        _child(job, out, err)
    os.waitpid(pid, os.WUNTRACED)
    words = ["strace", "-qq", "-y", "-s", "0", "-o", str(log), *strace, "-p", str(pid)]
    with subprocess.Popen(words, stderr=subprocess.PIPE) as tracer:
        _until_attached(pid, tracer)
        timer = threading.Thread(target=meanwhile) if meanwhile else None
        watch = threading.Timer(_PATIENCE, os.kill, (pid, signal.SIGKILL))
        watch.start()
        os.kill(pid, signal.SIGCONT)
        if timer:
            timer.start()
        _, status = os.waitpid(pid, 0)
        watch.cancel()
        if timer:
            timer.join()
    return Ran(os.waitstatus_to_exitcode(status), out.text(), err.text(), log.read_text())


class _Paper(io.StringIO):
    """What a child prints, in memory that it shares: no call of its own, which a fault could hit."""

    def __init__(self) -> None:
        super().__init__()
        self._memory = mmap.mmap(-1, 1 << 16)

    def write(self, text: str) -> int:
        self._memory.write(text.encode())
        return len(text)

    def text(self) -> str:
        """What was written, also by a child that was killed."""
        return self._memory[:].split(b"\0", 1)[0].decode()


def _child(job: Callable[[], int], out: _Paper, err: _Paper) -> None:
    code = 99
    try:
        sys.stdout, sys.stderr = out, err
        prctl = ctypes.CDLL(None).prctl
        prctl(_END_WITH_PARENT, signal.SIGKILL, 0, 0, 0)  # a campaign that stops leaves nobody behind
        prctl(_ANY_TRACER, ctypes.c_ulong(-1 & (1 << 64) - 1), 0, 0, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        code = job()
    except BaseException as error:  # noqa: BLE001 - nothing may leave a forked child
        err.write(f"Traceback: {type(error).__name__}: {error}")
    finally:
        os._exit(code)


def _until_attached(pid: int, tracer: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 10
    while f"TracerPid:\t{tracer.pid}\n" not in Path(f"/proc/{pid}/status").read_text():
        if tracer.poll() is not None or time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            tracer.kill()
            told = tracer.stderr.read().decode() if tracer.stderr else ""
            raise RuntimeError(f"strace cannot attach: {told}")
        time.sleep(0.0005)


def tracing(names: Sequence[str]) -> list[str]:
    """strace's words; a name that this machine does not have is passed over."""
    return ["-e", "trace=" + ",".join(f"?{name}" for name in names)]


_LINE = re.compile(r"(?:\d+ +)?(\w+)\(")


def calls(ran: Ran, home: Path) -> Iterator[Call]:
    """The calls of a clean run that touch the home, in their order."""
    seen: dict[str, int] = {}
    for line in ran.log.splitlines():
        found = _LINE.match(line)
        if not found:
            continue
        name = found[1]
        seen[name] = seen.get(name, 0) + 1
        if str(home) in line:
            changes = "O_CREAT" in line if name == "openat" else name in CHANGES
            yield Call(name, seen[name], changes, line, tuple(seen.items()))
