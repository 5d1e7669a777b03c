"""JSON, JSON with comments (JSONC) and JSON5."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from patcher.cures import BY_HAND, MOVE_COMMENT
from patcher.errors import Refused
from patcher.formats.json.plan import JsonContainer
from patcher.formats.json.read import relaxed, reread, strict
from patcher.formats.json.spans import Spans
from patcher.formats.json.style import multiline, quoted, style_at
from patcher.formats.linewise import indent_of, line_of
from patcher.formats.ops import Add, Drop, Insert, Node, NodePath, Op, Put, Scalar, Value
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice
from patcher.i18n import _

_WHOLE = re.compile(rb"[+-]?[0-9]+")
_PARTS = re.compile(r"""\"(?>(?:[^"\\]|\\.)*)"|'(?>(?:[^'\\]|\\.)*)'|(//|/\*)""", re.DOTALL)
"""Strings, and where a comment begins."""


def json5(text: str) -> Node:
    """Read JSON5, as JSONC where it is no more than that; its reader is loaded where it is needed."""
    try:
        return relaxed(text)
    except Refused:
        from patcher.formats.json.json5_read import json5 as read  # noqa: PLC0415 - as the docstring says

        return read(text)


def judged(text: str) -> Node:
    """Read JSON5 that is more than JSONC by two readers."""
    try:
        return relaxed(text)
    except Refused:
        from patcher.formats.json.json5_judge import judge  # noqa: PLC0415 - slow to load, and not always needed

        tree = json5(text)
        judge(text, tree)
        return tree


def _plain(leaf: Node) -> Scalar:
    if not isinstance(leaf, bytes):
        assert leaf is None or isinstance(leaf, (str, bool))  # what the parser makes
        return leaf
    try:
        if _WHOLE.fullmatch(leaf):
            return int(leaf)
        number = float(leaf)
    except ValueError:  # JSON5's 0xff, or more digits than Python reads
        number = math.inf
    if not math.isfinite(number):
        raise Refused(_("a number of a special kind"), cure=_(BY_HAND))
    return number


def _splices(text: str, ops: Sequence[Op]) -> list[Splice]:
    return _Plan(Spans(text)).splices(ops)


class _Plan:
    def __init__(self, spans: Spans) -> None:
        self.spans = spans
        self.containers: dict[NodePath, JsonContainer] = {}

    def splices(self, ops: Sequence[Op]) -> list[Splice]:
        found: list[Splice] = []
        for op in ops:
            if isinstance(op, Put):
                found.append(self._put(op.place, op.value))
            elif isinstance(op, Drop):
                inside = self._container(op.place[:-1])
                inside.dropped.add(self.spans.index(inside.open, op.place[-1]))
            else:
                inside = self._container(op.place)
                key = op.key if isinstance(op, Add) else None
                inside.new.setdefault(self._slot(inside.open, op), []).append((key, op.value))
        for container in self.containers.values():
            found += container.splices()
        return found

    def _slot(self, open_: int, op: Add | Insert) -> int:
        """Before which member something new goes."""
        if isinstance(op, Insert):
            return op.index
        return len(self.spans.members(open_)) if op.before is None else self.spans.index(open_, op.before)

    def _container(self, place: NodePath) -> JsonContainer:
        if place not in self.containers:
            self.containers[place] = JsonContainer(self.spans, self.spans.offsets_along(place))
        return self.containers[place]

    def _put(self, place: NodePath, value: Value) -> Splice:
        text = self.spans.text
        *opens, start = self.spans.offsets_along(place)
        if start == len(text):
            return self._document(value)
        end = self.spans.end(start)
        if _commented(text[start:end]):
            raise Refused(
                _("there is a comment in what has to go"), line=line_of(text, start), cure=_(MOVE_COMMENT)
            )
        return Splice(start, end, self._exchanged(opens, start, value))

    def _exchanged(self, opens: Sequence[int], start: int, value: Value) -> str:
        """A value instead of the one at `start`, a string in the quotes of the old one."""
        text = self.spans.text
        if isinstance(value, str) and text[start] in "\"'":
            return quoted(value, text[start])
        wide = not opens or multiline(self.spans, opens[-1])
        return style_at(self.spans, opens, start).value(value, indent_of(text, start) if wide else None)

    def _document(self, value: Value) -> Splice:
        """A value for a text that has none: instead of its blanks, or behind its comments."""
        text = self.spans.text
        style = style_at(self.spans, (), len(text))
        written = style.value(value, "") + style.eol
        if not text.strip():
            return Splice(0, len(text), written)
        at = len(text)
        return Splice(at, at, written if text.endswith(("\n", "\r")) else style.eol + written)


def _commented(token: str) -> bool:
    return token[0] in "[{" and any(found[1] for found in _PARTS.finditer(token))


def members(text: str) -> dict[str, str]:
    """The keys of a valid JSON map and the texts of their values."""
    spans = Spans(text)
    entries = spans.entries(spans.root)
    return {str(key): text[member.value : member.end] for key, member in entries.items()}


_LIMIT = 16 << 20
_STRICT = Syntax(strict, _plain, _splices, _LIMIT, reread)
SYNTAX = {
    "json": _STRICT,
    "jsonc": Syntax(relaxed, _plain, _splices, _LIMIT),
    "json5": Syntax(json5, _plain, _splices, _LIMIT, judged),
    "extension": _STRICT,  # a store is shown as JSON
    "sqlite": _STRICT,
}
"""A file that is empty, or has nothing but comments, reads as None."""
