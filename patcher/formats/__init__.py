"""Editing a file of some syntax: splice, then prove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from patcher.errors import Refused
from patcher.formats.ops import ABSENT, Absent, Change, Node, Op, Path, Scalar, Value
from patcher.formats.proof import prove
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice, Text, apply
from patcher.formats.wishes import find, get, ops_for

SYNTAXES = {
    "json": "json",
    "jsonc": "json",
    "json5": "json",
    "yaml": "yaml",
    "toml": "toml",
    "dotenv": "dotenv",
    "ini": "ini",
    "keyvalue": "keyvalue",
    "prefs": "prefs",
    "text": "plaintext",
    "xml": "xml",
}
"""A profile's format -> the module with its `SYNTAX`, imported only when it is needed."""


@dataclass(frozen=True)
class Edited:
    """An edit that is proved: the bytes before and after, and what was spliced."""

    before: bytes
    after: bytes
    ops: tuple[Op, ...]
    splices: tuple[Splice, ...]


def syntax(name: str) -> Syntax:
    """The syntax of that name. Raises `KeyError` for a name not in `SYNTAXES`."""
    module = import_module(f"patcher.formats.{SYNTAXES[name]}")
    found: Syntax = module.SYNTAX[name]
    return found


def edit(name: str, data: bytes, changes: Sequence[Change]) -> Edited:
    """Make the changes in a file's bytes, and prove them.

    Raises `Refused` where the file cannot be read, the changes do not fit it, or the result
    could not be proved right.
    """
    its = syntax(name)
    text, before = _read(its, data)
    ops = ops_for(before, changes, its.plain)
    if not ops:
        return Edited(data, data, (), ())
    splices = its.splices(text.body, ops)
    body = apply(text.body, splices)
    prove(before, its.tree(body), ops, changes, its.plain)
    return Edited(data, Text(body, text.bom).encode(), tuple(ops), tuple(splices))


@dataclass(frozen=True)
class Document:
    """A file that was read, to look values up in."""

    tree: Node
    syntax: Syntax

    @classmethod
    def read(cls, name: str, data: bytes) -> Document:
        """Raises `Refused` as `edit` does."""
        its = syntax(name)
        return cls(_read(its, data)[1], its)

    def get(self, path: Path) -> Value | Absent:
        """What is at `path`, as plain data; `ABSENT` where there is nothing, or nothing plain."""
        try:
            return get(self.tree, path, self.syntax.plain)
        except Refused:
            return ABSENT

    def outline(self, path: Path) -> Value | Absent:
        """What is at `path`, with null for whatever is not plain in it."""
        try:
            return get(self.tree, path, self._lenient)
        except Refused:
            return ABSENT

    def has(self, path: Path) -> bool:
        """Whether there is anything at `path`."""
        try:
            _, node, rest = find(self.tree, path, self.syntax.plain)
        except Refused:
            return False
        return not rest and node is not ABSENT

    def _lenient(self, leaf: Node) -> Scalar:
        try:
            return self.syntax.plain(leaf)
        except Refused:
            return None


def _read(its: Syntax, data: bytes) -> tuple[Text, Node]:
    if len(data) > its.limit:
        raise Refused(f"the file has {len(data):,} bytes, more than the limit of {its.limit:,}")
    text = Text.decode(data)
    if text.encode() != data:
        raise Refused("the file does not read back to the same bytes")
    return text, its.tree(text.body)
