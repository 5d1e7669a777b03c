"""Putting bytes safely on disk: the only module that writes (but for `lock`, its own file).

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
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

from patcher.cures import PERMISSIONS
from patcher.dataclass import dataclass
from patcher.disk.snapshot import NOFOLLOW, POSIX, READ, close, read_all
from patcher.errors import PatchError, Refused
from patcher.i18n import _
from patcher.os_errors import why

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOFOLLOW | getattr(os, "O_BINARY", 0)
_AT = os.open in os.supports_dir_fd
# What says that this one file cannot be changed, rather than that the disk fails.
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.ETXTBSY, errno.ENOTDIR}


@dataclass(frozen=True)
class Like:
    """What a new file shall be like: the file `name` beside it; the permission bits may be others."""

    name: str
    info: os.stat_result
    mode: int | None = None


class Folder:
    """A directory held open, so that nobody can swap it while names in it are used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | NOFOLLOW) if _AT else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._fd is not None:
            close(self._fd)

    def _name(self, name: str) -> str:
        return name if self._fd is not None else str(self.path / name)

    def read(self, name: str) -> bytes | None:
        """The bytes of an ordinary file in here; None where there is none."""
        try:
            fd = os.open(self._name(name), READ, dir_fd=self._fd)
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ELOOP}:
                return None
            raise
        try:
            return read_all(fd) if stat.S_ISREG(os.fstat(fd).st_mode) else None
        finally:
            close(fd)

    def write_new(self, name: str, data: bytes, like: Like | None = None) -> None:
        """Make a file that was not there, durably; 0600, or in all like another file beside it.

        Raises `FileExistsError` if there is anything of that name, also a link.
        """
        fd = os.open(self._name(name), _CREATE, 0o600, dir_fd=self._fd)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(fd, rest) :]
            if like is not None:
                self._copy_marks(fd, like)
            os.fsync(fd)
        except BaseException:
            close(fd)
            self.unlink(name)
            raise
        close(fd)

    def _copy_marks(self, fd: int, like: Like) -> None:
        """Owner, extended attributes (ACLs are among them) and mode, in the order that lets them stay."""
        if not POSIX:
            return
        now = os.fstat(fd)
        if (now.st_uid, now.st_gid) != (like.info.st_uid, like.info.st_gid):
            try:
                os.fchown(fd, like.info.st_uid, like.info.st_gid)
            except PermissionError:
                raise Refused(
                    _("its owner and group could not be kept"),
                    cure=_("give it a group that you are in (chgrp), or run as root"),
                ) from None
        if hasattr(os, "listxattr"):
            self._copy_xattrs(fd, like.name)
        os.fchmod(fd, stat.S_IMODE(like.info.st_mode) if like.mode is None else like.mode)

    def _copy_xattrs(self, fd: int, source: str) -> None:
        old = os.open(self._name(source), READ, dir_fd=self._fd)
        try:
            for name in os.listxattr(old):
                value = os.getxattr(old, name)
                with contextlib.suppress(OSError):
                    if os.getxattr(fd, name) == value:
                        continue
                try:
                    os.setxattr(fd, name, value)
                except OSError:
                    raise Refused(
                        _("its extended attribute {name} could not be kept").format(name=name),
                        cure=_("remove it (setfattr -x), or run as root"),
                    ) from None
        except OSError as error:
            if error.errno != errno.ENOTSUP:
                raise
        finally:
            close(old)

    def mode(self, name: str) -> int:
        """The permission bits of a file in here."""
        return stat.S_IMODE(os.stat(self._name(name), dir_fd=self._fd, follow_symlinks=False).st_mode)

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


def make_folders(path: Path) -> None:
    """Make a directory and those above it that are missing, durably; private ones."""
    if path.is_dir():
        return
    make_folders(path.parent)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    with Folder(path.parent) as parent:
        parent.sync()


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


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A private directory for a while; nothing of it stays."""
    with tempfile.TemporaryDirectory(prefix="vsegpt-patch-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve()


def scratch_file() -> IO[bytes]:
    """A private file without a name, gone when it is closed."""
    return tempfile.TemporaryFile()


def put(path: Path, data: bytes) -> None:
    """Make a private file, and the directories above it."""
    make_folders(path.parent)
    with Folder(path.parent) as folder:
        folder.write_new(path.name, data)


def put_for_a_while(path: Path, data: bytes) -> None:
    """Make a private file in `scratch`, and the directories above it; not durably."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fd = os.open(path, _CREATE, 0o600)
    with os.fdopen(fd, "wb") as file:
        file.write(data)


@contextlib.contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn the system's errors into ours: `Refused` for the one file, `PatchError` for the disk."""
    try:
        yield
    except OSError as error:
        reason = f"{what}: {why(error)}"
        if error.errno in _FORBIDDEN:
            raise Refused(reason, cure=_(PERMISSIONS)) from None
        raise PatchError(reason) from None
