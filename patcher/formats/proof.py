"""The proof, one place for all syntaxes: after is before with exactly the asked values changed.

The trees come from a reader that did not plan the edit. No proof, no write.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import getitem
from typing import Any, cast

from patcher.cures import REPORT
from patcher.errors import Refused, Unproved
from patcher.formats.changes import ops_for
from patcher.formats.ops import (
    Add,
    Change,
    Insert,
    LeafReader,
    Marked,
    Node,
    NodePath,
    Op,
    Put,
    Unordered,
    Value,
    added,
    as_plain,
    bare,
    same,
    same_keys,
    shown,
)
from patcher.i18n import _


class _Part:
    """What the operations do at one node, and below it."""

    put: Put | None = None
    adds: tuple[Add, ...] = ()
    inserts: tuple[Insert, ...] = ()
    dropped = False

    def __init__(self) -> None:
        self.below: dict[Any, _Part] = {}


def prove(before: Node, after: Node, ops: Sequence[Op], changes: Sequence[Change], plain: LeafReader) -> None:
    """Raises `Unproved`, with the place, unless `after` is `before` with just `ops` done.

    Also holds that asking for `changes` again would change nothing.
    """
    place = _difference(_Expected(plain).of(before, after, _parts(ops)), after)
    if place is not None:
        raise Unproved(
            _("the edit could not be proved at {place}").format(place=shown(place)),
            cure=_(REPORT),
        )
    if not all(_holds(after, change) for change in changes) and ops_for(after, changes, plain):
        raise Unproved(_("a second run would change the file again"), cure=_(REPORT))


def _parts(ops: Sequence[Op]) -> _Part:
    """The operations by their places, which are those of the tree as it was."""
    top = _Part()
    for op in ops:
        part = top
        for step in op.place:
            below = part.below.get(step)
            if below is None:
                below = part.below[step] = _Part()
            part = below
        if isinstance(op, Put):
            part.put = op
        elif isinstance(op, Add):
            part.adds += (op,)
        elif isinstance(op, Insert):
            part.inserts += (op,)
        else:
            part.dropped = True
    return top


class _Expected:
    """The tree with the operations done.

    What was asked for is taken from the tree that was found, where it reads so; else there is
    `_MISMATCH`, which is like nothing.
    """

    def __init__(self, plain: LeafReader) -> None:
        self.plain = plain

    def of(self, node: Node, found: Node, part: _Part) -> Node:
        """The node that should be where `found` is."""
        if part.put:
            return self._asked(found, part.put.value)
        if isinstance(node, dict):
            return self._map(node, found if isinstance(found, dict) else {}, part)
        if isinstance(node, list):
            return self._list(node, found if isinstance(found, list) else [], part)
        if isinstance(node, Marked):
            return Marked(node.mark, self.of(node.node, bare(found), part))
        raise Unproved(_("nothing to change where a change was asked for"), cure=_(REPORT))

    def _map(self, node: dict[str, Node], found: dict[str, Node], part: _Part) -> Node:
        made = dict(node)
        gone: list[str] = []
        for key, below in part.below.items():
            if below.dropped:
                gone.append(key)
            else:
                made[key] = self.of(node[key], found.get(key), below)
        for add in part.adds:
            made = added(made, add, self._asked(found.get(add.key), add.value))
        for key in gone:
            del made[key]
        return Unordered(made) if isinstance(node, Unordered) else made

    def _list(self, node: list[Node], found: list[Node], part: _Part) -> Node:
        made: list[Node] = []
        at = 0
        for index in sorted({*part.below, *(op.index for op in part.inserts)}):
            made += node[at:index]
            for op in part.inserts:
                if op.index == index:
                    made.append(self._asked(_item(found, len(made)), op.value))
            below = part.below.get(index)
            if below and not below.dropped:
                made.append(self.of(node[index], _item(found, len(made)), below))
            at = index + bool(below)
        return made + node[at:]

    def _asked(self, found: Node, value: Value) -> Node:
        return found if _reads_as(found, value, self.plain) else _MISMATCH


_MISMATCH = object()


def _item(items: list[Node], index: int) -> Node:
    return items[index] if index < len(items) else None


def _difference(expected: Node, found: Node) -> NodePath | None:
    """Where two trees differ first; None where they are the same."""
    return None if _alike(expected, found) else _walked(expected, found)


def _walked(expected: Node, found: Node) -> NodePath | None:
    if expected is found:
        return None
    if isinstance(expected, dict):
        if not (isinstance(found, dict) and same_keys(expected, found)):
            return ()
        return _first((key, value, found[key]) for key, value in expected.items())
    if isinstance(expected, list):
        if not (isinstance(found, list) and len(expected) == len(found)):
            return ()
        return _first(zip(range(len(found)), expected, found, strict=True))
    if isinstance(expected, Marked):
        if not (isinstance(found, Marked) and found.mark == expected.mark):
            return ()
        return _walked(expected.node, found.node)
    return None if type(expected) is type(found) and expected == found else ()


def _first(pairs: Iterable[tuple[str | int, Node, Node]]) -> NodePath | None:
    for step, expected, found in pairs:
        if type(expected) is str is type(found) and expected == found:
            continue  # most nodes are text: spare them the call
        place = _walked(expected, found)
        if place is not None:
            return (step, *place)
    return None


def _alike(expected: Any, found: Any) -> bool:
    """Whether these are the same for sure: a quick look, for plain data only.

    Marshalled data keeps types and the order of keys, so equal bytes mean equal trees.
    """
    try:
        return marshal.dumps(expected, 0) == marshal.dumps(found, 0)
    except ValueError:  # leaves of the syntax's own kinds
        return False


def _holds(tree: Node, change: Change) -> bool:
    """Whether the tree has what is asked for, for sure: a quick look."""
    try:
        found: Any = reduce(getitem, change.path, cast("Any", tree))
    except (KeyError, TypeError):
        return False
    return _alike(found, change.value)


def _reads_as(found: Node, value: Value, plain: LeafReader) -> bool:
    if type(found) is str:  # most values: spare them the rest
        return found == value
    try:
        return _alike(found, value) or same(as_plain(found, plain), value)
    except Refused:
        return False
