"""New YAML text in the habits of the text around it."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import Any

from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from patcher.dataclass import dataclass
from patcher.formats.ops import Scalar, Value
from patcher.formats.yaml.nodes import Nodes
from patcher.formats.yaml.scalar import plain_safe, surely_text, written

_LOOK = 64
"""How many events are looked at for habits: enough to see them, and a bound for long files."""
_SHORT = 4
_WIDTH = 72


@dataclass(frozen=True)
class YamlStyle:
    """How the text around a place is written."""

    map_indent: int = 2
    """What a map is indented by inside a map."""
    list_indent: int = 2
    """What a list's dashes are indented by inside a map."""
    gap: int = 1
    """The blanks behind a dash."""
    quote: str = ""
    """The quote of every string; empty where they stand without, if they can."""
    key_quote: str = ""
    spare: str = '"'
    """The quote of strings that need one."""
    lists: str = ""
    """`flow` or `block`: what lists of scalars around here are; empty where there is none."""
    colon: str = ": "
    comma: str = ", "
    pad: str = ""
    """Blank inside the braces of a map on one line."""


def style_near(nodes: Nodes, node: int | None) -> YamlStyle:
    """The habits of a collection, or where it shows none, of the document."""
    first = 0 if node is None else node
    last = len(nodes.events) if node is None else nodes.after(node)
    near = _Habits(nodes, first, min(last, first + _LOOK))
    around, quotes = near, near.quotes
    if not (near.shows_strings and near.keys and quotes):
        around = _Habits(nodes, 0, min(len(nodes.events), _LOOK))
        quotes = quotes or around.quotes
    quote = (near if near.shows_strings else around).habit()
    key_quote = (near if near.keys else around).key_habit()
    if key_quote and not (near.plain or around.plain):  # as in JSON
        quote = quote or key_quote
    return YamlStyle(
        map_indent=nodes.map_indent,
        list_indent=nodes.list_indent,
        quote=quote,
        key_quote=key_quote,
        spare="'" if quotes["'"] > quotes['"'] else '"',
        lists=near.lists,
    )


class _Habits:
    """Counts of how strings, keys and lists are written in a run of events."""

    def __init__(self, nodes: Nodes, start: int, stop: int) -> None:
        self.quoted: list[Any] = []
        self.plain = False
        """Whether there is a string without quotes."""
        keys: list[str] = []
        self.lists = ""
        outer: list[tuple[Any, bool]] = []
        inside: Any = None  # the start of the collection, and in a map: whether a key comes next
        at_key = False
        for event in nodes.events[start:stop]:
            kind = type(event)
            if kind is ScalarEvent:
                style = event.style
                if at_key:
                    keys.append(style or "")
                else:
                    if type(inside) is SequenceStartEvent and not self.lists:
                        self.lists = "flow" if inside.flow_style else "block"
                    if not style:
                        self.plain = self.plain or surely_text(event.value)
                    elif style in "'\"":
                        self.quoted.append(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                outer.append((inside, not at_key))
                inside, at_key = event, kind is MappingStartEvent
                continue
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                inside, at_key = outer.pop()
                at_key = at_key and type(inside) is MappingStartEvent
                continue
            elif kind is not AliasEvent:
                continue
            at_key = not at_key and type(inside) is MappingStartEvent
        self.keys = Counter(keys)
        self.quotes = Counter(event.style for event in self.quoted)

    @cached_property
    def spared(self) -> Counter[str]:
        """The quotes of strings that could do without them."""
        return Counter(event.style for event in self.quoted if plain_safe(event.value, flow=False))

    @property
    def shows_strings(self) -> bool:
        return bool(self.plain or self.spared)

    def habit(self) -> str:
        return "" if self.plain or not self.spared else self.spared.most_common(1)[0][0]

    def key_habit(self) -> str:
        quote = self.keys.most_common(1)[0][0] if self.keys else ""
        return quote if quote in ('"', "'") and len(self.keys) == 1 else ""


def scalar(value: Scalar, style: YamlStyle, *, flow: bool) -> str:
    """A scalar in the habits of its place."""
    return written(value, style.quote, style.spare, flow=flow)


def key_text(key: str, style: YamlStyle, *, flow: bool) -> str:
    """A key in the habits of its place."""
    return written(key, style.key_quote, style.spare, flow=flow)


def on_one_line(value: Value, style: YamlStyle, *, flow: bool = True) -> str:
    """Any value on one line, collections in brackets."""
    if isinstance(value, dict):
        inner = style.comma.join(
            key_text(key, style, flow=True) + style.colon + on_one_line(each, style)
            for key, each in value.items()
        )
        return "{" + style.pad + inner + style.pad + "}" if inner else "{}"
    if isinstance(value, list):
        return "[" + style.comma.join(on_one_line(each, style) for each in value) + "]"
    return scalar(value, style, flow=flow)


def bracketed(value: Value, style: YamlStyle, column: int, eol: str) -> str:
    """Any value in brackets, maps and long lists over several lines, the last at `column`."""
    if not isinstance(value, (dict, list)) or not value or (isinstance(value, list) and _short(value, style)):
        return on_one_line(value, style)
    inner = column + style.map_indent
    if isinstance(value, dict):
        parts = [
            key_text(key, style, flow=True) + style.colon + bracketed(each, style, inner, eol)
            for key, each in value.items()
        ]
    else:
        parts = [bracketed(each, style, inner, eol) for each in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    comma = "," + eol + " " * inner
    return opening + eol + " " * inner + comma.join(parts) + eol + " " * column + closing


def by_indent(value: Value, style: YamlStyle) -> bool:
    """Whether a value is written as lines of their own under its key."""
    return bool(value) and (isinstance(value, dict) or (isinstance(value, list) and not _short(value, style)))


def _short(values: list[Value], style: YamlStyle) -> bool:
    if any(isinstance(value, (dict, list)) for value in values):
        return False
    if style.lists:
        return style.lists == "flow"
    return len(values) <= _SHORT and len(on_one_line(values, style)) <= _WIDTH


def entry(key: str, value: Value, style: YamlStyle, column: int, eol: str) -> str:
    """A block map's entry at `column`, without the indent of its first line."""
    head = key_text(key, style, flow=False) + ":"
    if not by_indent(value, style):
        return head + " " + on_one_line(value, style, flow=False)
    inner = column + (style.map_indent if isinstance(value, dict) else style.list_indent)
    return head + eol + " " * inner + block(value, style, inner, eol)


def block(value: Value, style: YamlStyle, column: int, eol: str) -> str:
    """A value as a block at `column`, without the indent of its first line."""
    between = eol + " " * column
    if isinstance(value, dict) and value:
        return between.join(entry(key, each, style, column, eol) for key, each in value.items())
    if isinstance(value, list) and value:
        return between.join(item(each, style, column, eol) for each in value)
    return on_one_line(value, style, flow=False)


def item(value: Value, style: YamlStyle, column: int, eol: str) -> str:
    """A block list's item with its dash at `column`, without the indent of its first line."""
    gap = " " * style.gap
    if by_indent(value, style):
        return "-" + gap + block(value, style, column + 1 + style.gap, eol)
    return "-" + gap + on_one_line(value, style, flow=False)
