"""Firefox's settings of extensions (`storage.local`): keys and values of an IndexedDB in SQLite.

A key is IndexedDB's own order-keeping form of text (dom/indexedDB/Key.cpp), a value Snappy over a
structured clone. The tables are read and changed by `sqlite`; this is what stands in their cells.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from patcher.dataclass import dataclass
from patcher.errors import Refused
from patcher.formats.editing import Document
from patcher.formats.ops import Value
from patcher.i18n import N_, _
from patcher.stores.access import FileChange, Source
from patcher.stores.cursor import Budget, Cursor, within
from patcher.stores.cursor import read as read_file
from patcher.stores.firefox import structured_clone
from patcher.stores.snappy import pack, unpack
from patcher.stores.sqlite.store import Cell, SqliteTable, changed, read_both, rows

_STORE = "storage-local-data"
_LARGEST = 64 << 20
_STRING = 0x30
_ONE_BYTE, _TWO_BYTES = 0x7E, 0x7F + 0x3FFF
_DATABASE = "3647222921wleabcEoxlt-eengsairo.sqlite"  # what IndexedDB makes of webExtensions-storage-local
_UUIDS = "extensions.webextensions.uuids"
_CURE = N_("start Firefox, quit it, and try again")


def key(text: str) -> bytes:
    """A storage key as the database has it."""
    out = bytearray([_STRING])
    units = text.encode("utf-16-be", "surrogatepass")
    for high, low in zip(units[::2], units[1::2], strict=True):
        unit = high << 8 | low
        if unit <= _ONE_BYTE:
            out.append(unit + 1)
        elif unit <= _TWO_BYTES:
            out += (0x8000 + unit - 0x7F).to_bytes(2, "big")
        else:
            out += (0xC00000 | unit << 6).to_bytes(3, "big")
    return bytes(out).rstrip(b"\0")


def text(key: bytes) -> str:
    """The storage key. Raises `Refused` for a key that is no text."""
    if key[:1] != bytes([_STRING]):
        raise Refused(_("it is no key of a setting"))
    source = Cursor(key + b"\0\0", 1)  # zeros at the end are not stored
    units = bytearray()
    while source.at < len(key):
        first = source.take(1)[0]
        if first < 0x80:
            unit = first - 1
        elif first < 0xC0:
            unit = (first << 8 | source.take(1)[0]) - 0x8000 + 0x7F
        else:
            unit = (first << 16 | int.from_bytes(source.take(2), "big")) >> 6 & 0xFFFF
        if unit < 0:
            raise Refused(_("it is no key of a setting"))
        units += unit.to_bytes(2, "big")
    return units.decode("utf-16-be", "surrogatepass")


def decode(data: object) -> Value:
    """The value in a cell. Raises `Refused`, by name, for what JSON cannot say."""
    if isinstance(data, int):
        raise Refused(_("it is so large that Firefox keeps it in a file of its own"))
    if not isinstance(data, bytes):
        raise Refused(_("it is no value of IndexedDB that is known here"))
    return structured_clone.read(unpack(data, _LARGEST))


def encode(value: Value) -> bytes:
    """A cell with this value. Raises `Refused` for what JavaScript cannot hold."""
    return pack(structured_clone.write(value))


def table(image: bytes) -> SqliteTable:
    """The settings in an extension's database. Raises `Refused` where it is laid out in another way."""
    stores = rows(image, SqliteTable("object_store", "name", "id"))
    if stores.keys() != {_STORE}:
        raise Refused(_("the database is no storage of an extension that is known here"))
    return SqliteTable("object_data", "key", "data", {"object_store_id": stores[_STORE]})


class FirefoxStore:
    """An add-on's settings (`Store`)."""

    def __init__(self, source: Source, image: bytes | None) -> None:
        self._path = source.place
        self._file, self._image = read_both(source.place) if image is None else (image, image)
        self.stamp = hashlib.sha256(self._image).hexdigest()
        self._table = table(self._image)

    def texts(self, is_wanted: Callable[[str], bool]) -> dict[str, str]:
        found = {}
        for raw, cell in rows(self._image, self._table).items():
            if isinstance(raw, bytes) and is_wanted(name := text(raw)):
                with within(name, _(_CURE)):
                    value = decode(cell)
                    found[name] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return found

    def part(self, changes: Mapping[str, str | None]) -> FileChange:
        cells: dict[Cell, Cell] = {
            key(name): None if text is None else encode(json.loads(text)) for name, text in changes.items()
        }
        return FileChange(self._path, self._file, changed(self._image, self._table, cells))


@dataclass(frozen=True)
class AddOn:
    """An installed extension; `database` is where its settings are, if it has stored any."""

    id: str
    uuid: str
    database: Path


def add_ons(profile: Path, name: str) -> list[AddOn]:
    """The extensions of this name in a profile's folder, as extensions.json and prefs.js know them.

    Raises `Refused` where these cannot be read.
    """
    ids = [
        add_on["id"]
        for add_on in _listed(profile)
        if add_on.get("type") == "extension" and _name(add_on) == name and isinstance(add_on.get("id"), str)
    ]
    uuids = _uuids(profile) if ids else {}
    return [AddOn(id_, uuids[id_], _database(profile, uuids[id_])) for id_ in ids if id_ in uuids]


def _database(profile: Path, uuid: str) -> Path:
    origin = f"moz-extension+++{uuid}^userContextId=4294967295"
    return profile / "storage" / "default" / origin / "idb" / _DATABASE


def _listed(profile: Path) -> list[dict[str, Any]]:
    with within("extensions.json", _(_CURE)):
        found = _json(read_file(profile / "extensions.json", Budget(_LARGEST)) or b"{}")
        listed = found.get("addons", [])
        if not isinstance(listed, list):
            raise Refused(_("its list of extensions is none"))
        return [add_on for add_on in listed if isinstance(add_on, dict)]


def _name(add_on: dict[str, Any]) -> object:
    locale = add_on.get("defaultLocale")
    return locale.get("name") if isinstance(locale, dict) else None


def _uuids(profile: Path) -> dict[str, str]:
    with within("prefs.js", _(_CURE)):
        prefs = read_file(profile / "prefs.js", Budget(_LARGEST)) or b""
        found = Document.read("prefs", prefs).get((_UUIDS,))
        uuids = _json(found.encode() if isinstance(found, str) else b"{}")
        return {
            id_: uuid
            for id_, uuid in uuids.items()
            if isinstance(uuid, str) and set(uuid) <= set("0123456789abcdefABCDEF-")
        }


def _json(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise Refused(_("it is no JSON")) from None
    if not isinstance(found, dict):
        raise Refused(_("it is no JSON object"))
    return found
