"""Snappy's raw format, as its format_description.txt has it: a whole reader, the plainest writer.

What is written is stored in literals only, which every reader takes.
"""

from __future__ import annotations

from patcher.cures import IN_PROGRAM
from patcher.errors import Refused
from patcher.i18n import _, number
from patcher.stores.cursor import Cursor, varint

_CHUNK = 1 << 16


def unpack(data: bytes, limit: int) -> bytes:
    """The bytes before compression. Raises `Refused` for damage, and for more than `limit` bytes."""
    source = Cursor(data)
    length = source.varint(32)
    if length > limit:
        raise Refused(
            _("it unpacks to {size} bytes, more than the limit of {limit}").format(
                size=number(length), limit=number(limit)
            ),
            cure=_(IN_PROGRAM),
        )
    out = bytearray()
    while not source.done:
        tag = source.take(1)[0]
        kind, size = tag & 3, (tag >> 2) + 1
        if kind == 0:
            if size > 60:
                size = source.number(size - 60) + 1
            out += source.take(size)
        else:
            if kind == 1:
                size, back = (tag >> 2 & 7) + 4, tag >> 5 << 8 | source.number(1)
            else:
                back = source.number(2 if kind == 2 else 4)
            if not 0 < back <= len(out):
                raise Refused(_("its packed data are damaged"))
            start = len(out) - back
            if back >= size:
                out += out[start : start + size]
            else:  # a copy that runs into what it writes repeats itself
                out += (out[start:] * (size // back + 1))[:size]
        if len(out) > length:
            break
    if len(out) != length:
        raise Refused(_("its packed data are damaged"))
    return bytes(out)


def pack(data: bytes) -> bytes:
    """The data as literals of at most 64 KiB."""
    out = bytearray(varint(len(data)))
    for start in range(0, len(data), _CHUNK):
        chunk = data[start : start + _CHUNK]
        out.append(61 << 2)  # a literal whose length, less one, is in the next two bytes
        out += (len(chunk) - 1).to_bytes(2, "little") + chunk
    return bytes(out)
