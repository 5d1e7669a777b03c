"""Runs that edit what earlier runs have written: `undo` and `key rotate`, from plan to report."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from patcher.cli.session import Session
from patcher.disk import transaction
from patcher.disk.write import Write
from patcher.i18n import _
from patcher.planning.plan import Problem
from patcher.planning.undo import FileEdit
from patcher.stores import access


@dataclass(frozen=True)
class Done:
    """What came of it: the run's number (None: nothing was written), and who was refused."""

    files: Sequence[FileEdit]
    writes: Sequence[Write]
    run: int | None
    problems: Sequence[Problem]

    @property
    def code(self) -> int:
        return 1 if self.problems else 0


def carry_out(
    session: Session,
    kind: str,
    plan: Callable[[], list[FileEdit]],
    running: Callable[[Sequence[Write]], list[Problem]] = lambda _writes: [],
) -> Done:
    """Plan and write within one turn, or with --dry-run print the diffs.

    `running` says of which writes the tools run and would write over them.
    """
    words, report = session.words, session.report
    run = None
    with session.turn() if session.store.exists and not words["dry_run"] else contextlib.nullcontext():
        files = plan()
        report.hide(secret for file in files for secret in file.secrets)
        problems = [Problem.of(file.tool, file.path, file.problem) for file in files if file.problem]
        writes = [file.write for file in files if file.write]
        problems += _in_use(session, writes) + running(writes)
        refused = {problem.tool for problem in problems}
        writes = [write for write in writes if write.tool not in refused]
        if words["dry_run"]:
            for write in writes:
                report.print_diff(report.write_diff(write))
        elif not (words["strict"] and problems):
            writes, run, late = _write(session, kind, writes)
            problems += late
    return Done(files, writes, run, problems)


def told(session: Session, done: Done, outcome: str) -> dict[str, Any]:
    """Say what was done; answers with the fields of the --json object.

    `outcome` is what a person reads of each written file, with {tool} and {place}.
    """
    report = session.report
    written = {write.place for write in done.writes}
    for file in done.files:
        if done.run is not None and file.path in written:
            report.result(outcome.format(tool=file.tool, place=session.machine.shown(file.path)))
        for left in file.left:
            report.message(
                _("{tool}: {place}: {left}; left as it is").format(
                    tool=file.tool, place=session.machine.shown(file.path), left=left
                ),
                fg="yellow",
            )
    for problem in done.problems:
        report.problem(problem)
    return {
        "dry_run": session.words["dry_run"],
        "run": done.run,
        "files": [report.edit_json(file) for file in done.files],
        "problems": [report.problem_json(problem) for problem in done.problems],
        "exit_code": done.code,
    }


def _in_use(session: Session, writes: Sequence[Write]) -> list[Problem]:
    """The stores whose programs run; where nothing is to be written, a warning says so."""
    busy = [
        session.in_use(write.tool, write.place, export=False)
        for write in writes
        if write.stored and access.is_in_use(write.stored.source)
    ]
    if not session.words["dry_run"]:
        return busy
    for problem in busy:
        session.report.warning(f"{problem.tool}: {problem.reason}")
    return []


def _write(session: Session, kind: str, writes: list[Write]) -> tuple[list[Write], int | None, list[Problem]]:
    """Apply them. A tool whose file cannot be written is left out, the others go on."""
    late: list[Problem] = []
    while True:
        try:
            run = session.apply(writes, kind)
        except transaction.FileRefused as refusal:
            late.append(Problem.of(refusal.write.tool, refusal.write.place, refusal))
            if session.words["strict"]:
                return [], None, late
            writes = [write for write in writes if write.tool != refusal.write.tool]
        else:
            if run is not None:
                late += session.overwritten(run)
            return writes, run.number if run else None, late
