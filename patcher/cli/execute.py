"""Runs that write, for `patch`, `undo` and `key rotate`: from the plan to the disk."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from patcher.cli.session import Session
from patcher.dataclass import dataclass
from patcher.disk.write import Write
from patcher.i18n import _
from patcher.planning.problem import Problem

if TYPE_CHECKING:
    from patcher.disk.manifest import Run


class Planned(Protocol):
    """What a run would do; the writes are those of the tools that are not refused."""

    @property
    def writes(self) -> Sequence[Write]: ...

    @property
    def problems(self) -> Sequence[Problem]: ...


P = TypeVar("P", bound=Planned)


@dataclass(eq=False, repr=False)  # every start would make what nobody compares or prints
class Job(Generic[P]):
    """What is to be done: the kind of run, and how it is planned."""

    kind: str
    plan: Callable[[Collection[str]], P]
    """Plans from what the files are now, without these tools."""
    busy: Callable[[P], Sequence[Problem]]
    """Of the tools that a plan would write for those that cannot be written for now, as they run."""


@dataclass(frozen=True)
class Outcome(Generic[P]):
    """What came of it: the plan that counts, the run's number (None: none was made), who was refused."""

    plan: P
    problems: Sequence[Problem]
    run: int | None = None
    agreed: bool = True
    """False where the person was asked, and said no."""

    @property
    def code(self) -> int:
        return 1 if self.problems else 0


def execute(
    session: Session,
    job: Job[P],
    problems: Sequence[Problem] = (),
    *,
    writing: bool = True,
    agree: Callable[[P], bool] | None = None,
) -> Outcome[P]:
    """Plan, and unless this is not `writing`, write. `problems` are those of before.

    `agree` is asked first, if there is any. No lock is held while it asks: under the lock all is planned
    once more, and where that is not what was agreed to, it is asked again.
    """

    def may_write(plan: P) -> bool:
        """Whether there is anything to write, and no refusal that forbids it."""
        return bool(plan.writes) and not (session.options.strict and (problems or plan.problems))

    there = writing and session.journal.exists  # else it is made only for a run that will write
    run, late = None, list[Problem]()
    if agree or not there:
        plan = job.plan(())
    while writing and (there or may_write(plan)):
        shown = plan.writes if agree else None
        if agree and may_write(plan) and not agree(plan):
            return Outcome(plan, problems, agreed=False)
        with exclusive_run(session):
            plan = job.plan(())
            if shown is not None and plan.writes != shown:
                session.report.message(_("The files have changed meanwhile."), fg="yellow")
                continue
            if may_write(plan):
                plan, late, run = _write(session, job, plan)
        break
    return Outcome(plan, [*problems, *plan.problems, *late], run)


@contextlib.contextmanager
def exclusive_run(session: Session) -> Iterator[None]:
    """Be the only run on this home; to be held from planning to having written."""
    from patcher.disk import transaction  # noqa: PLC0415 - only for those who write

    with transaction.exclusive_run(session.journal) as left:
        for entry in left:
            place = session.machine.shown(Path(entry.path))
            session.report.message(
                _("note: a run was cut short, and {place} was edited since; it is kept").format(place=place)
            )
        yield


def _write(session: Session, job: Job[P], plan: P) -> tuple[P, list[Problem], int | None]:
    """Apply the plan. A tool that runs or whose file is not writable is left out, the others go on."""
    from patcher.disk import transaction  # noqa: PLC0415 - only for those who write

    left_out: set[str] = set()
    late: list[Problem] = []
    refused = job.busy(plan)
    while True:
        late += refused
        if refused and session.options.strict:
            return plan, late, None
        if refused:
            left_out |= {problem.tool for problem in refused}
            plan = job.plan(left_out)
        try:
            run = transaction.apply(
                plan.writes,
                session.journal,
                job.kind,
                lambda jobs: session.report.watched(jobs, _("Writing")),
            )
        except transaction.FileRefused as refusal:
            path, place = refusal.write.path, refusal.write.place
            tools = {write.tool for write in plan.writes if write.path == path}
            refused = [Problem.of(tool, place, refusal) for tool in sorted(tools)]
        else:
            late += _overwritten(run) if run else []
            return plan, late, run.number if run else None


def _overwritten(run: Run) -> list[Problem]:
    """The files that another program has written over already. To be asked within `exclusive_run`."""
    from patcher.disk import transaction  # noqa: PLC0415 - only for those who write

    reason = _("it was changed by another program right after it was written")
    cure = _("run again when that program is closed")
    return [
        Problem(entry.tool, Path(entry.path), None, reason, cure) for entry in transaction.overwritten(run)
    ]
