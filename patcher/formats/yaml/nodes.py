"""Where the nodes of a YAML text stand: the planner's view of the events.

A node is the index of its event. Marks are trusted only where both scanners set them right: the
start of a node without a tag, and the end of a scalar, an alias and a flow collection.

Where they differ (ruamel.yaml 0.19 and its clib 0.2.15): `!t &x y` begins at the tag to libyaml, at
the anchor to the scanner in Python; an empty value has one place before and one behind the blank or
line end that follows its colon; a document with directives begins before or behind them; and `[a:b]`
libyaml does not read at all. The end of a collection by indent is to both where the next thing begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from patcher.cures import BY_HAND, NO_TABS
from patcher.errors import Refused
from patcher.formats.linewise import begins_line, line_start, repeated
from patcher.formats.text import line_of
from patcher.i18n import _

_SKIP = re.compile(r"(?:[ \t\r\n]+|(?:(?<=[ \t\r\n])|(?<![^\r\n]))#[^\n]*)*")
_PROPS = re.compile(
    r"(?:(?:&[0-9A-Za-z_-]+|!<[^>\s]*>|![^\s,\[\]{}]*)(?:[ \t\r\n]+|(?<=[ \t\r\n])#[^\n]*|$)+)+"
)
_COLON = re.compile(r"[ \t]*:")


class YamlEntry(NamedTuple):
    """A map's entry, or a list's item (`key` is None)."""

    key: int | None
    value: int
    begin: int
    """Where it begins in the text: the key, the dash, or the item of a flow list."""
    indicator_end: int
    """The end of its `:` or `-`; -1 in a flow list, and where it has no `:` right after its key."""
    block: bool
    """Whether it stands in a collection by indent."""
    empty_end: int
    """Where it ends if its value is empty."""


class Nodes:
    """The nodes of one text."""

    def __init__(self, text: str, events: Sequence[Any]) -> None:
        self.text = text
        self.events = events
        self.close: dict[int, int] = {}
        self.shared: dict[int, list[int]] = {}
        """Anchored nodes that aliases stand for, each with these."""
        self.targets: dict[int, int] = {}
        """Aliases, each with the node it stands for."""
        self.roots: list[int] = []
        self.document_end: Any = None
        self.map_indent = self.list_indent = 0
        self._entries: dict[int, list[YamlEntry]] = {}
        self._asks = "?" in text
        """Whether a key could be written with `?`."""
        self._index()

    def _index(self) -> None:  # noqa: C901, PLR0912 - one pass over all events, in one piece
        stack: list[int] = []
        anchors: dict[str, int] = {}
        map_indents: list[int] = []
        list_indents: list[int] = []
        for index, event in enumerate(self.events):
            kind = type(event)
            if kind is ScalarEvent:
                if event.anchor is not None:
                    anchors[event.anchor] = index
                if not stack:
                    self.roots.append(index)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if event.anchor is not None:
                    anchors[event.anchor] = index
                if not stack:
                    self.roots.append(index)
                elif not event.flow_style and event.anchor is None and event.ctag is None:
                    parent = self.events[stack[-1]]
                    if type(parent) is MappingStartEvent and not parent.flow_style:
                        column = event.start_mark.column - self.events[stack[-1] + 1].start_mark.column
                        (map_indents if kind is MappingStartEvent else list_indents).append(column)
                stack.append(index)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self.close[stack.pop()] = index
            elif kind is AliasEvent:
                if not stack:
                    self.roots.append(index)
                target = anchors.get(event.anchor, index)
                self.shared.setdefault(target, []).append(index)
                self.targets[index] = target
            elif kind is DocumentStartEvent:
                anchors = {}
            elif kind is DocumentEndEvent and self.document_end is None:
                self.document_end = event
        self.map_indent = _usual([step for step in map_indents if 0 < step <= 8], 2)
        self.list_indent = _usual([step for step in list_indents if 0 <= step <= 8], min(self.map_indent, 2))

    def is_map(self, node: int) -> bool:
        return type(self.events[node]) is MappingStartEvent

    def is_list(self, node: int) -> bool:
        return type(self.events[node]) is SequenceStartEvent

    def is_empty(self, node: int) -> bool:
        """Nothing stands there: null by absence, perhaps with an anchor or tag."""
        event = self.events[node]
        return type(event) is ScalarEvent and not event.value and not event.style

    def is_block_scalar(self, node: int) -> bool:
        event = self.events[node]
        return type(event) is ScalarEvent and event.style in ("|", ">")

    def is_block(self, node: int) -> bool:
        """Whether it is a collection by indent."""
        return node in self.close and not self.events[node].flow_style

    def is_flow(self, node: int) -> bool:
        """Whether it is a collection in brackets; false for the map `a: 1` in `[a: 1]`."""
        if node not in self.close or not self.events[node].flow_style:
            return False
        start = self.start(node)
        # The one pair in `[{a: 1}: 2]` begins where its key does, with a brace of the key's.
        inside = self.events[node + 1].start_mark.index
        return self.text[start] in "{[" and (inside > start or node + 1 == self.close[node])

    def start(self, node: int) -> int:
        """Where the node itself starts, after its anchor and tag."""
        event = self.events[node]
        at: int = event.start_mark.index
        if type(event) is AliasEvent or event.anchor is event.ctag is None:
            return at
        if matched := _PROPS.match(self.text, at):
            return matched.end()
        raise Refused(_("an anchor or tag in it is not read by all"), line=self.line(node), cure=_(BY_HAND))

    def after(self, node: int) -> int:
        """The event after the node."""
        return self.close.get(node, node) + 1

    def last_leaf(self, node: int) -> int:
        """The node, or the last one inside it that is no block collection."""
        while self.is_block(node):
            node = self._pairs(node)[-1][1]
        return node

    def end(self, node: int) -> int:
        """Where the content of a node ends that is not empty."""
        if node in self.close:
            if self.is_flow(node):
                at: int = self.events[self.close[node]].end_mark.index
                return at
            return self.entry_end(self.entries(node)[-1])
        event = self.events[node]
        at = event.end_mark.index
        if self.is_block_scalar(node):
            start: int = event.start_mark.index
            body = self.text[start:at]
            kept = body.rstrip(" \t\r\n")
            tail = body[len(kept) :]
            header = body.split("\n", 1)[0]
            if "+" in header.split("#", 1)[0] or ((" " in tail or "\t" in tail) and "\n" in tail[:-1]):
                return at  # blank lines are, or may be, content
            return start + len(kept)
        return at

    def _pairs(self, node: int) -> list[tuple[int | None, int]]:
        pairs: list[tuple[int | None, int]] = []
        close = self.close
        at, stop = node + 1, close[node]
        keyed = self.is_map(node)
        while at < stop:
            value = close.get(at, at) + 1 if keyed else at
            pairs.append((at if keyed else None, value))
            at = close.get(value, value) + 1
        return pairs

    def entries(self, node: int) -> list[YamlEntry]:
        """The entries of a collection, in order."""
        found = self._entries.get(node)
        if found is None:
            found = self._entries[node] = list(self._found(node, self._pairs(node)))
        return found

    def entry(self, node: int, key: str) -> YamlEntry | None:
        """The entry of a map with that key; no other is looked into.

        Raises `Refused` where that is more than one.
        """
        found = [pair for pair in self._pairs(node) if pair[0] is not None and self.key(pair[0]) == key]
        if len(found) > 1:
            first, second = (self.events[value - 1].start_mark.index for _key, value in found[:2])
            raise repeated(self.text, key, first, second)
        return next(self._found(node, found), None)

    def _found(self, node: int, pairs: Iterable[tuple[int | None, int]]) -> Iterator[YamlEntry]:
        block = not self.events[node].flow_style
        text = self.text
        last: YamlEntry | None = None
        for key, value in pairs:
            head = self.events[value if key is None else key]
            if head.anchor is not None and getattr(head, "ctag", None) is not None:
                # The scanners do not agree on where it starts.
                raise Refused(_("it has both an anchor and a tag"), line=self.line(value), cure=_(BY_HAND))
            if key is not None:
                if self.is_empty(key):
                    raise Refused(_("a key in it is empty"), line=self.line(key), cure=_(BY_HAND))
                begin = self.events[key].start_mark.index
                key_end = self.end(key)
                matched = _COLON.match(text, key_end)
                indicator_end = matched.end() if matched and self.question(begin) == begin else -1
                if indicator_end < 0 and not block:
                    skipped = self.skip(key_end)
                    indicator_end = skipped + 1 if text[skipped : skipped + 1] == ":" else -1
                empty_end = key_end if indicator_end < 0 else indicator_end
            elif block:
                begin = self._dash(value, node, last)
                indicator_end = empty_end = begin + 1
            else:
                begin = empty_end = self.events[value].start_mark.index
                indicator_end = -1
            last = YamlEntry(key, value, begin, indicator_end, block, empty_end)
            yield last

    def entry_end(self, entry: YamlEntry) -> int:
        """Where an entry's content ends: before comments and, but for `|+`, blank lines after it."""
        value = entry.value
        if not self.is_empty(value):
            return self.end(value)
        event = self.events[value]
        if event.anchor is event.ctag is None:
            return entry.empty_end
        return len(self.text[: event.end_mark.index].rstrip(" \t\r\n"))

    def question(self, begin: int) -> int:
        """Where the `?` stands that a key at `begin` is written with; the same place without one."""
        if not self._asks:
            return begin
        first = line_start(self.text, begin)
        before = self.text[first:begin].rstrip(" \t")
        return first + len(before) - 1 if before.endswith("?") else begin

    def _dash(self, value: int, node: int, last: YamlEntry | None) -> int:
        begin: int = self.events[value].start_mark.index
        first = line_start(self.text, begin)
        line = self.text[first:begin].rstrip(" \t")
        if line.endswith("-") and not self.is_empty(value) and line[-2:-1] in ("", " ", "\t"):
            return first + len(line) - 1
        at = self.skip(self.start(node) if last is None else self.entry_end(last))
        if self.text[at : at + 1] != "-":
            raise Refused(_("an item in it could not be found"), line=self.line(value), cure=_(BY_HAND))
        return at

    def skip(self, at: int) -> int:
        """The next place that is no blank, line end or comment."""
        matched = _SKIP.match(self.text, at)
        return matched.end() if matched else at

    def key(self, node: int) -> str | None:
        """A key's text; None for one with an anchor or a tag."""
        event = self.events[node]
        if type(event) is not ScalarEvent or event.anchor is not None or event.ctag is not None:
            return None
        return str(event.value)

    def line(self, node: int) -> int:
        """The line of a node, from 1."""
        return int(self.events[node].start_mark.line) + 1

    def column(self, at: int) -> int:
        """The column of a place, to indent other lines like it. Refused behind a tab."""
        begin = line_start(self.text, at)
        if "\t" in self.text[begin:at]:
            raise Refused(_("there is a tab in the indent"), line=line_of(self.text, at), cure=_(NO_TABS))
        return at - begin

    def first_on_line(self, at: int) -> bool:
        """Whether only blanks stand before it on its line."""
        return begins_line(self.text, at, " ")


def _usual(seen: list[int], default: int) -> int:
    return max(set(seen), key=lambda step: (seen.count(step), -step)) if seen else default
