"""From the changes that are asked for to the operations that bring them about in one tree."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import NamedTuple, TypeAlias

from patcher.cures import BY_HAND, PROFILE
from patcher.errors import Refused
from patcher.formats.lookup import find, get, is_null
from patcher.formats.ops import (
    ABSENT,
    Absent,
    Add,
    Change,
    Drop,
    Insert,
    Item,
    KeyPath,
    LastItemStays,
    LeafReader,
    Node,
    NodePath,
    Op,
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


def ops_for(tree: Node, changes: Sequence[Change], plain: LeafReader) -> list[Op]:
    """The operations that make the tree hold what is asked; none where it does already.

    Everything missing below one existing container becomes one `Add`, `Insert` or `Put` with a
    nested value, its parts in the order they were asked for. A map is asked for part by part: what
    else is in it stays. Raises `Refused` as `find` does, and where a container would have to give
    way to a value, or one change lies in what another one replaces. Of two changes at one path the
    later counts, and none inside what is taken away.
    """
    ops: dict[NodePath, list[Op]] = {}
    fresh: list[_Missing] = []
    for change, place, node, rest in _asked(tree, changes, plain):
        if change.value is ABSENT:
            if not rest and node is not ABSENT:
                ops[place] = [Drop(place)]
        elif rest or node is ABSENT:
            fresh.append(_Missing(place, node, rest, change.value, change.if_absent))
        elif not change.if_absent:
            ops[place] = _replace(change, place, node, plain)
    stay = list(chain.from_iterable(ops.values()))
    gone = {op.place for op in stay if isinstance(op, Drop)}
    if gone:
        stay = [op for op in stay if gone.isdisjoint(_above(op.place))]
    found = stay + _missing_ops(fresh, plain)
    _require_apart(found)
    return found


def _require_apart(ops: Sequence[Op]) -> None:
    """Raises `Refused` where an operation lies in what another one replaces or takes away."""
    if len(ops) < 2:
        return
    whole: set[NodePath] = set()
    for op in sorted(ops, key=lambda op: (len(op.place), isinstance(op, (Add, Insert)))):
        if whole and (op.place in whole or not whole.isdisjoint(_above(op.place))):
            raise Refused(_("two changes meet at {place}").format(place=shown(op.place)), cure=_(PROFILE))
        if isinstance(op, (Put, Drop)):
            whole.add(op.place)


def _above(place: NodePath) -> list[NodePath]:
    """The places that `place` is in."""
    return [place[:length] for length in range(len(place))]


def _asked(
    tree: Node, changes: Sequence[Change], plain: LeafReader
) -> Iterator[tuple[Change, NodePath, Node | Absent, KeyPath]]:
    """Each change, and what `find` finds for it; those of a map's parts where the map is there."""
    for change in changes:
        place, node, rest = find(tree, change.path, plain)
        value = change.value
        if rest or node is ABSENT or not isinstance(value, dict) or not value:
            yield change, place, node, rest
        else:
            path, if_absent = change.path, change.if_absent
            parts = [Change((*path, key), part, if_absent) for key, part in value.items()]
            yield from _asked(tree, parts, plain)


def _replace(change: Change, place: NodePath, node: Node, plain: LeafReader) -> list[Op]:
    value = change.value
    if type(node) is str is type(value):  # most values: spare them the rest
        return [] if node == value else [Put(place, value)]
    assert value is not ABSENT  # ops_for has dealt with it
    inner = bare(node)
    if value == {} and isinstance(inner, dict):
        return []  # asked for a map: any will do
    other = isinstance(inner, dict) or isinstance(inner, list) is not isinstance(value, list)
    if (other or isinstance(value, dict)) and not is_null(inner, plain):
        expected = (
            _("a list") if isinstance(value, list) else _("a map") if value == {} else _("a single value")
        )
        raise Refused(
            _("{place} is {found}, expected {expected}").format(
                place=shown(change.path), found=kind(inner, plain), expected=expected
            ),
            cure=_(BY_HAND),
        )
    return list(_exchanged(place, node, value, plain))


def _exchanged(place: NodePath, node: Node, value: Value, plain: LeafReader) -> Iterator[Op]:
    """What makes the value out of a node; nothing where it is that value."""
    with suppress(Refused):
        if same(as_plain(node, plain), value):
            return
    inner = bare(node)
    if value and isinstance(value, list) and isinstance(inner, list):
        yield from item_ops(place, inner, value, plain)
    else:
        yield Put(place, value)


def item_ops(place: NodePath, old: list[Node], new: list[Value], plain: LeafReader) -> Iterator[Op]:
    """A list made out of the one at `place`: what both have stays, the rest gives way one for one.

    So each comment stays beside its item.
    """
    from difflib import SequenceMatcher  # noqa: PLC0415 - few changes are about a list

    # `autojunk` stays on: without it a long list of equal items takes quadratic time.
    matcher = SequenceMatcher(None, [_hashed(item, plain) for item in old], list(map(repr, new)))
    for kind_, start, end, first, last in matcher.get_opcodes():
        if kind_ == "equal":
            continue
        both = min(end - start, last - first)
        for step in range(both):
            yield from _exchanged((*place, start + step), old[start + step], new[first + step], plain)
        yield from (Drop((*place, index)) for index in range(start + both, end))
        yield from (Insert(place, end, value) for value in new[first + both : last])


