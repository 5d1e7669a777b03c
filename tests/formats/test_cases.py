"""Every case of the `*.toml` files beside this one: a document, an edit, what must come out.

[[case]]
name = "says the promise"
format = "yaml"
before = '''...'''
change = [{ path = ["models", { name = "VseGPT" }, "apiBase"], value = "..." }]
after = '''...'''            # or: refused = "a part of the reason", perhaps with line = 3

A change may have `remove = true` instead of a value, `if_absent = true`, and `place = "last"` or
`"sorted"` (where a new list item goes). `verbatim = true` keeps a case from being varied (CRLF, BOM, no final
line end), where it is about just these bytes.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from patcher import formats
from patcher.errors import Refused, Unproved
from patcher.formats.ops import ABSENT, Change, segment

CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in sorted(Path(__file__).parent.glob("*.toml"))
    for case in tomllib.loads(file.read_text("utf-8"))["case"]
]


def changes(case: dict[str, Any]) -> list[Change]:
    return [
        Change(
            tuple(segment(step, place=change.get("place", "first")) for step in change["path"]),
            ABSENT if change.get("remove") else change["value"],
            if_absent=change.get("if_absent", False),
        )
        for change in case["change"]
    ]


@pytest.mark.parametrize("case", CASES)
def test_the_edit_gives_just_this_document(case: dict[str, Any]) -> None:
    before = case["before"].encode()
    if "refused" in case:
        with pytest.raises(Refused, match=case["refused"]) as refusal:
            formats.edit(case["format"], before, changes(case))
        assert not isinstance(refusal.value, Unproved)
        assert "line" not in case or refusal.value.line == case["line"]
        return
    edited = formats.edit(case["format"], before, changes(case))
    assert edited.after.decode() == case["after"]
    assert formats.edit(case["format"], edited.after, changes(case)).after == edited.after


@pytest.mark.parametrize("case", CASES)
def test_crlf_and_bom_commute_with_the_edit(case: dict[str, Any]) -> None:
    if case.get("verbatim"):
        pytest.skip("is about just these bytes")
    if "refused" in case:
        with pytest.raises(Refused):
            formats.edit(case["format"], _windows(case["before"]), changes(case))
        return
    edited = formats.edit(case["format"], _windows(case["before"]), changes(case))
    if case["before"].strip():  # a file without a line end has nothing to imitate
        assert edited.after == _windows(case["after"])


def _windows(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
