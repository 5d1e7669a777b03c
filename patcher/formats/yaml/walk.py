"""The way to a place in a YAML text, and whether an edit there changes or loses anything else."""

from __future__ import annotations

import re

from ruamel.yaml.events import AliasEvent, ScalarEvent

from patcher.cures import BY_HAND, COLON, UNALIAS
from patcher.errors import Refused
from patcher.formats.linewise import line_end
from patcher.formats.ops import Add, Insert, NodePath
from patcher.formats.yaml.nodes import Nodes, YamlEntry
from patcher.i18n import _

_COMMENT = re.compile(r"(?:^|[ \t\r\n,\[{:])#")


def has_shared(nodes: Nodes, node: int) -> bool:
    """Whether an alias elsewhere stands for the node or a part of it."""
    inside = range(node, nodes.after(node))
    return any(
        target in inside and any(alias not in inside for alias in aliases)
        for target, aliases in nodes.shared.items()
    )


def walk(nodes: Nodes, place: NodePath) -> list[tuple[int, YamlEntry | None]]:
    """The nodes on the way to `place`, with the entries that hold them.

    Raises `Refused` where the way is one on which an edit would change other places too.
    """
    node = nodes.roots[0]
    way: list[tuple[int, YamlEntry | None]] = [(node, None)]
    for step in place:
        require_unshared(nodes, node)
        entry = _entry(nodes, node, step)
        node = entry.value
        way.append((node, entry))
    return way


def _entry(nodes: Nodes, node: int, step: str | int) -> YamlEntry:
    if isinstance(step, int) and nodes.is_list(node):
        return nodes.entries(node)[step]
    if isinstance(step, str) and nodes.is_map(node):
        entry = nodes.entry(node, step)
        if entry is not None:
            return entry
    raise Refused(_("the path does not lead through maps and lists"), line=nodes.line(node), cure=_(BY_HAND))


def require_unshared(nodes: Nodes, node: int) -> None:
    """Raises `Refused` unless an edit of the node changes only this place."""
    if node in nodes.shared:
        raise Refused(
            _("it is an anchor that other places refer to, so they would change too"),
            line=nodes.line(node),
            cure=_(UNALIAS),
        )
    if node in nodes.targets:
        raise Refused(_("it is an alias: its value stands elsewhere"), line=nodes.line(node), cure=_(UNALIAS))
    event = nodes.events[node]
    tag = getattr(event, "ctag", None)
    if tag is not None and str(event.tag) not in ("tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"):
        raise Refused(
            _("it has a tag, so its text may mean something special"), line=nodes.line(node), cure=_(BY_HAND)
        )


def slot(nodes: Nodes, node: int, op: Add | Insert) -> int:
    """Before which entry of a collection something new goes; their number for the end.

    Raises `Refused` where that entry is a key written with `?`.
    """
    entries = nodes.entries(node)
    if isinstance(op, Insert):
        return min(op.index, len(entries))
    entry = None if op.before is None else nodes.entry(node, op.before)
    if entry is None:
        return len(entries)
    if entry.indicator_end < 0:
        raise Refused(_("a key in it is written with `?`"), line=nodes.line(entry.value), cure=_(COLON))
    return next(index for index, each in enumerate(entries) if each.key == entry.key)


def comment_within(nodes: Nodes, node: int) -> bool:
    """Whether there is a comment between the parts of a collection, or behind its last line."""
    if node not in nodes.close:
        return False
    at = nodes.start(node)
    last = line_end(nodes.text, nodes.end(node)) if nodes.is_block(node) else len(nodes.text)
    for index in range(node, nodes.close[node] + 1):
        event = nodes.events[index]
        start = min(event.start_mark.index, last)  # by indent, a collection's end is only known behind it
        if start > at and "#" in nodes.text[at:start]:
            gap = nodes.text[at:start]
            if _COMMENT.search(gap):
                return True
        if type(event) is ScalarEvent or type(event) is AliasEvent:
            at = max(at, nodes.end(index) if not nodes.is_empty(index) else at)
            if nodes.is_block_scalar(index) and "#" in nodes.text[start : start + 80].split("\n", 1)[0]:
                return True
    return False
