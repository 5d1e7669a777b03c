"""`status`: what the files say now: VseGPT, other host, changed since, not set."""

from __future__ import annotations

from patcher.cli import tool_report
from patcher.cli.session import Session
from patcher.i18n import _


def run(session: Session) -> int:
    """What the files say now: VseGPT, other host, changed since, not set."""
    tools = session.options.tools
    profiles, problems = session.profiles(tools) if tools else session.found()
    found = tool_report.look(session, profiles, problems)
    rows = [
        (tool.profile.tool, tool_report.place(session, file), tool_report.file_state(tool, file))
        for tool in found
        for file in tool.files
    ]
    rows += [(tool.profile.tool, "-", _(tool_report.STATES["guide"])) for tool in found if not tool.files]
    if rows:
        session.report.table((_("TOOL"), _("FILE"), _("POINTS AT")), rows)
    elif not problems:
        session.report.message(_("No supported tool was found here; see: vsegpt-patch list"))
    for tool in found:
        for _override, reason, cure in tool_report.overridden(session, tool):
            session.report.warning(f"{tool.profile.tool}: {reason}; {cure}")
        for note in tool_report.notes(session, tool):
            session.report.warning(note)
    return tool_report.end(
        session.report, "status", [tool_report.tool_json(session, tool) for tool in found], problems
    )
