"""Splices inside collections in brackets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from patcher.errors import Refused
from patcher.formats.linewise import comments_above, eol_near, line_end, line_start
from patcher.formats.ops import Add, Insert
from patcher.formats.text import Splice
from patcher.formats.yaml.nodes import Entry, Nodes
from patcher.formats.yaml.render import Style, bracketed, key_text, on_one_line
from patcher.formats.yaml.walk import comment_within, slot
from patcher.i18n import _


class Flow:
    """One map or list in brackets, and what is to be done in it."""

    def __init__(self, nodes: Nodes, node: int, style: Style) -> None:
        self.nodes = nodes
        self.text = nodes.text
        self.node = node
        self.entries = nodes.entries(node)
        self.open = nodes.start(node) + 1
        self.shut = nodes.end(node) - 1
        self.eol = eol_near(self.text, self.open)
        self.lines = bool(self.entries) and "\n" in self.text[self.open : self.entries[0].begin]
        self.style = self._spacing(style)
        if self.lines:
            self.column = nodes.column(self._line_begin(self.entries[0].begin))

    def _line_begin(self, at: int) -> int:
        first = line_start(self.text, at)
        return first + len(self.text[first:at]) - len(self.text[first:at].lstrip(" "))

    def _spacing(self, style: Style) -> Style:
        if not self.entries:
            return replace(style, pad=" " if self.shut > self.open and self.nodes.is_map(self.node) else "")
        first, text = self.entries[0], self.text
        comma = ", "
        if len(self.entries) > 1:
            end = self.nodes.entry_end(first)
            comma = "," if text[end : self.entries[1].begin] == "," else ", "
        colon = ": "
        if first.key is not None and first.mark > 0 and not text[first.mark : first.mark + 1].isspace():
            # Only a quoted key may have its colon close: `"a":1`, but `{a:1}` is one word.
            colon = ":" if style.key_quote else ": "
        pad = " " if not self.lines and text[self.open : first.begin] == " " else ""
        return replace(style, comma=comma, colon=colon, pad=pad)

    def _new(self, op: Add | Insert) -> str:
        if self.lines:
            value = bracketed(op.value, self.style, self.column, self.eol)
        else:
            value = on_one_line(op.value, self.style)
        if isinstance(op, Insert):
            return value
        return key_text(op.key, self.style, flow=True) + self.style.colon + value

    def grow(self, ops: Sequence[Add | Insert], dropped: set[int]) -> list[Splice]:
        """New entries, each before the entry that its index says, or at the end."""
        last = len(self.entries)
        places = [(op, slot(self.nodes, self.node, op)) for op in ops]
        ends = [op for op, index in places if index >= last]
        if not self.entries:
            return [self._filled(ends)]
        if dropped and (len(dropped) == last or (ends and last - 1 in dropped)):
            raise Refused(_("adding to and removing from one list in brackets at once is not supported"))
        splices = [self._before(self.entries[index], self._new(op)) for op, index in places if index < last]
        if ends:
            splices += self._appended([self._new(op) for op in ends])
        return splices

    def _filled(self, ops: Sequence[Add | Insert]) -> Splice:
        if self.text[self.open : self.shut].strip():
            raise Refused(_("there is a comment in the empty brackets"), line=self.nodes.line(self.node))
        pad = self.style.pad
        new = self.style.comma.join(map(self._new, ops))
        return Splice(self.open, self.shut, pad + new + pad)

    def _before(self, entry: Entry, new: str) -> Splice:
        if self.lines and self.nodes.first_on_line(entry.begin):
            start = line_start(self.text, entry.begin)
            at = comments_above(self.text, start, indent=self.text[start : entry.begin])
            return Splice(at, at, " " * self.nodes.column(entry.begin) + new + "," + eol_near(self.text, at))
        return Splice(entry.begin, entry.begin, new + self.style.comma)

    def _appended(self, new: list[str]) -> list[Splice]:
        end = self.nodes.entry_end(self.entries[-1])
        comma = self.nodes.skip(end)
        trailing = self.text[comma] == ","
        after = comma + 1 if trailing else end
        if not self.lines:
            joined = self.style.comma.join(new)
            if trailing:
                space = " " if self.style.comma == ", " else ""
                return [Splice(after, after, space + joined + ",")]
            return [Splice(after, after, self.style.comma + joined)]
        indent = self.eol + " " * self.column
        text = ("," + indent).join(new) + ("," if trailing else "")
        stop = line_end(self.text, after)
        splices = [] if trailing else [Splice(end, end, ",")]
        if stop >= self.shut:  # the bracket closes on the last entry's line
            return [*splices, Splice(after, after, indent + text)]
        return [*splices, Splice(stop, stop, indent + text)]

    def drop(self, dropped: set[int]) -> list[Splice]:
        """Entries taken away, each with a comma."""
        last = len(self.entries) - 1
        if len(dropped) == last + 1:
            if comment_within(self.nodes, self.node):
                raise self._comment()
            return [Splice(self.open, self.shut, "")]
        splices: list[Splice] = []
        index = 0
        while index <= last:
            if index not in dropped:
                index += 1
                continue
            first = index
            while index <= last and index in dropped:
                index += 1
            splices += self._dropped(first, index - 1)
        return splices

    def _dropped(self, first: int, last: int) -> list[Splice]:
        """The run of entries from `first` to `last`."""
        begin, end = self.entries[first].begin, self.nodes.entry_end(self.entries[last])
        comma = self.nodes.skip(end)
        trailing = self.text[comma] == ","
        after = comma + 1 if trailing else end
        stop = line_end(self.text, after)
        own_lines = self.nodes.first_on_line(begin) and stop < self.shut and self.nodes.skip(after) >= stop
        if own_lines and all("#" not in self._gap(index) for index in range(first, last)):
            below = self.text.index("\n", stop) + 1
            splices = [Splice(line_start(self.text, begin), below, "")]
            if not trailing and first > 0:
                at = self.nodes.skip(self.nodes.entry_end(self.entries[first - 1]))
                splices.append(Splice(at, at + 1, ""))
            return splices
        if last + 1 < len(self.entries):
            start, stop = begin, self.entries[last + 1].begin
        else:
            start, stop = self.nodes.entry_end(self.entries[first - 1]), end
        gaps = [self._gap(index) for index in range(max(first - 1, 0), last + 1)]
        if any("#" in gap for gap in gaps):
            raise self._comment()
        return [Splice(start, stop, "")]

    def _gap(self, index: int) -> str:
        if index + 1 >= len(self.entries):
            return ""
        return self.text[self.nodes.entry_end(self.entries[index]) : self.entries[index + 1].begin]

    def _comment(self) -> Refused:
        return Refused(_("there is a comment in what has to go"), line=self.nodes.line(self.node))
