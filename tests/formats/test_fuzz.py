"""The fuzz with the real programs as judges: a little of it, what it found once, and that it sees faults."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from random import Random
from typing import Any, TypeAlias

import pytest

from patcher.errors import Refused, Unproved
from patcher.formats import editing
from patcher.formats.ops import ABSENT, Change, Item
from tests.formats.cases import cases, changes
from tests.laws import fuzz, programs, readers, shrink
from tests.support.homes import ROOT

EDITS = 150
"""Of each format, the same in every run: the nightly one tries others."""
UNLIKE = {"ini:qt": "a header behind a vertical tab, [%General], a byte behind a backslash"}
"""Dialects whose readers are known to differ from their programs, and where."""


@pytest.mark.parametrize("name", fuzz.NAMES)
def test_texts_at_random_are_edited_as_their_programs_read_them(name: str) -> None:
    if name not in fuzz.formats(name):
        pytest.skip(f"no program is here that reads {name}")
    tally = fuzz.Tally()
    fuzz.run(name, Random(name), tally, EDITS)
    assert not tally.broken, "\n".join(map(shrink.case, shrink.kinds(tally.broken, 3)))
    assert tally.proved > EDITS / 4


@pytest.mark.parametrize("name", [name for name in fuzz.NAMES if ":" in name])
def test_the_reader_of_a_dialect_sees_what_its_program_sees(name: str) -> None:
    if name in UNLIKE:
        pytest.skip(UNLIKE[name])
    if name not in readers.dialects(name):
        pytest.skip(f"no program is here that reads {name}")
    compared = readers.Compared()
    readers.compare(name, Random(name), EDITS, compared)
    assert not compared.other, "\n".join(readers.report({name: compared}))


@pytest.mark.parametrize("case", cases("found.toml", judged=True))
def test_what_the_fuzz_found_once_holds(case: dict[str, Any]) -> None:
    broken = fuzz.judged([fuzz.Trial(case["format"], case["before"], tuple(changes(case)))], fuzz.Tally())
    assert not broken, broken[0].detail


Fault: TypeAlias = Callable[[editing.Edited], editing.Edited]


def _nothing(edited: editing.Edited) -> editing.Edited:
    return edited._replace(after=edited.before)


def _more(edited: editing.Edited) -> editing.Edited:
    return edited._replace(after=edited.after.replace(b"other", b"else"))


def _without_comment(edited: editing.Edited) -> editing.Edited:
    return edited._replace(after=edited.after.replace(b" # keep1", b""))


def _without_line(edited: editing.Edited) -> editing.Edited:
    return edited._replace(after=edited.after.replace(b"# a line\n", b""))


def _marked(edited: editing.Edited) -> editing.Edited:
    return edited._replace(after=edited.after.replace(b"\xef\xbb\xbf", b""))


def _crash(edited: editing.Edited) -> editing.Edited:
    raise KeyError(edited)


def _unproved(edited: editing.Edited) -> editing.Edited:
    raise Unproved(str(edited))


TEXT = "# a line\nmodel=old # keep1\nname=another\n"
assert len(TEXT) % 8 == 0, "so that it is tried behind a byte order mark, too"


@pytest.mark.parametrize(
    ("fault", "law"),
    [
        (_nothing, "read"),
        (_more, "read"),
        (_without_comment, "bytes"),
        (_without_line, "bytes"),
        (_marked, "mark"),
        (_crash, "refuse"),
        (_unproved, "unproved"),
    ],
)
def test_a_fault_in_an_editor_breaks_its_law(monkeypatch: pytest.MonkeyPatch, fault: Fault, law: str) -> None:
    trial = fuzz.Trial("dotenv", TEXT, (Change(("model",), "new"),))
    assert fuzz.judged([trial], fuzz.Tally()) == []
    true = editing.edit
    monkeypatch.setattr(editing, "edit", lambda *arguments: fault(true(*arguments)))
    assert [broken.law for broken in fuzz.judged([trial], fuzz.Tally())] == [law]


def test_a_failure_is_shrunk_to_what_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def edit(name: str, data: bytes, wanted: object) -> editing.Edited:
        if b"model" not in data:
            raise Refused("no model")
        raise KeyError(name, wanted)

    monkeypatch.setattr(editing, "edit", edit)
    asked = (Change(("name",), "new"), Change(("model",), "a long one"))
    (broken,) = fuzz.judged([fuzz.Trial("dotenv", TEXT, asked)], fuzz.Tally())
    small = shrink.shrunk(broken).trial
    assert small.text == "model"
    assert len(small.changes) == 1


def test_a_failure_is_told_as_a_case_that_is_the_same_trial() -> None:
    asked = (
        Change(("models", Item.of({"name": "VseGPT"}), 'a"b'), ["x", "\u2028"]),
        Change(("k",), ABSENT),
        Change(("n",), True, if_absent=True),
    )
    trial = fuzz.Trial("json", '{"a": "\\\\\u0085"}\r\n', asked)
    (case,) = tomllib.loads(shrink.case(fuzz.Broken("read", "npm\nsays", trial, "after")))["case"]
    assert fuzz.Trial(case["format"], case["before"], tuple(changes(case))) == trial


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (({"s": {"a": "1"}},), ""),
        (({"s": {"a": "2"}},), "reads '2', not '1'"),
        (({},), "'s' is not there"),
        ("it fails", "fails: it fails"),
    ],
)
def test_a_reader_that_sees_something_else_is_told(answer: programs.Answer, said: str) -> None:
    program = programs.INI["glib"][0]
    found = readers.judged("ini:glib", program, "[s]\na=1\n", answer)
    assert (found == "") is (said == "")
    assert said in str(found)


def test_a_program_that_is_not_here_is_left_out_with_the_reason() -> None:
    command = [sys.executable, "-m", "tests.laws", "--fuzz", "5", "--format", "keyvalue"]
    ran = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PATH": ""}, capture_output=True, text=True, check=False
    )
    assert "npm ini 7 is left out: there is no node" in ran.stdout
    assert "keyvalue:shell-gpt" in ran.stdout
    assert "keyvalue:npm-ini" not in ran.stdout
