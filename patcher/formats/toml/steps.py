"""Several operations on one TOML text as one list of splices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from patcher.formats.linewise import eol_near
from patcher.formats.ops import Drop, Insert, Op
from patcher.formats.text import Splice, apply
from patcher.formats.toml.plan import Planner


def plan(text: str, ops: Sequence[Op]) -> list[Splice]:
    """The splices of all operations, whose places are those of `text`."""
    eol = eol_near(text, 0)
    planner = Planner(text, eol)
    # What happens inside values is planned all at once.
    inside: list[Op] = []
    outside: list[Op] = []
    for op in ops:
        (inside if planner.is_inside(op) else outside).append(op)
    if any(planner.is_dotted(op) for op in inside):
        inside, outside = [], list(ops)
    splices = planner.inside(inside)
    if not any(isinstance(op, Drop) or planner.steps(op) for op in outside):
        added = [splice for op in outside for splice in planner.splices(op)]
        if len({splice.start for splice in added}) == len(added):
            return splices + added
    # Some operation changes the surroundings that another one looks at: one after the other.
    draft = Draft(text)
    draft.edit(splices)
    todo = _in_order(outside)[::-1]
    if inside:
        planner = Planner(draft.text, eol)
    while todo:
        op = todo.pop()
        steps = planner.steps(op)
        if steps:
            todo += reversed(steps)
            continue
        draft.edit(planner.splices(op))
        if todo:
            planner = Planner(draft.text, eol)
    return draft.splices()


def _in_order(ops: Sequence[Op]) -> list[Op]:
    """One after the other such that no operation moves the place of a later one."""
    stay = [op for op in ops if not isinstance(op, (Insert, Drop))]
    shift = [(_from_the_end(op), index, op) for index, op in enumerate(ops) if isinstance(op, (Insert, Drop))]
    return [*stay, *(op for _, _, op in sorted(shift, key=lambda item: item[:2], reverse=True))]


def _from_the_end(op: Insert | Drop) -> list[tuple[bool, int, str]]:
    place = (*op.place, op.index) if isinstance(op, Insert) else op.place
    steps = [(True, step, "") if isinstance(step, int) else (False, 0, step) for step in place]
    return [*steps, (isinstance(op, Drop), 0, "")]


class Draft:
    """A text under several edits, each of them planned on what the ones before have left."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._size = len(text)
        self._pieces: list[_Piece] = [(0, len(text))]

    def edit(self, splices: Sequence[Splice]) -> None:
        """Make splices of the text as it is now."""
        self.text = apply(self.text, splices)
        # The last one first: what stands before it has not moved yet.
        in_order = sorted(splices, key=lambda splice: (splice.start, splice.end))
        for start, end, new in in_order[::-1]:
            before, rest = _cut(self._pieces, start)
            _, after = _cut(rest, end - start)
            self._pieces = [*before, new, *after]

    def splices(self) -> list[Splice]:
        """All edits so far, as splices of the text as it was at first."""
        found: list[Splice] = []
        at, new = 0, ""
        for piece in (*self._pieces, (self._size, self._size)):
            if isinstance(piece, str):
                new += piece
                continue
            start, end = piece
            if new or start > at:
                found.append(Splice(at, start, new))
            at, new = end, ""
        return found


_Piece: TypeAlias = tuple[int, int] | str
"""A part of a draft: what is kept, as a range of the first text, or new text."""


def _cut(pieces: Sequence[_Piece], length: int) -> tuple[list[_Piece], list[_Piece]]:
    """The pieces of the first `length` characters, and the others."""
    for index, piece in enumerate(pieces):
        size = len(piece) if isinstance(piece, str) else piece[1] - piece[0]
        if length < size:
            if isinstance(piece, str):
                halves: tuple[_Piece, _Piece] = piece[:length], piece[length:]
            else:
                halves = (piece[0], piece[0] + length), (piece[0] + length, piece[1])
            return [*pieces[:index], halves[0]], [halves[1], *pieces[index + 1 :]]
        length -= size
    return [*pieces], []
