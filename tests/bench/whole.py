"""What whole runs of the command take, against the least that a program made with click can take."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from statistics import median

from tests.bench.commands import ROOT, Command, patcher
from tests.bench.measure import launch
from tests.homes import cases
from tests.stores import texts

_BASE = "`python -c 'import click'`"


def whole(folder: Path, rounds: int) -> dict[str, float]:
    """Each run's CPU time over that of importing click, all of them taking turns."""
    home = folder / "home"
    for case in cases():
        shutil.copytree(case.folder / "before/home", home, symlinks=True, dirs_exist_ok=True)
    texts.make(home)
    on_home = ("--home", str(home), "--dry-run")
    runs = {
        _BASE: [sys.executable, "-c", "import click"],
        "`--help`": patcher("--help"),
        "`--version`": patcher("--version"),
        "one program, `--dry-run`": patcher("continue", *on_home),
        f"`--all --dry-run`, {len({case.tool for case in cases()})} programs": patcher("--all", *on_home),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, argv in runs.items():
            took = launch(Command(argv, env={"PYTHONPATH": str(ROOT)}), folder)
            if took is None:
                raise SystemExit(f"{name}: {(folder / 'err').read_text('utf-8')}")
            times[name].append(took[0])
    return {name: median(taken) / median(times[_BASE]) for name, taken in times.items()}
