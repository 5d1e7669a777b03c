"""`show`: where a tool keeps handler, key, URL and model, on this machine."""

from __future__ import annotations

from patcher.cli import tool_report
from patcher.cli.session import Session
from patcher.errors import UsageError
from patcher.i18n import _


def run(session: Session) -> int:
    """Where a tool keeps handler, key, URL and model, on this machine."""
    tools = session.options.tools
    if not tools:
        raise UsageError(_("show which tool? see: vsegpt-patch list"))
    profiles, problems = session.profiles(tools)
    found = tool_report.look(session, profiles, problems)
    rows = [
        (
            tool.profile.tool,
            tool_report.place(session, file),
            _(tool_report.ROLES[setting.role]),
            setting.at,
            tool_report.value(setting, session.report) or "-",
        )
        for tool in found
        for file in tool.files
        for setting in file.settings
        if setting.role in tool_report.ROLES
    ]
    if rows:
        session.report.table((_("TOOL"), _("FILE"), _("SETTING"), _("WHERE"), _("VALUE")), rows)
    for tool in found:
        if tool.profile.guide:
            session.report.result(f"{tool.profile.tool}: {_(tool_report.STATES['guide'])}")
            session.report.paragraph(tool_report.guide(session, tool.profile))
    return tool_report.end(
        session.report, "show", [tool_report.tool_json(session, tool) for tool in found], problems
    )
