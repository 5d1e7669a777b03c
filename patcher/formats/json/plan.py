"""Members put into and taken out of one container, in the habits of JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeAlias

from patcher.formats import brackets
from patcher.formats.brackets import Layout, comment_patterns
from patcher.formats.json.spans import COMMENT, Spans
from patcher.formats.json.style import JsonStyle, multiline, style_at
from patcher.formats.ops import Value

WIDTH = 100
"""A map goes on one line, as its siblings do, as long as it is not longer than this."""

New: TypeAlias = tuple[str | None, Value]
"""A member to come: its key (None in a list) and value."""


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
