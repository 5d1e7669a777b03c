"""What a tool's files say now, in words for people and as fields of `--json`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from patcher.cli.notes import newer_version, second_model
from patcher.cli.report import Report
from patcher.cli.session import Session
from patcher.formats.ops import ABSENT
from patcher.i18n import N_, _
from patcher.planning.problem import Problem
from patcher.registry.profile import Profile
from patcher.secrets.secret import masked

if TYPE_CHECKING:
    from patcher.disk.manifest import RunEntry
    from patcher.planning.overrides import ActiveOverride
    from patcher.planning.reading import Setting
    from patcher.planning.status import FileStatus, ToolStatus

STATES = {
    "vsegpt": N_("VseGPT"),
    "incomplete": N_("VseGPT, but not complete"),
    "other": N_("other host"),
    "unset": N_("not set"),
    "refused": N_("unreadable"),
    "guide": N_("by hand"),
}
ROLES = {"handler": N_("handler"), "key": N_("key"), "url": N_("url"), "model": N_("model")}


def look(session: Session, profiles: Sequence[Profile], problems: list[Problem]) -> list[ToolStatus]:
    """Read the tools' files; those that cannot be read are added to the problems."""
    from patcher.planning import status  # noqa: PLC0415 - `list` looks into no file where no tool is found

    request, last = session.request(key=None), written(session)
    watched = session.report.watched(profiles, _("Reading settings"))
    found = [status.look(profile, session.machine, request, last) for profile in watched]
    problems += [file.problem for tool in found for file in tool.files if file.problem]
    return found


def written(session: Session) -> dict[str, str | None]:
    """By path the hash of what this program last left there."""
    last = _last_entries(session)
    return {path: entry.text_after for path, entry in last.items()}


def patched(session: Session) -> list[str]:
    """The tools that this program has pointed at VseGPT, as far as their profiles are still there."""
    return sorted({entry.tool for entry in _last_entries(session).values()} & set(session.catalog))


def _last_entries(session: Session) -> dict[str, RunEntry]:
    """By path what this program did there last, unless it took something back."""
    entries = [entry for run in reversed(session.journal.runs()) for entry in run.entries]
    last = {entry.place: entry for entry in entries}
    return {path: entry for path, entry in last.items() if not entry.undoes}


def place(session: Session, file: FileStatus) -> str:
    """A file, or of an extension the browser and its profile."""
    label = session.machine.label(file.path) if file.in_store else ""
    return label or session.machine.shown(file.path)


def end(report: Report, command: str, tools: Sequence[dict[str, Any]], problems: Sequence[Problem]) -> int:
    for problem in problems:
        report.problem(problem)
    report.json(command, {"tools": tools, "problems": [report.problem_json(problem) for problem in problems]})
    return 1 if problems else 0


def file_state(tool: ToolStatus, file: FileStatus) -> str:
    """Where one of a tool's files points, in words."""
    if not file.exists:
        return _("no file yet")
    words = _in_words(file, tool.overridden)
    return _("{state}, changed since").format(state=words) if file.changed_since else words


def state(tool: ToolStatus) -> str:
    """Where a tool's files point, in words."""
    return _in_words(tool, tool.overridden)


def _in_words(seen: ToolStatus | FileStatus, overridden: Sequence[ActiveOverride]) -> str:
    text = _(STATES[seen.state])
    if seen.state == "incomplete":
        names = dict.fromkeys(_(ROLES[each.role]) if each.role in ROLES else each.at for each in seen.missing)
        text = _("VseGPT, but not right: {settings}").format(settings=", ".join(names))
    elif seen.state == "other" and seen.hosts:
        text = _("other host: {host}").format(host=", ".join(seen.hosts))
    if seen.second_models and seen.state in {"vsegpt", "incomplete"}:
        text = _("{state}, second models elsewhere").format(state=text)
    is_set = seen.state in {"vsegpt", "incomplete"}
    return _("{state}, overridden").format(state=text) if overridden and is_set else text


def notes(session: Session, tool: ToolStatus) -> Iterator[str]:
    """What else is to be said of a tool whose files point at VseGPT."""
    yield from newer_version(session, tool.profile)
    if tool.state in {"vsegpt", "incomplete"}:
        for second in tool.second_models:
            yield second_model(tool.profile.tool, second)
        for note in (each for file in tool.files for each in file.notes):
            yield f"{tool.profile.tool}: {note.said()}"


def overridden(session: Session, tool: ToolStatus) -> Iterator[tuple[ActiveOverride, str, str]]:
    """What takes a tool away from VseGPT, with what to say of it and what to do; its key is hidden then."""
    session.report.hide(override.secret for override in tool.overrides if override.secret)
    files = ", ".join(place(session, file) for file in tool.files if file.exists)
    for override in tool.overridden:
        yield override, *override.told(files or _("its file"))


def tool_json(session: Session, tool: ToolStatus) -> dict[str, Any]:
    return {
        "tool": tool.profile.tool,
        "state": tool.state,
        "changed_since": tool.changed_since,
        "files": [_file_json(session, file) for file in tool.files],
        "overridden_by": [
            {
                "name": override.name,
                "what": override.what or None,
                "value": override.value,
                "harmless": override.harmless,
            }
            for override in tool.overrides
        ],
        "second_models": [{"at": each.at, "value": each.value} for each in tool.second_models],
        "notes": list(notes(session, tool)),
        "guide": guide(session, tool.profile) or None,
    }


def _file_json(session: Session, file: FileStatus) -> dict[str, Any]:
    return {
        "path": session.machine.shown(file.path),
        "exists": file.exists,
        "state": file.state,
        "hosts": file.hosts,
        "changed_since": file.changed_since,
        "settings": [
            {
                "role": setting.role,
                "at": setting.at,
                "value": value(setting, session.report),
                "right": setting.right,
            }
            for setting in file.settings
        ],
    }


def guide(session: Session, profile: Profile) -> str:
    return session.request(key=None).guide(session.report.words(profile.guide))


def value(setting: Setting, report: Report) -> str | None:
    if setting.value is ABSENT or setting.value is None:
        return None
    if setting.role == "key":
        values = setting.value if isinstance(setting.value, list) else [setting.value]
        return ", ".join(masked(str(value)) for value in values)
    return report.safe(str(setting.value))
