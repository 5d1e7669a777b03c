"""Keys and values as Firefox stores them, and where an extension's database is."""

from __future__ import annotations

import contextlib
import json
import math
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patcher.errors import Refused
from patcher.formats.ops import Value
from patcher.stores import snappy
from patcher.stores.firefox import store as firefox
from patcher.stores.firefox import structured_clone

texts = st.text(st.characters(codec=None)) | st.text(st.characters(max_codepoint=0xFF))
scalars = (
    st.none() | st.booleans() | st.integers(-(1 << 31), (1 << 31) - 1) | st.floats(allow_nan=False) | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(texts | st.integers(0, 1 << 40).map(str), inner),
    max_leaves=30,
)


def pair(data: int, tag: int) -> bytes:
    return struct.pack("<II", data, tag)


HEADER = pair(3, 0xFFF10000)


@given(values)
def test_a_value_is_read_back(value: Value) -> None:
    assert firefox.decode(firefox.encode(value)) == value


@given(texts)
def test_a_key_is_read_back(text: str) -> None:
    paired = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    assert firefox.text(firefox.key(text)) == paired


@given(texts, texts)
def test_keys_are_ordered_as_their_text(one: str, other: str) -> None:
    def units(text: str) -> bytes:
        return text.encode("utf-16-be", "surrogatepass")

    if units(one) < units(other):
        assert firefox.key(one) <= firefox.key(other)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", b"0"),
        ("apiKey", b"0bqjLfz"),
        ("\0~", b"0\x01\x7f"),
        ("\x7f", b"0\x80"),  # 80 00, the zero left out
        ("\x7fa", b"0\x80\x00b"),
        ("ж", b"0\x83\xb7"),
        ("\u407e", b"0\xbf\xff"),
        ("\u4100", b"0\xd0\x40"),  # D0 40 00, the zero left out
        ("\U0001f511", b"0\xf6\x0f\x40\xf7\x44\x40"),
    ],
)
def test_a_key_is_what_indexeddb_makes_of_it(text: str, key: bytes) -> None:
    assert firefox.key(text) == key
    assert firefox.text(key) == text


@pytest.mark.parametrize(
    ("value", "units"),
    [
        (None, pair(0, 0xFFFF0000)),
        (True, pair(1, 0xFFFF0002)),
        (-1, pair(0xFFFFFFFF, 0xFFFF0003)),
        (0.5, struct.pack("<d", 0.5)),
        (1 << 40, struct.pack("<d", 1 << 40)),
        (-math.inf, struct.pack("<d", -math.inf)),
        ("é", pair(0x80000001, 0xFFFF0004) + b"\xe9".ljust(8, b"\0")),
        ("ж", pair(1, 0xFFFF0004) + b"\x36\x04".ljust(8, b"\0")),
        ("", pair(0x80000000, 0xFFFF0004)),
        ([], pair(0, 0xFFFF0007) + pair(0, 0xFFFF0013)),
        (
            {"7": [False]},
            pair(0, 0xFFFF0008)
            + pair(7, 0xFFFF0003)
            + pair(1, 0xFFFF0007)
            + pair(0, 0xFFFF0003)
            + pair(0, 0xFFFF0002)
            + pair(0, 0xFFFF0013) * 2,
        ),
    ],
)
def test_a_value_is_what_mozillas_clone_makes_of_it(value: Value, units: bytes) -> None:
    assert structured_clone.write(value) == HEADER + units
    assert structured_clone.read(HEADER + units) == value


def test_not_a_number_is_written_as_mozilla_reads_it() -> None:
    assert structured_clone.write(-math.nan) == HEADER + struct.pack("<Q", 0x7FF8000000000000)


@pytest.mark.parametrize(
    ("tag", "named"),
    [(0xFFFF0001, "undefined"), (0xFFFF0005, "a date"), (0xFFFF0011, "a Map"), (0xFFFF0ABC, "tag FFFF0ABC")],
)
def test_what_json_cannot_say_is_refused_by_name(tag: int, named: str) -> None:
    with pytest.raises(Refused, match=named):
        structured_clone.read(HEADER + pair(0, tag) + bytes(64))


@pytest.mark.parametrize(
    "units",
    [
        b"",
        HEADER,
        pair(2, 0xFFF10000) + pair(0, 0xFFFF0000),
        HEADER + pair(0, 0xFFFF0000) * 2,
        HEADER + pair(9, 0xFFFF0004) + b"1234567\0",
        HEADER + pair(1, 0xFFFF0007) + pair(0, 0xFFFF0013),  # an array with a gap
        HEADER + pair(0xFFFFFFFF, 0xFFFF0007) + pair(0, 0xFFFF0013),
        HEADER + pair(0, 0xFFFF0008) + pair(0, 0xFFFF0000) * 2 + pair(0, 0xFFFF0013),  # null: null
        HEADER + pair(0, 0xFFFF0008) + (pair(1, 0xFFFF0003) + pair(0, 0xFFFF0000)) * 2 + pair(0, 0xFFFF0013),
        HEADER + (pair(0, 0xFFFF0007) + pair(0, 0xFFFF0003)) * 5000,
    ],
)
def test_damaged_values_are_refused(units: bytes) -> None:
    with pytest.raises(Refused):
        structured_clone.read(units)


