"""The proof's reading of YAML: a tree of what the events say, nothing expanded or interpreted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias, cast

from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from patcher.cures import UNALIAS
from patcher.errors import Refused
from patcher.formats.ops import Documents, LastItemStays, LastStays, Marked, Node, Scalar, every_pair
from patcher.formats.yaml.meaning import is_text, meaning
from patcher.i18n import _

Leaf: TypeAlias = tuple[str, bool]
"""A scalar: its text, and whether it is plain, without quotes, so that the text decides what it is.

A bare tuple, because that is made and compared the quickest.
"""


class Tagged(NamedTuple):
    """A scalar with a tag of its own (`!secret x`, `!!int 3`): never looked into."""

    tag: str
    text: str
    plain: bool


class Alias(NamedTuple):
    """`*anchor`, never followed."""

    anchor: str


class Odd(NamedTuple):
    """A key that is not surely a string to every reader: a number, `on`, a list, an alias."""

    key: object


EMPTY: Leaf = ("", True)
_OPEN_BLOCK = re.compile(r"(?<!\S)[|>](?P<signs>[-+0-9]*)[ \t]*(?:#.*)?\r?$", re.MULTILINE)
"""How a block of text begins, behind its anchor and tag."""


def build(events: Sequence[Any]) -> Node:  # noqa: C901, PLR0912 - a hot loop, in one piece
    """The tree of the one document with content, or `Documents`.

    Of a key that comes twice PyYAML takes the last; npm's readers, ruamel.yaml and Go's refuse the whole
    file. An edit elsewhere leaves it to each of them what it was.
    """
    roots: list[Node] = []
    stack: list[dict[Any, Node] | list[Node]] = []
    keys: list[Any] = []  # per open map: the key that waits for its value
    inside: dict[Any, Node] | list[Node] = roots
    waiting: Any = None
    names = _Names()
    again: list[dict[Any, Node]] = []  # maps with a key that comes again
    for event in events:
        kind = type(event)
        node: Node
        if kind is ScalarEvent:
            if event.ctag is None and event.anchor is None:
                node = (event.value, not event.style)
            else:
                node = _special(event)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            stack.append(inside)
            keys.append((waiting, event))
            inside, waiting = ({} if kind is MappingStartEvent else []), None
            continue
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            node = inside
            inside, (waiting, start) = stack.pop(), keys.pop()
            if start.anchor is not None or start.ctag is not None:
                node = Marked((start.anchor, start.tag), node)
        elif kind is AliasEvent:
            node = Alias(event.anchor)
        else:
            continue
        if waiting is not None:
            inside[waiting] = node
            waiting = None
        elif type(inside) is list:
            inside.append(node)
        else:
            waiting = names[node] if kind is ScalarEvent else _key(node)
            if waiting in inside:
                waiting = _Again(waiting, len(inside))
                again.append(cast("dict[Any, Node]", inside))
    for each in {id(each): each for each in again}.values():
        pairs = [(key.key if type(key) is _Again else key, value) for key, value in each.items()]
        each.clear()
        each.update(every_pair(pairs))
    return _document(roots)


class _Again(NamedTuple):
    """A key that its map has had before, until all of them are known."""

    key: object
    number: int


def last_kept(tree: Node, text: str, events: Sequence[Any]) -> Node:
    """The tree; its maps that end in a block of text that ends the file without a line end are `LastStays`,
    its lists `LastItemStays`.

    Of such a text libyaml says that it has no line end, the readers that npm has say that it has one.
    With lines behind it there is no way to write it that keeps it for both.
    """
    if text.endswith("\n"):
        return tree
    leaves = (event for event in reversed(events) if type(event) in (ScalarEvent, AliasEvent))
    last: Any = next(leaves, None)
    if getattr(last, "style", None) not in ("|", ">") or text[last.end_mark.index :].strip(" \t"):
        return tree
    begin = _OPEN_BLOCK.search(text, last.start_mark.index)
    signs = begin["signs"] if begin else ""
    ended = not last.value or last.value.endswith("\n")  # nothing but blanks follows its last line
    return tree if "-" in signs or (ended and "+" not in signs) else _last_kept(tree)


def _last_kept(node: Node) -> Node:
    if isinstance(node, Marked):
        return Marked(node.mark, _last_kept(node.node))
    if isinstance(node, dict):
        return LastStays({**node, (last := next(reversed(node))): _last_kept(node[last])})
    if isinstance(node, list):
        kept = _last_kept(node.pop())
        node.append(kept)
        return node if isinstance(node, Documents) else LastItemStays(node)
    return node


def _special(event: Any) -> Node:
    if event.ctag is not None:
        leaf: Node = Tagged(str(event.tag), event.value, not event.style)
    else:
        leaf = (event.value, not event.style)
    return leaf if event.anchor is None else Marked((event.anchor, None), leaf)


def _key(node: Node) -> object:
    if type(node) is tuple and (not node[1] or is_text(node[0])):
        return node[0]
    return Odd(_frozen(node))


class _Names(dict[Node, object]):
    """The keys that scalars are: most of them come again and again."""

    def __missing__(self, node: Node) -> object:
        key = self[node] = _key(node)
        return key


def _frozen(node: Node) -> object:
    if isinstance(node, Marked):
        return (node.mark, _frozen(node.node))
    if isinstance(node, dict):
        return tuple((key, _frozen(value)) for key, value in node.items())
    if isinstance(node, list):
        return (list, *map(_frozen, node))
    return node


def _document(roots: list[Node]) -> Node:
    if not roots:
        return EMPTY
    if len(roots) == 1:
        return roots[0]
    if any(root != EMPTY for root in roots[1:]):
        return Documents(roots)
    return Marked(("documents", len(roots)), roots[0])


def plain(leaf: Node) -> Scalar:
    """A leaf as plain data.

    Raises `Refused` for an alias, a tag of its own, and plain text that readers of YAML 1.1 and
    1.2 do not agree on: nothing of that kind is ever written, so nothing of it is ever right.
    """
    if type(leaf) is tuple:
        return meaning(leaf[0]) if leaf[1] else leaf[0]
    raise Refused(
        _("a value in it is an alias") if isinstance(leaf, Alias) else _("a value in it has a tag"),
        cure=_(UNALIAS),
    )
