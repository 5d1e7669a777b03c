"""`history`: past runs; each can be undone by its number."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from patcher.cli.execute import exclusive_run
from patcher.cli.prompts import confirm
from patcher.cli.session import Session
from patcher.disk.safefile import explained
from patcher.i18n import N_, _, ngettext
from patcher.planning import undo

_KINDS = {"patch": N_("patch"), "undo": N_("undo"), "rotate": N_("rotate")}


def run(session: Session) -> int:
    """Past runs; each can be undone by its number."""
    if session.options.purge:
        return _purge(session)
    report = session.report
    rows, entries = [], []
    for run, taken_back in undo.runs_of(session.journal):
        moment = datetime.fromtimestamp(run.at, UTC).astimezone()
        tools = sorted({entry.tool for entry in run.entries})
        state = _("taken back") if taken_back else _(_KINDS[run.kind])
        rows.append(
            (str(run.number), f"{moment:%Y-%m-%d %H:%M}", state, str(len(run.entries)), ", ".join(tools))
        )
        entries.append(
            {
                "run": run.number,
                "at": moment.isoformat(timespec="seconds"),
                "kind": run.kind,
                "undone": taken_back,
                "tools": tools,
                "files": [session.machine.shown(Path(entry.path)) for entry in run.entries],
            }
        )
    if rows:
        report.table((_("RUN"), _("WHEN"), _("WHAT"), _("FILES"), _("TOOLS")), rows)
    else:
        report.message(_("No runs yet."))
    report.json("history", {"runs": entries})
    return 0


def _purge(session: Session) -> int:
    """Forget all runs, with their backups and the first originals."""
    report, journal = session.report, session.journal
    runs = files = 0
    if journal.exists:
        if not session.options.yes and sys.stdin.isatty() and sys.stderr.isatty():
            report.message(
                _(
                    "This removes every backup and the first originals of all files, old keys among them.\n"
                    "No run up to now can be undone afterwards; your settings stay as they are."
                )
            )
            if not confirm(_("Remove them?")):
                report.message(_("Nothing was removed."))
                return 0
        with exclusive_run(session), explained(_("the backups cannot be removed")):
            runs, files = journal.purge()
    if runs or files:
        report.result(
            _("Removed {runs} and {files}; they cannot be undone.").format(
                runs=ngettext("{count} run", "{count} runs", runs).format(count=runs),
                files=ngettext("{count} old file", "{count} old files", files).format(count=files),
            )
        )
    else:
        report.message(_("No runs yet."))
    report.json("history", {"purged": {"runs": runs, "files": files}})
    return 0
