"""The mutants fit the code; and what of the core no document shows, for the editors make no such mistake."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import patcher
from patcher.errors import Unproved
from patcher.formats import editing
from patcher.formats.merge import unspliced
from patcher.formats.ops import Add, Change, Drop, Insert, Node, Op, Put
from patcher.formats.proof import prove
from patcher.formats.text import Splice, apply
from tests.mutants.__main__ import Mutant, load, mutated


@pytest.mark.parametrize("mutant", [pytest.param(mutant, id=mutant.name) for mutant in load()])
def test_every_mutant_fits_the_code(mutant: Mutant) -> None:
    for text in mutated(mutant, Path(patcher.__file__).parent.parent).values():
        ast.parse(text)


def test_no_two_mutants_have_one_name() -> None:
    names = [mutant.name for mutant in load()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "splices",
    [
        [Splice(0, 2, "x"), Splice(1, 3, "y")],
        [Splice(0, 3, "x"), Splice(1, 1, "y")],
        [Splice(2, 1, "x")],
        [Splice(4, 5, "x")],
        [Splice(-1, 0, "x")],
    ],
)
def test_splices_that_overlap_or_leave_the_text_are_refused(splices: list[Splice]) -> None:
    with pytest.raises(Unproved):
        apply("abcd", splices)


@pytest.mark.parametrize(
    ("name", "before", "after", "op"),
    [
        ("json", '{"a": 1, "b": 2}', '{"a": 3, "b": 4}', Put(("a",), 3)),
        ("json", '{"a": 1, "b": 2}', '{"b": 2, "a": 3}', Put(("a",), 3)),
        ("json", '{"a": 1}', '{"a": true}', Put(("a",), 1)),
        ("json", '{"a": 1, "b": 1.0}', '{"a": 2, "b": 1.00}', Put(("a",), 2)),
        ("json", '{"a": [1]}', '{"a": [2, 1, 1]}', Insert(("a",), 0, 2)),
        ("json", '{"a": [1]}', '{"a": [1, 2]}', Insert(("a",), 0, 2)),
        ("json", '{"a": [1, 2]}', '{"a": [1]}', Drop(("a", 0))),
        ("json", '{"a": 1}', '{"b": 2, "a": 1}', Add((), "b", 2)),
        ("json", '{"a": 1}', '{"a": 1}', Add((), "b", 2)),
        ("json", '{"a": 1, "a": 2, "b": 1}', '{"a": 3, "a": 2, "b": 2}', Put(("b",), 2)),
        ("json", '{"a": 1, "a": 2, "b": 1}', '{"a": 2, "b": 2}', Put(("b",), 2)),
        ("json5", "{a: 1, 'a': 2, b: .5}", "{a: 3, 'a': 2, b: 2}", Put(("b",), 2)),
        ("yaml", "a: 1\na: 2\nb: 1\n", "a: 3\na: 2\nb: 2\n", Put(("b",), 2)),
        ("yaml", "a: 1\na: 2\nb: 1\n", "a: 2\nb: 2\n", Put(("b",), 2)),
        (
            "prefs",
            'user_pref("a", 1);user_pref("a", 2);',
            'user_pref("a", 3);user_pref("a", 4);',
            Put(("a",), 4),
        ),
        ("yaml", "a: &x 1\nb: 2\n", "a: &y 1\nb: 3\n", Put(("b",), 3)),
        ("yaml", "a: &x {}\nb: 2\n", "a: {}\nb: 3\n", Put(("b",), 3)),
        ("yaml", "a: !x 1\nb: 2\n", "a: 1\nb: 3\n", Put(("b",), 3)),
        ("yaml", "a: 'on'\nb: 2\n", "a: on\nb: 3\n", Put(("b",), 3)),
        ("yaml", "b: 2\n", "b: !x 3\n", Put(("b",), 3)),
        ("yaml", "b: 2\n", "b: yes\n", Put(("b",), True)),
        ("toml", "a = 1.0\nb = 2\n", "a = 1.00\nb = 3\n", Put(("b",), 3)),
        ("dotenv", "A='x'\nB=2\n", "A=x$\nB=3\n", Put(("B",), "3")),
    ],
)
def test_a_text_in_which_anything_else_differs_is_not_proved(
    name: str, before: str, after: str, op: Op
) -> None:
    syntax = editing.syntax_of(name)
    with pytest.raises(Unproved, match="could not be proved"):
        prove(syntax.tree(before), syntax.tree(after), [op], [], syntax.plain)


def test_an_edit_that_a_second_run_would_make_again_is_not_proved() -> None:
    syntax = editing.syntax_of("json")
    before: Node = syntax.tree('{"a": 1}')
    with pytest.raises(Unproved, match="second run"):
        prove(before, syntax.tree('{"a": 2}'), [Put(("a",), 2)], [Change(("a",), 3)], syntax.plain)


BEFORE = '{\n  "a": 1,\n  "b": "old",\n  "c": [1],\n  "d": "old"\n}\n'
CHANGES = [Change(("a",), 22), Change(("b",), "longer"), Change(("d",), "n"), Change(("e",), True)]


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_an_edit_is_taken_out_of_a_text_that_was_edited_further(bom: bytes) -> None:
    before = bom + BEFORE.encode()
    edited = editing.edit("json", before, CHANGES)
    assert unspliced(before, edited, edited.after) == before
    grown = edited.after.replace(b'  "c": [1],\n', b'  "c": [1, 2],\n  "x": 0,\n')
    assert unspliced(before, edited, grown) == before.replace(
        b'  "c": [1],\n', b'  "c": [1, 2],\n  "x": 0,\n'
    )


@pytest.mark.parametrize("part", [b"22", b'"longer"', b'"n"', b"true"])
def test_an_edit_that_was_changed_since_is_not_taken_out(part: bytes) -> None:
    before = BEFORE.encode()
    edited = editing.edit("json", before, CHANGES)
    assert unspliced(before, edited, edited.after.replace(part, b"0")) is None
