"""Runs that edit what earlier runs have written, `undo` and `key rotate`: from plan to report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from patcher.cli.busy import in_use
from patcher.cli.execute import Job, Outcome, execute
from patcher.cli.session import Session
from patcher.dataclass import dataclass
from patcher.disk.write import Write
from patcher.i18n import _
from patcher.planning.problem import Problem
from patcher.planning.undo import FileEdit
from patcher.stores import access


@dataclass(frozen=True)
class EditPlan:
    """All files that were looked at, and what is to be written for the tools that are not refused."""

    files: Sequence[FileEdit]
    writes: Sequence[Write]
    problems: Sequence[Problem]


def edit(
    session: Session,
    kind: str,
    make: Callable[[], list[FileEdit]],
    running: Callable[[Sequence[Write]], list[Problem]] = lambda _writes: [],
) -> Outcome[EditPlan]:
    """Plan with `make` and write, as `execute` says, or with --dry-run print the diffs.

    `running` says of which writes the tools run and would write over them.
    """
    report, dry = session.report, session.options.dry_run

    def planned(left_out: Collection[str]) -> EditPlan:
        files = make()
        report.hide(secret for file in files for secret in file.secrets)
        problems = [
            Problem.of(file.tool, file.path, file.problem)
            for file in files
            if file.problem and file.tool not in left_out
        ]
        unwritten = {*left_out, *(problem.tool for problem in problems)}
        writes = [file.write for file in files if file.write and file.tool not in unwritten]
        return EditPlan(files, writes, problems)

    def are_busy(plan: EditPlan) -> list[Problem]:
        return _in_use(session, plan.writes) + running(plan.writes)

    outcome = execute(session, Job(kind, planned, are_busy), writing=not dry)
    if dry:
        for problem in are_busy(outcome.plan):
            report.warning(f"{problem.tool}: {problem.reason}")
        for write in outcome.plan.writes:
            report.print_diff(report.write_diff(write))
    return outcome


def _in_use(session: Session, writes: Sequence[Write]) -> list[Problem]:
    """Those of stores whose programs run."""
    return [
        in_use(session, write.tool, write.place, export=False)
        for write in writes
        if write.stored and access.is_in_use(write.stored.source)
    ]


def report_run(session: Session, outcome: Outcome[EditPlan], line: str) -> dict[str, Any]:
    """Say what was done; the fields of the --json object.

    `line` is what a person reads of each written file, with {tool} and {place}.
    """
    report = session.report
    written = {write.place for write in outcome.plan.writes}
    for file in outcome.plan.files:
        place = session.machine.shown(file.path)
        if outcome.run is not None and file.path in written:
            report.result(line.format(tool=file.tool, place=place))
        for left in file.left:
            report.message(
                _("{tool}: {place}: {left}; left as it is").format(tool=file.tool, place=place, left=left),
                fg="yellow",
            )
    for problem in outcome.problems:
        report.problem(problem)
    return {
        "dry_run": session.options.dry_run,
        "run": outcome.run,
        "files": [report.edit_json(file) for file in outcome.plan.files],
        "problems": [report.problem_json(problem) for problem in outcome.problems],
        "exit_code": outcome.code,
    }
