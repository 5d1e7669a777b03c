"""`list`: the tools that are known, found here, pointed at VseGPT; and how each was verified."""

from __future__ import annotations

from patcher.cli.session import Session
from patcher.cli.tool_report import STATES, end
from patcher.i18n import N_, _
from patcher.planning.detection import found_as

_SEEN = {"live": N_("live"), "source": N_("source"), "docs": N_("docs")}


def run(session: Session) -> int:
    """Tools: known, found here, pointed at VseGPT; and how each was verified."""
    request, report = session.request(key=None), session.report
    profiles, problems = session.profiles(list(session.catalog))
    rows, entries = [], []
    for profile in report.watched(profiles, _("Reading settings")):
        found = found_as(profile, session.machine)
        state = None
        if found:
            from patcher.planning import status  # noqa: PLC0415 - where a tool is found

            state = status.look(profile, session.machine, request, {}).state
        verified = profile.verified
        how = f"{_(_SEEN[verified.how])} {verified.version}".strip() if verified else _("not yet")
        rows.append((profile.tool, profile.name, found or "-", _(STATES[state]) if state else "-", how))
        entries.append(
            {
                "tool": profile.tool,
                "name": profile.name,
                "about": report.words(profile.about),
                "docs": profile.docs,
                "own": profile.own,
                "found": found or None,
                "state": state,
                "verified": verified
                and {"how": verified.how, "version": verified.version or None, "on": verified.on},
            }
        )
    report.table((_("TOOL"), _("NAME"), _("FOUND BY"), _("POINTS AT"), _("VERIFIED")), rows)
    return end(report, "list", entries, problems)
