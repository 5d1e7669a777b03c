"""SQLite's write-ahead log, put into the database it belongs to, in memory.

So a database can be read as SQLite would read it, without SQLite: to open it in place makes files
beside it, and `immutable=1` would leave the log out. Format: sqlite.org/fileformat2.html, section 4.
"""

from __future__ import annotations

import struct
from array import array

from patcher.errors import Refused
from patcher.i18n import _

_HEADER = struct.Struct(">8I")  # magic, version, page size, checkpoint, two salts, two checksums
_FRAME = struct.Struct(">6I")  # page, pages of the database if this ends a change, salts, checksums
_LITTLE, _BIG = 0x377F0682, 0x377F0683
_VERSION = 3007000


def merged(main: bytes, wal: bytes) -> bytes:
    """The database with every change that the log holds to its end; what is torn off is left out.

    Raises `Refused` where the two do not fit.
    """
    if len(wal) < _HEADER.size:
        return main
    magic, version, page_size, _, *salts, sum1, sum2 = _HEADER.unpack_from(wal)
    order = "<I" if magic == _LITTLE else ">I"
    checks = _checksum(order, wal[:24], (0, 0))
    if magic not in (_LITTLE, _BIG) or checks != (sum1, sum2):
        return main  # SQLite takes such a log for empty
    if version != _VERSION or page_size not in _PAGE_SIZES or (main and page_size != _page_size(main)):
        raise Refused(_("its write-ahead log (-wal) does not fit it"))
    pages: dict[int, bytes] = {}
    open_pages: dict[int, bytes] = {}
    size = len(main)
    for at in range(_HEADER.size, len(wal) - _FRAME.size - page_size + 1, _FRAME.size + page_size):
        number, after, *rest = _FRAME.unpack_from(wal, at)
        page = wal[at + _FRAME.size : at + _FRAME.size + page_size]
        checks = _checksum(order, wal[at : at + 8] + page, checks)
        if rest != [*salts, *checks] or number == 0:
            break
        open_pages[number] = page
        if after:
            pages |= open_pages
            open_pages = {}
            size = after * page_size
    return _with(main, pages, page_size, size)


def _with(main: bytes, pages: dict[int, bytes], page_size: int, size: int) -> bytes:
    if size > len(main) + len(pages) * page_size:
        raise Refused(_("its write-ahead log (-wal) does not fit it"))
    out = bytearray(main[:size].ljust(size, b"\0"))
    for number, page in pages.items():
        if number * page_size <= size:
            out[(number - 1) * page_size : number * page_size] = page
    return bytes(out)


_PAGE_SIZES = [1 << power for power in range(9, 17)]


def _page_size(main: bytes) -> int:
    size = int.from_bytes(main[16:18], "big")
    return 1 << 16 if size == 1 else size


def _checksum(order: str, data: bytes, start: tuple[int, int]) -> tuple[int, int]:
    words = array("I", data)
    if struct.pack(order, 1) != struct.pack("=I", 1):
        words.byteswap()
    one, two = start
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two
