"""Tables of SQLite: what SQLite itself reads from the files, without touching them."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from patcher.errors import Refused
from patcher.stores.firefox import store as firefox
from patcher.stores.sqlite import store as sqlite
from tests.stores.prints import prints

TABLE = sqlite.SqliteTable("settings", "key", "value")
SCHEMA = """
CREATE TABLE "settings" (key PRIMARY KEY, value, note TEXT DEFAULT 'x');
CREATE TABLE "other ""one" (a, b);
INSERT INTO "other ""one" VALUES (1, 2), (3, NULL);
"""


def opened(path: Path, mode: str = "wal") -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA page_size = 1024")
    connection.execute(f"PRAGMA journal_mode = {mode}")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    return connection


def work(connection: sqlite3.Connection, rng: random.Random, count: int, *, settles: bool = True) -> None:
    """Changes at random, some of them large, some taken back, now and then put into the main file."""
    for _ in range(count):
        connection.execute("BEGIN")
        for _ in range(rng.randrange(6)):
            key = f"key {rng.randrange(60)}"
            if rng.random() < 0.3:
                connection.execute("DELETE FROM settings WHERE key = ?", (key,))
            else:
                value = rng.randbytes(rng.choice([0, 10, 500, 9000]))
                connection.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (key, value))
        connection.execute("COMMIT" if rng.random() < 0.8 else "ROLLBACK")
        if settles and rng.random() < 0.03:
            connection.execute(f"PRAGMA wal_checkpoint({rng.choice(['PASSIVE', 'RESTART', 'TRUNCATE'])})")
        if settles and rng.random() < 0.02:
            connection.execute("VACUUM")


def theirs(folder: Path, to: Path) -> dict[sqlite.Cell, sqlite.Cell]:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("*-shm"))
    with closing(sqlite3.connect(to / "db")) as connection:
        return dict(connection.execute("SELECT key, value FROM settings"))


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """The folder of a database whose last changes are in its write-ahead log."""
    folder = tmp_path / "crashed"
    folder.mkdir()
    with closing(opened(folder / "db")) as connection:
        connection.executescript(SCHEMA)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        work(connection, random.Random(3), 30, settles=False)
        shutil.copytree(folder, tmp_path / "copy")
    shutil.rmtree(folder)
    (tmp_path / "copy").rename(folder)
    assert (folder / "db-wal").stat().st_size
    return folder


@pytest.fixture
def settled(tmp_path: Path) -> Path:
    path = tmp_path / "settled.db"
    with closing(opened(path)) as connection:
        connection.executescript(SCHEMA)
        connection.executemany(
            "INSERT INTO settings (key, value) VALUES (?, ?)", [("a", 1), ("b", b"2"), (None, None)]
        )
    assert not path.with_name("settled.db-wal").exists()
    return path


@pytest.mark.parametrize("seed", range(6))
def test_what_is_read_is_what_sqlite_reads(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    folder = tmp_path / "db"
    folder.mkdir()
    with closing(opened(folder / "db")) as connection:
        connection.executescript(SCHEMA)
        for _ in range(6):
            work(connection, rng, 25)
            assert sqlite.rows(sqlite.read(folder / "db"), TABLE) == theirs(folder, tmp_path / "copy")


def test_reading_changes_nothing(crashed: Path) -> None:
    (crashed / "db-shm").unlink()
    before = prints(crashed)
    assert sqlite.rows(sqlite.read(crashed / "db"), TABLE)
    assert prints(crashed) == before


def test_a_database_that_shrank_in_its_log_is_read_at_its_new_size(tmp_path: Path) -> None:
    path = tmp_path / "db"
    with closing(opened(path)) as connection:
        connection.executescript(SCHEMA)
        connection.execute("INSERT INTO settings (key, value) VALUES ('large', zeroblob(100000))")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("DELETE FROM settings")
        connection.execute("VACUUM")
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        assert path.stat().st_size > 100_000
        assert len(sqlite.read(path)) == pages * 1024 < 100_000


def test_a_torn_log_is_read_as_sqlite_reads_it(crashed: Path, tmp_path: Path) -> None:
    wal = crashed / "db-wal"
    data = wal.read_bytes()
    seen = set()
    for size in range(0, len(data), len(data) // 40):
        wal.write_bytes(data[:size])
        ours = sqlite.rows(sqlite.read(crashed / "db"), TABLE)
        assert ours == theirs(crashed, tmp_path / "theirs"), size
        seen.add(len(ours))
    assert len(seen) > 3


@pytest.mark.parametrize("at", [0, 3, 8, 20, 30, 36, 41, 50, 60, 2000, 9999])
def test_a_damaged_log_is_read_as_sqlite_reads_it(at: int, crashed: Path, tmp_path: Path) -> None:
    wal = crashed / "db-wal"
    data = bytearray(wal.read_bytes())
    data[at] ^= 0x55
    wal.write_bytes(data)
    assert sqlite.rows(sqlite.read(crashed / "db"), TABLE) == theirs(crashed, tmp_path / "theirs")


def test_a_journal_of_a_broken_change_is_refused(settled: Path) -> None:
    settled.with_name("settled.db-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(500))
    with pytest.raises(Refused, match="a change of it was broken off"):
        sqlite.read(settled)


def test_a_journal_that_was_crossed_out_is_no_hindrance(settled: Path) -> None:
    settled.with_name("settled.db-journal").write_bytes(bytes(500))
    assert sqlite.read(settled) == settled.read_bytes()


def test_a_file_whose_log_is_not_played_back_is_not_for_replacing(crashed: Path) -> None:
    with pytest.raises(Refused, match="its last changes are still in its log"):
        sqlite.settled(crashed / "db")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"none\.db: there is no such file"):
        sqlite.read(tmp_path / "none.db")


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="it is no ordinary file"):
        sqlite.read(tmp_path)


def test_a_change_is_read_by_sqlite_and_nothing_else_changes(settled: Path) -> None:
    sqlite.settled(settled)
    image = sqlite.read(settled)
    after = sqlite.changed(image, TABLE, {"a": "new", "b": None, "c": b"\0" * 100_000})
    assert after[18:20] == image[18:20] == b"\2\2"  # still with a write-ahead log
    settled.write_bytes(after)
    with closing(sqlite3.connect(settled)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = set(connection.execute("SELECT * FROM settings"))
        other = connection.execute('SELECT * FROM "other ""one"').fetchall()
    assert rows == {("a", "new", "x"), ("c", b"\0" * 100_000, "x"), (None, None, "x")}
    assert other == [(1, 2), (3, None)]


def test_the_other_columns_of_a_new_row_are_those_asked_for(settled: Path) -> None:
    table = sqlite.SqliteTable("settings", "key", "value", {"note": "mine"})
    settled.write_bytes(sqlite.changed(sqlite.read(settled), table, {"new": 1, "a": 2}))
    with closing(sqlite3.connect(settled)) as connection:
        rows = dict(connection.execute("SELECT key, note FROM settings"))
    assert (rows["new"], rows["a"]) == ("mine", "x")


def test_a_trigger_that_changes_more_is_refused(settled: Path) -> None:
    with closing(sqlite3.connect(settled)) as connection:
        connection.execute(
            'CREATE TRIGGER t AFTER UPDATE ON settings BEGIN DELETE FROM "other ""one" WHERE a = 3; END'
        )
    with pytest.raises(Refused, match="other tables"):
        sqlite.changed(sqlite.read(settled), TABLE, {"a": 7})


def test_a_row_that_the_database_counts_for_itself_is_refused(settled: Path) -> None:
    """Firefox counts the files of its rows by a function of its own, which is not there to be called."""
    with closing(sqlite3.connect(settled)) as connection:
        connection.execute(
            "CREATE TRIGGER t AFTER UPDATE ON settings WHEN NEW.note IS NOT NULL"
            " BEGIN SELECT update_refcount(OLD.note, NEW.note); END"
        )
        connection.execute("INSERT INTO settings VALUES ('plain', 1, NULL)")
    image = sqlite.read(settled)
    assert sqlite.rows(sqlite.changed(image, TABLE, {"plain": 2}), TABLE)["plain"] == 2
    with pytest.raises(Refused):
        sqlite.changed(image, TABLE, {"a": 2})


@pytest.mark.parametrize(
    "table",
    [
        sqlite.SqliteTable("none", "key", "value"),
        sqlite.SqliteTable("settings", "none", "value"),
        sqlite.SqliteTable("settings", "key", 'value" FROM x --'),
        sqlite.SqliteTable('settings"; DROP TABLE settings; --', "key", "value"),
    ],
)
def test_a_table_that_is_not_there_is_refused(table: sqlite.SqliteTable, settled: Path) -> None:
    with pytest.raises(Refused, match="the database has no table"):
        sqlite.rows(sqlite.read(settled), table)


def test_a_key_that_is_there_twice_is_refused(settled: Path) -> None:
    with closing(sqlite3.connect(settled)) as connection:
        connection.execute("INSERT INTO settings (key, value) VALUES (NULL, 3)")
        connection.commit()
    with pytest.raises(Refused, match="has a key twice"):
        sqlite.rows(sqlite.read(settled), TABLE)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 1 << 30), byte=st.integers(0, 255), cut=st.booleans())
def test_damage_is_refused_or_read(settled: Path, at: int, byte: int, *, cut: bool) -> None:
    data = bytearray(settled.read_bytes())
    place = at % len(data)
    data[place] = byte
    broken = settled.with_name("broken.db")
    broken.write_bytes(data[:place] if cut else data)
    with suppress(Refused):  # and nothing else
        image = sqlite.read(broken)
        sqlite.rows(image, TABLE)
        sqlite.changed(image, TABLE, {"a": 5})


def test_a_database_that_is_no_extensions_is_refused(settled: Path) -> None:
    with pytest.raises(Refused, match="object_store"):
        firefox.table(sqlite.read(settled))


def test_a_database_of_two_stores_is_refused(settled: Path) -> None:
    with closing(sqlite3.connect(settled)) as connection:
        connection.execute("CREATE TABLE object_store (id, name)")
        connection.execute("INSERT INTO object_store VALUES (1, 'storage-local-data'), (2, 'more')")
        connection.commit()
    with pytest.raises(Refused, match="no storage of an extension"):
        firefox.table(sqlite.read(settled))
