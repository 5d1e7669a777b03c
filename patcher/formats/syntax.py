"""What a syntax has to answer so that its files can be edited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from patcher.formats.ops import Node, Op, Scalar
from patcher.formats.text import Splice


class Syntax(Protocol):
    """One syntax. `tree` and `splices` share no code that could be wrong for both."""

    limit: int
    """The largest file, in bytes, that is read."""

    def tree(self, text: str) -> Node:
        """Read `text` by a parser that plans no edit.

        An empty document is a leaf that reads as `None` (where the syntax has no empty map). A
        leaf that is a plain `str`, `bool`, `int` or `None` reads as itself.
        Raises `Refused`, with the line, for what is not valid, has a duplicate key, or is
        nested too deep.
        """

    def reread(self, text: str) -> Node:
        """`tree`, of a text that has just been edited: the reading that proves the edit.

        Where a second reader gives its opinion, it does so here.
        """
        return self.tree(text)

    def plain(self, leaf: Node) -> Scalar:
        """A leaf of `tree` as plain data. Raises `Refused` for what is none (an alias, a date)."""

    def splices(self, text: str, ops: Sequence[Op]) -> list[Splice]:
        """The operations as splices, new text in the file's own habits.

        Places are those of `tree(text)`, all in the text as it is. Raises `Refused` for what
        cannot surely be right.
        """
