"""What a home costs in a run over many: `python -m tests.bench.homes`."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.bench.commands import ROOT, Command, patcher
from tests.bench.measure import launch
from tests.bench.needs import Need
from tests.support.homes import FIXTURES, KEY

FEW, MANY = 10, 200
_TOOLS = ("aider", "continue", "crush")
_USER = 20000  # of the first home, where root gives each to a user of its own


def homes(rounds: int) -> dict[int, float]:
    """By number of homes the CPU seconds of each, patching three programs: the least of all rounds."""
    taken: dict[int, list[float]] = {FEW: [], MANY: []}
    for _ in range(rounds):
        for count, costs in taken.items():
            with tempfile.TemporaryDirectory() as name:
                Path(name).chmod(0o755)  # the owners have to come to their homes
                costs.append(_cost(Path(name), count))
    return {count: min(costs) for count, costs in taken.items()}


def _cost(folder: Path, count: int) -> float:
    made = [_home(folder / f"user{number}", number) for number in range(count)]
    named = [word for home in made for word in ("--home", str(home))]
    env = {"PYTHONPATH": str(ROOT), "VSEGPT_API_KEY": KEY}
    took = launch(Command(patcher(*_TOOLS, *named), env=env), folder)
    if took is None:
        raise SystemExit((folder / "err").read_text("utf-8"))
    return took[0] / count


def _home(home: Path, number: int) -> Path:
    for tool in _TOOLS:
        shutil.copytree(FIXTURES / tool / "existing/before/home", home, dirs_exist_ok=True)
    if os.name == "posix" and os.geteuid() == 0:
        for path in (home, *home.rglob("*")):
            os.chown(path, _USER + number, _USER + number)
    return home


def cost_needs(found: Mapping[int, float]) -> Iterator[Need]:
    """Each further home costs no more than the first ones; nothing where none were measured."""
    if found:
        yield Need(f"a home of {MANY} in one run / one of {FEW}: CPU", found[MANY] / found[FEW], 1.0)


if __name__ == "__main__":
    costs = homes(3)
    for count, cost in costs.items():
        print(f"{count} homes: {cost * 1000:.0f} ms CPU a home")
    kept = list(cost_needs(costs))
    for need in kept:
        print(f"{need.verdict:5} {need.found:6.2f} <= {need.most:4g}  {need.text}")
    sys.exit(any(need.verdict != "ok" for need in kept))
