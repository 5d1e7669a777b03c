"""Splices inside collections by indent: whole lines come and go."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ruamel.yaml.events import AliasEvent, CollectionEndEvent, ScalarEvent

from patcher.cures import BY_HAND, COLON, MOVE_COMMENT, NO_TABS
from patcher.errors import Refused
from patcher.formats.linewise import (
    comments_above,
    cut_from,
    eol_near,
    line_end,
    line_start,
    new_line,
    next_line,
)
from patcher.formats.ops import Add, Insert
from patcher.formats.text import Splice, line_of
from patcher.formats.yaml.nodes import Nodes, YamlEntry
from patcher.formats.yaml.render import YamlStyle, entry, item
from patcher.formats.yaml.walk import comment_within, slot
from patcher.i18n import _

# What follows lines that are taken away, as far as a block of text before them could swallow it: empty
# lines, then the indent of a line that has something on it; `blank` where it has nothing but blanks,
# `hash` where it is a comment.
_FOLLOWING = re.compile(
    r"(?P<empty>(?:\r?\n)*)(?P<indent>[ \t]*)(?:(?P<blank>(?<=[ \t])(?:\r?\n|\Z))|(?P<hash>#))?"
)
HEADER = re.compile(r"[|>][-+0-9]*")
_TAB = re.compile(r"(?: *\r?\n)* *\t")


def below(nodes: Nodes, end: int) -> int:
    """The start of the line after the content that ends at `end`; the text's end without one."""
    holds = nodes.text.endswith("\n", 0, end)  # `|+` holds its line ends
    return end if holds else next_line(nodes.text, end)


def check_below(nodes: Nodes, end: int) -> None:
    """A line that begins with a tab is read below plain text, not below quotes or brackets."""
    at = below(nodes, end)
    if _TAB.match(nodes.text, at):
        raise Refused(_("the line below it begins with a tab"), line=line_of(nodes.text, at), cure=_(NO_TABS))