def _hashed(item: Node, plain: LeafReader) -> object:
    """An item as `repr` tells its value; what is not plain is like no other."""
    try:
        return repr(as_plain(item, plain))
    except Refused:
        return object()


class _Missing(NamedTuple):
    """A value to be made: below an existing place and its node, what is missing of its path."""

    place: NodePath
    node: Node
    rest: KeyPath
    value: Value
    if_absent: bool

    def parts(self) -> Iterator[_Missing]:
        """Each value in a map by itself."""
        place, node, rest, value, if_absent = self
        if not isinstance(value, dict) or not value:
            yield self
            return
        for key, part in value.items():
            yield from _Missing(place, node, (*rest, key), part, if_absent).parts()


_Root: TypeAlias = tuple[NodePath, Segment | None]
"""A container, and what is missing from it; None where the whole of it is."""


def _missing_ops(fresh: Sequence[_Missing], plain: LeafReader) -> list[Op]:
    """Gather what is missing by the container it is missing from."""
    roots: dict[_Root, list[_Missing]] = {}
    for part in fresh:
        place, node, rest, value, if_absent = part
        inside = bare(node)
        if rest and isinstance(inside, (dict, list)):
            roots.setdefault((place, rest[0]), []).append(_Missing(place, inside, rest[1:], value, if_absent))
        else:  # null or nothing: the value takes its place
            roots.setdefault((place, None), []).append(part)
    ops: list[Op] = []
    for (place, head), parts in roots.items() if len(roots) < 2 else sorted(roots.items(), key=_rank):
        inside = parts[0].node
        if head is None:
            ops.append(Put(place, _built(ABSENT, parts)))
        elif isinstance(head, str):
            assert isinstance(inside, dict)  # find() looked for the key in it
            before = None if isinstance(inside, Unordered) else successor(inside, head)
            ops.append(Add(place, head, _built(ABSENT, parts), before))
        else:
            assert isinstance(inside, list)  # find() looked for the item in it
            assert isinstance(head, Item)  # and for nothing else
            value = _built(dict(head.fields), parts)
            ops.append(Insert(place, _index(inside, head, plain), value))
    return ops


def _rank(root: tuple[_Root, list[_Missing]]) -> str:
    """New keys of one map stand in the order they were asked for, but where the map has its own."""
    (_, head), parts = root
    inside = parts[0].node
    by = order_of(inside) if isinstance(inside, dict) else None
    return by(head) if by and isinstance(head, str) else ""


def _index(items: Sequence[Node], wanted: Item, plain: LeafReader) -> int:
    """Where a new item goes in a list."""
    if wanted.place == "first":
        return 0
    name, value = wanted.fields[0]
    if wanted.place == "sorted" and isinstance(value, str):
        neighbours = [get(item, (name,), plain) for item in items]
        texts = [text for text in neighbours if isinstance(text, str)]
        if len(texts) == len(items) and texts == sorted(texts) and (at := bisect(texts, value)) < len(items):
            return at
    return len(items) - isinstance(items, LastItemStays)


def _built(start: Value | Absent, parts: Sequence[_Missing]) -> Value:
    """One nested value out of paths and values."""
    if start is ABSENT and len(parts) == 1 and not parts[0].rest:
        return parts[0].value
    result = start
    for part in chain.from_iterable(part.parts() for part in parts):
        result = _grow(result, part.rest, part)
    assert result is not ABSENT  # there is at least one part
    return result


def _grow(into: Value | Absent, path: KeyPath, part: _Missing) -> Value:
    if not path:
        if into is not ABSENT and (part.if_absent or (part.value == {} and isinstance(into, dict))):
            return into
        return part.value
    head, rest = path[0], path[1:]
    if isinstance(head, str):
        into = {} if into is ABSENT else into
        if not isinstance(into, dict):
            raise Refused(
                _("the profile asks for both a value and a map at {head}").format(head=head), cure=_(PROFILE)
            )
        return {**into, head: _grow(into.get(head, ABSENT), rest, part)}
    assert isinstance(head, Item)  # edits inside text are made apart
    into = [] if into is ABSENT else into
    if not isinstance(into, list):
        raise Refused(
            _("the profile asks for both a value and a list at {head}").format(head=head), cure=_(PROFILE)
        )
    for index, item in enumerate(into):
        if isinstance(item, dict) and all(same(item.get(n, ABSENT), v) for n, v in head.fields):
            return [*into[:index], _grow(item, rest, part), *into[index + 1 :]]
    return [*into, _grow(dict(head.fields), rest, part)]
