"""`undo` and `history`: taking it back."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from patcher import undo
from patcher.commands import edits
from patcher.errors import UsageError
from patcher.i18n import N_, _, ngettext
from patcher.safefile import explained
from patcher.session import Session
from patcher.terminal import confirm

_KINDS = {"patch": N_("patch"), "undo": N_("undo"), "rotate": N_("rotate")}


def undo_(session: Session, tools: Sequence[str]) -> int:
    """Take back the last run, or that of these tools, or the runs of these numbers."""
    words, report = session.words, session.report
    done = edits.carry_out(
        session,
        "undo",
        lambda: undo.make(_steps(session, tools), exact=words["exact"]),
    )
    data = edits.told(session, done, _("{tool}: taken back ({place})"))
    if not done.writes and not done.problems:
        report.message(_("Nothing to take back."))
    report.json("undo", data)
    return done.code


def _steps(session: Session, tools: Sequence[str]) -> list[undo.Step]:
    """What is to be taken back. Raises `UsageError` for a tool or run that does not exist."""
    machine = session.machine
    steps = [step for step in undo.in_force(session.store) if machine.counts(Path(step.entry.path))]
    numbers = [int(word) for word in tools if word.isdecimal()]
    names = [word for word in tools if not word.isdecimal()]
    for name in set(names) - {step.entry.tool for step in steps}:
        if name not in session.catalog:
            session.catalog.get(name)  # says that there is none, and the nearest names
    unknown = set(numbers) - {run.number for run in session.store.runs()} - {step.run for step in steps}
    if unknown:
        raise UsageError(_("there is no run {number}; see: vsegpt-patch history").format(number=min(unknown)))
    return undo.select(steps, names, numbers, everything=session.words["all"])


def history(session: Session) -> int:
    """Past runs; each can be undone by its number."""
    if session.words["purge"]:
        return _purge(session)
    report = session.report
    rows, entries = [], []
    for run, taken_back in undo.runs_of(session.store):
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
    report, store = session.report, session.store
    runs = files = 0
    if store.exists:
        if not session.words["yes"] and sys.stdin.isatty() and sys.stderr.isatty():
            report.message(
                _(
                    "This removes every backup and the first originals of all files, old keys among them.\n"
                    "No run up to now can be undone afterwards; your settings stay as they are."
                )
            )
            if not confirm(_("Remove them?")):
                report.message(_("Nothing was removed."))
                return 0
        with session.turn(), explained(_("the backups cannot be removed")):
            runs, files = store.purge()
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
