"""How operations on JSON become splices: what is put into a container and taken out of it, in its habits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeAlias

from patcher.cures import MOVE_COMMENT
from patcher.errors import Refused
from patcher.formats import brackets
from patcher.formats.brackets import Layout, comment_patterns
from patcher.formats.json.spans import COMMENT, Spans
from patcher.formats.json.style import JsonStyle, multiline, quoted, style_at
from patcher.formats.linewise import indent_of, line_of
from patcher.formats.ops import Add, Drop, Insert, NodePath, Op, Put, Value
from patcher.formats.text import Splice
from patcher.i18n import _

WIDTH = 100
"""A map goes on one line, as its siblings do, as long as it is not longer than this."""

New: TypeAlias = tuple[str | None, Value]
"""A member to come: its key (None in a list) and value."""

_PARTS = re.compile(r"""\"(?>(?:[^"\\]|\\.)*)"|'(?>(?:[^'\\]|\\.)*)'|(//|/\*)""", re.DOTALL)
"""Strings, and where a comment begins."""


class JsonContainer(brackets.Container[New]):
    """The plan for one container; `opens` leads to it from the whole document's, itself the last."""

    comment, tail = comment_patterns(COMMENT.pattern)

    def __init__(self, spans: Spans, opens: Sequence[int]) -> None:
        self.spans = spans
        self.opens = opens
        members = spans.members(opens[-1])  # which finds the closing bracket, too
        super().__init__(spans.text, opens[-1], spans.close(opens[-1]), members)

    @cached_property
    def style(self) -> JsonStyle:
        return style_at(self.spans, self.opens, self.open)

    def layout(self) -> Layout:
        pad = self.style.pad if self.text[self.open] == "{" else ""
        return Layout(self.style.unit, self.style.gap, pad, self.style.trailing)

    def wide(self) -> bool:
        """As the container around it, if it is a map or holds any."""
        if multiline(self.spans, self.open):
            return True
        if len(self.opens) > 1 and not multiline(self.spans, self.opens[-2]):
            return False
        new = (value for values in self.new.values() for _, value in values)
        return self.text[self.open] == "{" or any(isinstance(value, (dict, list)) and value for value in new)

    def written(self, new: New, eol: str, indent: str | None) -> str:
        """A new member; a map is on one line where the others beside it are."""
        key, value = new
        style = self.style if eol == self.style.eol else replace(self.style, eol=eol)
        if indent is None or (self.members and not multiline(self.spans, self.open)):
            return style.member(key, value, None)
        for member in self.spans.members(self.open)[:-9:-1] if isinstance(value, dict) else ():
            like = member.value
            if self.text[like] == "{" and not self.spans.empty(like):
                flat = "" if multiline(self.spans, like) else style.member(key, value, None)
                if flat and len(indent) + len(flat) <= WIDTH:
                    return flat
                break
        return style.member(key, value, indent)


def plan(text: str, ops: Sequence[Op]) -> list[Splice]:
    """The splices that bring operations about."""
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
