"""Lines of a text: where they begin and end, how they end, new ones, fewer of them.

A line end is LF, CR LF or, in files that went through a bad conversion, CR CR LF.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from patcher.cures import LEAVE_ONE
from patcher.errors import Refused
from patcher.formats.text import Splice
from patcher.formats.text import line_of as line_of  # noqa: PLC0414 - for the editors of lines, too
from patcher.i18n import _

_LONE_CR = re.compile(r"\r(?![\r\n])|\r\Z")
"""A CR that no LF follows, whatever other CR are between."""


def refuse_lone_cr(text: str) -> None:
    """Raises `Refused` where a CR stands inside a line: to some readers it ends the line."""
    found = _LONE_CR.search(text)
    if found:
        raise Refused(
            _("there is a carriage return inside the line"),
            line=line_of(text, found.start()),
            cure=_("save the file with ordinary line ends and run again"),
        )


def repeated(text: str, key: str, first: int, second: int) -> Refused:
    """The refusal to edit by way of a key that comes again: not every reader takes the same one."""
    lines = [line_of(text, offset) for offset in (first, second)]
    return Refused(
        _("{key} is set twice, on lines {first} and {second}").format(
            key=key, first=lines[0], second=lines[1]
        ),
        line=lines[1],
        cure=_(LEAVE_ONE),
    )


def line_start(text: str, offset: int) -> int:
    """Where the line of `offset` begins."""
    return text.rfind("\n", 0, offset) + 1


def line_end(text: str, offset: int) -> int:
    """Where the line of `offset` ends: the place of its line end, or the end of the text."""
    end = text.find("\n", offset)
    return len(text) if end < 0 else max(offset, end + 1 - len(_eol(text, end)))


def next_line(text: str, offset: int) -> int:
    """Where the line after that of `offset` begins, or the end of the text."""
    end = text.find("\n", offset)
    return len(text) if end < 0 else end + 1


def begins_line(text: str, offset: int, blanks: str | None = None) -> bool:
    """Whether nothing but blanks (all white space, or just these) stands before `offset` on its line."""
    return not text[line_start(text, offset) : offset].strip(blanks)


def ends_line(text: str, offset: int) -> bool:
    """Whether nothing but white space stands after `offset` on its line."""
    return not text[offset : line_end(text, offset)].strip()


def indent_of(text: str, offset: int) -> str:
    """The blanks that begin the line of `offset`, up to it; a CR alone begins a line, too."""
    start = line_start(text, offset)
    line = text[text.rfind("\r", start, offset) + 1 or start : offset]
    return line[: len(line) - len(line.lstrip(" \t"))]


def eol_near(text: str, offset: int) -> str:
    """The line end that a new line at `offset` takes: that of the line before, or after, or LF.

    CR in a text that has no other line end: JSON and XML allow that.
    """
    end = text.rfind("\n", 0, offset)
    if end < 0:
        end = text.find("\n", offset)
    if end < 0:
        return "\r" if "\r" in text else "\n"
    return _eol(text, end)


def eol_of(text: str, offset: int) -> str:
    """The line end that a new line behind that of `offset` takes: the same one."""
    return eol_near(text, next_line(text, offset))


def _eol(text: str, end: int) -> str:
    """The whole of the line end whose LF is at `end`."""
    if end == 0 or text[end - 1] != "\r":  # most of them
        return "\n"
    return "\r\r\n" if text.endswith("\r\r\n", 0, end + 1) else "\r\n"


def comments_above(
    text: str, line: int, marks: tuple[str, ...] = ("#",), *, floor: int = 0, indent: str | None = None
) -> int:
    """Where the comments directly above the line that begins at `line` begin; else `line`.

    They describe what stands below them, so nothing new goes between. `marks` is what a comment
    begins with; with `indent`, only those at just that indent count. None begins before `floor`.
    """
    beginnings = marks if indent is None else tuple(indent + mark for mark in marks)
    while line > floor:
        above = line_start(text, line - 1)
        comment = text[above:line].lstrip() if indent is None else text[above:line]
        if above < floor or not comment.startswith(beginnings):
            break
        line = above
    return line


def above_comments(text: str, line: int, marks: tuple[str, ...] = ("#",), *, floor: int = 0) -> int:
    """Where something new goes before the line that begins at `line`: over its `comments_above`.

    Comments at the top of the file are about the file, so that it goes below these.
    """
    return comments_above(text, line, marks, floor=floor) or line


def content_end(text: str) -> int:
    """Where the line after the last one that is not blank begins; 0 if all are blank."""
    content = text.rstrip()
    return next_line(text, len(content) - 1) if content else 0


def new_line(text: str, at: int, line: str) -> Splice:
    """`line` as a line of its own at `at`, which is where a line begins or the text ends."""
    eol = eol_near(text, at)
    unended = at > 0 and text[at - 1] != "\n"
    return Splice(at, at, (eol + line if unended else line + eol))


def merged(text: str, ranges: Iterable[tuple[int, int]], blanks: str = "") -> list[tuple[int, int]]:
    """The ranges in order; those with nothing, or nothing but `blanks`, between them are one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        first, last = found[-1] if found else (-1, -1)
        if found and not text[last:start].strip(blanks):
            found[-1] = (first, max(last, end))
        else:
            found.append((start, end))
    return found


def cut_from(text: str, line: int) -> int:
    """From where to cut so that all from the line that begins at `line` on goes.

    A text that ended without a line end still does.
    """
    if text.endswith("\n") or not text.endswith("\n", 0, line):
        return line
    return line - len(eol_near(text, line))


def _between(places: Sequence[int], start: int, end: int) -> list[int]:
    return [place for place in places if start < place < end]


def remove_lines(text: str, ranges: Iterable[tuple[int, int]], beside: Sequence[Splice]) -> Iterator[Splice]:
    """Take whole lines away; a text that ended without a line end still does.

    The ranges may touch, not overlap. `beside` are the other splices, which keep their place.
    """
    kept = sorted({splice.start for splice in beside})
    parts = (
        pair
        for start, end in merged(text, ranges)
        for pair in pairwise([start, *_between(kept, start, end), end])
    )
    for start, end in parts:
        last = end == len(text) and all(splice.end < start or splice.start >= end for splice in beside)
        yield Splice(cut_from(text, start) if last else start, end, "")
