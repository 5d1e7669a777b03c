"""A name is one thing: no two public types of the program share theirs."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import patcher

PACKAGE = Path(patcher.__file__).parent


def test_no_two_public_types_share_a_name() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(path.relative_to(PACKAGE).as_posix())
    assert not {name: places for name, places in found.items() if len(places) > 1}
