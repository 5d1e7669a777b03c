"""`undo`: taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from patcher.cli import execute
from patcher.cli.session import Session
from patcher.errors import UsageError
from patcher.i18n import _
from patcher.planning import undo


def run(session: Session, tools: Sequence[str]) -> int:
    """Take back the last run, or that of these tools, or the runs of these numbers."""
    words, report = session.words, session.report
    done = execute.carry_out(
        session,
        "undo",
        lambda: undo.make(_steps(session, tools), exact=words["exact"]),
    )
    data = execute.told(session, done, _("{tool}: taken back ({place})"))
    if not done.writes and not done.problems:
        report.message(_("Nothing to take back."))
    report.json("undo", data)
    return done.code


def _steps(session: Session, tools: Sequence[str]) -> list[undo.Step]:
    """What is to be taken back. Raises `UsageError` for a tool or run that does not exist."""
    machine = session.machine
    steps = [step for step in undo.undoable_steps(session.store) if machine.counts(Path(step.entry.path))]
    numbers = [int(word) for word in tools if word.isdecimal()]
    names = [word for word in tools if not word.isdecimal()]
    for name in set(names) - {step.entry.tool for step in steps}:
        if name not in session.catalog:
            session.catalog.get(name)  # says that there is none, and the nearest names
    unknown = set(numbers) - {run.number for run in session.store.runs()} - {step.run for step in steps}
    if unknown:
        raise UsageError(_("there is no run {number}; see: vsegpt-patch history").format(number=min(unknown)))
    return undo.select(steps, names, numbers, everything=session.words["all"])
