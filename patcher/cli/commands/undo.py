"""`undo`: taking it back."""

from __future__ import annotations

from pathlib import Path

from patcher.cli import edits
from patcher.cli.session import Session
from patcher.errors import UsageError
from patcher.i18n import _
from patcher.planning import undo


def run(session: Session) -> int:
    """Take back the last run, or that of these tools, or the runs of these numbers."""
    options, report = session.options, session.report
    outcome = edits.edit(session, "undo", lambda: undo.make(_steps(session), exact=options.exact))
    data = edits.report_run(session, outcome, _("{tool}: taken back ({place})"))
    if not outcome.plan.writes and not outcome.problems:
        report.message(_("Nothing to take back."))
    report.json("undo", data)
    return outcome.code


def _steps(session: Session) -> list[undo.Step]:
    """What is to be taken back. Raises `UsageError` for a tool or run that does not exist."""
    machine, tools = session.machine, session.options.tools
    steps = [step for step in undo.undoable_steps(session.journal) if machine.counts(Path(step.entry.path))]
    numbers = [int(word) for word in tools if word.isdecimal()]
    names = [word for word in tools if not word.isdecimal()]
    for name in set(names) - {step.entry.tool for step in steps}:
        if name not in session.catalog:
            session.catalog.get(name)  # says that there is none, and the nearest names
    unknown = set(numbers) - {run.number for run in session.journal.runs()} - {step.run for step in steps}
    if unknown:
        raise UsageError(_("there is no run {number}; see: vsegpt-patch history").format(number=min(unknown)))
    return undo.select(steps, names, numbers, everything=session.options.all)
