"""Pointing tools at VseGPT, for the commands that ask different things before."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from patcher.cli import busy
from patcher.cli.execute import Job, Outcome, execute
from patcher.cli.session import Session
from patcher.i18n import _
from patcher.planning import plan
from patcher.planning.plan import Plan, ToolPlan
from patcher.planning.problem import Problem
from patcher.planning.request import Request
from patcher.registry.profile import Profile


def without_beta(session: Session, profiles: Sequence[Profile]) -> list[Profile]:
    """The profiles; of tools whose address is a beta, unless --beta asks for them, the guide alone."""
    beta = session.options.beta
    return [
        replace(profile, file_entries=()) if profile.beta and not beta else profile for profile in profiles
    ]


def writes(session: Session, profiles: Sequence[Profile]) -> bool:
    """Whether these profiles are to be written for, so that a key is needed."""
    return not session.options.dry_run and any(profile.file_entries for profile in profiles)


def patch(
    session: Session,
    profiles: Sequence[Profile],
    problems: Sequence[Problem],
    request: Request,
    agree: Callable[[Plan], bool] | None,
) -> Outcome[Plan]:
    """Plan and write, as `execute` says; `problems` are those of profiles that cannot be used."""

    def planned(left_out: Collection[str]) -> Plan:
        kept = [profile for profile in profiles if profile.tool not in left_out]
        made = plan.make(session.report.watched(kept, _("Planning")), session.machine, request)
        session.report.prepare(made, request)
        for line in (line for tool in made.tools for line in exposed(session, tool)):
            session.report.warning(line)  # before it is written
        return made

    def are_busy(made: Plan) -> list[Problem]:
        found = running(session, made, force=session.options.force)
        return [found[tool] for tool in sorted(found)]

    job = Job("patch", planned, are_busy)
    return execute(session, job, problems, writing=writes(session, profiles), agree=agree)


def exposed(session: Session, tool: ToolPlan) -> list[str]:
    """Of the files that would hold the key those that git would carry away, each with what to say of it."""
    lines = []
    for file in tool.files:
        if file.changed and any(change.role == "key" for change in file.requested):
            place = file.write.path
            if not any(os.path.lexists(folder / ".git") for folder in Path(os.path.realpath(place)).parents):
                continue  # as with most: spares them the library
            from patcher.machine.repository import exposure  # noqa: PLC0415 - the same

            words = {
                "tracked": _("{tool}: {place} is tracked by git: with the next commit the key goes into it"),
                "not ignored": _("{tool}: {place} lies in a git work tree that does not ignore it"),
            }
            if how := exposure(place):
                shown = session.machine.shown(file.write.place)
                lines.append(words[how].format(tool=tool.profile.tool, place=shown))
    return lines


def running(session: Session, made: Plan, *, force: bool = False) -> dict[str, Problem]:
    """Of the tools that would be changed those that run; with `force` those that it does not help."""
    changed = [tool for tool in made.tools if tool.changed]
    found = {} if force else busy.running(session, (tool.profile for tool in changed))
    return found | {
        tool.profile.tool: busy.in_use(session, tool.profile.tool, file.write.place)
        for tool in changed
        for file in tool.files
        if file.in_use
    }
