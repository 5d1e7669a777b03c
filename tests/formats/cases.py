"""The cases of the `*.toml` files beside this one: a document, an edit, what must come out.

[[case]]
name = "says the promise"
format = "yaml"
before = '''...'''
change = [{ path = ["models", { name = "VseGPT" }, "apiBase"], value = "..." }]
after = '''...'''            # or: refused = "a part of the reason", perhaps with line = 3

Without `after` and `refused` the laws of `tests.laws.fuzz` say what has to come out.
A change may have `remove = true` instead of a value, `if_absent = true`, and `place = "last"` or
`"sorted"` (where a new list item goes). `verbatim = true` keeps a case from being varied (CRLF, BOM, no final
line end), where it is about just these bytes.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from patcher.formats.ops import ABSENT, Change, segment


def cases(files: str = "*.toml", *, judged: bool = False) -> list[Any]:
    """The parameters of a test that is about every case in these files that says what comes out, or not."""
    return [
        pytest.param(case, id=f"{file.stem}: {case['name']}")
        for file in sorted(Path(__file__).parent.glob(files))
        for case in tomllib.loads(file.read_text("utf-8"))["case"]
        if judged is not ("after" in case or "refused" in case)
    ]


def changes(case: dict[str, Any]) -> list[Change]:
    """What a case asks for."""
    return [
        Change(
            tuple(segment(step, place=change.get("place", "first")) for step in change["path"]),
            ABSENT if change.get("remove") else change["value"],
            if_absent=change.get("if_absent", False),
        )
        for change in case["change"]
    ]
