"""TOML: keys, tables and arrays of tables, edited by splices and read by `tomllib`."""

from __future__ import annotations

from patcher.cures import BY_HAND
from patcher.errors import Refused
from patcher.formats.ops import Node, Scalar
from patcher.formats.syntax import Syntax
from patcher.formats.toml.read import Float, read
from patcher.formats.toml.steps import plan
from patcher.i18n import _


def _plain(leaf: Node) -> Scalar:
    if isinstance(leaf, Float):
        return float(leaf)
    if isinstance(leaf, (str, bool, int)):
        return leaf
    raise Refused(_("a date or time is no plain value"), cure=_(BY_HAND))


SYNTAX: dict[str, Syntax] = {"toml": Syntax(read, _plain, plan)}
