"""Files of environment variables: `.env`, in the dialects of the programs that read them.

The tree is a flat map, key -> text; a key without a sign holds nothing, and a value that depends on more
than its line (a variable in it) is compared as it is written, not looked up.
"""

from __future__ import annotations

from collections.abc import Sequence

from patcher.formats.dotenv import compose, decouple, go, node, python, rules
from patcher.formats.dotenv.plan import planner
from patcher.formats.lines.dialects import Reader, dialect_syntax
from patcher.formats.syntax import Syntax

_PROGRAMS = {
    "node": [(rules.NODE, node.read)],
    "node-expand": [(rules.NODE_EXPAND, node.expanded)],
    "python": [(rules.PYTHON, python.read), (rules.PYTHON_OLD, python.read_old)],
    "compose": [(rules.COMPOSE, compose.read)],
    "go": [(rules.GO, go.read)],
    "decouple": [(rules.DECOUPLE, decouple.read)],
}
"""The dialects: the rules of a program, for the planner, and what it sees, for the proof; two of some."""
_COMMON = ("node", "python", "compose", "go")


def in_dialects(_name: str, dialects: Sequence[str]) -> Syntax:
    """Dotenv as these programs read it alike. Raises `KeyError` for an unknown dialect."""
    programs = [program for dialect in dialects for program in _PROGRAMS[dialect]]
    readers = [Reader(its.title, tree) for its, tree in programs]
    return dialect_syntax(readers, planner([its for its, _tree in programs]))


SYNTAX: dict[str, Syntax] = {"dotenv": in_dialects("dotenv", _COMMON)}
