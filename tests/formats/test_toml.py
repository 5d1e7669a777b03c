"""What the editor of TOML promises beyond single documents: limits, bad values, exact undo."""

from __future__ import annotations

import contextlib
import math

import pytest

from patcher.errors import Refused
from patcher.formats import editing
from patcher.formats.ops import ABSENT, Add, Change, Drop, Insert, KeyPath, Op, Put, Value
from patcher.formats.text import Splice, apply
from patcher.formats.toml.editor import SYNTAX

TOML = SYNTAX["toml"]
MANY = 100_000


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * MANY + "]" * MANY,
        "a = " + "[" * MANY,
        "a = " + "{a = " * MANY,
        "x." * MANY + "a = 1",
        "[" + "x." * MANY + "a]",
        "[[" + "'x' . " * MANY + "a]]",
        "a = {" + '"x".' * MANY + "a = 1}",
    ],
    ids=[
        "arrays",
        "open arrays",
        "inline tables",
        "dotted key",
        "header",
        "array of tables",
        "dotted inside",
    ],
)
def test_a_deep_document_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="deeper than 64") as refusal:
        TOML.tree(text)
    assert refusal.value.line == 1
    with contextlib.suppress(Refused):  # it need not look into what it does not touch
        TOML.splices(text, [Add((), "b", 1)])


def test_depth_adds_up_over_headers_and_values() -> None:
    text = "[" + ".".join("x" * 50) + "]\n" + ".".join("x" * 50) + " = 1\n"
    with pytest.raises(Refused, match="deeper than 64"):
        TOML.tree(text)


def test_many_dots_are_no_depth_where_they_are_no_keys() -> None:
    text = "a = 1 # " + "." * 200 + '\nb = "' + "x." * 200 + '"\nc = [' + "1.5, " * 200 + "]\n"
    edited = editing.edit("toml", text.encode(), [Change(("a",), 2)])
    assert edited.after.decode() == text.replace("a = 1", "a = 2")


def test_a_file_beyond_the_limit_is_refused() -> None:
    with pytest.raises(Refused, match="limit"):
        editing.edit("toml", b"#" * (TOML.limit + 1), [Change(("a",), 2)])


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "no empty value"),
        ([None], "no empty value"),
        (2**63, "64 bits"),
        (-(2**63) - 1, "64 bits"),
        (math.nan, "not-a-number"),
        ("\ud800", "surrogate"),
    ],
)
def test_what_toml_cannot_hold_is_refused(value: Value, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        TOML.splices("a = 1\n", [Put(("a",), value)])


def test_an_integer_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(Refused, match="too long"):
        TOML.tree("a = " + "9" * 5000)


def test_floats_are_told_apart_by_their_spelling() -> None:
    assert TOML.tree("a = 1.0") != TOML.tree("a = 1.00")
    assert TOML.tree("a = nan") == TOML.tree("a = nan")
    assert editing.Document.read("toml", b"a = 1_0.5").get(("a",)) == 10.5


def test_a_table_is_not_replaced_by_a_value() -> None:
    with pytest.raises(Refused, match="is a table") as refusal:
        TOML.splices("x = 1\n[a]\n", [Put(("a",), 1)])
    assert refusal.value.line == 2


def test_a_place_that_is_not_there_is_refused() -> None:
    for op in (Put(("x",), 1), Drop(("a", 0)), Insert(("l", 5), 0, 1), Add(("l",), "k", 1), Drop(())):
        with pytest.raises(Refused):
            TOML.splices("a = 1\nl = [1]\n", [op])


def test_a_map_for_the_empty_document() -> None:
    ops: list[Op] = [Put((), {"t": {"a": 1}, "b": 2})]
    assert apply("", TOML.splices("", ops)) == "b = 2\n\n[t]\na = 1\n"


def test_a_long_list_gives_way_to_another() -> None:
    def listed(letter: str) -> str:
        return "l = [\n" + "".join(f'  "{letter}{number}",\n' for number in range(2000)) + "]\n"

    new: list[Value] = [f"y{number}" for number in range(2000)]
    edited = editing.edit("toml", listed("x").encode(), [Change(("l",), new)])
    assert edited.after.decode() == listed("y")  # what is not linear does not come to an end here


OPERATIONS: list[list[Op]] = [
    [Drop(("t",)), Add((), "n", 1)],
    [Drop(("m", 0)), Drop(("m", 1)), Insert(("m",), 1, {"x": 1}), Insert(("m",), 1, {"x": 2})],
    [Put(("m", 0), {"y": 1}), Add(("t",), "n", {"o": 1})],
    [Insert(("t", "l"), 0, 3), Insert(("t", "l"), 1, 4), Drop(("t", "i", "d"))],
    [Add(("t", "i"), "x", 1), Add(("t", "i"), "y", 2), Put(("t", "i", "d", "e"), 3)],
]


@pytest.mark.parametrize("ops", OPERATIONS)
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_the_splices_taken_back_give_the_old_text(ops: list[Op], eol: str) -> None:
    text = eol.join(
        ["[[m]]", "x = 0", "", "[[m]]", "[t]", "l = [", "  1, # c", "]", "i = { d.e = 1, d.f = 2 }"]
    )
    splices = TOML.splices(text, ops)
    after = apply(text, splices)
    inverse, shift = [], 0
    for start, end, new in sorted(splices):
        inverse.append(Splice(start + shift, start + shift + len(new), text[start:end]))
        shift += len(new) - (end - start)
    assert apply(after, inverse) == text
    assert after.count("\n") == after.count(eol)


@pytest.mark.parametrize(
    ("added", "dropped"),
    [
        (("b",), ("b",)),
        (("p", "y", "k"), ("p", "y")),
        (("q", "r"), ("q",)),
        (("p", "x", "l"), ("p", "x", "l")),
    ],
    ids=["a key", "a table in a table", "a table", "a key in a table"],
)
def test_adding_and_taking_away_again_leaves_no_trace(added: KeyPath, dropped: KeyPath) -> None:
    text = b"a = 1\n\n[[m]]\nn = 1\n\n[p.x]\nk = [1]\n\n\n[z]\n"
    longer = editing.edit("toml", text, [Change(added, "v")]).after
    assert editing.edit("toml", longer, [Change(dropped, ABSENT)]).after == text
