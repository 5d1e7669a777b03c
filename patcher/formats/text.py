"""Bytes to text and back without a trace: BOM, encoding, splices."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from patcher.cures import ANOTHER_VALUE, REPORT
from patcher.errors import Refused, Unproved
from patcher.i18n import _

BOM = "\ufeff"


_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


def encoding_of(data: bytes) -> str:
    """What a byte order mark at the beginning says: UTF-16, or else UTF-8."""
    return _UTF16.get(data[:2], "utf-8")


class Text(NamedTuple):
    """A file's text, whether it began with a byte order mark (not part of `body`), and its encoding.

    Line ends stay in `body` as the file has them.
    """

    body: str
    bom: bool
    encoding: str = "utf-8"

    @classmethod
    def decode(cls, data: bytes, *, windows: bool = False) -> Text:
        """Raises `Refused` for anything that is not UTF-8 text.

        With `windows`, UTF-16 that begins with its mark is text, too, and any other bytes are in the
        machine's own code page: letter by letter, of which only ASCII can be told.
        """
        encoding = encoding_of(data)
        if encoding != "utf-8" and not windows:
            raise Refused(_("the file is UTF-16, not UTF-8"), cure=_("save it as UTF-8 and run again"))
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            if windows and encoding == "utf-8":
                return cls._checked(data.decode("latin-1"), "latin-1")
            raise Refused(
                _("byte 0x{byte:02x} is not {encoding}").format(
                    byte=data[error.start], encoding=encoding[:6].upper()
                ),
                line=data.count(b"\n", 0, error.start) + 1,
                cure=_("save the file as UTF-8 and run again"),
            ) from None
        return cls._checked(text, encoding)

    @classmethod
    def _checked(cls, text: str, encoding: str) -> Text:
        if "\0" in text:
            raise Refused(
                _("there is a NUL byte in it"),
                line=line_of(text, text.index("\0")),
                cure=_("take it out and run again"),
            )
        bom = text.startswith(BOM)
        return cls(text[1:] if bom else text, bom, encoding)

    def encode(self) -> bytes:
        """Raises `Refused` for what the encoding has no bytes for, such as half of a surrogate pair."""
        try:
            return (BOM + self.body if self.bom else self.body).encode(self.encoding)
        except UnicodeEncodeError:
            raise Refused(
                _("a value holds a letter that the encoding of the file does not have"),
                cure=_(ANOTHER_VALUE),
            ) from None


def line_of(text: str, offset: int) -> int:
    """The line, from 1, that `offset` is on."""
    return text.count("\n", 0, offset) + 1


class Splice(NamedTuple):
    """Replace `text[start:end]` by `new`."""

    start: int
    end: int
    new: str


def apply(text: str, splices: Sequence[Splice]) -> str:
    """The text with every splice made; all bytes outside them are the same by construction.

    Splices may come in any order; two insertions at one place keep the order they came in.
    Raises `Unproved` if they overlap or leave the text.
    """
    parts: list[str] = []
    at, length = 0, len(text)
    for start, end, new in sorted(splices, key=itemgetter(0, 1)):
        if not at <= start <= end <= length:
            raise Unproved(
                _("splice {start}:{end} overlaps another one or leaves the file").format(
                    start=start, end=end
                ),
                cure=_(REPORT),
            )
        parts += (text[at:start], new)
        at = end
    parts.append(text[at:])
    return "".join(parts)
