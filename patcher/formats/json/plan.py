"""Members put into and taken out of one container, as splices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from patcher.formats.json.spans import COMMENT, Member, Spans
from patcher.formats.json.style import NEWLINE, Style, has_newline, lead, multiline, style_at
from patcher.formats.ops import Value
from patcher.formats.text import Splice

WIDTH = 100
"""A map goes on one line, as its siblings do, as long as it is not longer than this."""

_BLANKS = re.compile(r"[ \t]*")
_TAIL = re.compile(rf"((?>(?:[ \t]*+{COMMENT.pattern})*))(?=[ \t]*+[\r\n])")

New = tuple[str | None, Value]
"""A member to come: its key (None in a list) and value."""


class Container:
    """The plan for one container; `opens` leads to it from the whole document's, itself the last."""

    def __init__(self, spans: Spans, opens: Sequence[int]) -> None:
        self.spans = spans
        self.opens = opens
        self.open = opens[-1]
        self.new: dict[int, list[New]] = {}
        """What goes before the member of that index."""
        self.dropped: set[int] = set()

    @property
    def close(self) -> int:
        return self.spans.close(self.open)

    def splices(self) -> list[Splice]:
        members = self.spans.members(self.open)
        if not self.new and not self.dropped:
            return []
        if not members:
            return [self._filled([new for slot in sorted(self.new) for new in self.new[slot]])]
        if (
            len(self.dropped) == len(members)
            and not self.new
            and not self._comments(self.open + 1, self.close)
        ):
            return [Splice(self.open + 1, self.close, "")]
        last = self._staying(len(members))
        return [*self._comma(members, last), *self._inserted(members, last), *self._removed(members, last)]

    def _staying(self, slot: int) -> int:
        """The last member before `slot` that stays; -1 where there is none."""
        index = slot - 1
        while index in self.dropped:
            index -= 1
        return index

    def _comma(self, members: Sequence[Member], last: int) -> list[Splice]:
        """The last member that stays gets its comma, or loses it where it has become the last of all."""
        if last < 0:
            return []
        member = members[last]
        wanted = max(self.new, default=0) > last or members[-1].comma >= 0
        if wanted and member.comma < 0:
            return [Splice(member.end, member.end, ",")]
        if not wanted and member.comma >= 0:
            blank = not self.spans.text[member.end : member.comma].strip()
            return [Splice(member.end if blank else member.comma, member.after, "")]
        return []

    def _inserted(self, members: Sequence[Member], last: int) -> list[Splice]:
        """What comes behind the same member that stays, or first of all, is one insertion."""
        behind: dict[int, list[int]] = {}
        for slot in sorted(self.new):
            behind.setdefault(self._staying(slot), []).append(slot)
        return [
            self._insertion(members, slots, before, last=before == last) for before, slots in behind.items()
        ]

    def _insertion(
        self, members: Sequence[Member], slots: Sequence[int], before: int, *, last: bool
    ) -> Splice:
        comma = "," if not last or members[-1].comma >= 0 else ""
        text = self.spans.text
        like = 0 if before < 0 else min(slots[0], len(members) - 1)
        after = self.open + 1 if before < 0 else members[before].after
        own_line, at = self._own_line(members, like), after
        indent = lead(text, members[like].start)
        if last and before == len(members) - 1:
            for comment in self._comments(after, self.close):
                at = comment.end()
                if comment[0].startswith("//") and not own_line:
                    own_line, indent = True, lead(text, self.open) + style_at(self.spans, self.opens, at).unit
        elif own_line:
            match = _TAIL.match(text, after)
            at = match.end() if match else after
        style = style_at(self.spans, self.opens, at)
        written = [
            self._written(key, value, style, indent) for slot in slots for key, value in self.new[slot]
        ]
        if own_line:
            line = style.eol + indent
            return Splice(at, at, line + ("," + line).join(written) + comma)
        if before < 0:
            match = _BLANKS.match(text, after)
            at = match.end() if match else after
            joined = ("," + style.gap).join(written) + comma
            return Splice(at, at, joined if last else joined + style.gap)
        return Splice(at, at, style.gap + ("," + style.gap).join(written) + comma)

    def _written(self, key: str | None, value: Value, style: Style, indent: str) -> str:
        """A new member; a map is on one line where the others beside it are."""
        if not multiline(self.spans, self.open):
            return style.member(key, value, None)
        if isinstance(value, dict):
            for member in self.spans.members(self.open)[:-9:-1]:
                like = member.value
                if self.spans.text[like] == "{" and not self.spans.empty(like):
                    flat = "" if multiline(self.spans, like) else style.member(key, value, None)
                    if flat and len(indent) + len(flat) <= WIDTH:
                        return flat
                    break
        return style.member(key, value, indent)

    def _removed(self, members: Sequence[Member], last: int) -> Iterator[Splice]:
        at = start = -1
        for index in sorted(self.dropped):
            region = self._region(members, index, last + 1)
            if region[0] > at:
                if at >= 0:
                    yield Splice(start, at, "")
                start = region[0]
            at = max(at, region[1])
        if at >= 0:
            yield Splice(start, at, "")

    def _region(self, members: Sequence[Member], index: int, final: int) -> tuple[int, int]:
        """What goes with a member: its line or lines, or else the blanks on one side.

        From the index `final` on, no member stays.
        """
        text, member = self.spans.text, members[index]
        begin = self.open + 1 if index == 0 else members[index - 1].after
        comments = self._comments(begin, member.start)
        if comments:
            begin = comments[-1].end()
        newlines = list(NEWLINE.finditer(text, begin, member.start))
        tail = _TAIL.match(text, member.after)
        if newlines and tail:
            end = NEWLINE.search(text, tail.end())
            assert end is not None  # the pattern has seen it
            return newlines[-1].end(), end.end()
        if index >= final:
            line_comment = comments and comments[-1][0].startswith("//")
            return (member.start if index == 0 or line_comment else begin), member.after
        blanks = _BLANKS.match(text, member.after)
        end_ = blanks.end() if blanks else member.after
        if index and text[end_] in "\r\n":
            return begin, member.after
        return member.start, end_

    def _own_line(self, members: Sequence[Member], index: int) -> bool:
        """Whether the member begins a line; a comment before it on that line counts as its part."""
        begin = self.open + 1 if index == 0 else members[index - 1].after
        blank = self.spans.text[begin : members[index].start]
        return has_newline(COMMENT.sub("", blank) if "/" in blank else blank)

    def _comments(self, start: int, end: int) -> list[re.Match[str]]:
        """The comments between two members."""
        text = self.spans.text
        return list(COMMENT.finditer(text, start, end)) if text.find("/", start, end) >= 0 else []

    def _filled(self, fresh: Sequence[New]) -> Splice:
        """Members in a container that had none."""
        text, open_, close = self.spans.text, self.open, self.close
        comments = self._comments(open_ + 1, close)
        base = lead(text, open_)
        if comments:
            at = comments[-1].end()
            style = style_at(self.spans, self.opens, at)
            if not multiline(self.spans, open_) and not comments[-1][0].startswith("//"):
                written = [style.member(key, value, None) for key, value in fresh]
                end = "" if text[at] in " \t" else style.gap
                return Splice(at, at, style.gap + ("," + style.gap).join(written) + end)
            indent = lead(text, comments[-1].start())
            if not indent.startswith(base) or indent == base:
                indent = base + style.unit
            line = style.eol + indent
            written = [style.member(key, value, indent) for key, value in fresh]
            end = "," if style.trailing else ""
            if not has_newline(text[at:close]):
                end += style.eol + base
            return Splice(at, at, line + ("," + line).join(written) + end)
        style = style_at(self.spans, self.opens, open_)
        wide = multiline(self.spans, open_)
        if not wide and (len(self.opens) == 1 or multiline(self.spans, self.opens[-2])):
            wide = text[open_] == "{" or any(isinstance(value, (dict, list)) and value for _, value in fresh)
        indent_ = base if wide else None
        written = [style.member(key, value, style.inner(indent_)) for key, value in fresh]
        whole = style.container(text[open_] + text[close], written, indent_)
        return Splice(open_ + 1, close, whole[1:-1])
