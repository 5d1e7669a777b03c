"""A table in an SQLite database as a store of keys and values, worked on in memory.

SQLite is given the bytes, never the file: opening a file, even read-only, can make a `-shm`
beside it, take locks, or write a log back. So reading changes nothing, and a change is a function
from bytes to bytes: the new content of a whole file, to be put on disk as every other file is.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import TypeAlias

from patcher.dataclass import dataclass
from patcher.errors import Refused
from patcher.i18n import N_, _, with_foreign
from patcher.stores.access import FileChange, Source
from patcher.stores.cursor import Budget, within
from patcher.stores.cursor import read as read_file
from patcher.stores.sqlite.wal import merged

Cell: TypeAlias = str | bytes | int | float | None

LARGEST = 128 << 20
"""Bytes of a database with its log; a larger one is refused."""

_MAGIC = b"SQLite format 3\0"
_MODE = slice(18, 20)  # versions for writing and reading: 1 rollback journal, 2 write-ahead log
_CURE = N_("start the program it belongs to, quit it, and try again")


def read(path: Path) -> bytes:
    """The database as it stands, its write-ahead log put in. Changes nothing on disk.

    Raises `Refused` where there is none, or a rollback journal that has yet to be played back.
    """
    return read_both(path)[1]


def read_both(path: Path) -> tuple[bytes, bytes]:
    """The file's own bytes, and the database as `read` answers it."""
    with within(path.name, _(_CURE)):
        budget = Budget(LARGEST)
        main = read_file(path, budget)
        if main is None:
            raise Refused(_("there is no such file"))
        journal = read_file(path.with_name(path.name + "-journal"), budget)
        if journal and journal[0]:
            raise Refused(_("a change of it was broken off (its -journal is there)"))
        image = merged(main, read_file(path.with_name(path.name + "-wal"), budget) or b"")
        if not image.startswith(_MAGIC):
            raise Refused(_("it is no database of SQLite"))
        return main, image


def settled(path: Path) -> None:
    """Raises `Refused` where a write-ahead log would be played into what replaced the file."""
    cure = _("quit the program it belongs to (if it is closed, start it first), and try again")
    with within(path.name, cure):
        if read_file(path.with_name(path.name + "-wal"), Budget(LARGEST)):
            raise Refused(_("its last changes are still in its log (-wal)"))


@dataclass(frozen=True)
class SqliteTable:
    """A table, its columns of keys and values, and what the other columns of a new row hold."""

    name: str
    key: str
    value: str
    others: Mapping[str, Cell] = field(default_factory=dict)


def rows(image: bytes, table: SqliteTable) -> dict[Cell, Cell]:
    """Key -> value. Raises `Refused` for damage, other columns, and a key that is there twice."""
    with _opened(image) as connection:
        return _rows(connection, table)


def changed(image: bytes, table: SqliteTable, changes: Mapping[Cell, Cell]) -> bytes:
    """The database with these values set, or their rows taken away (None).

    Raises `Refused` as `rows` does, where the database's own rules forbid a row, and where more
    than these rows would change.
    """
    with _opened(image) as connection:
        expected = _rows(connection, table)
        others = list(_others(connection, table))
        _forbid_missing_functions(connection)
        for key, value in changes.items():
            _put(connection, table, key, value, new=key not in expected)
            expected[key] = value
            if value is None:
                del expected[key]
        connection.commit()
        after = bytearray(connection.serialize())
        after[_MODE] = image[_MODE]
        if list(_others(connection, table)) != others:
            raise Refused(_("the database changes other tables by itself"))
    result = bytes(after)
    if rows(result, table) != expected:
        raise Refused(_("the changed database could not be read again"))
    return result


def _put(connection: sqlite3.Connection, table: SqliteTable, key: Cell, value: Cell, *, new: bool) -> None:
    # Names cannot be parameters: `_name` quotes them.
    into, at = _name(table.name), _name(table.key)
    if value is None:
        connection.execute(f"DELETE FROM {into} WHERE {at} IS ?", (key,))  # noqa: S608 - quoted
    elif new:
        row = {**table.others, table.key: key, table.value: value}
        names, marks = ", ".join(map(_name, row)), ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {into} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608 - quoted
    else:
        change = f"UPDATE {into} SET {_name(table.value)} = ? WHERE {at} IS ?"  # noqa: S608 - quoted
        connection.execute(change, (value, key))


