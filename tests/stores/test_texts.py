"""The stores of fixtures are what the programs themselves would have made."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.stores import texts

SETTINGS = {"apiKey": "", "apiMode": None, "режим": {"имя": "ж", "n": [1, 2.5, True]}, "long": "x" * 70_000}
TABLE = {
    "schema": ["CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)"],
    "table": "ItemTable",
    "key": "key",
    "value": "value",
    "rows": {"a": "1", "b": '{"c":2}'},
}


def test_another_implementation_reads_the_leveldb_of_a_text(tmp_path: Path) -> None:
    levels = pytest.importorskip("tests.stores.levels")
    texts.make_leveldb(tmp_path / "db", SETTINGS)
    held = levels.held(tmp_path / "db")
    assert {key.decode(): json.loads(value) for key, value in held.items()} == SETTINGS


def test_a_firefox_database_counts_its_files_by_a_function_of_its_own(tmp_path: Path) -> None:
    texts.make_firefox(tmp_path / "db", SETTINGS)
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        with pytest.raises(sqlite3.OperationalError, match="update_refcount"):
            connection.execute(
                "INSERT INTO object_data(object_store_id, key, data) VALUES (1, x'3062', x'00')"
            )


@pytest.mark.parametrize(
    ("kind", "told"), [(".leveldb.json", SETTINGS), (".firefox.json", SETTINGS), (".sqlite.json", TABLE)]
)
def test_a_store_is_read_back_into_its_text(kind: str, told: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "a" / f"store{kind}"
    path.parent.mkdir()
    path.write_text(json.dumps(told), "utf-8")
    assert texts.in_text(tmp_path)
    texts.make(tmp_path)
    assert not path.exists()
    shown = texts.shape(tmp_path)
    assert {name: json.loads(data) for name, data in shown.items()} == {f"a/store{kind}": told}
