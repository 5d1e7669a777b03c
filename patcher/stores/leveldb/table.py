"""LevelDB's table files (.ldb, formerly .sst).

Format: github.com/google/leveldb, doc/table_format.md and table/format.cc.
"""

from __future__ import annotations

from collections.abc import Iterator

from patcher.cures import IN_PROGRAM
from patcher.errors import Refused
from patcher.i18n import _
from patcher.stores.cursor import Budget, Cursor
from patcher.stores.leveldb.crc32c import masked
from patcher.stores.snappy import unpack

_FOOTER = 48
_MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
_RAW, _SNAPPY, _ZSTD = range(3)
_LARGEST_BLOCK = 64 << 20


def entries(data: bytes, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
    """Every (internal key, value). Raises `Refused` for damage and for what is not known."""
    if len(data) < _FOOTER or not data.endswith(_MAGIC):
        raise Refused(_("it is no table of LevelDB"))
    footer = Cursor(data[-_FOOTER:])
    _handle(footer)  # of the filters and statistics, which hold no values
    for _key, where in _block(data, *_handle(footer), budget):
        yield from _block(data, *_handle(Cursor(where)), budget)


def _handle(source: Cursor) -> tuple[int, int]:
    return source.varint(), source.varint()


def _block(data: bytes, start: int, size: int, budget: Budget) -> Iterator[tuple[bytes, bytes]]:
    source = Cursor(data, start)
    body = source.take(size + 1)
    if masked(body) != source.number(4):
        raise Refused(_("the checksum of a block in it is wrong"))
    packing = body[-1]
    body = body[:-1]
    if packing == _SNAPPY:
        body = unpack(body, min(_LARGEST_BLOCK, budget.left))
    elif packing != _RAW:
        name = "zstd" if packing == _ZSTD else _("number {packing}").format(packing=packing)
        raise Refused(
            _("it is packed with a method that is not known here ({name})").format(name=name),
            cure=_(IN_PROGRAM),
        )
    budget.spend(len(body))
    return _pairs(body)


def _pairs(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The pairs of a block; a key leaves out what it shares with the one before."""
    restarts = int.from_bytes(body[-4:], "little")
    end = len(body) - 4 * (restarts + 1)
    if end < 0:
        raise Refused(_("a block in it is damaged"))
    source = Cursor(body[:end])
    key = b""
    while not source.done:
        shared, rest, size = source.varint(32), source.varint(32), source.varint(32)
        if shared > len(key):
            raise Refused(_("a key in it is damaged"))
        key = key[:shared] + source.take(rest)
        yield key, source.take(size)
