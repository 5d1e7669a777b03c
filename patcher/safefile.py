"""Putting bytes safely on disk: the only module that writes.

The rules, and what other programs get wrong without them: a file is replaced whole or not at
all; links are written through; mode, owner, ACLs and extended attributes stay; what another
program wrote in the last moment is not lost.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import secrets
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from patcher.errors import PatchError, Refused

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LARGEST = 16 * 1024 * 1024
"""Bytes; no larger file is read. The syntaxes have lower limits of their own."""

_POSIX = os.name == "posix"
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_READ = os.O_RDONLY | _NOFOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NOFOLLOW | getattr(os, "O_BINARY", 0)
_AT = os.open in os.supports_dir_fd
# What says that this one file cannot be changed, rather than that the disk fails.
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.ETXTBSY, errno.ENOTDIR}


@dataclass(frozen=True)
class Snapshot:
    """A file as it was read. `path` is the real one, after all links."""

    path: Path
    data: bytes
    info: os.stat_result


def read(path: Path, owner: int | None = None) -> Snapshot | None:
    """The file's bytes, or None where there is none.

    `owner` is the user whose files may be read besides one's own (the owner of the home, when
    root works on it). Raises `Refused` for what is no ordinary file of theirs: a directory, a
    pipe, a link that leads nowhere, a second name of another file.
    """
    real = _real(path)
    try:
        fd = os.open(real, _READ)
    except FileNotFoundError:
        if path.is_symlink():
            raise Refused("it is a link that leads nowhere", cure="mend or remove the link") from None
        return None
    except OSError as error:
        raise Refused(f"it cannot be read ({error.strerror})") from None
    try:
        info = os.fstat(fd)
        _ordinary(info, owner)
        data = _read_all(fd)
    except OSError as error:
        raise Refused(f"it cannot be read ({error.strerror})") from None
    finally:
        _close(fd)
    return Snapshot(real, data, info)


def writable(path: Path) -> None:
    """Raises `Refused` where a file at `path` could not be replaced or made for sure."""
    folder = _real(path).parent
    while not folder.exists():
        folder = folder.parent
    info = folder.stat()
    if not stat.S_ISDIR(info.st_mode):
        raise Refused(f"{folder} is not a directory")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refused(f"the directory {folder} cannot be written to", cure="give yourself the right to")
    if _POSIX and info.st_mode & stat.S_IWOTH and not info.st_mode & stat.S_ISVTX:
        raise Refused(f"everybody may change {folder}", cure=f"chmod o-w {folder}")


def private(folder: Path, owner: int | None = None) -> None:
    """Raises `Refused` where somebody else may put a file into a directory of our own."""
    info = folder.stat()
    if _POSIX and (info.st_uid not in {os.geteuid(), owner} or info.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
        raise Refused(f"others may change {folder}", cure="make it your own, and chmod 700")


def _real(path: Path) -> Path:
    try:
        return Path(os.path.realpath(path, strict=False))
    except OSError as error:
        raise Refused(f"its links cannot be followed ({error.strerror})") from None


def _ordinary(info: os.stat_result, owner: int | None) -> None:
    if stat.S_ISDIR(info.st_mode):
        raise Refused("it is a directory, not a file", cure="move it away")
    if not stat.S_ISREG(info.st_mode):
        raise Refused("it is no ordinary file (a pipe, socket or device)")
    if _POSIX:
        if info.st_uid != os.geteuid() and not (os.geteuid() == 0 and info.st_uid == owner):
            raise Refused(f"it belongs to another user (uid {info.st_uid})", cure="run as that user")
        if info.st_nlink > 1:
            raise Refused(
                "the file has a second name (hard link)",
                cure="replacing it would part the two: copy it first",
            )
    if info.st_size > LARGEST:
        raise Refused(f"the file has {info.st_size:,} bytes, more than the limit of {LARGEST:,}")


def _read_all(fd: int) -> bytes:
    parts = []
    size = 0
    while part := os.read(fd, 1 << 20):
        size += len(part)
        if size > LARGEST:
            raise Refused(f"the file has more than the limit of {LARGEST:,} bytes")
        parts.append(part)
    return b"".join(parts)


def _close(fd: int) -> None:
    """Close what was written to durably, or only read: that this fails means nothing then."""
    with contextlib.suppress(OSError):
        os.close(fd)


class Folder:
    """A directory held open, so that nobody can swap it while names in it are used."""

    def __init__(self, path: Path, owner: tuple[int, int] | None = None) -> None:
        """`owner` is the user and group that new files go to, where root works for somebody else."""
        self.path = path
        self._owner = owner
        self._fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _NOFOLLOW) if _AT else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._fd is not None:
            _close(self._fd)

    def _name(self, name: str) -> str:
        return name if self._fd is not None else str(self.path / name)

    def read(self, name: str) -> bytes | None:
        """The bytes of an ordinary file in here; None where there is none."""
        try:
            fd = os.open(self._name(name), _READ, dir_fd=self._fd)
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ELOOP}:
                return None
            raise
        try:
            return _read_all(fd) if stat.S_ISREG(os.fstat(fd).st_mode) else None
        finally:
            _close(fd)

    def write_new(self, name: str, data: bytes, like: os.stat_result | None = None, source: str = "") -> None:
        """Make a file that was not there, durably; 0600, or in all like the file `source`.

        Raises `FileExistsError` if there is anything of that name, also a link.
        """
        fd = os.open(self._name(name), _CREATE, 0o600, dir_fd=self._fd)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(fd, rest) :]
            if like is not None:
                self._copy_marks(fd, like, source)
            elif self._owner is not None:
                os.fchown(fd, *self._owner)
            os.fsync(fd)
        except BaseException:
            _close(fd)
            self.unlink(name)
            raise
        _close(fd)

    def _copy_marks(self, fd: int, like: os.stat_result, source: str) -> None:
        """Owner, extended attributes (ACLs are among them) and mode, in the order that lets them stay."""
        if not _POSIX:
            return
        now = os.fstat(fd)
        if (now.st_uid, now.st_gid) != (like.st_uid, like.st_gid):
            try:
                os.fchown(fd, like.st_uid, like.st_gid)
            except PermissionError:
                raise Refused("its owner and group could not be kept") from None
        if source and hasattr(os, "listxattr"):
            self._copy_xattrs(fd, source)
        os.fchmod(fd, stat.S_IMODE(like.st_mode))

    def _copy_xattrs(self, fd: int, source: str) -> None:
        old = os.open(self._name(source), _READ, dir_fd=self._fd)
        try:
            for name in os.listxattr(old):
                value = os.getxattr(old, name)
                with contextlib.suppress(OSError):
                    if os.getxattr(fd, name) == value:
                        continue
                try:
                    os.setxattr(fd, name, value)
                except OSError:
                    raise Refused(f"its extended attribute {name} could not be kept") from None
        except OSError as error:
            if error.errno != errno.ENOTSUP:
                raise
        finally:
            _close(old)

    def exists(self, name: str) -> bool:
        try:
            os.stat(self._name(name), dir_fd=self._fd, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def same(self, one: str, other: str) -> bool:
        """Whether two names are one file."""
        return Path(self.path / one).samefile(self.path / other)

    def unlink(self, name: str) -> None:
        """Remove a file; that there is none is fine."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._name(name), dir_fd=self._fd)

    def rename(self, old: str, new: str) -> None:
        """Give a file another name; a file that had this name is gone."""
        os.replace(self._name(old), self._name(new), src_dir_fd=self._fd, dst_dir_fd=self._fd)

    def link(self, old: str, new: str) -> None:
        """Give a file a second name. Raises `FileExistsError` if there is anything of that name."""
        os.link(
            self._name(old),
            self._name(new),
            src_dir_fd=self._fd,
            dst_dir_fd=self._fd,
            follow_symlinks=False,
        )

    def exchange(self, one: str, other: str) -> bool:
        """Swap two files in one step; False where the system or file system cannot."""
        return self._fd is not None and _exchange(self._fd, one, other)

    def sync(self) -> None:
        """Make what was renamed, made and removed in here durable."""
        if self._fd is not None:
            os.fsync(self._fd)


