"""Where a path leads in a tree, and what is there."""

from __future__ import annotations

from collections.abc import Sequence

from patcher.cures import BY_HAND, LEAVE_ONE, PROFILE
from patcher.errors import Refused
from patcher.formats.ops import (
    ABSENT,
    Absent,
    Decode,
    Folded,
    Item,
    KeyPath,
    LeafReader,
    Node,
    NodePath,
    Value,
    as_plain,
    bare,
    kind,
    same,
    shown,
)
from patcher.i18n import _


def find(tree: Node, path: KeyPath, plain: LeafReader) -> tuple[NodePath, Node | Absent, KeyPath]:
    """Walk `path` as far as the tree goes: the place reached, the node there, what is left.

    With nothing left the node is the one asked for. Otherwise it is the container (or null, or
    nothing) in which the rest has to be made. Raises `Refused` where a node of another kind is
    in the way, or where a list holds several items that match.
    """
    place, node = _plainly(tree, path)
    for done in range(len(place), len(path)):
        segment = path[done]
        inner = bare(node)
        if inner is None or node is ABSENT or is_null(inner, plain):
            return place, node, path[done:]
        if isinstance(segment, str):
            if not isinstance(inner, dict):
                raise Refused(
                    _("{place} is {found}, expected a map").format(
                        place=shown(path[:done]), found=kind(inner, plain)
                    ),
                    cure=_(BY_HAND),
                )
            if isinstance(inner, Folded):
                segment = inner.spelling(segment)
            if segment not in inner:
                return place, node, path[done:]
            node, place = inner[segment], (*place, segment)
        elif isinstance(segment, Decode):
            raise Refused(
                _("{place} cannot be decoded inside this file").format(place=shown(path[:done])),
                cure=_(PROFILE),
            )
        else:
            if not isinstance(inner, list):
                raise Refused(
                    _("{place} is {found}, expected a list").format(
                        place=shown(path[:done]), found=kind(inner, plain)
                    ),
                    cure=_(BY_HAND),
                )
            index = _item(inner, segment, plain, path[:done])
            if index is None:
                return place, node, path[done:]
            node, place = inner[index], (*place, index)
    return place, node, ()


def _plainly(node: Node, path: KeyPath) -> tuple[NodePath, Node]:
    """As far as the path leads through keys of bare maps, which is mostly all of it."""
    place: NodePath = ()
    for step in path:
        if type(step) is not str or type(node) is not dict or step not in node:
            break
        node, place = node[step], (*place, step)
    return place, node


def _item(items: Sequence[Node], wanted: Item, plain: LeafReader, path: KeyPath) -> int | None:
    """Which item of the list at `path` is the one. Raises `Refused` where several are."""
    found = [index for index, item in enumerate(items) if _matches(item, wanted, plain)]
    if len(found) > 1:
        raise Refused(
            _("{place} has {count} items with {wanted}").format(
                place=shown(path), count=len(found), wanted=wanted
            ),
            cure=_(LEAVE_ONE),
        )
    return found[0] if found else None


def is_null(node: Node, plain: LeafReader) -> bool:
    """Whether the syntax says that there is nothing: what is asked for may take its place."""
    if isinstance(node, (dict, list)):
        return False
    try:
        return plain(node) is None
    except Refused:
        return False


def _matches(item: Node, wanted: Item, plain: LeafReader) -> bool:
    inner = bare(item)
    if not isinstance(inner, dict):
        return False
    try:
        return all(
            name in inner and same(as_plain(inner[name], plain), value) for name, value in wanted.fields
        )
    except Refused:
        return False


def get(tree: Node, path: KeyPath, plain: LeafReader) -> Value | Absent:
    """What the tree holds at `path`, as plain data; `ABSENT` where it holds nothing."""
    try:
        _place, node, rest = find(tree, path, plain)
    except Refused:
        return ABSENT
    return ABSENT if rest or node is ABSENT else as_plain(node, plain)
