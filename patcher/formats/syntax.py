"""What a syntax is made of, so that its files can be edited."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from patcher.dataclass import dataclass
from patcher.formats.ops import LeafReader, Node, Op
from patcher.formats.text import Splice


@dataclass(frozen=True)
class Syntax:
    """One syntax. `tree` and `splices` share no code that could be wrong for both."""

    tree: Callable[[str], Node]
    """Reads a text by a parser that plans no edit.

    An empty document is a leaf that reads as `None` (where the syntax has no empty map). A
    leaf that is a plain `str`, `bool`, `int` or `None` reads as itself.
    Of a key that comes again all pairs are there (`ops.Earlier`).
    Raises `Refused`, with the line, for what is not valid, or is nested too deep.
    """
    plain: LeafReader
    """A leaf of `tree` as plain data. Raises `Refused` where it cannot be (an alias, a date)."""
    splices: Callable[[str, Sequence[Op]], list[Splice]]
    """The operations as splices, new text in the file's own habits.

    Places are those of `tree(text)`, all in the text as it is. Raises `Refused` for what
    cannot surely be right, such as a place that a key leads to which comes again.
    """
    limit: int = 4 << 20
    """The largest file, in bytes, that is read."""
    reread: Callable[[str], Node] | None = None
    """`tree`, of a text that has just been edited, where a second reader gives its opinion, too."""
    windows: bool = False
    """Whether the file may be in UTF-16, or in the machine's own code page (`Text.decode`)."""
