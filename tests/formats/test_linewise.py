"""Lines that go, beside lines that come."""

from __future__ import annotations

from patcher.formats.linewise import remove_lines
from patcher.formats.text import Splice, apply


def test_a_new_line_keeps_its_place_between_lines_that_go() -> None:
    text = "a\nb\nc\n"
    new = Splice(2, 2, "n\n")
    assert apply(text, [new, *remove_lines(text, [(0, 2), (2, 4)], [new])]) == "n\nc\n"


def test_what_ended_without_a_line_end_still_does() -> None:
    text = "a\nb\nc"
    assert apply(text, list(remove_lines(text, [(2, 4), (4, 5)], []))) == "a"
