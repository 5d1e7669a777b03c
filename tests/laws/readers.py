"""The readers of dialects, by which an edit is proved, against the programs that they stand for.

A reader has to see in a text what its program sees there, and to refuse where its program fails. Where it
refuses what its program reads, nothing wrong is written: that is only counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from random import Random
from typing import Any

from patcher.errors import Refused
from patcher.formats import editing
from patcher.formats.ops import Node, bare
from tests.laws import programs
from tests.laws.fuzz import WRITERS, difference, known
from tests.laws.judges import equal
from tests.laws.programs import Answer, Program

KINDS = 10
"""So many kinds of differences are shown."""


@dataclass
class Compared:
    """What came out for one dialect."""

    title: str = ""
    texts: int = 0
    alike: int = 0
    stricter: int = 0
    other: list[tuple[str, str]] = field(default_factory=list)
    """A text, and what is seen otherwise in it."""


def dialects(wanted: str | None) -> list[str]:
    """Every dialect that has a reader of ours and a program that is here."""
    names = [f"{syntax}:{dialect}" for syntax, its in programs.DIALECTS.items() for dialect in its]
    return [
        name
        for name in names
        if wanted in (None, name, name.partition(":")[0]) and known(name) and _program(name)
    ]


def _program(name: str) -> Program | None:
    return next(iter(programs.programs(name)), None)


def compare(name: str, rng: Random, times: int, compared: Compared) -> None:
    """So many texts, read by both."""
    program = _program(name)
    assert program is not None
    compared.title = program.title
    texts = [WRITERS[name.partition(":")[0]](rng).removeprefix("\ufeff") for _ in range(times)]
    for text, answer in zip(texts, program.read(texts), strict=True):
        compared.texts += 1
        said = judged(name, program, text, answer)
        if said is None:
            compared.stricter += 1
        elif said:
            compared.other.append((text, said))
        else:
            compared.alike += 1


def judged(name: str, program: Program, text: str, answer: Answer) -> str | None:
    """What the reader sees otherwise than the program; None where it refuses what the program reads."""
    try:
        tree = bare(editing.syntax_of(name).tree(text))
    except Refused:
        return "" if isinstance(answer, str) else None
    if isinstance(answer, str):
        return f"{program.title} fails: {answer}"
    ours = _as_theirs(tree, program)
    return "" if equal(ours, _pruned(answer[0]), ordered=False) else difference(ours, _pruned(answer[0]))


def _as_theirs(tree: Node, program: Program) -> dict[str, Any]:
    """What the reader sees, by the program's own paths."""
    found: dict[str, Any] = {}
    assert isinstance(tree, dict)
    for name, inside in tree.items():
        pairs = (
            [((name, key), value) for key, value in inside.items()]
            if isinstance(inside, dict)
            else [((name,), inside)]
        )
        for path, value in pairs:
            place = program.place(path)
            if place is None:
                continue  # the program cannot ask for it
            here = found
            for step in place[:-1]:
                below = here.setdefault(str(step), {})
                here = below if isinstance(below, dict) else here
            here[str(place[-1])] = _value(value, program)
    return found


def _value(value: Node, program: Program) -> object:
    if isinstance(value, list):
        return [_value(each, program) for each in value]
    if value is None and program.title.startswith("npm ini"):
        return "true"
    return value if isinstance(value, str) or value is None else _Other.OTHER


class _Other(Enum):
    """What is no text: neither side says which."""

    OTHER = "other"


def _pruned(tree: object) -> object:
    """Without empty sections, and with what is no text alike."""
    if isinstance(tree, dict):
        if set(tree) == {"\0"}:
            return _Other.OTHER
        made = {key: _pruned(value) for key, value in tree.items()}
        return {key: value for key, value in made.items() if value != {}}
    if isinstance(tree, tuple):
        return _Other.OTHER
    return tree


def report(compared: dict[str, Compared]) -> Iterator[str]:
    """The figures, a line a dialect, and for each kind of difference the shortest text."""
    yield f"{'':20}" + "".join(f"{each:>10}" for each in ("texts", "alike", "stricter", "otherwise"))
    for name, it in compared.items():
        figures = (it.texts, it.alike, it.stricter, len(it.other))
        yield f"{name:20}" + "".join(f"{each:10,}" for each in figures) + f"   {it.title}"
    for name, it in compared.items():
        kinds: dict[str, tuple[str, str]] = {}
        for text, said in sorted(it.other, key=lambda pair: len(pair[0])):
            kinds.setdefault(re.sub(r"\w+", "a", said), (text, said))
        for text, said in list(kinds.values())[:KINDS]:
            yield f"{name:20} {text!r}: {it.title}: {said}"
