"""LevelDB's records in blocks of 32 KiB, of which logs and manifests are made.

Format: github.com/google/leveldb, doc/log_format.md.

What is torn off at the end is left out without a word, as LevelDB does after a crash. Other damage
is refused: Chromium opens with `paranoid_checks` and would not accept it either.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from patcher.errors import Refused
from patcher.i18n import _
from patcher.stores.leveldb.crc32c import masked

_BLOCK = 32 * 1024
_HEADER = struct.Struct("<IHB")  # checksum of all that follows it, length, kind
_NONE, _FULL, _FIRST, _MIDDLE, _LAST = range(5)


def read(data: bytes) -> Iterator[bytes]:
    """The records, in order. Raises `Refused` for damage that is no torn end."""
    parts: list[bytes] | None = None
    for kind, fragment in _fragments(data):
        if kind in (_FULL, _FIRST):
            if parts and any(parts):  # an empty beginning was an old LevelDB's mistake, and is forgiven
                raise Refused(_("a record in it has no end"))
            parts = [fragment]
        elif parts is None or kind not in (_MIDDLE, _LAST):
            raise Refused(
                _("a record in it has no beginning") if kind in (_MIDDLE, _LAST) else _("it is damaged")
            )
        else:
            parts.append(fragment)
        if kind in (_FULL, _LAST):
            yield b"".join(parts)
            parts = None


def _fragments(data: bytes) -> Iterator[tuple[int, bytes]]:
    inside = False
    for start in range(0, len(data), _BLOCK):
        block = data[start : start + _BLOCK]
        at = 0
        while len(block) - at >= _HEADER.size:
            checksum, length, kind = _HEADER.unpack_from(block, at)
            end = at + _HEADER.size + length
            if end > len(block):
                if len(block) < _BLOCK:
                    return  # the writer died here
                raise Refused(_("a record in it is longer than its block"))
            if kind == _NONE and length == 0:  # room that was set aside
                if inside:
                    raise Refused(_("a record in it has no end"))
                break
            if masked(block[at + 6 : end]) != checksum:
                raise Refused(_("the checksum of a record in it is wrong"))
            yield kind, block[at + _HEADER.size : end]
            inside = kind in (_FIRST, _MIDDLE)
            at = end


def write(record: bytes) -> bytes:
    """A whole file with this one record."""
    out = bytearray()
    at, kind = 0, _FIRST
    while kind in (_FIRST, _MIDDLE):
        room = _BLOCK - len(out) % _BLOCK - _HEADER.size
        fragment = record[at : at + room]
        at += len(fragment)
        if at == len(record):
            kind = _FULL if kind == _FIRST else _LAST
        body = bytes([kind]) + fragment
        out += struct.pack("<IH", masked(body), len(fragment)) + body
        if kind == _FIRST:
            kind = _MIDDLE
    return bytes(out)