@settings(max_examples=150)
@given(values, st.integers(0, 1 << 20), st.integers(0, 255), st.booleans())
def test_any_bytes_are_a_value_or_refused(value: Value, at: int, byte: int, cut: bool) -> None:
    data = bytearray(structured_clone.write(value))
    data[at % len(data)] = byte
    with contextlib.suppress(Refused):
        structured_clone.read(bytes(data[: at % len(data)] if cut else data))


@given(st.binary(max_size=20))
def test_any_bytes_are_a_key_or_refused(data: bytes) -> None:
    for key in (data, b"0" + data):
        with contextlib.suppress(Refused):
            firefox.text(key)


@pytest.mark.parametrize("cell", [4294967296, None, "text", 1.5])
def test_a_cell_that_holds_no_bytes_is_refused(cell: object) -> None:
    with pytest.raises(Refused):
        firefox.decode(cell)


@pytest.mark.parametrize("value", [1 << 54, -(1 << 60)])
def test_a_number_that_javascript_cannot_hold_is_refused(value: int) -> None:
    with pytest.raises(Refused, match="too large for JavaScript"):
        firefox.encode(value)


def test_a_value_nested_too_deep_is_refused() -> None:
    value: Value = None
    for _ in range(300):
        value = [value]
    with pytest.raises(Refused, match="nested more than 200 deep"):
        firefox.encode(value)


def test_the_deepest_value_that_is_written_is_read() -> None:
    value: Value = None
    for _ in range(200):
        value = [value]
    assert firefox.decode(firefox.encode(value)) == value


def test_a_bomb_is_refused() -> None:
    with pytest.raises(Refused, match="more than the limit"):
        firefox.decode(b"\xff\xff\xff\x7f" + snappy.pack(b"x"))


def made(folder: Path, add_ons: list[Any], uuids: object) -> Path:
    (folder / "extensions.json").write_text(json.dumps({"schemaVersion": 37, "addons": add_ons}))
    text = json.dumps(uuids).replace("\\", "\\\\").replace('"', '\\"')
    (folder / "prefs.js").write_text(f'// Mozilla\nuser_pref("extensions.webextensions.uuids", "{text}");\n')
    return folder


def entry(id_: str, name: str, kind: str = "extension") -> dict[str, Any]:
    return {"id": id_, "type": kind, "defaultLocale": {"name": name}}


UUID = "b4b2f334-d621-47d3-88fd-220f79fd1ba4"


def test_an_add_on_is_found_by_its_name(tmp_path: Path) -> None:
    listed = [entry("a@b", "Box"), entry("c@d", "Box", "theme"), entry("e@f", "Other"), {"id": "g"}, 7]
    (found,) = firefox.add_ons(made(tmp_path, listed, {"a@b": UUID, "e@f": "0"}), "Box")
    assert (found.id, found.uuid) == ("a@b", UUID)
    origin = f"moz-extension+++{UUID}^userContextId=4294967295"
    name = "3647222921wleabcEoxlt-eengsairo.sqlite"
    assert found.database == tmp_path / "storage/default" / origin / "idb" / name


def test_all_add_ons_of_a_name_are_found(tmp_path: Path) -> None:
    profile = made(tmp_path, [entry("a@b", "Box"), entry("c@d", "Box")], {"a@b": UUID, "c@d": UUID})
    assert [found.id for found in firefox.add_ons(profile, "Box")] == ["a@b", "c@d"]


@pytest.mark.parametrize("uuid", ["../../..", 7, None, "a/b"])
def test_a_uuid_that_is_none_leads_nowhere(uuid: object, tmp_path: Path) -> None:
    assert firefox.add_ons(made(tmp_path, [entry("a@b", "Box")], {"a@b": uuid}), "Box") == []


def test_a_profile_without_extensions_has_none(tmp_path: Path) -> None:
    assert firefox.add_ons(tmp_path, "Box") == []


@pytest.mark.parametrize("text", ["[", "[]", '{"addons": 7}', "[" * 100_000, "\xff"])
def test_a_damaged_list_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "extensions.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(Refused, match=r"extensions\.json: "):
        firefox.add_ons(tmp_path, "Box")


def test_damaged_uuids_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"prefs\.js: "):
        firefox.add_ons(made(tmp_path, [entry("a@b", "Box")], [7]), "Box")
