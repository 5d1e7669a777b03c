"""The figures as Markdown."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from statistics import median

from tests.bench import tools
from tests.bench.damage import collateral
from tests.bench.measure import Cell, Figures, ratio, top
from tests.bench.needs import Need, shown
from tests.bench.samples import notes, sample
from tests.bench.tools import LARGEST, MEDIUM, OURS, SMALL, TOOLS, Tool
from tests.bench.whole import BASE, Whole

_INTRO = """\
# Editing compared with other tools

Written by `python -m tests.bench --write docs/bench.md` on {date}. All figures are ratios of what was
measured side by side in one run, so they say little about the machine ({cores} cores, {system} {machine}).

Every tool is given the same made-up settings and the same two edits: set one value in the middle,
insert one map of four entries. Ours reads, plans, splices and then **proves** the edit by a second
reader; the others read and print, and prove nothing. `×` is the tool's figure over ours: **`× 3` is
three times what ours takes**, below `× 1` it takes less.

CPU is that of one edit in a fresh process, loading of the library excluded, the least of {rounds} rounds in
which the tools take turns. A *command* is compared with our whole command, which also backs up, writes
durably and keeps its records. Memory is the peak of the process at the last size in the row. *Lines
changed* are those beyond the needed ones, *comments* those still there, both in the file of {small}.

Versions: {versions}.
"""


def report(
    found: Figures, syntaxes: list[str], runs: Sequence[Whole], kept: Sequence[Need], rounds: int
) -> str:
    return "\n".join(_parts(found, syntaxes, runs, kept, rounds))


def _parts(
    found: Figures, syntaxes: list[str], runs: Sequence[Whole], kept: Sequence[Need], rounds: int
) -> Iterator[str]:
    yield _INTRO.format(
        date=datetime.now(tz=UTC).date(),
        cores=os.cpu_count(),
        system=platform.system(),
        machine=platform.machine(),
        small=shown(SMALL),
        rounds=rounds,
        versions=", ".join(tools.versions()),
    )
    if absent := tools.missing():
        yield f"**Left out**, as it is not on this machine: {', '.join(absent)}.\n"
    for syntax in syntaxes:
        yield from _table(found, syntax)
    yield "## What ours must not exceed\n"
    yield "Here the ratio is the other way round: ours over the other, edit and proof together. Growth"
    yield "with the size is that of the first edit in a fresh process at either size, the least of several.\n"
    yield "| | measured | at most | |\n|---|---|---|---|"
    for need in kept:
        yield f"| {need.text} | {need.found:.2f} | {need.most:g} | {need.verdict} |"
    if runs:
        yield "\n## Whole runs\n"
        yield f"CPU of `vsegpt-patch` with these words, over that of `{BASE}`, the median of {5 * rounds}.\n"
        yield "| | |\n|---|---|"
        for run in runs:
            yield f"| `{run.words}`{run.where and ', '}{run.where} | {run.times:.2f} |"
    yield ""


def _table(found: Figures, syntax: str) -> Iterator[str]:
    sizes = [SMALL, MEDIUM, LARGEST[syntax]]
    headings = [f"CPU, {shown(size)}" for size in sizes]
    yield f"## {syntax}\n"
    yield f"| | {' | '.join(headings)} | memory | lines changed | comments |\n|---|---|---|---|---|---|---|"
    yield f"| **ours** | × 1 | × 1 | × 1 | × 1 | {_damage(found, syntax, OURS)} |"
    for tool in TOOLS[syntax]:
        if tool.version() is not None:
            yield f"| {_row(found, syntax, tool)} |"
    yield ""


def _row(found: Figures, syntax: str, tool: Tool) -> str:
    title = f"{tool.name} {'(command)' if tool.kind == 'command' else ''}".strip()
    title += f", {tool.about}" if tool.about else ""
    small = found.get(Cell(syntax, SMALL, tool.name))
    if small and small.problem:
        return f"{title} | {small.problem} | | | | |"
    largest = top(tool, syntax)
    cells = [_times(found, syntax, size, tool) for size in (SMALL, MEDIUM)]
    cells.append("" if largest == MEDIUM else _times(found, syntax, largest, tool))
    if MEDIUM < largest < LARGEST[syntax]:
        cells[-1] += f" ({shown(largest)})"
    return " | ".join([title, *cells, _memory(found, syntax, tool), _damage(found, syntax, tool.name)])


def _times(found: Figures, syntax: str, size: int, tool: Tool) -> str:
    if (figure := found.get(Cell(syntax, size, tool.name))) and figure.problem:
        return figure.problem
    times = ratio(found, Cell(syntax, size, tool.name), Cell(syntax, size, tool.against))
    return "" if times is None else _x(times)


def _x(times: float) -> str:
    return f"× {times:.0f}" if times >= 10 else f"× {times:.2g}"


def _memory(found: Figures, syntax: str, tool: Tool) -> str:
    for size in (top(tool, syntax), MEDIUM):
        one, two = found.get(Cell(syntax, size, tool.name)), found.get(Cell(syntax, size, tool.against))
        if one and two and one.peak and two.peak:
            return _x(median(one.peak) / median(two.peak))
    return ""


def _damage(found: Figures, syntax: str, name: str) -> str:
    figure = found.get(Cell(syntax, SMALL, name))
    if not figure or figure.problem:
        return " | "
    its = sample(syntax, SMALL)
    count = notes(its.text)
    lines = f"{collateral(its, figure.after)} of {its.text.count(chr(10))}"
    return f"{lines} | {f'{notes(figure.after)} of {count}' if count else 'none in it'}"
