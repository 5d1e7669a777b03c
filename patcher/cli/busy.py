"""Programs that run now, and would write over a change of their files or not see it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from patcher.cli.session import Session
from patcher.i18n import _
from patcher.planning.problem import Problem
from patcher.registry.profile import Profile


def running(session: Session, profiles: Iterable[Profile]) -> dict[str, Problem]:
    """Of these tools those that run now and would write their files anew, with what to say of it."""
    named = [(profile, name) for profile in profiles for name in profile.processes]
    if not named:
        return {}
    from patcher.machine import processes  # noqa: PLC0415 - few tools write their files while they run

    machine = session.machine
    found = processes.running({name for _, name in named}, machine.system, machine.home.stat().st_uid)
    return {
        profile.tool: Problem(
            profile.tool,
            None,
            None,
            _("{name} is running (process {process}, pid {pid})").format(
                name=profile.name, process=found[name].name, pid=found[name].pid
            ),
            _("close it and run again, or use --force"),
        )
        for profile, name in named
        if name in found
    }


def in_use(session: Session, tool: str, place: Path, *, export: bool = True) -> Problem:
    """What to say of a store whose program runs; `export`: a file to import would do as well."""
    browser, _dot, profile = session.machine.label(place).partition(" · ")
    if not browser:
        reason = _("the program that it belongs to is running")
        return Problem(tool, place, None, reason, _("close it and run again"))
    who = _("{browser} (profile {profile})") if profile else "{browser}"
    who = who.format(browser=browser, profile=profile)
    if export:
        cure = _(
            "close {who} and run again, or: "
            "vsegpt-patch {tool} --export FILE, and import that in the extension"
        )
    else:
        cure = _("close {who} and run again")
    reason = _("{who} is running").format(who=who)
    return Problem(tool, place, None, reason, cure.format(who=who, tool=tool))
