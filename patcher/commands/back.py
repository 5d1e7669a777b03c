"""`undo` and `history`: taking it back."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from patcher import stores, transaction, undo
from patcher.errors import UsageError
from patcher.plan import Problem
from patcher.safefile import explained
from patcher.session import Session
from patcher.undo import FileUndo
from patcher.write import Write


def undo_(session: Session, tools: Sequence[str]) -> int:
    """Take back the last run, or that of these tools, or the runs of these numbers."""
    words, report = session.words, session.report
    run = None
    with session.turn() if session.store.exists and not words["dry_run"] else contextlib.nullcontext():
        files = undo.make(_steps(session, tools), exact=words["exact"], owner=session.user)
        report.hide(secret for file in files for secret in file.secrets)
        problems = [Problem.of(file.tool, file.path, file.problem) for file in files if file.problem]
        writes = [file.write for file in files if file.write]
        problems += _in_use(session, writes)
        refused = {problem.tool for problem in problems}
        writes = [write for write in writes if write.tool not in refused]
        if words["dry_run"]:
            for write in writes:
                report.print_diff(report.write_diff(write))
        elif not (words["strict"] and problems):
            writes, run, late = _write(session, writes)
            problems += late
    written = {write.place for write in writes}
    for file in files:
        if run is not None and file.path in written:
            report.result(f"{file.tool}: taken back ({session.machine.shown(file.path)})")
        for left in file.left:
            report.message(
                f"{file.tool}: {session.machine.shown(file.path)}: {left}; left as it is", fg="yellow"
            )
    for problem in problems:
        report.problem(problem)
    if not writes and not problems:
        report.message("Nothing to take back.")
    code = 1 if problems else 0
    report.json("undo", _json(session, files, run, problems) | {"exit_code": code})
    return code


def _in_use(session: Session, writes: Sequence[Write]) -> list[Problem]:
    """The stores whose programs run; where nothing is to be written, a warning says so."""
    busy = [
        session.in_use(write.tool, write.place, export=False)
        for write in writes
        if write.stored and stores.is_in_use(write.stored.source)
    ]
    if not session.words["dry_run"]:
        return busy
    for problem in busy:
        session.report.warning(f"{problem.tool}: {problem.reason}")
    return []


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
        raise UsageError(f"there is no run {min(unknown)}; see: vsegpt-patch history")
    return undo.select(steps, names, numbers, everything=session.words["all"])


def _write(session: Session, writes: list[Write]) -> tuple[list[Write], int | None, list[Problem]]:
    """Apply the undo. A tool whose file cannot be written is left out, the others go on."""
    late: list[Problem] = []
    while True:
        try:
            run = session.apply(writes, "undo")
        except transaction.FileRefused as refusal:
            late.append(Problem.of(refusal.write.tool, refusal.write.place, refusal))
            if session.words["strict"]:
                return [], None, late
            writes = [write for write in writes if write.tool != refusal.write.tool]
        else:
            if run is not None:
                late += session.overwritten(run)
            return writes, run.number if run else None, late


def _json(
    session: Session, files: Sequence[FileUndo], run: int | None, problems: Sequence[Problem]
) -> dict[str, object]:
    report = session.report
    return {
        "dry_run": session.words["dry_run"],
        "run": run,
        "files": [report.undo_json(file) for file in files],
        "problems": [report.problem_json(problem) for problem in problems],
    }


def history(session: Session) -> int:
    """Past runs; each can be undone by its number."""
    if session.words["purge"]:
        return _purge(session)
    report = session.report
    rows, entries = [], []
    for run, taken_back in undo.runs_of(session.store):
        moment = datetime.fromtimestamp(run.at, UTC).astimezone()
        tools = sorted({entry.tool for entry in run.entries})
        state = "taken back" if taken_back else run.kind
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
        report.table(("RUN", "WHEN", "WHAT", "FILES", "TOOLS"), rows)
    else:
        report.message("No runs yet.")
    report.json("history", {"runs": entries})
    return 0


def _purge(session: Session) -> int:
    """Forget all runs, with their backups and the first originals."""
    report, store = session.report, session.store
    runs = files = 0
    if store.exists:
        if not session.words["yes"] and sys.stdin.isatty() and sys.stderr.isatty():
            report.message(
                "This removes every backup and the first originals of all files, old keys among them.\n"
                "No run up to now can be undone afterwards; your settings stay as they are."
            )
            if not click.confirm("Remove them?", err=True):
                report.message("Nothing was removed.")
                return 0
        with session.turn(), explained("the backups cannot be removed"):
            runs, files = store.purge()
    if runs or files:
        report.result(f"Removed {runs} run{_s(runs)} and {files} old file{_s(files)}; they cannot be undone.")
    else:
        report.message("No runs yet.")
    report.json("history", {"purged": {"runs": runs, "files": files}})
    return 0


def _s(count: int) -> str:
    return "" if count == 1 else "s"
