"""Every case gives just its document, however its lines end."""

from __future__ import annotations

from typing import Any

import pytest

from patcher.errors import Refused, Unproved
from patcher.formats import editing
from tests.formats.cases import cases, changes

CASES = cases()


@pytest.mark.parametrize("case", CASES)
def test_the_edit_gives_just_this_document(case: dict[str, Any]) -> None:
    before = case["before"].encode()
    if "refused" in case:
        with pytest.raises(Refused, match=case["refused"]) as refusal:
            editing.edit(case["format"], before, changes(case))
        assert not isinstance(refusal.value, Unproved)
        assert "line" not in case or refusal.value.line == case["line"]
        return
    edited = editing.edit(case["format"], before, changes(case))
    assert edited.after.decode() == case["after"]
    assert editing.edit(case["format"], edited.after, changes(case)).after == edited.after


@pytest.mark.parametrize("case", CASES)
def test_crlf_and_bom_commute_with_the_edit(case: dict[str, Any]) -> None:
    if case.get("verbatim"):
        pytest.skip("is about just these bytes")
    if "refused" in case:
        with pytest.raises(Refused):
            editing.edit(case["format"], _windows(case["before"]), changes(case))
        return
    edited = editing.edit(case["format"], _windows(case["before"]), changes(case))
    if case["before"].strip():  # a file without a line end has nothing to imitate
        assert edited.after == _windows(case["after"])


def _windows(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
