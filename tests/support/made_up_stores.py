"""Made-up tools that keep their settings in stores, on homes of a test's own.

Each `Kind` is one: how its store comes to be, what its program reads there and writes anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from patcher.stores.cursor import counted, varint
from patcher.stores.firefox import store as firefox
from patcher.stores.leveldb import records
from patcher.stores.leveldb import store as leveldb
from tests.stores import texts
from tests.stores.holding import connected, locked
from tests.stores.prints import prints
from tests.support.homes import STATE
from tests.support.made_up_tools import profile

ID = "abcdefghijklmnopabcdefghijklmnop"
OLD_KEY = "sk-or-vv-" + "c" * 64
OLD = {
    "apiKey": OLD_KEY,
    "url": "https://api.openai.com/v1",
    "model": "gpt-3.5-turbo",
    "theme": "тёмная 🌒",
}
"""What is in a store before. The profiles ask for `provider` besides, and leave `theme` alone."""

_EDIT = """
  [[file.edit]]
  handler = { provider = "openai" }
  key = { apiKey = "{key}" }
  url = { url = "https://api.openai.com/v1" }
  model = { model = "{model}" }
"""
_EXTENSION = f"""
[import]
how = {{ en = "Open the options, press Import", ru = "Откройте настройки, нажмите «Импорт»" }}
keeps = ["theme"]

