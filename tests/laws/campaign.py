"""A run of the fuzz over all syntaxes and dialects, and what it tells."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.laws import fuzz, readers, shrink
from tests.laws.programs import left_out

AT_ONCE = 1000
"""Edits of one format before the next has its turn."""
READ = 5000
"""Texts that the reader of a dialect and its program both read."""
KINDS = 25
"""So many kinds of failures of one format are shown."""
SLOW = {"json5": 4, "yaml": 2}
"""The formats that take more time have fewer edits, by these parts."""


class Options(NamedTuple):
    """What was asked for; `edits` and `minutes` end the run, whichever comes first."""

    edits: int | None
    minutes: float | None
    wanted: str | None
    seed: str
    found: Path | None


def run(options: Options) -> int:
    """Tells it all. The exit code: 1 where a law does not hold."""
    names = fuzz.formats(options.wanted)
    for reason in left_out(names):
        print(reason)
    tallies = {name: fuzz.Tally() for name in names}
    began = time.monotonic()
    turn = 0
    while names and not _over(options, tallies, began):
        for name in names:
            left = AT_ONCE if options.edits is None else min(AT_ONCE, -(-options.edits // len(names)))
            fuzz.run(
                name, Random(f"{options.seed} {name} {turn}"), tallies[name], left // SLOW.get(name, 1) or 1
            )
            if _over(options, tallies, began):
                break
        turn += 1
    took = time.monotonic() - began
    print(*table(tallies, took), sep="\n", flush=True)
    differ = _compared(options)
    cases = [case for name in names for case in _cases(tallies[name])]
    if options.found is not None and cases:
        options.found.write_text("\n".join(cases), "utf-8")
    return 1 if differ or any(tally.broken for tally in tallies.values()) else 0


def _compared(options: Options) -> bool:
    """Whether a reader of a dialect sees anything otherwise than its program."""
    compared = {name: readers.Compared() for name in readers.dialects(options.wanted)}
    for name, it in compared.items():
        readers.compare(name, Random(f"{options.seed} {name}"), READ, it)
    if compared:
        print("", *readers.report(compared), sep="\n", flush=True)
    return any(it.other for it in compared.values())


def _over(options: Options, tallies: dict[str, fuzz.Tally], began: float) -> bool:
    edits = sum(tally.edits for tally in tallies.values())
    return (options.edits is not None and edits >= options.edits) or (
        options.minutes is not None and time.monotonic() - began >= options.minutes * 60
    )


def _cases(tally: fuzz.Tally) -> Iterator[str]:
    """Each kind of failure, shrunk and told."""
    for broken in shrink.kinds(tally.broken, KINDS):
        case = shrink.case(broken)
        print(f"\n{case}", flush=True)
        yield case


def table(tallies: dict[str, fuzz.Tally], took: float) -> Iterator[str]:
    """The figures, a line a format, and why texts and edits were refused."""
    head = "texts unread edits proved refused wrong lost internal".split()
    yield f"{'':20}" + "".join(f"{each:>10}" for each in head)
    total = [0] * len(head)
    for name, it in tallies.items():
        internal = it.of("unproved", "refuse", "mark")
        figures = [it.texts, it.unread.total(), it.edits, it.proved, it.refused.total()]
        figures += [it.of("read"), it.of("bytes"), internal]
        total = [one + other for one, other in zip(total, figures, strict=True)]
        yield f"{name:20}" + "".join(f"{each:10,}" for each in figures)
    yield f"{'':20}" + "".join(f"{each:10,}" for each in total) + f"   {total[2] / took:,.0f} edits a second"
    for name, it in tallies.items():
        for title, reasons in (("text", it.unread), ("edit", it.refused)):
            for reason, times in reasons.most_common():
                yield f"{name:20}{times:10,}  {title} refused: {reason}"
