"""What an edit takes: every measurement a fresh process, the tools taking turns."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.bench import commands, tools
from tests.bench.samples import VSEGPT, Sample, sample
from tests.bench.tools import COMMAND, LARGEST, MEDIUM, OURS, PURE, SMALL, TOOLS, Tool

_HERE = Path(__file__).parent
_LONGEST = 120  # CPU seconds
_GROWTH_ROUNDS = 9
_LONG = 5  # CPU seconds; what takes so long is measured once


class Cell(NamedTuple):
    """One measurement's place."""

    syntax: str
    size: int
    name: str


@dataclass
class Figure:
    """What one editor took for one file, and what it made of it."""

    cpu: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)  # only of Python's: the first edit in its process
    peak: list[float] = field(default_factory=list)
    after: str = ""
    problem: str = ""

    def take(self, cpu: float, peak: float) -> None:
        self.cpu.append(cpu)
        self.peak.append(peak)


Figures = Mapping[Cell, Figure]
Growths = Mapping[tuple[str, str], float]
"""By syntax and editor; see `growths`."""


def figures(syntaxes: list[str], folder: Path, rounds: int, *, quick: bool) -> dict[Cell, Figure]:
    """Everything there is to know, measured."""
    found: dict[Cell, Figure] = defaultdict(Figure)
    for syntax in syntaxes:
        small = sample(syntax, SMALL)
        for size, names in _plan(syntax, quick=quick):
            print(f"{syntax}, {size} bytes: {', '.join(names)}", file=sys.stderr, flush=True)
            its = small if size == SMALL else sample(syntax, size)
            for _ in range(rounds):
                for name in names:
                    figure = found[Cell(syntax, size, name)]
                    if not figure.problem and not (figure.cpu and figure.cpu[0] > _LONG):
                        _measure(figure, name, small, its, folder)
    return found


def growths(syntaxes: list[str], folder: Path) -> dict[tuple[str, str], float]:
    """How much more CPU a byte takes at the limit of our editors than at 100 KB.

    Both are the first edit of a fresh process, as it is in a run of the command: memory that an edit
    before has taken from the system, and left warm, would flatter the small file.
    """
    found: dict[tuple[str, str], float] = {}
    for syntax in syntaxes:
        small = sample(syntax, SMALL)
        for name in _ours(syntax):
            most = limit(syntax, name)
            print(f"{syntax}, growth to {most} bytes: {name}", file=sys.stderr, flush=True)
            its = sample(syntax, MEDIUM), sample(syntax, most)
            figures = Figure(), Figure()
            for _ in range(_GROWTH_ROUNDS):
                for figure, each in zip(figures, its, strict=True):
                    _measure(figure, name, small, each, folder)
            per_byte = [
                min(figure.first) / len(each.text.encode()) for figure, each in zip(figures, its, strict=True)
            ]
            found[syntax, name] = per_byte[1] / per_byte[0]
    return found


def top(tool: Tool, syntax: str) -> int:
    """The largest size at which both are measured."""
    return min(tool.largest, LARGEST[syntax])


@cache
def limit(syntax: str, name: str) -> int:
    """The largest file that ours reads."""
    # Not imported: what this process holds would count as what it starts.
    code = (
        f"import sys; sys.modules.update({{'_ruamel_yaml': None}} if {name == PURE} else {{}});"
        f"from patcher.formats.editing import syntax_of; print(syntax_of({syntax!r}).limit)"
    )
    return int(subprocess.check_output([sys.executable, "-c", code], cwd=commands.ROOT, text=True))


def _plan(syntax: str, *, quick: bool) -> Iterator[tuple[int, list[str]]]:
    """Each size, and who is measured at it."""
    at: dict[int, list[str]] = defaultdict(list)
    for tool in TOOLS[syntax]:
        if tool.version() is not None:
            for size in {SMALL, MEDIUM, top(tool, syntax)}:
                at[size] += [name for name in (tool.against, tool.name) if name not in at[size]]
    if PURE in _ours(syntax):
        for size in (SMALL, MEDIUM, limit(syntax, PURE)):
            at[size] += [name for name in (PURE, "ruamel.yaml") if name not in at[size]]
    return ((size, names) for size, names in sorted(at.items()) if not quick or size <= MEDIUM)


def _ours(syntax: str) -> list[str]:
    return [OURS, PURE] if syntax == "yaml" and tools.clib() else [OURS]


def _measure(figure: Figure, name: str, small: Sample, its: Sample, folder: Path) -> None:
    tool = next((tool for tool in TOOLS[its.syntax] if tool.name == name), None)
    if name == COMMAND or (tool and tool.kind == "command"):
        command = commands.COMMANDS[OURS if name == COMMAND else name](its, folder / "command")
        took = launch(command, folder)
        figure.after = (command.after or folder / "out").read_text("utf-8")
        if took is not None:
            figure.take(*took)
    else:
        after = folder / "after"
        files = [str(small.save(folder)), str(its.save(folder)), str(after)]
        if tool and tool.kind == "node":
            argv = ["node", str(_HERE / "worker.mjs"), tool.package, str(tools.NPM), *files]
        else:
            argv = [sys.executable, "-m", "tests.bench.worker", name, its.syntax, *files]
        took = launch(commands.Command(argv, env={"PYTHONPATH": str(commands.ROOT)}), folder)
        if took is not None:
            cpu, *first, peak = map(float, (folder / "out").read_text("utf-8").split())
            figure.take(cpu, peak)
            figure.first += first
            figure.after = after.read_text("utf-8")
    if took is None:
        figure.problem = "fails"
        print((folder / "err").read_text("utf-8")[-400:], file=sys.stderr)
    elif VSEGPT not in figure.after:
        figure.problem = "does not do it"
    if its is not small:
        figure.after = ""  # to compare long files line by line takes minutes


def launch(command: commands.Command, folder: Path) -> tuple[float, float] | None:
    """CPU seconds and peak memory of one command; None where it fails."""
    result = folder / "result"
    words = [sys.executable, "-I", "-S", str(_HERE / "launch.py"), str(result), str(_LONGEST), *command.argv]
    (folder / "in").write_text(command.stdin, "utf-8")
    with (
        (folder / "in").open("rb") as stdin,
        (folder / "out").open("wb") as out,
        (folder / "err").open("wb") as err,
    ):
        env = commands.environment(command.env)
        subprocess.run(words, stdin=stdin, stdout=out, stderr=err, env=env, check=True, cwd=folder)
    code, cpu, peak = result.read_text("utf-8").split()
    return (float(cpu), float(peak)) if code == "0" else None


def ratio(found: Figures, one: Cell, other: Cell) -> float | None:
    """The CPU time of one over that of the other; None where one of them has none."""
    figures = found.get(one), found.get(other)
    # The least: what else a machine does can only add to it.
    times = [min(each.cpu) for each in figures if each and each.cpu and not each.problem]
    return times[0] / times[1] if len(times) == 2 else None
