"""What came of a patch, for people and as the object of `--json`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from patcher.cli.patching import Done, running
from patcher.cli.session import Session
from patcher.i18n import N_, _
from patcher.planning.overrides import active_overrides
from patcher.planning.plan import Plan, Problem, ToolPlan
from patcher.planning.request import Request

CHANGES_EXIST = 3
"""Exit code of `--dry-run --exit-code` when there is something to do."""

_OUTCOMES = {
    "patched": N_("patched"),
    "unchanged": N_("nothing to change"),
    "would-patch": N_("not written"),
}


def told(session: Session, done: Done, request: Request) -> int:
    """Say what was done; answers with the exit code."""
    words, report = session.words, session.report
    made, problems, run = done.plan, done.problems, done.run
    dry = words["dry_run"]
    stopped = not dry and run is None and bool(made.writes)
    entries = []
    for tool in made.tools:
        outcome = _outcome(tool, dry=dry, stopped=stopped)
        guide = request.guide(report.words(tool.profile.guide))
        then = request.guide(report.words(tool.profile.then))
        if report.as_json:  # a long run need not make what nobody reads
            entries.append(report.tool_json(tool, outcome, guide, then))
        _tell(session, tool, outcome, guide if outcome in {"guide", "refused"} else then)
    known = {tool.profile.tool for tool in made.tools}
    entries += [
        {"tool": each.tool, "status": "refused", "files": [], "problems": [report.problem_json(each)]}
        for each in problems
        if each.tool not in known
    ]
    for problem in problems:
        report.problem(problem)
    _warn(session, made, request)
    _sum_up(session, made, problems, run, stopped=stopped)
    code = 1 if problems else CHANGES_EXIST if dry and words["exit_code"] and made.writes else 0
    told: dict[str, Any] = {
        "dry_run": dry,
        "endpoint": str(request.endpoint),
        "model": request.model,
        "run": run,
        "tools": entries,
        "warnings": report.warnings,
        "exit_code": code,
    }
    report.json("patch", told)
    return code


def _outcome(tool: ToolPlan, *, dry: bool, stopped: bool) -> str:
    if tool.problems:
        return "refused"
    if not tool.profile.files:
        return "guide"
    if not tool.changed:
        return "unchanged"
    return "would-patch" if dry or stopped else "patched"


def _tell(session: Session, tool: ToolPlan, outcome: str, words: str) -> None:
    """What a person reads about one tool; `words` are the profile's own, what to do."""
    report = session.report
    if outcome == "guide":
        report.result(_("{tool}: to be set by hand").format(tool=tool.profile.tool))
        report.paragraph(words)
        if tool.profile.beta:
            report.result("  " + _("With --beta it is patched, too: this address of VseGPT is a beta."))
    elif session.words["dry_run"]:
        report.diffs(tool)
    elif outcome != "refused":
        places = ", ".join(session.machine.shown(file.write.place) for file in tool.files if file.changed)
        report.result(f"{tool.profile.tool}: {_(_OUTCOMES[outcome])}{f' ({places})' if places else ''}")
        if outcome == "patched" and words:
            report.paragraph(words)
    elif words:
        report.paragraph(words)


def _overridden(session: Session, tool: ToolPlan, request: Request) -> list[str]:
    """What counts more than the files that were, or would be, written, and leads elsewhere."""
    own = [file.write.place for file in tool.files]
    its = active_overrides(tool.profile, session.machine, request, own) if own else []
    session.report.hide(each.secret for each in its if each.secret)
    files = ", ".join(session.machine.shown(path) for path in own)
    return ["; ".join(each.told(files)) for each in its if not each.harmless]


def _warn(session: Session, made: Plan, request: Request) -> None:
    """Say what the person should know though it is, or would be, done."""
    words, report = session.words, session.report
    if words["dry_run"] or words["force"]:
        for problem in running(session, made).values():
            report.warning(
                _("{tool}: {reason}; it may write over the change").format(
                    tool=problem.tool, reason=problem.reason
                )
            )
    for tool in made.tools:
        for each in _overridden(session, tool, request):
            report.warning(f"{tool.profile.tool}: {each}")
        for file in tool.files:
            if file.changed and file.open_mode is not None:
                where = f"{tool.profile.tool}: {session.machine.shown(file.write.path)}"
                report.warning(
                    _(
                        "{where}: others may read the key in it (mode {mode:04o}); "
                        "--tighten takes that from them"
                    ).format(where=where, mode=file.open_mode)
                )


def _sum_up(
    session: Session, made: Plan, problems: Sequence[Problem], run: int | None, *, stopped: bool
) -> None:
    report = session.report
    if not made.tools and not problems:
        report.message(_("No supported tool was found here; see: vsegpt-patch list"))
    elif run:
        report.message(
            _("Run {run} is done. To take it back: vsegpt-patch undo {run}").format(run=run), fg="green"
        )
    elif stopped or (problems and not session.words["dry_run"]):
        report.message(_("Nothing was written."))
    elif session.words["dry_run"] and not made.writes and not problems:
        report.message(_("Nothing to change."))
