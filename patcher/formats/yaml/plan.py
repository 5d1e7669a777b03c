"""Operations on a YAML text as splices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ruamel.yaml.events import DocumentStartEvent, ScalarEvent

from patcher.cures import BY_HAND, UNALIAS
from patcher.errors import Refused
from patcher.formats.ops import Add, Drop, Insert, NodePath, Op, Put, Value
from patcher.formats.text import Splice
from patcher.formats.yaml.flow import Flow
from patcher.formats.yaml.lines import Lines, check_text_kept, without_line_end
from patcher.formats.yaml.nodes import Nodes, YamlEntry
from patcher.formats.yaml.put import put, put_root, under
from patcher.formats.yaml.render import style_near
from patcher.formats.yaml.walk import has_shared, require_unshared, slot, walk
from patcher.i18n import _


def plan(text: str, events: Sequence[Any], ops: Sequence[Op]) -> list[Splice]:
    """The splices for `ops`. Raises `Refused` for what cannot surely be right."""
    nodes = Nodes(text, events)
    # Deepest first: what ends at one place in the text ends there from the inside out.
    splices: list[Splice] = []
    for put_op in sorted((op for op in ops if isinstance(op, Put)), key=lambda op: -len(op.place)):
        splices += _put(nodes, put_op)
    grouped: dict[NodePath, list[Add | Insert | Drop]] = {}
    for op in ops:
        if not isinstance(op, Put):
            grouped.setdefault(op.place[:-1] if isinstance(op, Drop) else op.place, []).append(op)
    for place in sorted(grouped, key=len, reverse=True):
        splices += _in_container(nodes, place, grouped[place])
    check_text_kept(nodes, splices)
    return without_line_end(nodes, splices)


def documents(events: Sequence[Any]) -> list[int]:
    """Where each document begins in the text, the first at 0; none where only the first has content.

    One begins where the last one ends: the scanners do not agree on where, behind that, its directives are.
    """
    starts = [index for index, event in enumerate(events) if type(event) is DocumentStartEvent]
    if all(_is_empty(events[index + 1]) for index in starts[1:]):
        return []
    return [0, *(events[index - 1].end_mark.index for index in starts[1:])]


def _is_empty(event: Any) -> bool:
    bare = type(event) is ScalarEvent and event.anchor is None and event.ctag is None
    return bare and not event.value and not event.style


def _put(nodes: Nodes, op: Put) -> list[Splice]:
    if not nodes.roots:
        return put_root(nodes, op.value, style_near(nodes, None))
    way = walk(nodes, op.place)
    node, entry = way[-1]
    if node not in nodes.targets:
        require_unshared(nodes, node)
    elif nodes.targets[node] in nodes.close:
        raise Refused(_("it is an alias of a map or list"), line=nodes.line(node), cure=_(UNALIAS))
    if getattr(nodes.events[node], "ctag", None) is not None:
        raise Refused(
            _("it has a tag, so its text may mean something special"), line=nodes.line(node), cure=_(BY_HAND)
        )
    if has_shared(nodes, node):
        raise Refused(
            _("there is an anchor in it that other places refer to"), line=nodes.line(node), cure=_(UNALIAS)
        )
    if entry is None:
        return put_root(nodes, op.value, style_near(nodes, None))
    parent = way[-2][0]
    return put(nodes, entry, op.value, style_near(nodes, parent))


def _in_container(nodes: Nodes, place: NodePath, ops: Sequence[Add | Insert | Drop]) -> list[Splice]:
    way = walk(nodes, place)
    node = way[-1][0]
    require_unshared(nodes, node)
    if node not in nodes.close:
        raise Refused(_("it is no map and no list"), line=nodes.line(node), cure=_(BY_HAND))
    grow = [op for op in ops if not isinstance(op, Drop)]
    for op in grow:
        _check_new(nodes, node, op)
    dropped = {_index(nodes, node, op.place[-1]) for op in ops if isinstance(op, Drop)}
    if nodes.is_block(node):
        return _by_indent(nodes, way, grow, dropped)
    if not nodes.is_flow(node):
        raise Refused(
            _("a single pair in a list in brackets cannot be edited"), line=nodes.line(node), cure=_(BY_HAND)
        )
    if not nodes.entries(node):
        lines = _as_lines(nodes, way, grow)
        if lines is not None:
            return lines
    flow = Flow(nodes, node, style_near(nodes, node))
    flow.dropped = dropped
    for op in grow:
        flow.new.setdefault(slot(nodes, node, op), []).append(op)
    return flow.splices()


def _by_indent(
    nodes: Nodes, way: Sequence[tuple[int, YamlEntry | None]], grow: list[Add | Insert], dropped: set[int]
) -> list[Splice]:
    node = way[-1][0]
    every = len(dropped) == len(nodes.entries(node))
    if every and not grow:
        return _emptied(nodes, way)
    lines = Lines(nodes, node, style_near(nodes, node))
    return lines.replaced(grow) if every else lines.grow(grow, dropped) + lines.drop(dropped)


def _emptied(nodes: Nodes, way: Sequence[tuple[int, YamlEntry | None]]) -> list[Splice]:
    """The last entry goes: empty brackets stay."""
    node, entry = way[-1]
    value: Value = {} if nodes.is_map(node) else []
    style = style_near(nodes, None)
    lone = len(nodes.entries(node)) == 1  # then all comments are inside what goes
    if entry is None:
        return put_root(nodes, value, style, comments_too=lone)
    return put(nodes, entry, value, style, comments_too=lone)


def _as_lines(
    nodes: Nodes, way: Sequence[tuple[int, YamlEntry | None]], ops: Sequence[Add | Insert]
) -> list[Splice] | None:
    """Empty brackets in a block map give way to lines, as a person would write them."""
    node, entry = way[-1]
    value: Value = {op.key: op.value for op in ops if isinstance(op, Add)} or [op.value for op in ops]
    if isinstance(value, list) and not any(isinstance(each, (dict, list)) for each in value):
        return None
    if "#" in nodes.text[nodes.start(node) : nodes.end(node)] or nodes.events[node].anchor is not None:
        return None
    if entry is None:
        return (
            put_root(nodes, value, style_near(nodes, None))
            if nodes.first_on_line(nodes.start(node))
            else None
        )
    parent = way[-2][0]
    if not nodes.is_block(parent) or not nodes.is_map(parent) or entry.indicator_end < 0:
        return None
    return under(nodes, entry, value, style_near(nodes, parent))


def _index(nodes: Nodes, node: int, step: str | int) -> int:
    """Which entry is to be taken away."""
    named = nodes.entry(node, step) if isinstance(step, str) else None
    for index, entry in enumerate(nodes.entries(node)):
        if index == step if named is None else entry.key == named.key:
            if has_shared(nodes, entry.value):
                raise Refused(
                    _("there is an anchor in it that other places refer to"),
                    line=nodes.line(entry.value),
                    cure=_(UNALIAS),
                )
            return index
    raise Refused(_("there is nothing to take away"), line=nodes.line(node), cure=_(BY_HAND))


def _check_new(nodes: Nodes, node: int, op: Add | Insert) -> None:
    if isinstance(op, Add) is not nodes.is_map(node):
        raise Refused(
            _("it is not the kind of collection that was expected"), line=nodes.line(node), cure=_(BY_HAND)
        )
    for entry in nodes.entries(node) if isinstance(op, Add) else ():
        assert isinstance(op, Add)
        assert entry.key is not None  # it is a map
        event = nodes.events[entry.key]
        value = getattr(event, "value", None)
        if value == op.key:
            raise Refused(
                _("the key is there, but not as text to every reader"),
                line=nodes.line(entry.key),
                cure=_(BY_HAND),
            )
        if value == "<<" and not event.style and isinstance(op.value, (dict, list)):
            _check_merge(nodes, entry.value, op.key)


def _check_merge(nodes: Nodes, source: int, key: str) -> None:
    """A collection under a key that a merge supplies would hide what the merge supplies."""
    for _step in range(len(nodes.shared) + 1):
        if source not in nodes.targets:
            break
        source = nodes.targets[source]
    pending, done = [source], set[int]()
    while pending:
        node = pending.pop()
        node = nodes.targets.get(node, node)
        if node in done:
            continue
        done.add(node)
        if nodes.is_list(node):
            pending += [entry.value for entry in nodes.entries(node)]
        elif nodes.is_map(node):
            for entry in nodes.entries(node):
                event = nodes.events[entry.key] if entry.key is not None else None
                value = getattr(event, "value", None)
                if value == key:
                    raise Refused(
                        _("a merge (<<) supplies a part of it, which the new text would hide"),
                        line=nodes.line(source),
                        cure=_(BY_HAND),
                    )
                if value == "<<":
                    pending.append(entry.value)
