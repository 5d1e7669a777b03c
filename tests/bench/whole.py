"""What whole runs of the command take, against the least that a program made with click can take."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.bench.commands import Command
from tests.bench.measure import launch
from tests.support.homes import everything_in

BASE = "python -c 'import click'"
_PROGRAM = Path(sys.executable).with_name("vsegpt-patch")


class Whole(NamedTuple):
    """A run, its CPU time over that of importing click, and what that may be; None: it is only shown."""

    words: str
    where: str
    times: float
    most: float | None


def whole(folder: Path, rounds: int) -> list[Whole]:
    """The runs, taking turns, in a home in which a hundred tools and more are set up."""
    home = everything_in(folder / "home")
    on = ["--home", str(home), "--in", str(home / "project")]
    where = f"a home with {_count(folder, on)} tools"
    runs: list[tuple[str, str, list[str], float | None]] = [
        ("--help", "", [], 1.5),
        ("--version", "", [], None),
        ("aider --dry-run", where, on, 3),
        ("--all --dry-run", where, on, 12),
        ("list", where, on, None),
    ]
    base = Command([sys.executable, "-c", "import click"])
    commands = [base, *(Command([str(_PROGRAM), *words.split(), *more]) for words, _, more, _ in runs)]
    times = [[_cpu(command, folder) for command in commands] for _ in range(rounds)]
    least, *took = (median(column) for column in zip(*times, strict=True))
    return [Whole(words, at, cpu / least, most) for (words, at, _, most), cpu in zip(runs, took, strict=True)]


def _count(folder: Path, on: list[str]) -> int:
    """How many tools `--all` would change there. This first run also compiles what later ones load."""
    _cpu(Command([str(_PROGRAM), "--all", "--dry-run", "--json", *on]), folder)
    told = json.loads((folder / "out").read_bytes())
    count = len([tool for tool in told["tools"] if tool["status"] == "would-patch"])
    if count < 100:
        raise SystemExit(f"{count} tools are no measure: it should be a hundred")
    return count


def _cpu(command: Command, folder: Path) -> float:
    took = launch(command, folder)
    if took is None:
        raise SystemExit(f"{' '.join(command.argv)}: {(folder / 'err').read_text('utf-8')}")
    return took[0]
