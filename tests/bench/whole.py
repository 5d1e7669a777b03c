"""What whole runs of the command take, against the least that a program made with click can take."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from statistics import median
from typing import NamedTuple

from patcher import ASKING
from tests.bench.commands import ROOT, Command
from tests.bench.measure import launch
from tests.support.homes import everything_in

BASE = "python -c 'import click'"


class Whole(NamedTuple):
    """A run, its CPU time over that of importing click, and what that may be; None: it is only shown."""

    words: str
    where: str
    times: float
    most: float | None


class _Run(NamedTuple):
    """The words of a run, where it is, what it may take."""

    words: str
    where: str
    most: float | None = None
    on: tuple[str, ...] = ()
    asks: str = ""
    """The word that a shell wants to be completed."""


def whole(folder: Path, rounds: int) -> list[Whole]:
    """The runs, taking turns, in a home in which a hundred tools and more are set up, and in an empty one."""
    program, home, empty = _installed(folder / "wheel"), everything_in(folder / "home"), folder / "empty"
    empty.mkdir()
    full, none = ("--home", str(home), "--in", str(home / "project")), ("--home", str(empty))
    there, nothing = f"a home with {_count(program, folder, full)} tools", "an empty home"
    runs = [
        _Run("--help", "", 1.2),
        _Run("--version", "", 1.2),
        _Run("list", nothing, 2.5, none),
        _Run("list", there, None, full),
        _Run("con", "completed by a shell", 2, none, asks="con"),
        _Run("crush --dry-run", f"{there}; JSON", 2.4, full),
        _Run("mistral-vibe --dry-run", f"{there}; TOML", 2.4, full),
        _Run("aider --dry-run", f"{there}; YAML", 3, full),
        _Run("status", there, 6.5, full),
        _Run("--all --dry-run", there, 11, full),
        _Run("--all --dry-run", nothing, 2.5, none),
    ]
    base = Command([sys.executable, "-c", "import click"])
    commands = [base, *(_command(program, run) for run in runs)]
    times = [[_cpu(command, folder) for command in commands] for _ in range(rounds + 1)][1:]
    least, *took = (median(column) for column in zip(*times, strict=True))
    return [Whole(run.words, run.where, cpu / least, run.most) for run, cpu in zip(runs, took, strict=True)]


def _installed(folder: Path) -> Path:
    """Where the package is as it is installed: made from the wheel, which has what a checkout has not."""
    words = ["-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder)
    return folder


def _command(program: Path, run: _Run) -> Command:
    env = {"PYTHONPATH": str(program)}
    words = [*run.words.split(), *run.on]
    if run.asks:
        line = " ".join(["vsegpt-patch", *run.on, run.asks])
        env |= {ASKING: "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(1 + len(run.on))}
        words = []
    # As the command that pip makes does it.
    return Command([sys.executable, "-c", "from patcher.cli.main import main; main()", *words], env=env)


def _count(program: Path, folder: Path, on: tuple[str, ...]) -> int:
    """How many tools `--all` would change there. This first run also compiles what later ones load."""
    _cpu(_command(program, _Run("--all --dry-run --json", "", on=on)), folder)
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
