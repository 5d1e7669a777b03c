"""TOML: keys, tables and arrays of tables, edited by splices and read by `tomllib`."""

from __future__ import annotations

from collections.abc import Sequence

from patcher.errors import Refused
from patcher.formats.ops import Node, Op, Scalar
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice
from patcher.formats.toml.read import Float, read
from patcher.formats.toml.steps import plan
from patcher.i18n import _


class Toml(Syntax):
    """TOML 1.0, and what TOML 1.1 adds where `tomlkit` reads it."""

    limit = 4 << 20

    def tree(self, text: str) -> Node:
        return read(text)

    def plain(self, leaf: Node) -> Scalar:
        if isinstance(leaf, Float):
            return float(leaf)
        if isinstance(leaf, (str, bool, int)):
            return leaf
        raise Refused(_("a date or time is no plain value"))

    def splices(self, text: str, ops: Sequence[Op]) -> list[Splice]:
        return plan(text, ops)


SYNTAX: dict[str, Syntax] = {"toml": Toml()}
