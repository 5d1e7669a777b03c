"""What Python's own regular expressions can be relied on for, in every release that we support."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from re import _constants as codes  # type: ignore[attr-defined]  # typeshed has neither
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import patcher

SINGLE = (codes.LITERAL, codes.NOT_LITERAL, codes.ANY, codes.IN)
PATTERNS = {
    (module.name, name): pattern
    for module in pkgutil.walk_packages(patcher.__path__, "patcher.")
    if not module.name.endswith("__main__")
    for name, pattern in vars(import_module(module.name)).items()
    if isinstance(pattern, re.Pattern)
}


def possessive_groups(parsed: Any) -> Iterator[Any]:
    for code, argument in parsed:
        if code is codes.POSSESSIVE_REPEAT and not (len(argument[2]) == 1 and argument[2][0][0] in SINGLE):
            yield argument
        for part in argument if isinstance(argument, (tuple, list)) else [argument]:
            for inner in part if isinstance(part, list) else [part]:
                if isinstance(inner, parser.SubPattern):
                    yield from possessive_groups(inner)


@pytest.mark.parametrize("where", PATTERNS, ids=".".join)
def test_no_group_is_possessive(where: tuple[str, str]) -> None:
    """Before 3.11.5 such a group may end where its last, failing try has got to: use `(?>(?:...)*)`.

    https://github.com/python/cpython/issues/106052; Debian 12 has 3.11.2.
    """
    pattern = PATTERNS[where]
    flags = 0 if isinstance(pattern.pattern, bytes) else pattern.flags & ~re.UNICODE
    assert not list(possessive_groups(parser.parse(pattern.pattern, flags)))
