"""Reading binary formats: a place in some bytes that never runs past their end, and limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from patcher.cures import IN_PROGRAM
from patcher.errors import Refused
from patcher.formats.editing import Document
from patcher.i18n import _, number
from patcher.os_errors import why

"""What to do about what is not damaged but beyond us."""


class Cursor:
    """A place in some bytes. Every step raises `Refused` where too few bytes are left."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    @property
    def done(self) -> bool:
        return self.at >= len(self.data)

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        end = self.at + size
        if end > len(self.data):
            raise Refused(_("it ends in the middle of a value"))
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def number(self, size: int) -> int:
        """A whole number of `size` bytes, the lowest first."""
        return int.from_bytes(self.take(size), "little")

    def varint(self, bits: int = 64) -> int:
        """A whole number of seven bits a byte, the lowest first; `bits` is the most it may have."""
        value = 0
        for shift in range(0, bits, 7):
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value >> bits:
                    break
                return value
        raise Refused(_("it holds a number that is too large"))

    def counted(self) -> bytes:
        """Bytes after their own number (a varint of 32 bits)."""
        return self.take(self.varint(32))


def varint(value: int) -> bytes:
    """What `Cursor.varint` reads."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def counted(data: bytes) -> bytes:
    """What `Cursor.counted` reads."""
    return varint(len(data)) + data


class Budget:
    """How many bytes may still be read or unpacked, so that no file can exhaust the memory."""

    def __init__(self, most: int) -> None:
        self.most = self.left = most

    def spend(self, size: int) -> None:
        """Raises `Refused` when more is asked than is left."""
        self.left -= size
        if self.left < 0:
            raise Refused(
                _("it holds more than the limit of {limit} bytes").format(limit=number(self.most)),
                cure=_(IN_PROGRAM),
            )


def read(path: Path, budget: Budget) -> bytes | None:
    """All bytes of an ordinary file; None where there is none. Raises `Refused` for anything else."""
    try:
        if not path.exists():
            return None
        if not path.is_file():
            raise Refused(_("it is no ordinary file"))
        budget.spend(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise Refused(
            _("it cannot be read ({why})").format(why=why(error)),
            cure=_("quit the program that uses it, and see its permissions"),
        ) from None


def json_text(data: bytes) -> str:
    """Bytes that are a JSON text. Raises `Refused` where they are none."""
    text = data.decode("utf-8", "replace")
    if text.encode() != data:
        raise Refused(_("its value is not UTF-8"))
    Document.read("json", data)
    return text


@contextmanager
def within(what: str, cure: str) -> Iterator[None]:
    """Put the name of a part before the reason of a refusal, and what to do behind it."""
    try:
        yield
    except Refused as refusal:
        raise Refused(f"{what}: {refusal.reason}", cure=refusal.cure or cure) from None
