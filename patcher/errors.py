"""What can go wrong, as a person is told it: what, where, what to do."""

from __future__ import annotations


class PatchError(Exception):
    """The run cannot go on. `str()` is the message for a person; it never holds a key."""

    exit_code = 1


class UsageError(PatchError):
    """The command was asked for something that does not exist or contradicts itself."""

    exit_code = 2


class Refused(PatchError):
    """One file cannot be edited for sure, so it stays as it is.

    `reason` says what is wrong, `cure` what the person can do, `line` (from 1) where in
    the file. The file's name is added by whoever knows it.
    """

    def __init__(self, reason: str, *, line: int | None = None, cure: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.reason}; {self.cure}" if self.cure else self.reason


class Unproved(Refused):
    """Our own editor gave something else than was asked. Nothing was written: a bug to report."""
