"""The laws of `tests.laws.check`, over generated documents of every syntax, and where they once broke.

In CI the documents are the same in every run (`derandomize`): a push fails for what it changed, not
for its luck. Elsewhere each run tries others, and keeps what failed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from patcher.errors import Refused
from patcher.formats import editing
from patcher.formats.ops import Add, Drop, Insert, Op, Put
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice
from tests.formats.strategies import DOCUMENTS
from tests.laws import __main__ as laws
from tests.laws.check import Subject
from tests.laws.ops import Wishes


def edit(name: str, text: str, ops: Sequence[Op]) -> laws.Tally:
    """One edit of a document in all its forms. Raises `Refused` where the document is not read."""
    tally = laws.Tally()
    subject = Subject.of(name, text)
    laws.edit(subject, ops, list(laws.forms(subject, repr(text), tally)), repr(text), tally)
    assert not tally.wrong, "\n".join(tally.wrong)
    return tally


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(
    max_examples=50,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(data=st.data())
def test_every_law_holds_for_any_document(name: str, data: st.DataObject) -> None:
    text = data.draw(DOCUMENTS[name])
    try:
        subject = Subject.of(name, text)
    except Refused:
        assume(False)
    wishes = Wishes(name, subject.tree, subject.syntax.plain)
    rng = data.draw(st.randoms(use_true_random=False))
    ops = wishes.several(rng) if rng.random() < laws.SEVERAL else wishes.single(rng)
    assume(ops)
    edit(name, text, ops)


@pytest.mark.parametrize(
    ("name", "text", "ops"),
    [
        # Two splices at one place, the end of the text.
        ("dotenv", "A=", [Add((), "B", "1"), Put(("A",), "x")]),
        ("ini", "[s]\na=", [Add(("s",), "b", "1"), Put(("s", "a"), "x")]),
        # An item between two that go.
        ("yaml", "r:\n  - a\n  - b\n  - c\n", [Drop(("r", 0)), Drop(("r", 1)), Insert(("r",), 1, "x")]),
        # What a colon separates is not sure to hold `=`.
        ("ini", "[s]\na: b\n", [Add((), "t", {"c": "d=e"})]),
    ],
)
def test_where_a_law_was_broken_once_it_holds(name: str, text: str, ops: list[Op]) -> None:
    tally = edit(name, text, ops)
    assert tally.proved == tally.edits


def sloppy(fault: Callable[[str, list[Splice]], list[Splice]]) -> Syntax:
    """An editor of JSON with a fault put in: `fault` is given the true splices."""
    jsonc = editing.syntax_of("jsonc")
    return replace(jsonc, splices=lambda text, ops: fault(text, jsonc.splices(text, ops)))


def _crash(text: str, splices: list[Splice]) -> list[Splice]:
    raise KeyError(text, splices)


def _unended(_: str, splices: list[Splice]) -> list[Splice]:
    return [splice._replace(new=splice.new.replace("\r\n", "\n")) for splice in splices]


def _elsewhere(text: str, splices: list[Splice]) -> list[Splice]:
    at = text.index("1")
    return [*splices, Splice(at, at + 1, "2")]


def _twice(text: str, splices: list[Splice]) -> list[Splice]:
    return [*splices, splices[0]] if splices[0].end > splices[0].start else _elsewhere(text, splices)


def _loud(text: str, splices: list[Splice]) -> list[Splice]:
    return [splice._replace(new=f"{splice.new} /* new */") for splice in splices] if text else splices


FAULTS = [
    (_crash, Put(("a",), "x"), "refuse"),
    (_unended, Add((), "n", {"x": 1}), "crlf"),
    (_elsewhere, Put(("b",), "x"), "put-get"),
    (_twice, Put(("b",), "x"), "refuse"),
    (_loud, Put(("b",), "xy"), "put-put"),
]
"""A fault, an edit that shows it, and the law that it breaks."""
Fault: TypeAlias = Callable[[str, list[Splice]], list[Splice]]


@pytest.mark.parametrize(("fault", "op", "law"), FAULTS)
def test_a_fault_in_an_editor_that_no_proof_sees_breaks_its_law(
    monkeypatch: pytest.MonkeyPatch, fault: Fault, op: Op, law: str
) -> None:
    monkeypatch.setattr("tests.laws.check.prove", lambda *_: None)
    monkeypatch.setattr("patcher.formats.editing.prove", lambda *_: None)
    assert law in broken_laws(monkeypatch, fault, op)


@pytest.mark.parametrize(
    ("fault", "op", "law"),
    [(fault, op, "refuse" if law == "put-get" else law) for fault, op, law in FAULTS],
)
def test_where_the_proof_refuses_a_fault_that_breaks_the_law_of_refusing(
    monkeypatch: pytest.MonkeyPatch, fault: Fault, op: Op, law: str
) -> None:
    assert law in broken_laws(monkeypatch, fault, op)


def broken_laws(monkeypatch: pytest.MonkeyPatch, fault: Fault, op: Op) -> set[str]:
    """The laws that an edit breaks by an editor with this fault."""
    syntax = sloppy(fault)
    monkeypatch.setattr("tests.laws.check.editing.syntax_of", lambda _: syntax)
    text = '{\n  "a": 1,\n  "b": "old"\n}\n'
    tally = laws.Tally()
    subject = Subject.of("jsonc", text)
    laws.edit(subject, [op], list(laws.forms(subject, "sloppy", tally)), "sloppy", tally)
    return {wrong.split("]: ")[1].split(":")[0] for wrong in tally.wrong}
