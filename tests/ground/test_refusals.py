"""Whoever is refused something is told what to do about it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import patcher
from patcher.errors import Refused
from patcher.stores.access import Source, StoreDocument

PACKAGE = Path(patcher.__file__).parent
CURED = "stores"
"""Of what its modules refuse, `stores.access` says what to do where they do not."""


def uncured(path: Path) -> Iterator[int]:
    """The lines of a module on which a refusal is made without a cure."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Refused", "Unproved"):
            cures = [ast.unparse(keyword.value) for keyword in node.keywords if keyword.arg == "cure"]
            if not cures or cures[0] in ("''", "_('')"):
                yield node.lineno


MODULES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}


@pytest.mark.parametrize("name", [name for name in MODULES if name.partition("/")[0] != CURED])
def test_every_refusal_says_what_to_do(name: str) -> None:
    assert not list(uncured(MODULES[name]))


@pytest.mark.parametrize("data", [b"", b"no database", b"SQLite format 3\0" + bytes(4096)])
def test_a_store_that_is_refused_says_what_to_do(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "storage.sqlite"
    path.write_bytes(data)
    (tmp_path / "folder").mkdir()
    for place in (path, tmp_path / "folder", tmp_path / "nothing"):
        with pytest.raises(Refused) as refusal:
            StoreDocument.of(Source(place), lambda _key: True)
        assert refusal.value.cure
