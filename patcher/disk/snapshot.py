"""Looking at files: only ordinary ones of one's own, and only where nobody else can interfere."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import NamedTuple

from patcher.cures import BY_HAND, MOVE_AWAY, PERMISSIONS
from patcher.errors import Refused
from patcher.i18n import _, number
from patcher.os_errors import why

LARGEST = 128 * 1024 * 1024
"""Bytes; no larger file is read. The syntaxes have lower limits of their own."""

_GLANCE = 4 * 1024 * 1024
POSIX = os.name == "posix"
"""Whether files have owners and mode bits here."""

NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH
READ = os.O_RDONLY | NOFOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""How a file is opened to be read: never through a link, never waiting for a pipe's writer."""


class Snapshot(NamedTuple):
    """A file as it was read. `path` is the real one, after all links."""

    path: Path
    data: bytes
    info: os.stat_result


def read(path: Path) -> Snapshot | None:
    """The file's bytes, or None where there is none.

    Raises `Refused` for what is no ordinary file of one's own: a directory, a pipe, a link that
    leads nowhere, a second name of another file.
    """
    real = _real(path)
    try:
        fd = os.open(real, READ)
    except FileNotFoundError:
        if path.is_symlink():
            raise Refused(_("it is a link that leads nowhere"), cure=_("mend or remove the link")) from None
        return None
    except OSError as error:
        raise Refused(
            _("it cannot be read ({why})").format(why=why(error)),
            cure=_(PERMISSIONS),
        ) from None
    try:
        info = os.fstat(fd)
        _ordinary(info)
        data = read_all(fd)
    except OSError as error:
        raise Refused(
            _("it cannot be read ({why})").format(why=why(error)),
            cure=_(PERMISSIONS),
        ) from None
    finally:
        close(fd)
    return Snapshot(real, data, info)


def read_untrusted(path: Path) -> bytes | None:
    """What an ordinary file says that is never written, whoever's it is; None where that cannot be told."""
    try:
        fd = os.open(os.path.realpath(path), READ)
    except OSError:
        return None
    try:
        info = os.fstat(fd)
        return read_all(fd) if stat.S_ISREG(info.st_mode) and info.st_size <= _GLANCE else None
    except (OSError, Refused):
        return None
    finally:
        close(fd)


def require_writable(path: Path) -> None:
    """Raises `Refused` where a file at `path` could not be replaced or made for sure, and by us alone."""
    folder = _real(path).parent
    while not folder.exists():
        folder = folder.parent
    info = folder.stat()
    if not stat.S_ISDIR(info.st_mode):
        raise Refused(_("{folder} is not a directory").format(folder=folder), cure=_(MOVE_AWAY))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refused(
            _("the directory {folder} cannot be written to").format(folder=folder),
            cure=_("give yourself the right to"),
        )
    if not POSIX:
        return
    if info.st_uid not in {0, os.geteuid()}:
        raise Refused(
            _("the directory {folder} belongs to another user (uid {uid})").format(
                folder=folder, uid=info.st_uid
            ),
            cure=_("run as that user"),
        )
    for above in (folder, *folder.parents):
        mode = above.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise Refused(
                _("everybody may change {above}").format(above=above),
                cure=f"chmod o-w {above}",
            )


def require_private(folder: Path) -> None:
    """Raises `Refused` where somebody else may put a file into a directory of our own."""
    info = folder.stat()
    if POSIX and (info.st_uid != os.geteuid() or info.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
        raise Refused(
            _("others may change {folder}").format(folder=folder), cure=_("make it your own, and chmod 700")
        )


def _real(path: Path) -> Path:
    try:
        return Path(os.path.realpath(path, strict=False))
    except OSError as error:
        raise Refused(
            _("its links cannot be followed ({why})").format(why=why(error)),
            cure=_(PERMISSIONS),
        ) from None


def _ordinary(info: os.stat_result) -> None:
    if stat.S_ISDIR(info.st_mode):
        raise Refused(_("it is a directory, not a file"), cure=_(MOVE_AWAY))
    if not stat.S_ISREG(info.st_mode):
        raise Refused(_("it is no ordinary file (a pipe, socket or device)"), cure=_(MOVE_AWAY))
    if POSIX:
        if info.st_uid != os.geteuid():
            raise Refused(
                _("it belongs to another user (uid {uid})").format(uid=info.st_uid),
                cure=_("run as that user"),
            )
        if info.st_nlink > 1:
            raise Refused(
                _("the file has a second name (hard link)"),
                cure=_("replacing it would part the two: copy it first"),
            )
    if info.st_size > LARGEST:
        raise Refused(
            _("the file has {size} bytes, more than the limit of {limit}").format(
                size=number(info.st_size), limit=number(LARGEST)
            ),
            cure=_(BY_HAND),
        )


def read_all(fd: int) -> bytes:
    """What an open file holds. Raises `Refused` where that is more than the limit."""
    parts = []
    size = 0
    while part := os.read(fd, 1 << 20):
        size += len(part)
        if size > LARGEST:
            raise Refused(
                _("the file has more than the limit of {limit} bytes").format(limit=number(LARGEST)),
                cure=_(BY_HAND),
            )
        parts.append(part)
    return b"".join(parts)


def close(fd: int) -> None:
    """Close what was written to durably, or only read: that this fails means nothing then."""
    with contextlib.suppress(OSError):
        os.close(fd)


def open_mode(snapshot: Snapshot, home: Path) -> int:
    """A file's permission bits, if they let others read it; also the directories in the home count."""
    mode = stat.S_IMODE(snapshot.info.st_mode) if POSIX else 0
    rights = mode & _OTHERS_READ
    for folder in snapshot.path.parents:
        if not folder.is_relative_to(home) or folder == home:
            break
        passes = folder.stat().st_mode
        rights &= (stat.S_IRGRP if passes & stat.S_IXGRP else 0) | (
            stat.S_IROTH if passes & stat.S_IXOTH else 0
        )
    return mode if rights else 0
