"""Mozilla's structured clone of plain data (js/src/vm/StructuredClone.cpp), read and written.

Little-endian units of 8 bytes: a number of 64 bits, or a pair of (data, tag) of 32 bits each.
Only what JSON can say is understood, with one header and no value used twice; whatever else a
script can store (dates, maps, binary data, undefined) is refused by its name.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator

from patcher.errors import Refused
from patcher.formats.ops import Value
from patcher.i18n import N_, _
from patcher.stores.cursor import Cursor

_PAIR = struct.Struct("<II")
_DOUBLE = struct.Struct("<d")
_LARGEST_DOUBLE = 0xFFF00000  # the upper half of -infinity; tags are above it
_HEADER, _HEADER_DATA = 0xFFF10000, 3  # the data say: for IndexedDB
_NULL, _BOOLEAN, _INT, _STRING = 0xFFFF0000, 0xFFFF0002, 0xFFFF0003, 0xFFFF0004
_ARRAY, _OBJECT, _END = 0xFFFF0007, 0xFFFF0008, 0xFFFF0013
_LATIN1 = 1 << 31
_DEEPEST = 200
_INT32 = range(-(1 << 31), 1 << 31)
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_NAMES = {
    0xFFFF0001: N_("undefined"),
    0xFFFF0005: N_("a date"),
    0xFFFF0006: N_("a regular expression"),
    0xFFFF0009: N_("binary data"),
    0xFFFF000A: N_("a Boolean object"),
    0xFFFF000B: N_("a String object"),
    0xFFFF000C: N_("a Number object"),
    0xFFFF000D: N_("one object used twice"),
    0xFFFF0010: N_("binary data"),
    0xFFFF0011: N_("a Map"),
    0xFFFF0012: N_("a Set"),
    0xFFFF0015: N_("binary data"),
    0xFFFF001D: N_("a BigInt"),
    0xFFFF001E: N_("a BigInt object"),
}


def read(data: bytes) -> Value:
    """Raises `Refused` for what JSON has no word for, and for damage."""
    source = Cursor(data)
    if _PAIR.unpack(source.take(8)) != (_HEADER_DATA, _HEADER):
        raise Refused(_("it is no value of IndexedDB that is known here"))
    value = _read(source, 0)
    if not source.done:
        raise Refused(_("there is more in it than one value"))
    return value


def _read(source: Cursor, depth: int) -> Value:
    unit = source.take(8)
    data, tag = _PAIR.unpack(unit)
    if tag <= _LARGEST_DOUBLE:
        number: float = _DOUBLE.unpack(unit)[0]
        return number
    match tag:
        case 0xFFFF0000:
            return None
        case 0xFFFF0002:
            return bool(data)
        case 0xFFFF0003:
            return int.from_bytes(unit[:4], "little", signed=True)
        case 0xFFFF0004:
            return _read_text(source, data)
        case 0xFFFF0007 | 0xFFFF0008:
            if depth == _DEEPEST:
                raise Refused(_("it is nested more than {depth} deep").format(depth=_DEEPEST))
            members = list(_members(source, depth + 1))
            return _array(members, data) if tag == _ARRAY else _object(members)
    if tag in _NAMES:
        raise Refused(_("it holds {what}").format(what=_(_NAMES[tag])))
    raise Refused(_("it holds something that is not known here (tag {tag})").format(tag=f"{tag:X}"))


def _read_text(source: Cursor, data: int) -> str:
    latin1, length = data & _LATIN1, data & ~_LATIN1
    size = length if latin1 else 2 * length
    text = source.take(size)
    source.take(-size % 8)
    return text.decode("latin-1") if latin1 else text.decode("utf-16-le", "surrogatepass")


def _members(source: Cursor, depth: int) -> Iterator[tuple[str | int, Value]]:
    while True:
        start = source.at
        if _PAIR.unpack(source.take(8)) == (0, _END):
            return
        source.at = start
        key = _read(source, depth)
        if isinstance(key, bool) or not isinstance(key, str | int):
            raise Refused(_("a name in it is damaged"))
        yield key, _read(source, depth)


def _array(members: list[tuple[str | int, Value]], length: int) -> Value:
    if len(members) != length or [key for key, _ in members] != list(range(length)):
        raise Refused(_("it holds an array with gaps or names"))
    return [value for _, value in members]


def _object(members: list[tuple[str | int, Value]]) -> Value:
    found = {str(key): value for key, value in members}
    if len(found) != len(members):
        raise Refused(_("a name in it is there twice"))
    return found


def write(value: Value) -> bytes:
    """Raises `Refused` for a number or text that JavaScript cannot hold."""
    out = bytearray(_PAIR.pack(_HEADER_DATA, _HEADER))
    _write(out, value, 0)
    return bytes(out)


def _write(out: bytearray, value: Value, depth: int) -> None:
    if depth > _DEEPEST:
        raise Refused(_("the value is nested more than {depth} deep").format(depth=_DEEPEST))
    match value:
        case None:
            out += _PAIR.pack(0, _NULL)
        case bool():
            out += _PAIR.pack(value, _BOOLEAN)
        case int() | float():
            out += _number(value)
        case str():
            out += _text(value)
        case list():
            out += _PAIR.pack(len(value), _ARRAY)
            for index, item in enumerate(value):
                out += _number(index)
                _write(out, item, depth + 1)
            out += _PAIR.pack(0, _END)
        case dict():
            out += _PAIR.pack(0, _OBJECT)
            for name, item in value.items():
                is_index = _INDEX.fullmatch(name) and int(name) in _INT32
                out += _number(int(name)) if is_index else _text(name)
                _write(out, item, depth + 1)
            out += _PAIR.pack(0, _END)


def _number(value: float) -> bytes:
    if isinstance(value, int):
        if value in _INT32:
            return struct.pack("<iI", value, _INT)
        if abs(value) > 1 << 53:
            raise Refused(_("the number {value} is too large for JavaScript").format(value=value))
    return _DOUBLE.pack(math.nan if math.isnan(value) else value)


def _text(value: str) -> bytes:
    try:
        body, data = value.encode("latin-1"), len(value) | _LATIN1
    except UnicodeEncodeError:
        body = value.encode("utf-16-le", "surrogatepass")
        data = len(body) // 2
    return _PAIR.pack(data, _STRING) + body + bytes(-len(body) % 8)