class SqliteStore:
    """Rows of a table: each value's text as a JSON string (`Store`)."""

    def __init__(self, source: Source, image: bytes | None) -> None:
        assert source.rows is not None  # else it is another kind of store
        self._path = source.place
        self._file, self._image = read_both(source.place) if image is None else (image, image)
        self.stamp = hashlib.sha256(self._image).hexdigest()
        self._table = SqliteTable(*source.rows)
        self._cells = {_text(key): (key, value) for key, value in rows(self._image, self._table).items()}

    def texts(self, is_wanted: Callable[[str], bool]) -> dict[str, str]:
        found = {}
        for name, (_rowid, cell) in self._cells.items():
            if is_wanted(name):
                with within(name, _(_CURE)):
                    found[name] = json.dumps(_text(cell), ensure_ascii=False)
        return found

    def part(self, changes: Mapping[str, str | None]) -> FileChange:
        cells: dict[Cell, Cell] = {}
        for name, text in changes.items():
            key, old = self._cells.get(name, (name, None))
            value = None if text is None else json.loads(text)
            if not isinstance(value, str | None):
                raise Refused(_("{name}: a cell holds text").format(name=name))
            cells[key] = value.encode() if isinstance(old, bytes) and value is not None else value
        return FileChange(self._path, self._file, changed(self._image, self._table, cells))


def _text(cell: Cell) -> str:
    """A cell's text; of bytes what they say in UTF-8."""
    if isinstance(cell, bytes):
        try:
            return cell.decode()
        except UnicodeDecodeError:
            raise Refused(_("its value is not text")) from None
    return "" if cell is None else str(cell)


@contextmanager
def _opened(image: bytes) -> Iterator[sqlite3.Connection]:
    if not hasattr(sqlite3.Connection, "deserialize"):
        raise Refused(
            _("this Python's SQLite cannot read a database from memory"), cure=_("use another Python")
        )
    connection = sqlite3.connect(":memory:")
    try:
        # A database in memory has no write-ahead log; the file's own mode is put back in `changed`.
        connection.deserialize(image[: _MODE.start] + b"\1\1" + image[_MODE.stop :])
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        if connection.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
            raise Refused(_("the database is damaged"), cure=_(_CURE))
        yield connection
    except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError) as error:
        raise Refused(
            with_foreign(_("SQLite cannot work with the database"), str(error)), cure=_(_CURE)
        ) from None
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection, table: SqliteTable) -> dict[Cell, Cell]:
    columns = {name for _, name, *_ in connection.execute(f"PRAGMA table_info({_name(table.name)})")}
    if not {table.key, table.value} <= columns:
        raise Refused(
            _("the database has no table {name} with {key} and {value}").format(
                name=table.name, key=table.key, value=table.value
            )
        )
    query = f"SELECT {_name(table.key)}, {_name(table.value)} FROM {_name(table.name)}"  # noqa: S608 - quoted
    found = connection.execute(query).fetchall()
    cells = dict(found)
    if len(cells) != len(found):
        raise Refused(_("the table {name} has a key twice").format(name=table.name))
    return cells


def _others(connection: sqlite3.Connection, table: SqliteTable) -> Iterator[object]:
    """The definitions of all tables, and the rows of all but this one."""
    definitions = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
    for kind, name, sql in definitions:
        yield kind, name, sql
        if kind == "table" and name != table.name:
            yield connection.execute(f"SELECT * FROM {_name(name)}").fetchall()  # noqa: S608 - quoted


def _forbid_missing_functions(connection: sqlite3.Connection) -> None:
    """Firefox's triggers name a function of its own.

    It has to exist also where no trigger calls it; where one does, the change fails.
    """

    def missing(*_: object) -> None:
        raise NotImplementedError

    connection.execute("PRAGMA trusted_schema = ON")  # else triggers may not name it at all
    connection.create_function("update_refcount", 2, missing)


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
