"""`list`, `show` and `status`: what is there, where, and what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from patcher import plan, status
from patcher.errors import UsageError
from patcher.formats.ops import ABSENT
from patcher.i18n import N_, _
from patcher.overrides import InForce
from patcher.plan import Problem
from patcher.profile import Profile
from patcher.report import Report
from patcher.secret import masked
from patcher.session import Session
from patcher.status import FileStatus, Setting, ToolStatus

_STATES = {
    "vsegpt": N_("VseGPT"),
    "incomplete": N_("VseGPT, but not complete"),
    "other": N_("other host"),
    "unset": N_("not set"),
    "refused": N_("unreadable"),
    "guide": N_("by hand"),
}
_ROLES = {"handler": N_("handler"), "key": N_("key"), "url": N_("url"), "model": N_("model")}
_SEEN = {"live": N_("live"), "source": N_("source"), "docs": N_("docs")}


def list_(session: Session) -> int:
    """Tools: known, found here, pointed at VseGPT; and how each was verified."""
    request, report = session.request(key=None), session.report
    profiles, problems = session.profiles(list(session.catalog))
    rows, entries = [], []
    for profile in report.watched(profiles, _("Reading settings")):
        found = plan.is_found(profile, session.machine)
        state = status.look(profile, session.machine, request, {}).state if found else None
        its = profile.verified
        how = f"{_(_SEEN[its.how])} {its.version}".strip() if its else _("not yet")
        rows.append((profile.tool, profile.name, found or "-", _(_STATES[state]) if state else "-", how))
        entries.append(
            {
                "tool": profile.tool,
                "name": profile.name,
                "about": report.words(profile.about),
                "docs": profile.docs,
                "own": profile.own,
                "found": found or None,
                "state": state,
                "verified": its and {"how": its.how, "version": its.version or None, "on": its.on},
            }
        )
    report.table((_("TOOL"), _("NAME"), _("FOUND BY"), _("POINTS AT"), _("VERIFIED")), rows)
    return _end(report, "list", entries, problems)


def show(session: Session, tools: Sequence[str]) -> int:
    """Where a tool keeps handler, key, URL and model, on this machine."""
    if not tools:
        raise UsageError(_("show which tool? see: vsegpt-patch list"))
    profiles, problems = session.profiles(tools)
    found = _look(session, profiles, problems)
    rows = [
        (
            tool.profile.tool,
            _place(session, file),
            _(_ROLES[each.role]),
            each.at,
            _value(each, session.report) or "-",
        )
        for tool in found
        for file in tool.files
        for each in file.settings
    ]
    if rows:
        session.report.table((_("TOOL"), _("FILE"), _("SETTING"), _("WHERE"), _("VALUE")), rows)
    for tool in found:
        if tool.profile.guide:
            session.report.result(f"{tool.profile.tool}: {_(_STATES['guide'])}")
            session.report.paragraph(_guide(session, tool.profile))
    return _end(session.report, "show", [tool_json(session, tool) for tool in found], problems)


def status_(session: Session, tools: Sequence[str]) -> int:
    """What the files say now: VseGPT, other host, changed since, not set."""
    profiles, problems = session.profiles(tools) if tools else session.found()
    found = _look(session, profiles, problems)
    rows = [
        (tool.profile.tool, _place(session, file), _state(tool, file))
        for tool in found
        for file in tool.files
    ]
    rows += [(tool.profile.tool, "-", _(_STATES["guide"])) for tool in found if not tool.files]
    if rows:
        session.report.table((_("TOOL"), _("FILE"), _("POINTS AT")), rows)
    elif not problems:
        session.report.message(_("No supported tool was found here; see: vsegpt-patch list"))
    for tool in found:
        for _which, reason, cure in overridden(session, tool):
            session.report.warning(f"{tool.profile.tool}: {reason}; {cure}")
    return _end(session.report, "status", [tool_json(session, tool) for tool in found], problems)


def _look(session: Session, profiles: Sequence[Profile], problems: list[Problem]) -> list[ToolStatus]:
    """Read the tools' files; those that cannot be read are added to the problems."""
    request, written = session.request(key=None), session.written()
    looked = session.report.watched(profiles, _("Reading settings"))
    found = [status.look(each, session.machine, request, written) for each in looked]
    problems += [file.problem for tool in found for file in tool.files if file.problem]
    return found


def _place(session: Session, file: FileStatus) -> str:
    """A file, or of an extension the browser and its profile."""
    label = session.machine.label(file.path) if file.in_store else ""
    return label or session.machine.shown(file.path)


def _end(report: Report, command: str, tools: Sequence[dict[str, Any]], problems: Sequence[Problem]) -> int:
    for problem in problems:
        report.problem(problem)
    report.json(command, {"tools": tools, "problems": [report.problem_json(each) for each in problems]})
    return 1 if problems else 0


def _state(tool: ToolStatus, file: FileStatus) -> str:
    if not file.exists:
        return _("no file yet")
    told = state(tool)
    return _("{state}, changed since").format(state=told) if file.changed_since else told


def state(tool: ToolStatus) -> str:
    """Where a tool's files point, in words."""
    text = _(_STATES[tool.state])
    if tool.state == "incomplete":
        missing = ", ".join(tool.missing)
        text = _("VseGPT, but not right: {settings}").format(settings=missing)
    elif tool.state == "other" and tool.hosts:
        text = _("other host: {host}").format(host=", ".join(tool.hosts))
    return _("{state}, overridden").format(state=text) if tool.overridden else text


def overridden(session: Session, tool: ToolStatus) -> Iterator[tuple[InForce, str, str]]:
    """What takes a tool away from VseGPT, with what to say of it and what to do; its key is hidden then."""
    session.report.hide(each.secret for each in tool.overrides if each.secret)
    files = ", ".join(_place(session, file) for file in tool.files if file.exists)
    for each in tool.overridden:
        yield each, *each.told(files or _("its file"))


def tool_json(session: Session, tool: ToolStatus) -> dict[str, Any]:
    return {
        "tool": tool.profile.tool,
        "state": tool.state,
        "changed_since": tool.changed_since,
        "files": [_file_json(session, file) for file in tool.files],
        "overridden_by": [
            {"name": each.name, "what": each.what or None, "value": each.value, "harmless": each.harmless}
            for each in tool.overrides
        ],
        "guide": _guide(session, tool.profile) or None,
    }


def _file_json(session: Session, file: FileStatus) -> dict[str, Any]:
    return {
        "path": session.machine.shown(file.path),
        "exists": file.exists,
        "changed_since": file.changed_since,
        "settings": [
            {"role": each.role, "at": each.at, "value": _value(each, session.report), "right": each.right}
            for each in file.settings
        ],
    }


def _guide(session: Session, profile: Profile) -> str:
    return session.request(key=None).guide(session.report.words(profile.guide))


def _value(setting: Setting, report: Report) -> str | None:
    if setting.value is ABSENT or setting.value is None:
        return None
    if setting.role == "key":
        values = setting.value if isinstance(setting.value, list) else [setting.value]
        return ", ".join(masked(str(value)) for value in values)
    return report.safe(str(setting.value))
