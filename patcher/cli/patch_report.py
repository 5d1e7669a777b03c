"""What came of a patch, for people and as the object of `--json`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from patcher.cli.execute import Outcome
from patcher.cli.notes import newer_version, second_model
from patcher.cli.patching import running
from patcher.cli.session import Session
from patcher.i18n import N_, _
from patcher.planning.overrides import OwnFile, active_overrides
from patcher.planning.plan import Plan, ToolPlan
from patcher.planning.problem import Problem
from patcher.planning.request import Request

CHANGES_EXIST = 3
"""Exit code of `--dry-run --exit-code` when there is something to do."""

_STATUSES = {
    "patched": N_("patched"),
    "unchanged": N_("nothing to change"),
    "would-patch": N_("not written"),
}


def report_run(
    session: Session,
    outcome: Outcome[Plan],
    request: Request,
    prove: Callable[[], tuple[list[dict[str, Any]], int]] | None = None,
) -> int:
    """Say what was done, then `prove` it: its findings for programs, and its code; the exit code of both."""
    options, report = session.options, session.report
    made, problems, run = outcome.plan, outcome.problems, outcome.run
    dry = options.dry_run
    stopped = not dry and run is None and bool(made.writes)
    entries = []
    for tool in made.tools:
        status = _status(tool, dry=dry, stopped=stopped)
        guide = request.guide(report.words(tool.profile.guide))
        then = request.guide(report.words(tool.profile.then))
        if report.as_json:  # a long run need not make what nobody reads
            entries.append(report.tool_json(tool, status, guide, then))
        _tell(session, tool, status, guide if status in {"guide", "refused"} else then)
    known = {tool.profile.tool for tool in made.tools}
    entries += [
        {
            "tool": problem.tool,
            "status": "refused",
            "files": [],
            "problems": [report.problem_json(problem)],
        }
        for problem in problems
        if problem.tool not in known
    ]
    for problem in problems:
        report.problem(problem)
    _warn(session, made, request)
    _sum_up(session, made, problems, run, stopped=stopped)
    code = outcome.code or (CHANGES_EXIST if dry and options.exit_code and made.writes else 0)
    findings, proved = prove() if prove else (None, 0)
    code = code or proved
    data: dict[str, Any] = {
        "dry_run": dry,
        "endpoint": str(request.endpoint),
        "model": request.model,
        "run": run,
        "tools": entries,
        "warnings": report.warnings,
        "exit_code": code,
    }
    if findings is not None:
        data["findings"] = findings
    report.json("patch", data)
    return code


def _status(tool: ToolPlan, *, dry: bool, stopped: bool) -> str:
    if tool.problems:
        return "refused"
    if not tool.profile.files:
        return "guide"
    if tool.local:
        return "local"
    if not tool.changed:
        return "unchanged"
    return "would-patch" if dry or stopped else "patched"


def _tell(session: Session, tool: ToolPlan, status: str, words: str) -> None:
    """What a person reads about one tool; `words` are the profile's own, what to do."""
    report = session.report
    if status == "guide":
        report.result(_("{tool}: to be set by hand").format(tool=tool.profile.tool))
        report.paragraph(words)
        if tool.profile.beta:
            report.result("  " + _("With --beta it is patched, too: this address of VseGPT is a beta."))
    elif status == "local":
        report.message(
            _(
                "{tool}: left as it is, since it talks to {hosts}, a server of your own; "
                "to change that, name it: vsegpt-patch {tool}"
            ).format(tool=tool.profile.tool, hosts=", ".join(tool.local)),
            fg="yellow",
        )
    elif status == "refused":
        if words:
            report.paragraph(words)
    elif session.options.dry_run:
        report.diffs(tool)
    else:
        places = ", ".join(session.machine.shown(file.write.place) for file in tool.files if file.changed)
        line = f"{tool.profile.tool}: {_(_STATUSES[status])}{f' ({places})' if places else ''}"
        before = dict.fromkeys(host for file in tool.files for host in file.instead_of)
        if before:
            line = _("{line}, instead of {hosts}").format(line=line, hosts=", ".join(before))
        report.result(line)
        if status == "patched" and words:
            report.paragraph(words)


def _overridden(session: Session, tool: ToolPlan, request: Request) -> list[str]:
    """What counts more than the files that were, or would be, written, and leads elsewhere."""
    own = {file.write.place: OwnFile(file.spec, file.write.texts[1]) for file in tool.files if file.spec}
    active = active_overrides(tool.profile, session.machine, request, own) if own else []
    session.report.hide(override.secret for override in active if override.secret)
    files = ", ".join(session.machine.shown(path) for path in own)
    return ["; ".join(override.told(files)) for override in active if not override.harmless]


def _warn(session: Session, made: Plan, request: Request) -> None:
    """Say what the person should know though it is, or would be, done."""
    options, report = session.options, session.report
    if options.dry_run or options.force:
        for problem in running(session, made).values():
            report.warning(
                _("{tool}: {reason}; it may write over the change").format(
                    tool=problem.tool, reason=problem.reason
                )
            )
    for tool in made.tools:
        for reason in _overridden(session, tool, request):
            report.warning(f"{tool.profile.tool}: {reason}")
        for line in newer_version(session, tool.profile) if tool.files else ():
            report.warning(line)
        for second in (each for file in tool.files for each in file.second_models):
            report.warning(second_model(tool.profile.tool, second))
        for note in (each for file in tool.files for each in file.notes):
            report.warning(f"{tool.profile.tool}: {note.said()}")
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
    elif stopped or (problems and not session.options.dry_run):
        report.message(_("Nothing was written."))
    elif session.options.dry_run and not made.writes and not problems:
        report.message(_("Nothing to change."))
