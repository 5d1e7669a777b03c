"""Syntaxes of lines: what they share as readers, and the splices of one list of `key = value`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from patcher.cures import BY_HAND, LEAVE_ONE, PROFILE
from patcher.dataclass import dataclass
from patcher.errors import Refused
from patcher.formats.linewise import (
    above_comments,
    content_end,
    line_of,
    line_start,
    new_line,
    refuse_lone_cr,
    remove_lines,
    repeated,
)
from patcher.formats.ops import Add, Drop, Insert, Node, Op, Put, Scalar, Value
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice
from patcher.i18n import _

BLANK = r"[^\S\r\n]"
"""In a pattern: white space that ends no line."""
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")
_COMMENTS = ("#", ";", "//")


@dataclass(frozen=True)
class Raw:
    """A value as it is written, where the readers of a syntax do not agree what it means."""

    text: str


@dataclass
class LineEntry:
    """One `key = value` of a text: `start:end` are its lines, `value_start:value_end` its value with quotes.

    `quote` is the value's quote, "" for none, `None` where there is no value to learn from.
    `separator` is what stands between key and value, "" where the key stands alone. `trouble`
    says why the value cannot be replaced.
    """

    key: str
    start: int
    end: int
    value_start: int
    value_end: int
    separator: str = ""
    quote: str | None = None
    lead: str = ""
    trouble: str = ""


def line_syntax(read: Callable[[str], Node], splices: Callable[[str, Sequence[Op]], list[Splice]]) -> Syntax:
    """A syntax that is made of lines; `read` is its `tree`, of a text whose lines end as lines do."""

    def tree(text: str) -> Node:
        refuse_lone_cr(text)
        return read(text)

    return Syntax(tree, plain, splices)


def plain(leaf: Node) -> Scalar:
    """A leaf as plain data. Raises `Refused` for what is no text, number, truth or nothing."""
    if leaf is None or isinstance(leaf, (str, int)):
        return leaf
    raise Refused(_("programs do not agree on what this value means"), cure=_(BY_HAND))


def unfit(text: str, entry: LineEntry, cure: str = "") -> Refused:
    """The refusal to replace the value of an entry, for its `trouble`."""
    return Refused(
        _("{key} {trouble}").format(key=entry.key, trouble=_(entry.trouble)),
        line=line_of(text, entry.start),
        cure=cure or _(BY_HAND),
    )


def in_another_case(key: str, other: str, line: int | None = None) -> Refused:
    """The refusal of a key that is there in another case, where programs differ on whether it is the same."""
    return Refused(
        _("{key} is there as {other}, and not every program tells them apart").format(key=key, other=other),
        line=line,
        cure=_("write it as {key}").format(key=key),
    )


def needs_text(key: str, value: Value) -> str:
    """Raises `Refused` for a value that is no string, or that holds control characters."""
    if not isinstance(value, str):
        raise Refused(
            _("{key} cannot be set: this syntax holds nothing but text").format(key=key),
            cure=_(PROFILE),
        )
    if _CONTROL.search(value):
        raise Refused(
            _("{key} cannot be set: the value holds a control character").format(key=key),
            cure=_("take it out of the value"),
        )
    return value


def with_separator(entry: LineEntry, new: str) -> str:
    """`new` as an entry's value: with the sign that a lonely key lacks, the blank that a lonely sign does."""
    if not entry.separator:
        return "=" + new
    lonely = entry.separator.endswith("=") and entry.separator != "="
    return " " + new if lonely and entry.value_start == entry.value_end else new


def flat_splices(
    text: str,
    entries: Sequence[LineEntry],
    ops: Sequence[Op],
    put: Callable[[LineEntry, Value], str],
    add: Callable[[str, Value], str],
) -> list[Splice]:
    """`put` gives the new text of an entry's value, `add` a new entry without a line end.

    New entries go before the one they have to, else after the last line that is not blank.
    Raises `Refused` for a key that is set more than once, and for what a flat list cannot hold.
    """
    places: dict[str, list[LineEntry]] = {}
    for entry in entries:
        places.setdefault(entry.key, []).append(entry)
    end = content_end(text)
    splices: list[Splice] = []
    dropped: list[tuple[int, int]] = []
    # A new line at the end of the text goes behind what is put there.
    for op in sorted(ops, key=lambda op: isinstance(op, Add)):
        if isinstance(op, Add) and not op.place:
            new = add(op.key, op.value)
            splices.append(
                _before(text, places[op.before][0], new) if op.before else new_line(text, end, new)
            )
            continue
        if isinstance(op, (Add, Insert)) or len(op.place) != 1:
            raise Refused(_("this syntax holds one list of keys and values, nothing nested"), cure=_(PROFILE))
        entry = the_only(text, str(op.place[0]), places.get(str(op.place[0]), []))
        if isinstance(op, Put):
            if entry.trouble:
                raise unfit(text, entry)
            splices.append(Splice(entry.value_start, entry.value_end, put(entry, op.value)))
        elif isinstance(op, Drop):
            dropped.append((entry.start, entry.end))
    return [*splices, *remove_lines(text, dropped, splices)]


def _before(text: str, entry: LineEntry, new: str) -> Splice:
    start = entry.start
    if line_start(text, start) < start:
        return Splice(start, start, new + " ")  # several on a line
    return new_line(text, above_comments(text, start, _COMMENTS), new)


def the_only(text: str, key: str, found: Sequence[LineEntry]) -> LineEntry:
    """The one entry with this key. Raises `Refused`, with the second's line, for several."""
    if not found:
        raise Refused(_("{key} stands in no place that can be edited").format(key=key), cure=_(BY_HAND))
    if len(found) == 2:
        raise repeated(text, key, found[0].start, found[1].start)
    if len(found) > 1:
        lines = [line_of(text, entry.start) for entry in found]
        raise Refused(
            _("{key} is set {count} times, first on lines {first} and {second}").format(
                key=key, count=len(lines), first=lines[0], second=lines[1]
            ),
            line=lines[1],
            cure=_(LEAVE_ONE),
        )
    return found[0]
