"""Stores written as JSON texts, as fixtures have them: made of such texts, and read back into them.

Beside the place of a store `NAME` stands `NAME.leveldb.json` (storage key -> value, a LevelDB folder),
`NAME.firefox.json` (storage key -> value, Firefox's database of an add-on), or `NAME.sqlite.json`
(`schema`: its SQL statements; `table`, `key`, `value`: names; `rows`: key -> text).
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from patcher.stores.cursor import counted, varint
from patcher.stores.firefox import store as firefox
from patcher.stores.leveldb import records
from patcher.stores.leveldb import store as leveldb
from patcher.stores.sqlite import store as sqlite

KINDS = (".leveldb.json", ".firefox.json", ".sqlite.json")

# Mozilla's own tables (dom/indexedDB/SchemaUpgrades.cpp), without the indexes that no add-on has.
_FIREFOX = """
PRAGMA user_version = 416;
CREATE TABLE database(
  name TEXT PRIMARY KEY, origin TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 0,
  last_vacuum_time INTEGER NOT NULL DEFAULT 0, last_analyze_time INTEGER NOT NULL DEFAULT 0,
  last_vacuum_size INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE object_store(
  id INTEGER PRIMARY KEY, auto_increment INTEGER NOT NULL DEFAULT 0, name TEXT NOT NULL, key_path TEXT);
CREATE TABLE object_data(
  object_store_id INTEGER NOT NULL, key BLOB NOT NULL, index_data_values BLOB DEFAULT NULL,
  file_ids TEXT, data BLOB NOT NULL, PRIMARY KEY (object_store_id, key),
  FOREIGN KEY (object_store_id) REFERENCES object_store(id)) WITHOUT ROWID;
CREATE TABLE file(id INTEGER PRIMARY KEY, refcount INTEGER NOT NULL);
INSERT INTO database(name, origin, version) VALUES ('webExtensions-storage-local', 'moz-extension', 1);
INSERT INTO object_store(id, name) VALUES (1, 'storage-local-data');
"""
_FIREFOX_TRIGGERS = """
CREATE TRIGGER object_data_insert_trigger AFTER INSERT ON object_data FOR EACH ROW
  WHEN NEW.file_ids IS NOT NULL BEGIN SELECT update_refcount(NULL, NEW.file_ids); END;
CREATE TRIGGER object_data_update_trigger AFTER UPDATE OF file_ids ON object_data FOR EACH ROW
  WHEN OLD.file_ids IS NOT NULL OR NEW.file_ids IS NOT NULL
  BEGIN SELECT update_refcount(OLD.file_ids, NEW.file_ids); END;
CREATE TRIGGER object_data_delete_trigger AFTER DELETE ON object_data FOR EACH ROW
  WHEN OLD.file_ids IS NOT NULL BEGIN SELECT update_refcount(OLD.file_ids, NULL); END;
CREATE TRIGGER file_update_trigger AFTER UPDATE ON file FOR EACH ROW
  WHEN NEW.refcount = 0 BEGIN DELETE FROM file WHERE id = OLD.id; END;
"""


def in_text(home: Path) -> bool:
    """Whether a home of a fixture has stores written as texts."""
    return any(path.name.endswith(KINDS) for path in home.rglob("*.json"))


def make(home: Path) -> None:
    """Put real stores in the place of their texts."""
    for path in sorted(home.rglob("*.json")):
        for kind, made in zip(KINDS, (make_leveldb, make_firefox, make_sqlite), strict=True):
            if path.name.endswith(kind):
                made(path.with_name(path.name.removesuffix(kind)), json.loads(path.read_text("utf-8")))
                path.unlink()


def make_leveldb(folder: Path, values: dict[str, Any]) -> None:
    """A database with all its changes in one log."""
    folder.mkdir()
    name, log = leveldb.next_log(
        leveldb.Contents({}, 0, 2), {key.encode(): _dense(value).encode() for key, value in values.items()}
    )
    edit = b"\1" + counted(b"leveldb.BytewiseComparator")
    # The log, none before it, the next file, the last sequence before the log.
    for tag, number in ((2, 3), (9, 0), (3, 4), (4, 0)):
        edit += varint(tag) + varint(number)
    (folder / name).write_bytes(log)
    (folder / "MANIFEST-000001").write_bytes(records.write(edit))
    (folder / "CURRENT").write_bytes(b"MANIFEST-000001\n")
    (folder / "LOCK").write_bytes(b"")


def make_firefox(path: Path, values: dict[str, Any]) -> None:
    """Firefox's database, with its triggers."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_FIREFOX)
        connection.executemany(
            "INSERT INTO object_data(object_store_id, key, data) VALUES (1, ?, ?)",
            [(firefox.key(key), firefox.encode(value)) for key, value in values.items()],
        )
        connection.commit()
        connection.executescript(_FIREFOX_TRIGGERS)


def make_sqlite(path: Path, data: dict[str, Any]) -> None:
    """A database with one table of settings."""
    with closing(sqlite3.connect(path)) as connection:
        for statement in data["schema"]:
            connection.execute(statement)
        connection.commit()
    table = sqlite.SqliteTable(data["table"], data["key"], data["value"])
    path.write_bytes(sqlite.changed(sqlite.read(path), table, data["rows"]))


def shape(home: Path) -> dict[str, bytes]:
    """Text of every store of a home: its path to the JSON that says the same."""
    found = {}
    for path in sorted(home.rglob("*")):
        if path.is_symlink():
            continue
        name = path.relative_to(home).as_posix()
        if path.name == "CURRENT":
            values = leveldb.read(path.parent).values
            told = {key.decode(): json.loads(value) for key, value in values.items()}
            found[name.removesuffix("/CURRENT") + KINDS[0]] = _shown(told)
        elif path.is_file() and path.read_bytes().startswith(b"SQLite format 3\0"):
            kind, told = _told(path)
            found[name + kind] = _shown(told)
    return found


def _told(path: Path) -> tuple[str, dict[str, Any]]:
    image = sqlite.read(path)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(image)
        schema = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql NOTNULL").fetchall()
        names = [name for name, _ in schema]
        columns = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({names[0]})")]
    if "object_data" in names:
        cells = sqlite.rows(image, firefox.table(image))
        told = {
            firefox.text(key): firefox.decode(cell) for key, cell in cells.items() if isinstance(key, bytes)
        }
        return KINDS[1], told
    table = sqlite.SqliteTable(names[0], *columns[:2])
    rows = {str(key): value for key, value in sqlite.rows(image, table).items()}
    return KINDS[2], {
        "schema": [sql for _, sql in schema],
        "table": table.name,
        "key": table.key,
        "value": table.value,
        "rows": rows,
    }


def _dense(value: Any) -> str:
    """As Chromium writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _shown(told: dict[str, Any]) -> bytes:
    return (json.dumps(dict(sorted(told.items())), ensure_ascii=False, indent=2) + "\n").encode()
