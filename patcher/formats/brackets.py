"""Members put into and taken out of a list or map in brackets: commas, lines, the comments beside them.

A comment behind a member on its line goes with it; one on lines of its own stays where it is.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from itertools import pairwise
from typing import Generic, NamedTuple, Protocol, TypeVar

from patcher.formats.linewise import eol_near, indent_of, merged
from patcher.formats.text import Splice

_NEWLINE = re.compile(r"\r\n|\n|\r")
_BLANKS = re.compile(r"[ \t]*")
New = TypeVar("New")
"""What a syntax knows of a member to come."""


class Member(Protocol):
    """A list's item, or a map's entry with its key, as offsets."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def comma(self) -> int: ...  # where the one behind it stands; -1 without one
    @property
    def after(self) -> int: ...  # behind the member and its comma


class Part(NamedTuple):
    """A member of which all offsets are known at once."""

    start: int
    end: int
    comma: int = -1

    @property
    def after(self) -> int:
        return self.end if self.comma < 0 else self.comma + 1


class Layout(NamedTuple):
    """How members are set: a step of indent, the blanks behind a comma and inside the brackets."""

    unit: str
    gap: str
    pad: str
    trailing: bool
    """Whether a comma is behind the last of the members that get lines of their own."""


def comment_patterns(comment: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A comment, and the comments behind a member where nothing else follows on the line."""
    return re.compile(comment), re.compile(rf"((?>(?:[ \t]*+(?:{comment}))*))(?=[ \t]*+[\r\n])")


class Container(ABC, Generic[New]):
    """The plan for one pair of brackets, `text[open]` and `text[close]`."""

    comment, tail = comment_patterns(r"#[^\r\n]*+")

    def __init__(self, text: str, open_: int, close: int, members: Sequence[Member]) -> None:
        self.text = text
        self.open = open_
        self.close = close
        self.members = members
        self.new: dict[int, list[New]] = {}
        """What goes before the member of that index."""
        self.dropped: set[int] = set()

    @abstractmethod
    def layout(self) -> Layout:
        """How new members are set."""

    @abstractmethod
    def written(self, new: New, eol: str, indent: str | None) -> str:
        """A new member; `indent` is that of its line, None where that holds the brackets, too."""

    def wide(self) -> bool:
        """Whether empty brackets are filled on several lines."""
        return has_newline(self.text[self.open : self.close])

    def splices(self) -> list[Splice]:
        if not self.new and not self.dropped:
            return []
        if not self.members:
            return [self._filled([new for slot in sorted(self.new) for new in self.new[slot]])]
        if len(self.dropped) == len(self.members) and not self.new and not self._within():
            return [Splice(self.open + 1, self.close, "")]
        last = self._staying(len(self.members))
        return [*self._comma(last), *self._inserted(last), *self._removed(last)]

    def _within(self) -> list[re.Match[str]]:
        """The comments between the members."""
        ends = [self.open + 1, *(member.end for member in self.members)]
        starts = [*(member.start for member in self.members), self.close]
        return [comment for gap in zip(ends, starts, strict=True) for comment in self._comments(*gap)]

    def _comments(self, start: int, end: int) -> list[re.Match[str]]:
        return list(self.comment.finditer(self.text, start, end))

    def _staying(self, slot: int) -> int:
        """The last member before `slot` that stays; -1 where there is none."""
        index = slot - 1
        while index in self.dropped:
            index -= 1
        return index

    def _comma(self, last: int) -> list[Splice]:
        """The last member that stays gets its comma, or loses it where it has become the last of all."""
        if last < 0:
            return []
        member = self.members[last]
        wanted = max(self.new, default=0) > last or self.members[-1].comma >= 0
        if wanted and member.comma < 0:
            return [Splice(member.end, member.end, ",")]
        if not wanted and member.comma >= 0:
            blank = not self.text[member.end : member.comma].strip()
            # Right behind a word `#` would begin no comment in YAML.
            new = " " if self.text.startswith("#", member.after) else ""
            return [Splice(member.end if blank else member.comma, member.after, new)]
        return []

    def _inserted(self, last: int) -> list[Splice]:
        """What comes behind the same member that stays, or first of all, is one insertion."""
        behind: dict[int, list[int]] = {}
        for slot in sorted(self.new):
            behind.setdefault(self._staying(slot), []).append(slot)
        return [self._insertion(slots, before, last=before == last) for before, slots in behind.items()]

    def _insertion(self, slots: Sequence[int], before: int, *, last: bool) -> Splice:
        members, text = self.members, self.text
        comma = "," if not last or members[-1].comma >= 0 else ""
        like = 0 if before < 0 else min(slots[0], len(members) - 1)
        after = at = self._begin(before + 1)
        own_line = self._own_line(like)
        indent = indent_of(text, members[like].start)
        if last and before == len(members) - 1:
            for comment in self._comments(after, self.close):
                at = comment.end()
                if ends_line(comment) and not own_line:
                    own_line, indent = True, indent_of(text, self.open) + self.layout().unit
        elif own_line:
            match = self.tail.match(text, after)
            at = match.end() if match else after
        elif before < 0:
            at = _behind_blanks(text, after)
        new = [new for slot in slots for new in self.new[slot]]
        if own_line:
            return Splice(at, at, self._lines(new, at, indent) + comma)
        gap, joined = self.layout().gap, self._joined(new, at, indent) + comma
        if before < 0:
            return Splice(at, at, joined if last else joined + gap)
        return Splice(at, at, gap + joined)

    def _joined(self, new: Sequence[New], at: int, indent: str | None) -> str:
        eol = eol_near(self.text, at)
        return ("," + self.layout().gap).join(self.written(each, eol, indent) for each in new)

    def _lines(self, new: Sequence[New], at: int, indent: str) -> str:
        eol = eol_near(self.text, at)
        line = eol + indent
        return line + ("," + line).join(self.written(each, eol, indent) for each in new)

    def _removed(self, last: int) -> list[Splice]:
        regions = (self._region(index, last + 1) for index in self.dropped)
        return [Splice(start, end, "") for start, end in merged(self.text, regions)]

    def _region(self, index: int, final: int) -> tuple[int, int]:
        """What goes with a member: its line or lines, or else the blanks on one side.

        From the index `final` on, no member stays.
        """
        text, member = self.text, self.members[index]
        begin = self._begin(index)
        comments = self._comments(begin, member.start)
        if comments:
            begin = comments[-1].end()
        newlines = list(_NEWLINE.finditer(text, begin, member.start))
        tail = self.tail.match(text, member.after)
        if newlines and tail:
            end = _NEWLINE.search(text, tail.end())
            assert end is not None  # the pattern has seen it
            return newlines[-1].end(), end.end()
        if index >= final:
            line_comment = comments and ends_line(comments[-1])
            return (member.start if index == 0 or line_comment else begin), member.after
        end_ = _behind_blanks(text, member.after)
        if text[end_] == "#" and not text[member.start - 1].isspace():
            end_ = member.after  # a blank has to be before it
        if index and text[end_] in "\r\n":
            return begin, member.after
        return member.start, end_

    def _begin(self, index: int) -> int:
        """Behind the bracket or comma before a member."""
        return self.members[index - 1].after if index else self.open + 1

    def _own_line(self, index: int) -> bool:
        """Whether the member begins a line; a comment before it on that line counts as its part."""
        blank = self.text[self._begin(index) : self.members[index].start]
        return has_newline(self.comment.sub("", blank))

    def _filled(self, fresh: Sequence[New]) -> Splice:
        """Members in a container that had none."""
        comments = self._within()
        base = indent_of(self.text, self.open)
        layout = self.layout()
        if comments:
            return self._below(comments[-1], fresh, base)
        if self.wide():
            end = ("," if layout.trailing else "") + eol_near(self.text, self.open) + base
            new = self._lines(fresh, self.open, base + layout.unit) + end
        else:
            new = layout.pad + self._joined(fresh, self.open, None) + layout.pad
        return Splice(self.open + 1, self.close, new)

    def _below(self, comment: re.Match[str], fresh: Sequence[New], base: str) -> Splice:
        """Members behind the last comment in a container that has nothing else."""
        text, at, layout = self.text, comment.end(), self.layout()
        if not has_newline(text[self.open : self.close]) and not ends_line(comment):
            end = "" if text[at] in " \t" else layout.gap
            return Splice(at, at, layout.gap + self._joined(fresh, at, None) + end)
        indent = indent_of(text, comment.start())
        if not indent.startswith(base) or indent == base:
            indent = base + layout.unit
        end = "," if layout.trailing else ""
        if not has_newline(text[at : self.close]):
            end += eol_near(text, at) + base
        return Splice(at, at, self._lines(fresh, at, indent) + end)


def has_newline(text: str) -> bool:
    return "\n" in text or "\r" in text


def gap_between(text: str, members: Sequence[Member]) -> str | None:
    """What stands behind a comma on a line, a blank at most; None where no line shows it."""
    for one, other in pairwise(members[:8]):
        between = text[one.after : other.start]
        if not has_newline(between):
            return " " if between else ""
    return None


def ends_line(comment: re.Match[str]) -> bool:
    """Whether a comment goes up to the end of its line."""
    return not comment[0].startswith("/*")


def _behind_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at
