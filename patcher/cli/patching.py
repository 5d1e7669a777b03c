"""Patching from plan to disk, for the commands that ask different things before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from patcher.cli.session import Session
from patcher.i18n import _
from patcher.planning import plan
from patcher.planning.plan import Plan, Problem
from patcher.planning.request import Request
from patcher.registry.profile import Profile


@dataclass(frozen=True)
class Done:
    """What came of it: the plan that counts, who was refused, the run's number (None: none was made)."""

    plan: Plan
    problems: Sequence[Problem]
    run: int | None


def without_beta(session: Session, profiles: Sequence[Profile]) -> list[Profile]:
    """The profiles; of tools whose address is a beta, unless --beta asks for them, the guide alone."""
    beta = session.words["beta"]
    return [replace(profile, files=()) if profile.beta and not beta else profile for profile in profiles]


def writes(session: Session, profiles: Sequence[Profile]) -> bool:
    """Whether these profiles are to be written for, so that a key is needed."""
    return not session.words["dry_run"] and any(profile.files for profile in profiles)


def carry_out(
    session: Session,
    profiles: Sequence[Profile],
    problems: Sequence[Problem],
    request: Request,
    agree: Callable[[Plan], bool] | None,
) -> Done | None:
    """Plan and write, asking `agree` first if there is any; None where it says no.

    No lock is held while it asks: under the lock all is planned once more, and where that is not
    what was agreed to, it is asked again.
    """
    writing = writes(session, profiles)
    there = writing and session.store.exists  # else it is made only for a run that will write
    run, late = None, list[Problem]()
    if agree or not there:
        made = planned(session, profiles, request)
    while writing and (there or _may_write(session, made, problems)):
        agreed = made.writes if agree else None
        if agree and agreed and _may_write(session, made, problems) and not agree(made):
            return None
        with session.turn():
            made = planned(session, profiles, request)
            if agreed is not None and made.writes != agreed:
                session.report.message(_("The files have changed meanwhile."), fg="yellow")
                continue
            if _may_write(session, made, problems):
                made, late, run = _write(session, profiles, made, request)
        break
    return Done(made, [*problems, *late, *made.problems], run)


def planned(session: Session, profiles: Sequence[Profile], request: Request) -> Plan:
    watched = session.report.watched(profiles, _("Planning"))
    made = plan.make(watched, session.machine, request)
    session.report.prepare(made, request)
    return made


def _may_write(session: Session, made: Plan, problems: Sequence[Problem]) -> bool:
    """Whether there is anything to write, and no refusal that forbids it."""
    return bool(made.writes) and not (session.words["strict"] and (problems or made.problems))


def _write(
    session: Session, profiles: Sequence[Profile], made: Plan, request: Request
) -> tuple[Plan, list[Problem], int | None]:
    """Apply the plan. A tool that runs or whose file is not writable is left out, the others go on."""
    from patcher.disk import transaction  # noqa: PLC0415 - only for those who write

    late: list[Problem] = []
    busy = running(session, made, force=session.words["force"])
    its = set(busy)
    late += [busy[tool] for tool in sorted(its)]
    while True:
        if its and session.words["strict"]:
            return made, late, None
        if its:
            profiles = [profile for profile in profiles if profile.tool not in its]
            made = planned(session, profiles, request)
        try:
            run = session.apply(made.writes, "patch")
        except transaction.FileRefused as refusal:
            path, place = refusal.write.path, refusal.write.place
            its = {tool.profile.tool for tool in made.tools for file in tool.files if file.write.path == path}
            late += [Problem.of(tool, place, refusal) for tool in sorted(its)]
        else:
            if run is not None:
                late += session.overwritten(run)
            return made, late, run.number if run else None


def running(session: Session, made: Plan, *, force: bool = False) -> dict[str, Problem]:
    """Of the tools that would be changed those that run; with `force` those that it does not help."""
    changed = [tool for tool in made.tools if tool.changed]
    busy = {} if force else session.running(tool.profile for tool in changed)
    return busy | {
        tool.profile.tool: session.in_use(tool.profile.tool, file.write.place)
        for tool in changed
        for file in tool.files
        if file.in_use
    }
