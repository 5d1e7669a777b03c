"""`vsegpt-patch TOOL...`: the main job."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import click

from patcher import plan
from patcher.errors import UsageError
from patcher.i18n import N_, _, ngettext
from patcher.overrides import in_force
from patcher.plan import Plan, Problem, ToolPlan
from patcher.profile import Profile
from patcher.session import Session
from patcher.terminal import confirm
from patcher.wanted import Request

CHANGES_EXIST = 3
"""Exit code of `--dry-run --exit-code` when there is something to do."""

_OUTCOMES = {
    "patched": N_("patched"),
    "unchanged": N_("nothing to change"),
    "would-patch": N_("not written"),
}


@dataclass(frozen=True)
class Done:
    """What came of it: the plan that counts, who was refused, the run's number (None: none was made)."""

    plan: Plan
    problems: Sequence[Problem]
    run: int | None


def patch(session: Session, tools: Sequence[str]) -> int:
    """Plan, show or write, tell."""
    words = session.words
    if words["all"] and tools:
        raise UsageError(_("name tools or say --all, not both"))
    if words["export"]:
        from patcher.commands.export import export  # noqa: PLC0415 - another way out, for extensions

        return export(session, tools)
    if not words["all"] and not tools:
        from patcher import questions  # noqa: PLC0415 - only for the guided run

        if questions.on_terminal() and not words["json"] and not words["yes"]:
            from patcher.commands.guided import guided  # noqa: PLC0415 - it is built on this module

            return guided(session)
        click.echo(click.get_current_context().get_help(), err=True)
        return 2
    profiles, problems = session.found() if words["all"] else session.profiles(tools)
    profiles = without_beta(session, profiles)
    request = session.request(key=session.key(needed=writes(session, profiles)))
    asks = words["all"] and not words["yes"] and sys.stdin.isatty() and sys.stderr.isatty()
    done = carry_out(
        session, profiles, problems, request, (lambda made: _agreed(session, made)) if asks else None
    )
    if done is None:
        session.report.message(_("Nothing was written."))
        return 0
    return told(session, done, request)


def without_beta(session: Session, profiles: Sequence[Profile]) -> list[Profile]:
    """The profiles; of tools whose address is a beta, unless --beta asks for them, the guide alone."""
    beta = session.words["beta"]
    return [profile._replace(files=()) if profile.beta and not beta else profile for profile in profiles]


def writes(session: Session, profiles: Sequence[Profile]) -> bool:
    """Whether these profiles are to be written for, so that a key is needed."""
    return not session.words["dry_run"] and any(profile.files for profile in profiles)


def carry_out(
    session: Session,
    profiles: Sequence[Profile],
    problems: Sequence[Problem],
    request: Request,
    agree: Callable[[Plan], bool] | None,
) -> Done | None:
    """Plan and write, asking `agree` first if there is any; None where it says no.

    No lock is held while it asks: under the lock all is planned once more, and where that is not
    what was agreed to, it is asked again.
    """
    writing = writes(session, profiles)
    there = writing and session.store.exists  # else it is made only for a run that will write
    run, late = None, list[Problem]()
    if agree or not there:
        made = planned(session, profiles, request)
    while writing and (there or _may_write(session, made, problems)):
        agreed = made.writes if agree else None
        if agree and agreed and _may_write(session, made, problems) and not agree(made):
            return None
        with session.turn():
            made = planned(session, profiles, request)
            if agreed is not None and made.writes != agreed:
                session.report.message(_("The files have changed meanwhile."), fg="yellow")
                continue
            if _may_write(session, made, problems):
                made, late, run = _write(session, profiles, made, request)
        break
    return Done(made, [*problems, *late, *made.problems], run)


def planned(session: Session, profiles: Sequence[Profile], request: Request) -> Plan:
    watched = session.report.watched(profiles, _("Planning"))
    made = plan.make(watched, session.machine, request)
    session.report.prepare(made, request)
    return made


def _may_write(session: Session, made: Plan, problems: Sequence[Problem]) -> bool:
    """Whether there is anything to write, and no refusal that forbids it."""
    return bool(made.writes) and not (session.words["strict"] and (problems or made.problems))


def _agreed(session: Session, made: Plan) -> bool:
    """Show the diffs and ask. No lock is held: the answer may take its time."""
    for tool in made.tools:
        session.report.diffs(tool)
    count = len(made.writes)
    return confirm(ngettext("Change {count} file?", "Change {count} files?", count).format(count=count))


def _write(
    session: Session, profiles: Sequence[Profile], made: Plan, request: Request
) -> tuple[Plan, list[Problem], int | None]:
    """Apply the plan. A tool that runs or whose file is not writable is left out, the others go on."""
    from patcher import transaction  # noqa: PLC0415 - only for those who write

    late: list[Problem] = []
    busy = running(session, made, force=session.words["force"])
    its = set(busy)
    late += [busy[tool] for tool in sorted(its)]
    while True:
        if its and session.words["strict"]:
            return made, late, None
        if its:
            profiles = [profile for profile in profiles if profile.tool not in its]
            made = planned(session, profiles, request)
        try:
            run = session.apply(made.writes, "patch")
        except transaction.FileRefused as refusal:
            path, place = refusal.write.path, refusal.write.place
            its = {tool.profile.tool for tool in made.tools for file in tool.files if file.write.path == path}
            late += [Problem.of(tool, place, refusal) for tool in sorted(its)]
        else:
            if run is not None:
                late += session.overwritten(run)
            return made, late, run.number if run else None


def running(session: Session, made: Plan, *, force: bool = False) -> dict[str, Problem]:
    """Of the tools that would be changed those that run; with `force` those that it does not help."""
    changed = [tool for tool in made.tools if tool.changed]
    busy = {} if force else session.running(tool.profile for tool in changed)
    return busy | {
        tool.profile.tool: session.in_use(tool.profile.tool, file.write.place)
        for tool in changed
        for file in tool.files
        if file.in_use
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
    its = in_force(tool.profile, session.machine, request, own) if own else []
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
