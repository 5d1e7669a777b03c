"""TOML: keys, tables and arrays of tables, edited by splices and read by `tomllib`."""

from __future__ import annotations

from collections.abc import Sequence

from patcher.cures import BY_HAND
from patcher.errors import Refused
from patcher.formats.ops import Node, Op, Scalar
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice
from patcher.formats.toml.read import Float, read
from patcher.i18n import _


def _plain(leaf: Node) -> Scalar:
    if isinstance(leaf, Float):
        return float(leaf)
    if isinstance(leaf, (str, bool, int)):
        return leaf
    raise Refused(_("a date or time is no plain value"), cure=_(BY_HAND))


def _splices(text: str, ops: Sequence[Op]) -> list[Splice]:
    from patcher.formats.toml.steps import plan  # noqa: PLC0415 - who only reads plans nothing

    return plan(text, ops)


SYNTAX: dict[str, Syntax] = {"toml": Syntax(read, _plain, _splices)}
