"""How a profile would ask for an operation."""

from __future__ import annotations

from patcher.errors import Refused
from patcher.formats.changes import item_ops
from patcher.formats.lookup import find
from patcher.formats.ops import (
    ABSENT,
    Add,
    Change,
    Drop,
    Insert,
    Item,
    KeyPath,
    LeafReader,
    Node,
    NodePath,
    Op,
    Put,
    Scalar,
    Segment,
    Unordered,
    as_plain,
    bare,
    same,
)
from patcher.formats.order import successor
from tests.laws.ops import NEW, node_at


def path_to(tree: Node, place: NodePath, plain: LeafReader) -> KeyPath | None:
    """The path by which a profile would name a place, if it can."""
    path: list[Segment] = []
    for end, step in enumerate(place):
        if isinstance(step, str):
            path.append(step)
            continue
        item = node_at(tree, place[: end + 1])
        if not isinstance(item, dict):
            return None
        found = _field(item, plain)
        if found is None:
            return None
        path.append(Item.of(found))
    try:
        reached = find(tree, tuple(path), plain)
    except Refused:  # several items match
        return None
    return tuple(path) if reached[0] == place and not reached[2] else None


def _field(item: dict[str, Node], plain: LeafReader) -> dict[str, Scalar] | None:
    for name in sorted(item.keys() & {"name", "@name", "@key", "@id", "id"}, reverse=True) or list(item):
        try:
            value = plain(bare(item[name])) if not isinstance(bare(item[name]), (dict, list)) else None
        except Refused:
            continue
        if value is not None:
            return {name: value}
    return None


def _names(item: Segment, field: Segment) -> bool:
    """Whether the field is what the item is found by."""
    return isinstance(item, Item) and any(name == field for name, _ in item.fields)


def in_items(tree: Node, op: Op, plain: LeafReader) -> list[Op]:
    """The operations that a list instead of another one comes to."""
    old = node_at(tree, op.place) if isinstance(op, Put) else None
    if isinstance(old, list) and isinstance(op, Put) and isinstance(op.value, list):
        return list(item_ops(op.place, old, op.value, plain))
    return [op]


def asked(tree: Node, op: Op, plain: LeafReader) -> list[Change] | None:
    """The changes that come to this operation, where there are such."""
    path = path_to(tree, op.place, plain)
    if path is None or (len(path) > 1 and _names(path[-2], path[-1])):
        return None
    if isinstance(op, Drop):
        return [Change(path, ABSENT)]
    if isinstance(op, Add):
        node = node_at(tree, op.place)
        assert isinstance(node, dict)
        if not isinstance(node, Unordered) and op.before != successor(node, op.key):
            return None  # no wish has it there
        return [Change((*path, op.key), op.value)]
    if isinstance(op, Insert):
        node = node_at(tree, op.place)
        assert isinstance(node, list)
        if not isinstance(op.value, dict) or op.index not in (0, len(node)):
            return None
        named = next(iter(op.value))
        item = Item.of({named: NEW}, place="last" if op.index else "first")
        try:
            if not find(tree, (*path, item), plain)[2]:
                return None  # there is such an item
        except Refused:
            return None
        return [Change((*path, item, key), value) for key, value in op.value.items() if key != named]
    old = node_at(tree, op.place)
    fits = isinstance(old, list) is isinstance(op.value, list) and not isinstance(op.value, dict)
    try:
        fits = fits and not isinstance(old, dict) and not same(as_plain(old, plain), op.value)
    except Refused:
        return None
    return [Change(path, op.value)] if fits else None
