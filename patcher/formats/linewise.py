"""Lines of a text for the syntaxes that are made of lines: their ends, new ones, fewer of them.

A line end is LF, CR LF or, in files that went through a bad conversion, CR CR LF.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from patcher.errors import Refused
from patcher.formats.text import Splice, line_of
from patcher.i18n import _

_LONE_CR = re.compile(r"\r(?![\r\n])|\r\Z")


def refuse_lone_cr(text: str) -> None:
    """Raises `Refused` where a CR stands inside a line: to some readers it ends the line."""
    found = _LONE_CR.search(text)
    if found:
        raise Refused(
            _("there is a carriage return inside the line"),
            line=line_of(text, found.start()),
            cure=_("save the file with ordinary line ends and run again"),
        )


def next_line(text: str, offset: int) -> int:
    """Where the line after that of `offset` begins, or the end of the text."""
    end = text.find("\n", offset)
    return len(text) if end < 0 else end + 1


def above(text: str, at: int, floor: int, marks: tuple[str, ...]) -> int:
    """Where something new goes before the line at `at`: over the comments directly over it.

    Comments at the top of the file are about the file, so that it goes below these. Nothing below
    `floor` is looked at. `marks` is what a comment's line begins with.
    """
    start = at
    while start > floor:
        before = text.rfind("\n", 0, start - 1) + 1
        if before < floor or not text[before:start].lstrip().startswith(marks):
            break
        start = before
    return start or at


def content_end(text: str) -> int:
    """Where the line after the last one that is not blank begins; 0 if all are blank."""
    content = text.rstrip()
    return next_line(text, len(content) - 1) if content else 0


def eol_before(text: str, at: int) -> str:
    """The line end nearest before `at`, else the first after it, else LF."""
    end = text.rfind("\n", 0, at)
    if end < 0:
        end = text.find("\n", at)
    if end < 0:
        return "\n"
    start = end
    while start > 0 and text[start - 1] == "\r":
        start -= 1
    return text[start : end + 1]


def new_line(text: str, at: int, line: str) -> Splice:
    """`line` as a line of its own at `at`, which is where a line begins or the text ends."""
    eol = eol_before(text, at)
    unended = at > 0 and text[at - 1] != "\n"
    return Splice(at, at, (eol + line if unended else line + eol))


def without(text: str, spans: Iterable[tuple[int, int]], beside: Sequence[Splice]) -> Iterator[Splice]:
    """Take whole lines away; a text that ended without a line end still does.

    The spans may touch, not overlap. `beside` are the other splices, which keep their place.
    """
    merged: list[list[int]] = []
    for start, end in sorted(spans):
        if merged and merged[-1][1] == start:
            merged[-1][1] = end
        else:
            merged.append([start, end])
    for start, end in merged:
        before = start
        unended = end == len(text) and not text.endswith("\n") and text.endswith("\n", 0, start)
        if unended and all(splice.end < start or splice.start >= end for splice in beside):
            before -= len(eol_before(text, start))
        yield Splice(before, end, "")