[[file]]
format = "extension"
every = true
path = ["{{chromium}}/Local Extension Settings/{ID}", "{{firefox_storage}}/Box"]
{_EDIT}"""
_PROGRAM = f"""
[[file]]
format = "sqlite"
path = ["~/.desk/settings.db"]
rows = {{ table = "settings", key = "name", value = "value" }}
{_EDIT}"""


class Kind(Protocol):
    """A store of one kind, at `place` in a home."""

    tool: str
    place: str
    who: str
    """How a message calls the program that the store belongs to."""

    def make(self, home: Path) -> None:
        """The store as its program left it."""

    def values(self, home: Path) -> dict[str, Any]:
        """What its program reads."""

    def rewrite(self, home: Path, changes: Mapping[str, Any]) -> None:
        """What its program does: set values (None takes one away), in files that are new."""

    @contextmanager
    def in_use(self, home: Path) -> Iterator[None]:
        """As long as its program runs."""

    def damage(self, home: Path) -> None:
        """What a broken disk does."""


class Chromium:
    tool, who = "box", "Chromium (profile Default)"
    place = f".config/chromium/Default/Local Extension Settings/{ID}"

    def make(self, home: Path) -> None:
        folder = home / self.place
        folder.mkdir(parents=True)
        for name in ("LOCK", "LOG"):
            (folder / name).touch()
        _level(folder, {key: json.dumps(value, ensure_ascii=False) for key, value in OLD.items()}, 1)

    def values(self, home: Path) -> dict[str, Any]:
        return {k.decode(): json.loads(v) for k, v in leveldb.read(home / self.place).values.items()}

    def rewrite(self, home: Path, changes: Mapping[str, Any]) -> None:
        folder = home / self.place
        level = leveldb.read(folder)
        held = {key.decode(): value.decode() for key, value in level.values.items()}
        held |= {key: json.dumps(value) for key, value in changes.items()}
        for path in folder.iterdir():
            if path.name.startswith("MANIFEST") or path.suffix in {".log", ".ldb"}:
                path.unlink()
        _level(folder, {k: v for k, v in held.items() if v != "null"}, level.number + 1, level.sequence)

    @contextmanager
    def in_use(self, home: Path) -> Iterator[None]:
        with locked(home / self.place / "LOCK"):
            yield

    def damage(self, home: Path) -> None:
        _flip(next((home / self.place).glob("*.log")), 40)


class Firefox:
    tool, who = "box", "Firefox (profile default-release)"
    _profile = ".config/mozilla/firefox/1234.default-release"
    _uuid = "01234567-89ab-cdef-0123-456789abcdef"
    place = (
        f"{_profile}/storage/default/moz-extension+++{_uuid}^userContextId=4294967295/idb/"
        "3647222921wleabcEoxlt-eengsairo.sqlite"
    )

    def make(self, home: Path) -> None:
        profile, path = home / self._profile, home / self.place
        path.parent.mkdir(parents=True)
        (profile.parent / "profiles.ini").write_text(
            f"[Profile0]\nName=default-release\nIsRelative=1\nPath={profile.name}\n"
        )
        add_on = {"id": "box@toy.example", "type": "extension", "defaultLocale": {"name": "Box"}}
        (profile / "extensions.json").write_text(json.dumps({"addons": [add_on]}))
        uuids = json.dumps(json.dumps({"box@toy.example": self._uuid}))
        (profile / "prefs.js").write_text(f'user_pref("extensions.webextensions.uuids", {uuids});\n')
        (profile / ".parentlock").touch()
        texts.make_firefox(path, OLD)

    def values(self, home: Path) -> dict[str, Any]:
        with closing(sqlite3.connect(home / self.place)) as connection:
            found = connection.execute("SELECT key, data FROM object_data").fetchall()
        return {firefox.text(key): firefox.decode(cell) for key, cell in found}

    def rewrite(self, home: Path, changes: Mapping[str, Any]) -> None:
        with closing(sqlite3.connect(home / self.place)) as connection:
            connection.create_function("update_refcount", 2, lambda *_: None)
            for name, value in changes.items():
                key = firefox.key(name)
                connection.execute("DELETE FROM object_data WHERE key = ?", (key,))
                if value is not None:
                    row = (1, key, firefox.encode(value))
                    connection.execute(
                        "INSERT INTO object_data (object_store_id, key, data) VALUES (?, ?, ?)", row
                    )
            connection.commit()

    @contextmanager
    def in_use(self, home: Path) -> Iterator[None]:
        with locked(home / self._profile / ".parentlock"):
            yield

    def damage(self, home: Path) -> None:
        _flip(home / self.place, 110)


class Program:
    """Settings in rows of a table: text, and one that is bytes."""

    tool, who = "desk", "the program that it belongs to"
    place = ".desk/settings.db"

    def make(self, home: Path) -> None:
        path = home / self.place
        path.parent.mkdir(parents=True)
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(
                "CREATE TABLE settings (name TEXT PRIMARY KEY, value, note TEXT DEFAULT 'n');"
                "CREATE TABLE chats (id INTEGER PRIMARY KEY, text);"
                "INSERT INTO chats VALUES (1, 'привет'), (7, x'00ff');"
            )
            cells = {**OLD, "url": OLD["url"].encode()}
            connection.executemany("INSERT INTO settings (name, value) VALUES (?, ?)", cells.items())
            connection.commit()

    def cells(self, home: Path) -> dict[str, Any]:
        """The same as `values`, bytes as bytes."""
        with closing(sqlite3.connect(home / self.place)) as connection:
            return dict(connection.execute("SELECT name, value FROM settings"))

    def values(self, home: Path) -> dict[str, Any]:
        cells = self.cells(home).items()
        return {name: cell.decode() if isinstance(cell, bytes) else cell for name, cell in cells}

    def rewrite(self, home: Path, changes: Mapping[str, Any]) -> None:
        with closing(sqlite3.connect(home / self.place)) as connection:
            for name, value in changes.items():
                if value is None:
                    connection.execute("DELETE FROM settings WHERE name = ?", (name,))
                else:
                    connection.execute(
                        "INSERT INTO settings (name, value) VALUES (?1, ?2)"
                        " ON CONFLICT (name) DO UPDATE SET value = ?2",
                        (name, value),
                    )
            connection.execute("INSERT INTO chats (text) VALUES ('one more')")
            connection.commit()

    @contextmanager
    def in_use(self, home: Path) -> Iterator[None]:
        with connected(home / self.place):
            yield

    def damage(self, home: Path) -> None:
        _flip(home / self.place, 110)


KINDS: dict[str, Kind] = {"chromium": Chromium(), "firefox": Firefox(), "sqlite": Program()}


def profiles(folder: Path) -> None:
    """Write the profiles of these tools."""
    profile(folder, "box", _EXTENSION)
    profile(folder, "desk", _PROGRAM)


def home_of(kind: Kind, folder: Path) -> Path:
    """A home with one store; the profiles are in `profiles` beside it."""
    profiles(folder / "profiles")
    kind.make(folder / "home")
    return folder / "home"


def trace(home: Path) -> dict[str, Any]:
    """All of a home but our own state: inodes, times and hashes of its files, times of its folders."""
    own = home / STATE.parts[0]
    return {
        str(folder): prints(folder)
        for folder in home.rglob("*")
        if folder.is_dir() and not folder.is_symlink() and not folder.is_relative_to(own)
    }


def _level(folder: Path, values: Mapping[str, str], number: int, sequence: int = 0) -> None:
    """A database of one manifest and one log, as LevelDB leaves it."""
    edit = b"\1" + counted(b"leveldb.BytewiseComparator")
    edit += b"".join(varint(n) for n in (2, number + 1, 3, number + 2, 4, sequence))
    manifest = f"MANIFEST-{number:06d}"
    (folder / manifest).write_bytes(records.write(edit))
    (folder / "CURRENT").write_text(manifest + "\n")
    level = leveldb.Contents({}, sequence, number)
    name, data = leveldb.next_log(level, {key.encode(): value.encode() for key, value in values.items()})
    (folder / name).write_bytes(data)


def compacted(home: Path) -> None:
    """Let another implementation of LevelDB write Chromium's store anew, into tables."""
    import plyvel  # noqa: PLC0415 - is not there on every system

    with closing(plyvel.DB(str(home / Chromium.place))) as db:
        db.compact_range()


def _flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)
