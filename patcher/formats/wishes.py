"""From what is wished to what has to be done: find places in a tree, compare, answer with operations."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from patcher.errors import Refused
from patcher.formats.ops import (
    ABSENT,
    Absent,
    Add,
    Change,
    Decode,
    Drop,
    Insert,
    Item,
    Node,
    Op,
    Path,
    Place,
    Plain,
    Put,
    Segment,
    Unordered,
    Value,
    as_plain,
    bare,
    kind,
    same,
    shown,
)
from patcher.formats.order import order_of, successor
from patcher.i18n import _


def find(tree: Node, path: Path, plain: Plain) -> tuple[Place, Node | Absent, Path]:
    """Walk `path` as far as the tree goes: the place reached, the node there, what is left.

    With nothing left the node is the one asked for. Otherwise it is the container (or null, or
    nothing) in which the rest has to be made. Raises `Refused` where a node of another kind is
    in the way, or where a list holds several items that match.
    """
    place: Place = ()
    node = tree
    for done, segment in enumerate(path):
        if type(node) is dict and type(segment) is str and segment in node:  # most steps: spare them the rest
            node, place = node[segment], (*place, segment)
            continue
        inner = bare(node)
        if inner is None or node is ABSENT or _is_null(inner, plain):
            return place, node, path[done:]
        if isinstance(segment, str):
            if not isinstance(inner, dict):
                raise Refused(
                    _("{place} is {found}, expected a map").format(
                        place=shown(path[:done]), found=kind(inner, plain)
                    )
                )
            if segment not in inner:
                return place, node, path[done:]
            node, place = inner[segment], (*place, segment)
        elif isinstance(segment, Decode):
            raise Refused(_("{place} cannot be decoded inside this file").format(place=shown(path[:done])))
        else:
            if not isinstance(inner, list):
                raise Refused(
                    _("{place} is {found}, expected a list").format(
                        place=shown(path[:done]), found=kind(inner, plain)
                    )
                )
            index = _item(inner, segment, plain, path[:done])
            if index is None:
                return place, node, path[done:]
            node, place = inner[index], (*place, index)
    return place, node, ()


def _item(items: Sequence[Node], wanted: Item, plain: Plain, path: Path) -> int | None:
    """Which item of the list at `path` is the one. Raises `Refused` where several are."""
    found = [index for index, item in enumerate(items) if _matches(item, wanted, plain)]
    if len(found) > 1:
        raise Refused(
            _("{place} has {count} items with {wanted}").format(
                place=shown(path), count=len(found), wanted=wanted
            ),
            cure=_("leave one of them"),
        )
    return found[0] if found else None


def _is_null(node: Node, plain: Plain) -> bool:
    if isinstance(node, (dict, list)):
        return False
    try:
        return plain(node) is None
    except Refused:
        return False


def _matches(item: Node, wanted: Item, plain: Plain) -> bool:
    inner = bare(item)
    if not isinstance(inner, dict):
        return False
    try:
        return all(
            name in inner and same(as_plain(inner[name], plain), value) for name, value in wanted.fields
        )
    except Refused:
        return False


def get(tree: Node, path: Path, plain: Plain) -> Value | Absent:
    """What the tree holds at `path`, as plain data; `ABSENT` where it holds nothing."""
    try:
        _place, node, rest = find(tree, path, plain)
    except Refused:
        return ABSENT
    return ABSENT if rest or node is ABSENT else as_plain(node, plain)


def ops_for(tree: Node, changes: Sequence[Change], plain: Plain) -> list[Op]:
    """The operations that make the tree hold what is asked; none where it does already.

    Everything missing below one existing container becomes one `Add`, `Insert` or `Put` with a
    nested value, its parts in the order they were asked for. A map is asked for part by part: what
    else is in it stays. Raises `Refused` as `find` does, and where a container would have to give
    way to a value. Of two changes at one path the later counts.
    """
    ops: dict[Place, Op] = {}
    fresh: list[_Fresh] = []
    for change in chain.from_iterable(map(_parts, changes)):
        place, node, rest = find(tree, change.path, plain)
        if change.value is ABSENT:
            if not rest and node is not ABSENT:
                ops[place] = Drop(place)
        elif rest or node is ABSENT:
            fresh.append(_Fresh(place, rest, change.value, change.if_absent))
        elif not change.if_absent:
            put = _replace(change, place, node, plain)
            if put is not None:
                ops[place] = put
            else:
                ops.pop(place, None)
    inside = {place for place in ops if any(isinstance(ops.get(place[:n]), Drop) for n in range(len(place)))}
    return [*(op for place, op in ops.items() if place not in inside), *_grown(tree, fresh, plain)]


def _parts(change: Change) -> Iterator[Change]:
    if not isinstance(change.value, dict) or not change.value:
        yield change
        return
    for key, value in change.value.items():
        yield from _parts(Change((*change.path, key), value, change.if_absent))


def _replace(change: Change, place: Place, node: Node, plain: Plain) -> Put | None:
    value = change.value
    assert value is not ABSENT  # ops_for has dealt with it
    inner = bare(node)
    if value in ({}, []) and isinstance(inner, type(value)):
        return None  # asked for a container: any container of its kind will do
    other = isinstance(inner, dict) or isinstance(inner, list) is not isinstance(value, list)
    if (other or isinstance(value, dict)) and not _is_null(inner, plain):
        expected = (
            _("a list") if isinstance(value, list) else _("a map") if value == {} else _("a single value")
        )
        raise Refused(
            _("{place} is {found}, expected {expected}").format(
                place=shown(change.path), found=kind(inner, plain), expected=expected
            )
        )
    try:
        if same(as_plain(node, plain), value):
            return None
    except Refused:
        pass
    return Put(place, value)


class _Fresh(NamedTuple):
    """A value to be made: below an existing place, what is missing of its path."""

    place: Place
    rest: Path
    value: Value
    if_absent: bool


def _grown(tree: Node, fresh: Sequence[_Fresh], plain: Plain) -> Iterator[Op]:
    """Gather what is missing by the container it is missing from."""
    roots: dict[tuple[Place, Segment | None], list[_Fresh]] = {}
    for part in fresh:
        inner = bare(_at(tree, part.place))
        if isinstance(inner, (dict, list)) and part.rest:
            roots.setdefault((part.place, part.rest[0]), []).append(part._replace(rest=part.rest[1:]))
        else:  # null or nothing: the value takes its place
            roots.setdefault((part.place, None), []).append(part)
    for (place, head), parts in sorted(roots.items(), key=lambda root: _rank(tree, *root[0])):
        if head is None:
            yield Put(place, _built(ABSENT, parts))
        elif isinstance(head, str):
            keys = bare(_at(tree, place))
            assert isinstance(keys, dict)  # find() looked for the key in it
            before = None if isinstance(keys, Unordered) else successor(keys, head)
            yield Add(place, head, _built(ABSENT, parts), before)
        else:
            items = bare(_at(tree, place))
            assert isinstance(items, list)  # find() looked for the item in it
            assert isinstance(head, Item)  # and for nothing else
            yield Insert(place, _index(items, head, plain), _built(dict(head.fields), parts))


def _rank(tree: Node, place: Place, head: Segment | None) -> str:
    """New keys of one map stand in the order they were asked for, but where the map has its own."""
    inner = bare(_at(tree, place))
    by = order_of(inner) if isinstance(inner, dict) else None
    return by(head) if by and isinstance(head, str) else ""


def _index(items: Sequence[Node], wanted: Item, plain: Plain) -> int:
    """Where a new item goes in a list."""
    if wanted.place == "first":
        return 0
    name, value = wanted.fields[0]
    if wanted.place == "sorted" and isinstance(value, str):
        neighbours = [get(item, (name,), plain) for item in items]
        texts = [text for text in neighbours if isinstance(text, str)]
        if len(texts) == len(items) and texts == sorted(texts):
            return bisect(texts, value)
    return len(items)


def _built(start: Value | Absent, parts: Sequence[_Fresh]) -> Value:
    """One nested value out of paths and values."""
    result = start
    for part in parts:
        result = _grow(result, part.rest, part)
    assert result is not ABSENT  # there is at least one part
    return result


def _grow(into: Value | Absent, path: Path, part: _Fresh) -> Value:
    if not path:
        if into is not ABSENT and (part.if_absent or (part.value == {} and isinstance(into, dict))):
            return into
        return part.value
    head, rest = path[0], path[1:]
    if isinstance(head, str):
        into = {} if into is ABSENT else into
        if not isinstance(into, dict):
            raise Refused(_("the profile asks for both a value and a map at {head}").format(head=head))
        return {**into, head: _grow(into.get(head, ABSENT), rest, part)}
    assert isinstance(head, Item)  # edits inside text are made apart
    into = [] if into is ABSENT else into
    if not isinstance(into, list):
        raise Refused(_("the profile asks for both a value and a list at {head}").format(head=head))
    for index, item in enumerate(into):
        if isinstance(item, dict) and all(same(item.get(n, ABSENT), v) for n, v in head.fields):
            return [*into[:index], _grow(item, rest, part), *into[index + 1 :]]
    return [*into, _grow(dict(head.fields), rest, part)]


def _at(tree: Node, place: Place) -> Node:
    node = tree
    for step in place:
        inner = bare(node)
        assert isinstance(inner, (dict, list))  # find() walked here
        node = inner[step]  # type: ignore[index]  # a str leads into a dict, an int into a list
    return node
