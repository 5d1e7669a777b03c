"""The proof, one place for all syntaxes: after is before with exactly the asked values changed.

The trees come from a reader that did not plan the edit. No proof, no write.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from patcher.errors import Refused, Unproved
from patcher.formats.ops import (
    Add,
    Change,
    Drop,
    Insert,
    Marked,
    Node,
    Op,
    Place,
    Plain,
    Put,
    Value,
    added,
    as_plain,
    same,
    same_keys,
    shown,
)
from patcher.formats.wishes import ops_for
from patcher.i18n import _


@dataclass(frozen=True)
class _Asked:
    """Stands in the expected tree where the new text must read as `value`."""

    value: Value


class _Map(dict[str | int, Node]):
    """A map of the expected tree with something asked for in it."""


class _List(list[Node]):
    """A list of the expected tree with something asked for in it."""


def prove(before: Node, after: Node, ops: Sequence[Op], changes: Sequence[Change], plain: Plain) -> None:
    """Raises `Unproved`, with the place, unless `after` is `before` with just `ops` done.

    Also holds that asking for `changes` again would change nothing.
    """
    place = _Comparison(plain).difference(_expected(before, ops), after)
    if place is not None:
        raise Unproved(
            _("the edit could not be proved at {place}").format(place=shown(place)),
            cure=_("nothing was written; please report this file's shape as a bug"),
        )
    if ops_for(after, changes, plain):
        raise Unproved(_("a second run would change the file again"))


def _expected(tree: Node, ops: Sequence[Op]) -> Node:
    """The tree with the operations done; their places are those of the tree as it was."""
    stay = [op for op in ops if isinstance(op, (Put, Add))]
    shift = [op for op in ops if isinstance(op, (Insert, Drop))]
    # From the end of each list to its start, so that no index moves before it is used; of two
    # insertions at one index the later one is made first, so that they end up in order.
    shift = [op for _, _, op in sorted(((_order(op), i, op) for i, op in enumerate(shift)), reverse=True)]
    for op in (*stay, *shift):
        tree = _done(tree, op, op.place)
    return tree


def _order(op: Insert | Drop) -> list[tuple[bool, int, str]]:
    """Sorts by place; at one index an insertion stands before the item that is there."""
    place: Place = (*op.place, op.index) if isinstance(op, Insert) else op.place
    steps = [
        (isinstance(step, int), step, "") if isinstance(step, int) else (False, 0, step) for step in place
    ]
    return [*steps, (isinstance(op, Drop), 0, "")]


def _done(node: Node, op: Op, place: Place) -> Node:
    if isinstance(node, Marked) and (place or not isinstance(op, Put)):
        return Marked(node.mark, _done(node.node, op, place))
    if len(place) > isinstance(op, Drop):
        return _done_inside(node, op, place[0], place[1:])
    if isinstance(op, Put):
        return _Asked(op.value)
    if isinstance(op, Add) and isinstance(node, dict):
        return _Map(added(node, op, _Asked(op.value)))
    if isinstance(op, Insert) and isinstance(node, list):
        return _List([*node[: op.index], _Asked(op.value), *node[op.index :]])
    if isinstance(op, Drop) and isinstance(node, dict):
        return _Map({key: value for key, value in node.items() if key != place[0]})
    if isinstance(op, Drop) and isinstance(node, list):
        return _List(value for index, value in enumerate(node) if index != place[0])
    raise Unproved(_("nothing to change at {place}").format(place=shown(place)))


def _done_inside(node: Node, op: Op, step: str | int, rest: Place) -> Node:
    if isinstance(node, dict):
        return _Map({**node, step: _done(node[step], op, rest)})
    if isinstance(node, list) and isinstance(step, int):
        return _List([*node[:step], _done(node[step], op, rest), *node[step + 1 :]])
    raise Unproved(_("nothing to change at {place}").format(place=shown((step, *rest))))


_CHANGED = frozenset({_Asked, _Map, _List})


class _Comparison:
    """Finds where two trees differ."""

    def __init__(self, plain: Plain) -> None:
        self.plain = plain
        self.marshals = True
        """Whether the trees are of plain data, as far as has been seen."""

    def difference(self, expected: Node, found: Node) -> Place | None:
        """Where the trees differ first; None where they are the same."""
        if isinstance(expected, dict):
            if not (isinstance(found, dict) and same_keys(expected, found)):
                return ()
            return self._first((key, value, found[key]) for key, value in expected.items())
        if isinstance(expected, list):
            if not (isinstance(found, list) and len(expected) == len(found)):
                return ()
            return self._first(zip(range(len(found)), expected, found, strict=True))
        if isinstance(expected, Marked):
            if not (isinstance(found, Marked) and found.mark == expected.mark):
                return ()
            return self.difference(expected.node, found.node)
        if isinstance(expected, _Asked):
            return None if _reads_as(found, expected.value, self.plain) else ()
        return None if type(expected) is type(found) and expected == found else ()

    def _first(self, pairs: Iterable[tuple[str | int, Node, Node]]) -> Place | None:
        if self.marshals:
            pairs = list(pairs)
            kept = [pair for pair in pairs if type(pair[1]) not in _CHANGED]
            if self._alike([expected for _, expected, _ in kept], [found for _, _, found in kept]):
                pairs = [pair for pair in pairs if type(pair[1]) in _CHANGED]
        for step, expected, found in pairs:
            if type(expected) is str is type(found) and expected == found:
                continue  # most nodes are text: spare them the call
            place = self.difference(expected, found)
            if place is not None:
                return (step, *place)
        return None

    def _alike(self, expected: Any, found: Any) -> bool:
        """Whether these are the same for sure: a quick look, for plain data only.

        Marshalled data keeps types and the order of keys, so equal bytes mean equal trees.
        """
        try:
            return marshal.dumps(expected, 0) == marshal.dumps(found, 0)
        except ValueError:  # leaves of the syntax's own kinds
            self.marshals = False
            return False


def _reads_as(found: Node, value: Value, plain: Plain) -> bool:
    try:
        return same(as_plain(found, plain), value)
    except Refused:
        return False
