"""Is a program using its settings now? Only looks: takes no lock, makes no file."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import struct
import sys
from pathlib import Path

from patcher.dataclass import dataclass

if sys.platform != "win32":
    import fcntl

_SINGLETON = re.compile(r"(.+)-(\d{1,10})", re.DOTALL)


@dataclass(frozen=True)
class Running:
    """A browser is running. `pid` is its process, None where the system does not tell."""

    pid: int | None


def chromium(user_data: Path, store: Path | None = None) -> Running | None:
    """Whether a browser of the Chromium family uses this user data folder, or this LevelDB in it."""
    return (
        _singleton(user_data / "SingletonLock")
        or _locked(user_data / "lockfile")  # Windows: open for as long as the browser is
        or (_locked(store / "LOCK") if store else None)
    )


def firefox(profile: Path) -> Running | None:
    """Whether Firefox uses this profile's folder. The link `lock` says nothing: it stays after a crash."""
    return _locked(profile / ".parentlock") or _locked(profile / "parent.lock")


def sqlite(path: Path) -> Running | None:
    """Whether a program has this SQLite database open."""
    return _locked(path) or _locked(path.with_name(path.name + "-shm")) or _open_in(path)


def uses(place: Path, *, database: bool) -> Running | None:
    """Whether the program runs whose store this is; `database`: SQLite, and no browser's."""
    if database:
        return sqlite(place)
    if place.is_dir():  # user data/profile/Local Extension Settings/id; some browsers have no profiles
        return next(filter(None, (chromium(folder, place) for folder in place.parents[1:3])), None)
    return firefox(place.parents[4])  # profile/storage/default/origin/idb/database


def _open_in(path: Path) -> Running | None:
    """The process that has a file open, as far as Linux lets us see: a database at rest has no lock."""
    try:
        info = path.stat()
    except OSError:
        return None
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            found = link.stat()
            pid = int(link.parts[2])
            if (found.st_ino, found.st_dev) == (info.st_ino, info.st_dev) and pid != os.getpid():
                return Running(pid)
    return None


def _singleton(path: Path) -> Running | None:
    """A link to HOST-PID, which the browser takes away when it ends; after a crash it stays."""
    try:
        found = _SINGLETON.fullmatch(str(path.readlink()))
    except OSError:
        return None
    if not found:
        return None
    if found[1] != platform.node():
        return Running(None)  # on another machine, for all that can be seen from here
    pid = int(found[2])
    return Running(pid) if _alive(pid) else None


def _alive(pid: int) -> bool:
    if sys.platform == "win32" or pid < 1:
        return False  # there are no such links on Windows, and os.kill would end the process there
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


if sys.platform == "win32":

    def _locked(path: Path) -> Running | None:
        try:
            with path.open("rb") as file:
                file.read(1)
        except PermissionError:
            return Running(None)
        except OSError:
            return None
        return None

else:
    # struct flock is type, whence, start, length, process on Linux;
    # start, length, process, type, whence on macOS.
    _LINUX = sys.platform == "linux"
    _FLOCK = struct.Struct("hhqqi4x" if _LINUX else "qqihh")

    def _locked(path: Path) -> Running | None:
        """F_GETLK asks who would be in the way of a lock, and takes none."""
        if path.is_symlink() or not path.is_file():
            return None
        ask = (fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0) if _LINUX else (0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET)
        try:
            with path.open("rb") as file:
                answer = _FLOCK.unpack(fcntl.fcntl(file.fileno(), fcntl.F_GETLK, _FLOCK.pack(*ask)))
        except OSError:
            return None
        kind, pid = (answer[0], answer[4]) if _LINUX else (answer[3], answer[2])
        if kind == fcntl.F_UNLCK:
            return None
        return Running(pid if pid > 0 else None)
