"""Faults of every kind at every point of a run: `python -m tests.crash kill|error|stuck|powercut|...`.

The program that is driven is the real one, in a copy whose only profiles are made up. A fault counts
only if it fired; one that did not is a failure of the campaign.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from tests.crash import attacks, faults, mutants, powercut, program, race, store
from tests.crash.faults import Point
from tests.crash.world import World

NAMES = ("kill", "error", "stuck", "powercut", "race", "attack", "store", "mutants")
_SHOWN = 10  # failures of a campaign; the others are counted
_strikes: Callable[[Point], list[str]] | None = None


def _set_up(base: Path, plain: bool) -> None:
    """A home for each worker."""
    global _strikes  # noqa: PLW0603 - a process that strikes points has one home
    name = multiprocessing.current_process().name
    _strikes = partial(faults.strike, world=World(base / name, plain=plain))


def _strike(point: Point) -> tuple[Point, list[str]]:
    assert _strikes is not None
    try:
        return point, _strikes(point)
    except Exception as error:  # noqa: BLE001 - a campaign goes on, and counts it
        return point, [f"the campaign itself: {type(error).__name__}: {error}"]


def _on_disk(
    system: str, base: Path, plain: bool, first: bool, points: Sequence[Point]
) -> list[tuple[Point, list[str]]]:
    """All the points on a disk of this kind."""
    global _strikes  # noqa: PLW0603 - as above
    with powercut.disk(system, base / system) as disk:
        world = World(disk.place / "world", base / system / "notes", plain=plain)
        _strikes = partial(powercut.strike, world=world, its=disk)
        results = []
        for point in points:
            results.append(_strike(point))
            if first and results[-1][1]:
                break
        return results


def _points(name: str, base: Path, options: argparse.Namespace) -> list[Point]:
    world = World(base / "count", plain=options.plain)
    world.subjects = {each: it for each, it in world.subjects.items() if options.only in each}
    if name == "powercut":
        found = powercut.points(world)
    else:
        found = faults.points(name, world, thorough=options.thorough)
    return list(found)[:: options.sample]


def _results(
    name: str, base: Path, points: Sequence[Point], options: argparse.Namespace
) -> Iterator[tuple[Point, list[str]]]:
    if name != "powercut":
        with multiprocessing.Pool(options.jobs, _set_up, (base, options.plain)) as pool:
            yield from pool.imap_unordered(_strike, points, chunksize=8)
        return
    with multiprocessing.Pool(options.jobs) as pool:
        job = partial(_on_disk, base=base, plain=options.plain, first=options.first, points=points)
        for system, results in zip(powercut.SYSTEMS, pool.imap(job, powercut.SYSTEMS), strict=True):
            yield from ((replace(point, error=system), told) for point, told in results)


def campaign(name: str, base: Path, options: argparse.Namespace) -> bool:
    """Strike every point; print the count. False where anything was wrong."""
    if name == "powercut" and (reason := powercut.missing()):
        print(f"SKIPPED powercut: {reason}")
        return reason == powercut.NO_LOOP or not os.environ.get("CI")
    began = time.monotonic()
    found = _points(name, base, options)
    tried = failures = fired = 0
    by_subject: dict[str, int] = {}
    for point, told in _results(name, base, found, options):
        tried += 1
        fired += not any("did not fire" in line or "campaign itself" in line for line in told)
        failures += bool(told)
        by_subject[point.subject] = by_subject.get(point.subject, 0) + 1
        if told and failures <= _SHOWN:
            print(f"FAILED {name}: {point}")
            print(*(f"    {line}" for line in told[:8]), sep="\n", flush=True)
        if told and options.first:
            break
    _report(name, tried, fired, failures, began)
    print("   ", ", ".join(f"{subject} {count}" for subject, count in by_subject.items()), flush=True)
    return not failures and tried >= len(found) > 0


def series(name: str, cases: Iterator[tuple[str, list[str]]]) -> bool:
    """Run every case of a campaign; print the count. False where anything was wrong."""
    began = time.monotonic()
    tried = fired = failures = 0
    for case, told in cases:
        tried += 1
        fired += not any("in time" in line for line in told)
        failures += bool(told)
        if told:
            print(f"FAILED {name}: {case}", *(f"    {line}" for line in told), sep="\n")
    _report(name, tried, fired, failures, began)
    return not failures and tried > 0


def table(base: Path) -> bool:
    """Every mutant and what saw it."""
    caught = []
    for mutant, seen, how in mutants.cases(base):
        caught.append(seen)
        print(f"{mutant.name:42} {mutant.seen_by if seen else 'NOT CAUGHT':12} {how[:150]}", flush=True)
    print(f"mutants: {len(caught)}, caught {sum(caught)}", flush=True)
    return all(caught) and bool(caught)


def _report(name: str, tried: int, fired: int, failures: int, began: float) -> None:
    seconds = time.monotonic() - began
    print(f"{name}: {tried} points, {fired} faults fired, {failures} failures, {seconds:.0f} s", flush=True)


def _run(name: str, base: Path, options: argparse.Namespace) -> bool:
    if name == "race":
        return series(name, race.cases(base, options.source))
    if name == "attack":
        return series(name, attacks.cases(base))
    if name == "store":
        return series(name, store.cases(base))
    return table(base) if name == "mutants" else campaign(name, base, options)


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    memory = Path("/dev/shm")
    base = Path(tempfile.mkdtemp(prefix="vsegpt-crash-", dir=memory if memory.is_dir() else None))
    try:
        yield base
    finally:
        powercut.unmount_all(base)  # a worker that was stopped has left its disk
        shutil.rmtree(base, ignore_errors=True)


def main() -> int:
    """Run the campaigns that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("campaigns", nargs="+", choices=NAMES)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sample", type=int, default=1, help="only every so many points")
    parser.add_argument("--only", default="", metavar="WORD", help="only subjects with this in their name")
    parser.add_argument("--plain", action="store_true", help="patches and undos alone")
    parser.add_argument("--thorough", action="store_true", help="all errors at all calls of all runs")
    parser.add_argument("--first", action="store_true", help="stop at the first failure")
    parser.add_argument("--source", type=Path, default=program.SOURCE, help="where patcher/ is")
    options = parser.parse_args()
    with _scratch() as base:
        program.load(program.copy(base / "program", options.source))
        good = [_run(name, base, options) for name in options.campaigns]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
