"""Taking an edit out of a text that was edited further: a three-way merge of texts."""

from __future__ import annotations

from typing import NamedTuple

from patcher.formats.editing import Edited
from patcher.formats.text import Text

_LONGEST = 20_000  # lines; comparing takes quadratic time


class _Run(NamedTuple):
    """A run of whole lines that two texts have: where it begins in each, and how long it is."""

    start: int
    other: int
    size: int


def unspliced(before: bytes, edited: Edited, data: bytes) -> bytes | None:
    """`data`, which grew out of `edited.after`, without the splices that made it of `before`.

    None where a splice is not to be found whole in `data`, or lies too close to a later change.
    """
    texts = [Text.decode(each, windows=True) for each in (before, edited.after, data)]
    old, new, now = (text.body for text in texts)
    runs = _same(new, now)
    if runs is None:
        return None
    parts: list[str] = []
    at = shift = 0
    for start, end, text in sorted(edited.splices):
        first, last = start + shift, start + shift + len(text)
        shift += len(text) - (end - start)
        held = (run for run in runs if run.start <= first and last <= run.start + run.size)
        moved = next((run.other - run.start for run in held), None)
        if moved is None or first + moved < at:
            return None
        parts += (now[at : first + moved], old[start:end])
        at = last + moved
    parts.append(now[at:])
    return texts[-1]._replace(body="".join(parts)).encode()


def _same(one: str, other: str) -> list[_Run] | None:
    """The runs of whole lines that both texts have; None where comparing would take too long."""
    lines, others = one.splitlines(keepends=True), other.splitlines(keepends=True)
    if len(lines) + len(others) > _LONGEST:
        return None
    starts, other_starts = _starts(lines), _starts(others)
    from difflib import SequenceMatcher  # noqa: PLC0415 - where a person has edited, too

    matcher = SequenceMatcher(None, lines, others, autojunk=False)
    return [
        _Run(starts[a], other_starts[b], starts[a + size] - starts[a])
        for a, b, size in matcher.get_matching_blocks()
        if size
    ]


def _starts(lines: list[str]) -> list[int]:
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return starts
