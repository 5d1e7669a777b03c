"""What the system says when something fails, in the language that is spoken."""

from __future__ import annotations

import errno
from typing import Final

from patcher.i18n import N_, _, language

_WORDS: Final = {
    errno.E2BIG: N_("Argument list too long"),
    errno.EACCES: N_("Permission denied"),
    errno.EAGAIN: N_("Resource temporarily unavailable"),
    errno.EBADF: N_("Bad file descriptor"),
    errno.EBUSY: N_("Device or resource busy"),
    errno.ECONNABORTED: N_("Software caused connection abort"),
    errno.ECONNREFUSED: N_("Connection refused"),
    errno.ECONNRESET: N_("Connection reset by peer"),
    errno.EDQUOT: N_("Disk quota exceeded"),
    errno.EEXIST: N_("File exists"),
    errno.EFBIG: N_("File too large"),
    errno.EHOSTUNREACH: N_("No route to host"),
    errno.EINTR: N_("Interrupted system call"),
    errno.EINVAL: N_("Invalid argument"),
    errno.EIO: N_("Input/output error"),
    errno.EISDIR: N_("Is a directory"),
    errno.ELOOP: N_("Too many levels of symbolic links"),
    errno.EMFILE: N_("Too many open files"),
    errno.EMLINK: N_("Too many links"),
    errno.ENAMETOOLONG: N_("File name too long"),
    errno.ENETDOWN: N_("Network is down"),
    errno.ENETUNREACH: N_("Network is unreachable"),
    errno.ENFILE: N_("Too many open files in system"),
    errno.ENODEV: N_("No such device"),
    errno.ENOENT: N_("No such file or directory"),
    errno.ENOLCK: N_("No locks available"),
    errno.ENOMEM: N_("Cannot allocate memory"),
    errno.ENOSPC: N_("No space left on device"),
    errno.ENOSYS: N_("Function not implemented"),
    errno.ENOTDIR: N_("Not a directory"),
    errno.ENOTEMPTY: N_("Directory not empty"),
    errno.ENOTSUP: N_("Operation not supported"),
    errno.ENXIO: N_("No such device or address"),
    errno.EPERM: N_("Operation not permitted"),
    errno.EPIPE: N_("Broken pipe"),
    errno.EROFS: N_("Read-only file system"),
    errno.ESTALE: N_("Stale file handle"),
    errno.ETIMEDOUT: N_("Connection timed out"),
    errno.ETXTBSY: N_("Text file busy"),
    errno.EXDEV: N_("Invalid cross-device link"),
}
"""The words of Linux for what files, disks and the network answer; other systems have others for the same."""


def why(error: OSError) -> str:
    """The reason of a failure. One without words of ours is the system's own, or its number in Russian."""
    if error.errno in _WORDS:
        return _(_WORDS[error.errno])
    if language() == "en" or error.errno is None:
        return error.strerror or str(error)
    return _("error {number}").format(number=errno.errorcode.get(error.errno, error.errno))
