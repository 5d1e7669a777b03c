"""Whose a home is, and how root takes its owner's rights in place of its own."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Self

from patcher.dataclass import dataclass
from patcher.errors import PatchError, UsageError
from patcher.i18n import _
from patcher.os_errors import why

if sys.platform != "win32":
    import pwd


@dataclass(frozen=True)
class Home:
    """A home as it was named (None: one's own, where nothing was), and whose it is."""

    path: Path | None
    user: int | None
    group: int | None

    @classmethod
    def of(cls, name: str | None) -> Self:
        """Raises `UsageError` where there is no such directory. `~alice` is looked up as a shell does."""
        path = None if name is None else Path(os.path.expanduser(name)).absolute()  # noqa: PTH111 - never raises
        if path is not None and not path.is_dir():
            raise UsageError(_("--home {home}: there is no such directory").format(home=name))
        with contextlib.suppress(OSError):
            info = (path or Path.home()).stat()
            if os.name == "posix":
                return cls(path, info.st_uid, info.st_gid)
        return cls(path, None, None)

    @property
    def is_anothers(self) -> bool:
        """Whether root is to work here for somebody else."""
        return os.name == "posix" and os.geteuid() == 0 and self.user not in {0, None}

    @property
    def owner(self) -> str:
        """The owner's name, or number where it has none; nothing where the system does not tell."""
        if sys.platform != "win32" and self.user is not None:
            with contextlib.suppress(KeyError):
                return pwd.getpwuid(self.user).pw_name
        return "" if self.user is None else str(self.user)

    def become(self) -> None:
        """Take the owner's rights for good; groups first, as only root may. Raises `PatchError`."""
        assert sys.platform != "win32"
        assert self.user
        assert self.group is not None
        try:
            try:
                user = pwd.getpwuid(self.user)
            except KeyError:  # no user of this machine's: what the home itself says
                group = self.group
                os.setgroups([group])
            else:
                group = user.pw_gid
                os.initgroups(user.pw_name, group)
            os.setgid(group)
            os.setuid(self.user)
        except OSError as error:
            message = _("the rights of {user} cannot be taken: {reason}")
            raise PatchError(message.format(user=self.owner, reason=why(error))) from None
