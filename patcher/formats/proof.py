"""The proof, one place for all syntaxes: after is before with exactly the asked values changed.

The trees come from a reader that did not plan the edit. No proof, no write.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    as_plain,
    ops_for,
    same,
    same_keys,
    shown,
)


@dataclass(frozen=True)
class _Asked:
    """Stands in the expected tree where the new text must read as `value`."""

    value: Value


def prove(before: Node, after: Node, ops: Sequence[Op], changes: Sequence[Change], plain: Plain) -> None:
    """Raises `Unproved`, with the place, unless `after` is `before` with just `ops` done.

    Also holds that asking for `changes` again would change nothing.
    """
    _compare(_expected(before, ops), after, plain, ())
    if ops_for(after, changes, plain):
        raise Unproved("a second run would change the file again")


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
    if not place:
        if isinstance(op, Put):
            return _Asked(op.value)
        if isinstance(op, Add) and isinstance(node, dict):
            return {**node, op.key: _Asked(op.value)}
        if isinstance(op, Insert) and isinstance(node, list):
            return [*node[: op.index], _Asked(op.value), *node[op.index :]]
    elif isinstance(op, Drop) and len(place) == 1:
        if isinstance(node, dict):
            return {key: value for key, value in node.items() if key != place[0]}
        if isinstance(node, list):
            return [value for index, value in enumerate(node) if index != place[0]]
    elif isinstance(node, dict):
        return {**node, place[0]: _done(node[place[0]], op, place[1:])}
    elif isinstance(node, list) and isinstance(place[0], int):
        return [*node[: place[0]], _done(node[place[0]], op, place[1:]), *node[place[0] + 1 :]]
    raise Unproved(f"nothing to change at {shown(place)}")


def _compare(expected: Node, found: Node, plain: Plain, path: tuple[str | int, ...]) -> None:
    if isinstance(expected, _Asked):
        try:
            right = same(as_plain(found, plain), expected.value)
        except Refused:
            right = False
    elif isinstance(expected, dict):
        right = isinstance(found, dict) and same_keys(expected, found)
        if isinstance(found, dict) and right:
            for key, value in expected.items():
                _compare(value, found[key], plain, (*path, key))
    elif isinstance(expected, list):
        right = isinstance(found, list) and len(expected) == len(found)
        if isinstance(found, list) and right:
            for index, value in enumerate(expected):
                _compare(value, found[index], plain, (*path, index))
    elif isinstance(expected, Marked):
        right = isinstance(found, Marked) and found.mark == expected.mark
        if isinstance(found, Marked) and right:
            _compare(expected.node, found.node, plain, path)
    else:
        right = type(expected) is type(found) and expected == found
    if not right:
        raise Unproved(
            f"the edit could not be proved at {shown(path)}",
            cure="nothing was written; please report this file's shape as a bug",
        )
