"""One run at a time on one home. What it writes is its own file and nothing else."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Self

from patcher.disk.snapshot import NOFOLLOW, close

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class Lock:
    """A file that one process at a time can hold; it falls open when that process ends."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | NOFOLLOW, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        close(self._fd)

    def taken(self) -> bool:
        """Try to take it; the holder's process id is kept in the file."""
        taken = PermissionError if sys.platform == "win32" else BlockingIOError
        try:
            if sys.platform == "win32":
                msvcrt.locking(self._fd, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except taken:
            return False
        with contextlib.suppress(OSError):  # on a full disk it is held all the same
            os.ftruncate(self._fd, 0)
            os.lseek(self._fd, 0, os.SEEK_SET)
            os.write(self._fd, str(os.getpid()).encode())
        return True

    @property
    def holder(self) -> str:
        """The process that has it, as far as is known."""
        os.lseek(self._fd, 0, os.SEEK_SET)
        return os.read(self._fd, 20).decode("ascii", errors="replace") or "?"
