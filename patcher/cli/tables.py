"""What a terminal shows: how wide a text is there, a table that fits, how far a run is."""

from __future__ import annotations

import contextlib
import os
import re
import time
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TextIO, TypeVar

PATIENCE = 1.0
"""Seconds that a run may take without saying how far it is."""

_T = TypeVar("_T")
_GAP = "  "
_NARROWEST = 8
_BAR = 24
# What a terminal would obey rather than show: C0 and C1 controls.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def visible(text: str, *, keep: str = "") -> str:
    """The text with what a terminal would obey as `\\x1b`, but for the letters of `keep`."""
    return _CONTROL.sub(lambda found: found[0] if found[0] in keep else f"\\x{ord(found[0]):02x}", text)


def columns(stream: TextIO) -> int | None:
    """How many letters a line of this terminal has; None where the stream is none."""
    if not stream.isatty():
        return None
    from shutil import get_terminal_size  # noqa: PLC0415 - it imports what packs files

    return get_terminal_size().columns


def is_coloured(stream: TextIO) -> bool:
    """Whether colours may be shown there: on a terminal, where nobody has said no (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width(text: str) -> int:
    """The columns that a text takes: letters of double width count twice, marks upon letters nothing."""
    return len(text) if text.isascii() else sum(map(_letter_width, text))


def _letter_width(letter: str) -> int:
    if unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def shortened(text: str, room: int) -> str:
    """The text in at most `room` columns. Both its ends stay: the end of a path says most."""
    if width(text) <= room:
        return text
    tail = _start(text[::-1], (room - 1) // 2)[::-1]
    return f"{_start(text, room - 1 - width(tail))}…{tail}"


def _start(text: str, room: int) -> str:
    for count in range(len(text)):
        if width(text[: count + 1]) > room:
            return text[:count]
    return text


def table(head: Sequence[str], rows: Sequence[Sequence[str]], room: int | None) -> list[str]:
    """The lines of a table: columns as wide as what is in them, the widest less so where `room` is short."""
    cells = [list(head), *([visible(cell) for cell in row] for row in rows)]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    if room is not None:
        widths = _fitting(widths, room - len(_GAP) * (len(widths) - 1))
    return [
        _GAP.join(
            _padded(shortened(cell, most), most) for cell, most in zip(row, widths, strict=True)
        ).rstrip()
        for row in cells
    ]


def _padded(cell: str, to: int) -> str:
    return cell + " " * (to - width(cell))


def _fitting(widths: list[int], room: int) -> list[int]:
    """The widths with as much taken from the widest as is too much; none gets too narrow to be read."""
    widths = list(widths)
    while sum(widths) > room and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths


def watched(things: Sequence[_T], what: str, stream: TextIO | None, since: float) -> Iterator[_T]:
    """Each in its turn; where the work has taken long since `since`, a line says how far it is.

    The line goes away at the end. A terminal that cannot be written to any more stops no work.
    """
    line = ""
    try:
        for number, thing in enumerate(things):
            if stream is not None and time.monotonic() - since > PATIENCE:
                done = _BAR * number // len(things)
                line = f"{what}  [{'#' * done}{'.' * (_BAR - done)}]  {number}/{len(things)}"
                _rewrite(stream, line)
            yield thing
    finally:
        if stream is not None and line:
            _rewrite(stream, " " * width(line))
            _rewrite(stream, "")


def _rewrite(stream: TextIO, line: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        stream.write(f"\r{line}")
        stream.flush()