class Lines:
    """One block map or list, and what is to be done in it."""

    def __init__(self, nodes: Nodes, node: int, style: YamlStyle) -> None:
        self.nodes = nodes
        self.text = nodes.text
        self.node = node
        self.entries = nodes.entries(node)
        self.style = style
        self.front: list[str] = []
        """New entries that go where the first one goes."""
        if not nodes.is_map(node):
            self.style = replace(style, gap=self._gap())

    def _gap(self) -> int:
        for each in self.entries:
            if not self.nodes.is_empty(each.value):
                start = self.nodes.events[each.value].start_mark.index
                between = self.text[each.indicator_end : start]
                if between and not between.strip(" "):
                    return len(between)
        return 1

    def _column(self) -> int:
        for each in self.entries:
            if each.key is None or each.indicator_end >= 0:
                return self.nodes.column(each.begin)
        raise Refused(_("its keys are written with `?`"), line=self.nodes.line(self.node), cure=_(COLON))

    def grow(self, ops: Sequence[Add | Insert], dropped: set[int]) -> list[Splice]:
        """New entries, each before the entry that its index says, or at the end."""
        splices: list[Splice] = []
        for op in ops:
            index = slot(self.nodes, self.node, op)
            if self._moves_up(dropped) and dropped.issuperset(range(index)):
                self.front.append(self._new(op, eol_near(self.text, self.entries[0].begin)))
            elif index < len(self.entries):
                splices.append(self._before(self.entries[index], op))
            else:
                last = max(index for index in range(len(self.entries)) if index not in dropped)
                splices.append(self._behind(self.entries[last], op))
        return splices

    def _behind(self, entry: YamlEntry, op: Add | Insert) -> Splice:
        check_below(self.nodes, self.nodes.entry_end(entry))
        at = below(self.nodes, self.nodes.entry_end(entry))
        eol = eol_near(self.text, at)
        gap = eol if self._spaced() else ""
        return new_line(self.text, at, gap + " " * self._column() + self._new(op, eol))

    def _moves_up(self, dropped: set[int]) -> bool:
        """Whether the first entry that stays comes to stand behind a dash, in the place of the first."""
        return 0 in dropped and not self.nodes.first_on_line(self.entries[0].begin)

    def _new(self, op: Add | Insert, eol: str) -> str:
        if isinstance(op, Add):
            return entry(op.key, op.value, self.style, self._column(), eol)
        return item(op.value, self.style, self._column(), eol)

    def _spaced(self) -> bool:
        """Whether the items of a list stand apart by blank lines."""
        if len(self.entries) < 2 or self.nodes.is_map(self.node):
            return False
        for one, other in zip(self.entries[:4], self.entries[1:5], strict=False):
            end = below(self.nodes, self.nodes.entry_end(one))
            if (
                "\n" not in self.text[end : other.begin]
                or self.text[end : other.begin].split("\n")[0].strip()
            ):
                return False
        return True

    def _before(self, entry: YamlEntry, op: Add | Insert) -> Splice:
        at = entry.begin
        eol = eol_near(self.text, at)
        gap = eol if self._spaced() else ""
        if not self.nodes.first_on_line(at):
            return Splice(at, at, self._new(op, eol) + eol + gap + " " * self.nodes.column(at))
        start = line_start(self.text, at)
        over = comments_above(self.text, start, indent=self.text[start:at])
        # A comment at the top of a map's file is about the file.
        at = over if over or isinstance(op, Insert) else start
        return Splice(at, at, " " * self._column() + self._new(op, eol) + eol + gap)

    def drop(self, dropped: set[int]) -> list[Splice]:
        """Entries taken away with their lines; comments on lines of their own stay."""
        splices: list[Splice] = []
        skipped: set[int] = set()
        for index in sorted(dropped):
            each = self.entries[index]
            if index in skipped:
                continue
            self._check_bounds(each.value)
            end = below(self.nodes, self.nodes.entry_end(each))
            if self.nodes.first_on_line(each.begin) and (each.key is None or each.indicator_end >= 0):
                start = line_start(self.text, each.begin)
            elif index == 0 and (each.key is None or each.indicator_end >= 0):
                splices.append(self._joined(dropped, skipped))
                continue
            else:
                raise Refused(
                    _("it does not begin its line"), line=self.nodes.line(each.value), cure=_(BY_HAND)
                )
            self._check_before(each, start, end)
            splices.append(Splice(start, end, ""))
        return splices

    def _check_bounds(self, node: int) -> None:
        """A collection whose keys are written with `?` has no sure end."""
        while self.nodes.is_block(node):
            entries = self.nodes.entries(node)
            if any(each.key is not None and each.indicator_end < 0 for each in entries):
                raise Refused(_("a key in it is written with `?`"), line=self.nodes.line(node), cure=_(COLON))
            node = entries[-1].value

    def _joined(self, dropped: set[int], skipped: set[int]) -> Splice:
        """The first entry stands behind a dash: what is new, or the next that stays, comes to its place.

        Below comments on lines of their own the next stays where it is, and the dash may stand alone.
        """
        text, index = self.text, 0
        begin = self.entries[0].begin
        line = eol_near(text, begin) + " " * self._column()
        while index in dropped:
            skipped.add(index)
            stop = line_end(text, self.nodes.entry_end(self.entries[index]))
            index += 1
            following = self.entries[index].begin
            if text[stop:following].strip():
                if index in dropped:
                    raise Refused(
                        _("there is a comment in what has to go"),
                        line=line_of(text, stop) + 1,
                        cure=_(MOVE_COMMENT),
                    )
                return Splice(
                    begin if self.front else len(text[:begin].rstrip(" \t")), stop, line.join(self.front)
                )
        return Splice(begin, following, "".join(new + line for new in self.front))

    def replaced(self, ops: Sequence[Add | Insert]) -> list[Splice]:
        """All entries give way to new ones; comments on lines of their own stay."""
        ordered = sorted(ops, key=lambda op: slot(self.nodes, self.node, op))
        first, eol = self.entries[0], eol_near(self.text, self.entries[0].begin)
        indent = " " * self._column()
        lines = [self._new(op, eol) for op in ordered]
        if self.nodes.first_on_line(first.begin):
            at = line_start(self.text, first.begin)
            new = [Splice(at, at, indent + line + eol) for line in lines]
            return new + self.drop(set(range(len(self.entries))))
        self._check_bounds(self.node)
        if comment_within(self.nodes, self.node):
            raise Refused(
                _("there is a comment in what has to go"),
                line=self.nodes.line(self.node),
                cure=_(MOVE_COMMENT),
            )
        end = first.begin + len(self.text[first.begin : self.nodes.end(self.node)].rstrip("\r\n"))
        return [Splice(first.begin, end, (eol + indent).join(lines))]

    def _check_before(self, each: YamlEntry, start: int, end: int) -> None:
        """What follows must not become part of a block of text that stands before."""
        before = (each.key if each.key is not None else each.value) - 1
        while isinstance(self.nodes.events[before], CollectionEndEvent):
            before -= 1
        if before < 0 or not self.nodes.is_block_scalar(before):
            return
        header = self.text[self.nodes.start(before) :].split("\n", 1)[0].split("#", 1)[0]
        following = _FOLLOWING.match(self.text, end)
        assert following is not None  # it matches nothing, too
        # The block is deeper than this entry, so that what is not deeper ends it.
        deeper = len(following["indent"]) > self.nodes.column(each.begin)
        if (following["empty"] and "+" in header) or following["blank"] or (following["hash"] and deeper):
            raise Refused(
                _("what follows would become part of the block of text before it"),
                line=line_of(self.text, start),
                cure=_(BY_HAND),
            )


