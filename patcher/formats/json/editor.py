"""JSON, JSON with comments (JSONC) and JSON5."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from patcher.cures import BY_HAND
from patcher.errors import Refused
from patcher.formats.json.read import relaxed, reread, strict
from patcher.formats.ops import Node, Op, Scalar
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice
from patcher.i18n import _

_WHOLE = re.compile(rb"[+-]?[0-9]+")


def json5(text: str) -> Node:
    """Read JSON5, as JSONC where it is no more than that; its reader is loaded where it is needed."""
    try:
        return relaxed(text)
    except Refused:
        from patcher.formats.json.json5_read import json5 as read  # noqa: PLC0415 - as the docstring says

        return read(text)


def judged(text: str) -> Node:
    """Read JSON5 that is more than JSONC by two readers."""
    try:
        return relaxed(text)
    except Refused:
        from patcher.formats.json.json5_judge import judge  # noqa: PLC0415 - slow to load, and not always needed

        tree = json5(text)
        judge(text, tree)
        return tree


def _plain(leaf: Node) -> Scalar:
    if not isinstance(leaf, bytes):
        assert leaf is None or isinstance(leaf, (str, bool))  # what the parser makes
        return leaf
    try:
        if _WHOLE.fullmatch(leaf):
            return int(leaf)
        number = float(leaf)
    except ValueError:  # JSON5's 0xff, or more digits than Python reads
        number = math.inf
    if not math.isfinite(number):
        raise Refused(_("a number of a special kind"), cure=_(BY_HAND))
    return number


def _splices(text: str, ops: Sequence[Op]) -> list[Splice]:
    from patcher.formats.json.plan import plan  # noqa: PLC0415 - who only reads plans nothing

    return plan(text, ops)


_LIMIT = 16 << 20
_STRICT = Syntax(strict, _plain, _splices, _LIMIT, reread)
SYNTAX = {
    "json": _STRICT,
    "jsonc": Syntax(relaxed, _plain, _splices, _LIMIT),
    "json5": Syntax(json5, _plain, _splices, _LIMIT, judged),
    "extension": _STRICT,  # a store is shown as JSON
    "sqlite": _STRICT,
}
"""A file that is empty, or has nothing but comments, reads as None."""
