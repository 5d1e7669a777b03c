"""JSON, JSONC and JSON5: what no single case can say."""

from __future__ import annotations

import json as library
import math

import json5 as oracle
import pytest
from hypothesis import example, given, settings

from patcher.errors import Refused
from patcher.formats import editing
from patcher.formats.json.editor import SYNTAX
from patcher.formats.json.read import DEPTH
from patcher.formats.ops import ABSENT, Add, Change, Drop, Insert, Node, Op, Put, every_pair
from patcher.formats.proof import prove
from patcher.formats.text import apply
from tests.formats import strategies

EVERY = sorted(SYNTAX)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000, '"\\"' * 100_000, "[," * 100_000],
)
def test_what_is_nested_deep_or_cut_off_is_refused(name: str, text: str) -> None:
    with pytest.raises(Refused):
        SYNTAX[name].tree(text)  # what is not linear does not come to an end here


@pytest.mark.parametrize("blanks", [b" " * 1_000_000, b" \t" * 500_000, b"\n" * 1_000_000])
def test_a_megabyte_of_blanks_is_edited(blanks: bytes) -> None:
    edited = editing.edit("json", blanks + b"{}", [Change(("a",), 2)])
    assert edited.after.startswith(blanks)  # what is not linear does not come to an end here


@pytest.mark.parametrize("name", EVERY)
def test_the_deepest_nesting_that_is_read(name: str) -> None:
    text = "[" * DEPTH + "]" * DEPTH
    place = (0,) * (DEPTH - 1)
    ops: list[Op] = [Insert(place, 0, "x")]
    after = apply(text, SYNTAX[name].splices(text, ops))
    prove(SYNTAX[name].tree(text), SYNTAX[name].tree(after), ops, [], SYNTAX[name].plain)
    with pytest.raises(Refused, match="nested deeper"):
        SYNTAX[name].tree(f"[{text}]")


@pytest.mark.parametrize("name", EVERY)
def test_brackets_in_strings_are_not_nesting(name: str) -> None:
    text = '["' + "[{" * 100 + '\\"' + "[{" * 100 + '\\\\", ' + ", ".join(["[]"] * 100) + "]"
    assert isinstance(SYNTAX[name].tree(text), list)


def test_a_file_above_the_limit_is_refused() -> None:
    with pytest.raises(Refused, match="more than the limit"):
        editing.edit("json", b" " * (16 * 1024 * 1024) + b"{}", [Change(("a",), 1)])


def test_utf_16_is_refused() -> None:
    with pytest.raises(Refused, match="UTF-16"):
        editing.edit("json", '{"a": 1}'.encode("utf-16"), [Change(("a",), 2)])


@pytest.mark.parametrize(
    ("name", "spelt", "value"),
    [
        ("json", "-0", 0),
        ("json", "12345678901234567890", 12345678901234567890),
        ("json", "1.0", 1.0),
        ("json", "1e2", 100.0),
        ("json5", ".5", 0.5),
        ("json5", "+5.", 5.0),
    ],
)
def test_a_number_as_plain_data(name: str, spelt: str, value: float) -> None:
    leaf = SYNTAX[name].tree(spelt)
    assert leaf == spelt.encode()
    plain = SYNTAX[name].plain(leaf)
    assert (type(plain), plain) == (type(value), value)


@pytest.mark.parametrize("spelt", ["0xff", "Infinity", "-NaN", "1e999", "9" * 5000])
def test_a_number_that_is_no_plain_data(spelt: str) -> None:
    leaf = SYNTAX["json5"].tree(spelt)
    assert leaf == spelt.encode()
    with pytest.raises(Refused, match="special"):
        SYNTAX["json5"].plain(leaf)


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud83d"])
def test_a_value_that_json_has_no_spelling_for_is_refused(value: float | str) -> None:
    for name in EVERY:
        with pytest.raises(Refused, match="cannot be written"):
            SYNTAX[name].splices('{"a": 1}', [Put(("a",), value)])


def test_several_operations_at_one_place_come_in_order() -> None:
    ops: list[Op] = [
        Insert((), 1, "a"),
        Insert((), 1, "b"),
        Insert((), 0, "c"),
        Drop((0,)),
        Insert((), 2, "d"),
    ]
    text = "[\n  1, // one\n  2\n]"
    after = apply(text, SYNTAX["jsonc"].splices(text, ops))
    assert after == '[\n  "c",\n  "a",\n  "b",\n  2,\n  "d"\n]'


def test_lone_carriage_returns_as_line_ends() -> None:
    text = '{\r  "a": 1 // one\r}\r'
    after = apply(text, SYNTAX["jsonc"].splices(text, [Add((), "b", {"c": 2})]))
    assert after == '{\r  "a": 1, // one\r  "b": {\r    "c": 2\r  }\r}\r'


def test_taking_an_addition_away_gives_the_old_bytes() -> None:
    before = b'{\n  // mine\n  "a": 1, // one\n  "b": [1]\n}\n'
    added = editing.edit("jsonc", before, [Change(("c", "d"), 1)])
    assert editing.edit("jsonc", added.after, [Change(("c",), ABSENT)]).after == before


BAD = strategies.either("01", "nul")


def read(name: str, text: str) -> tuple[bool, Node]:
    try:
        return True, SYNTAX[name].tree(text)
    except Refused:
        return False, None


def known(text: str) -> tuple[bool, Node]:
    """What the json5 package reads, numbers as the floats they are, and of a key that comes again all."""
    try:
        return True, oracle.loads(text, object_pairs_hook=every_pair, parse_int=_as_float)
    except ValueError:
        return False, None


def _as_float(spelt: str, base: int = 10) -> float:
    return float(int(spelt, base))


def floats(node: Node) -> Node:
    if isinstance(node, dict):
        return {key: floats(value) for key, value in node.items()}
    if isinstance(node, list):
        return [floats(value) for value in node]
    if isinstance(node, bytes):
        spelt = node.decode().lower()
        return float(int(spelt, 16)) if "0x" in spelt else float(spelt.replace("infinity", "inf"))
    return node


@settings(max_examples=60, deadline=None)
@given(strategies.json(strategies.JSON5_GAPS, strategies.JSON5_KEYS, strategies.JSON5_SCALARS | BAD))
@example("{a: 1, 'a': 2}")
@example("[1,,]")
@example("[,]")
def test_the_json5_package_reads_the_same(text: str) -> None:
    (valid, tree), (expected, value) = read("json5", text), known(text)
    assert valid == expected
    assert repr(floats(tree)) == repr(value)


@settings(max_examples=60, deadline=None)
@given(strategies.json(strategies.JSONC_GAPS, strategies.KEYS, strategies.SCALARS | BAD))
def test_json_with_comments_reads_as_json5_does(text: str) -> None:
    valid, tree = read("jsonc", text)
    assert (valid, tree) == read("json5", text)
    assert valid or not read("json", text)[0]


def test_strict_json_stays_strict() -> None:
    before = b'{"a": {}, "b": []}'
    after = editing.edit("json", before, [Change(("a", "it's"), 'say "it"'), Change(("b",), ["x"])]).after
    assert library.loads(after) == {"a": {"it's": 'say "it"'}, "b": ["x"]}