def _exchange(folder: int, one: str, other: str) -> bool:
    # renameat2(2) with RENAME_EXCHANGE; renameatx_np(2) with RENAME_SWAP on macOS. Both are 2.
    call = getattr(ctypes.CDLL(None, use_errno=True), _EXCHANGE, None) if _EXCHANGE else None
    if call is None:
        return False
    if call(folder, os.fsencode(one), folder, os.fsencode(other), ctypes.c_uint(2)) == 0:
        return True
    number = ctypes.get_errno()
    if number in {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}:
        return False
    raise OSError(number, os.strerror(number), one)


_EXCHANGE = {"linux": "renameat2", "darwin": "renameatx_np"}.get(sys.platform, "")


def temporary(name: str) -> str:
    """A name beside `name` that nobody can guess; hidden, so that no program reads it as its own."""
    return f".{name}.vsegpt-patch-{secrets.token_hex(6)}"


def make_folders(path: Path, mode: int = 0o700, like: tuple[int, int] | None = None) -> list[Path]:
    """Make a directory and those above it, durably; answers with the ones that were made, outermost first."""
    made: list[Path] = []
    while not path.is_dir():
        made.append(path)
        path = path.parent
    made.reverse()
    for folder in made:
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=mode)
        if like is not None and _POSIX:
            os.chown(folder, *like)
        with Folder(folder.parent) as parent:
            parent.sync()
    return made


def remove_folder(path: Path) -> bool:
    """Remove a directory if it is empty; answers whether it is gone."""
    try:
        path.rmdir()
    except OSError:
        return False
    return True


def remove_tree(path: Path) -> None:
    """Remove a directory of our own with all that is in it; what cannot be removed stays."""
    shutil.rmtree(path, ignore_errors=True)


class Lock:
    """A file that one process at a time can hold; it falls open when that process ends."""

    def __init__(self, path: Path, owner: tuple[int, int] | None = None) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | _NOFOLLOW, 0o600)
        if owner is not None:
            os.fchown(self._fd, *owner)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _close(self._fd)

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


@contextlib.contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn the system's errors into ours: `Refused` for the one file, `PatchError` for the disk."""
    try:
        yield
    except OSError as error:
        reason = f"{what}: {error.strerror or error}"
        if error.errno in _FORBIDDEN:
            raise Refused(reason, cure="see the file's and its directory's permissions") from None
        raise PatchError(reason) from None