def check_text_kept(nodes: Nodes, splices: Sequence[Splice]) -> None:
    """Raises `Refused` where lines would follow a block of text that ends the file without a line end.

    Unless it is `|-`: what other such texts are without these lines, readers do not agree on.
    """
    text = nodes.text
    leaf = _leaf_before(nodes, len(text))
    if text.endswith("\n") or not nodes.is_block_scalar(leaf):
        return
    start, end = nodes.start(leaf), nodes.events[leaf].end_mark.index
    if text[end:].strip(" \t") or not any(splice.start >= end and splice.new for splice in splices):
        return
    if any(at < end and to > start for at, to, _ in splices):
        return  # it goes
    header = HEADER.match(text, start)
    assert header is not None  # that is how it begins
    kept: str = nodes.events[leaf].value
    if "-" not in header[0] and ("+" in header[0] or (kept and not kept.endswith("\n"))):
        raise Refused(
            _("a block of text ends the file without a line end, and would change by one"),
            line=nodes.line(leaf),
            cure=_("end the file's last line and run again"),
        )


def without_line_end(nodes: Nodes, splices: list[Splice]) -> list[Splice]:
    """A text without a final line end stays so, also where its last lines go."""
    text = nodes.text
    gone = {splice.end: splice.start for splice in splices if splice.end > splice.start and not splice.new}
    if text.endswith("\n") or len(text) not in gone:
        return splices
    start = gone[len(text)]
    points = {start}
    while start in gone:
        start = gone[start]
        points.add(start)
    cut = cut_from(text, start)
    if cut == start:
        return splices
    new = [index for index, (at, end, _) in enumerate(splices) if at == end and at in points]
    if new:
        last = max(new, key=lambda index: (splices[index].start, index))
        at, end, lines = splices[last]
        return [*splices[:last], Splice(at, end, lines.rstrip("\r\n")), *splices[last + 1 :]]
    more = any(splice.start == len(text) for splice in splices)
    if not more and nodes.is_block_scalar(_leaf_before(nodes, start)):
        return splices  # its text would lose its own line end
    return [*splices, Splice(cut, start, "")]


def _leaf_before(nodes: Nodes, at: int) -> int:
    """The last scalar or alias that starts before a place, or 0."""
    for index in range(len(nodes.events) - 1, 0, -1):
        event = nodes.events[index]
        if type(event) in (ScalarEvent, AliasEvent) and event.start_mark.index < at:
            return index
    return 0
