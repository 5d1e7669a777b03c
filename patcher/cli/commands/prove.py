"""`--prove`: what was patched is tried at once; what goes elsewhere can be taken back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from typing import Any

from patcher.cli import edits
from patcher.cli.commands.check_through import is_unasked, tried
from patcher.cli.commands.findings import finding_json, print_findings
from patcher.cli.execute import Outcome
from patcher.cli.session import Session
from patcher.gateway.account import Finding
from patcher.i18n import _
from patcher.planning import undo
from patcher.planning.plan import Plan, ToolPlan
from patcher.planning.problem import Problem
from patcher.registry.profile import Profile

Ask = Callable[[str, str, str], bool]
"""Asks a question whose answers are called so: yes, and no."""


def able(session: Session, outcome: Outcome[Plan]) -> list[Profile]:
    """Of the tools that are set up now those whose command is here."""
    path = session.machine.env.get("PATH", os.environ.get("PATH"))
    return [
        tool.profile
        for tool in _set_up(outcome)
        if tool.profile.ask and shutil.which(tool.profile.ask[0], path=path)
    ]


def run(session: Session, outcome: Outcome[Plan], ask: Ask | None) -> tuple[list[dict[str, Any]], int]:
    """Try them, say what came of it, and take back what the person, if there is one to `ask`, wants back.

    The findings as in the object of `check`, and the exit code: 1 where one of them goes elsewhere.
    """
    tools = _set_up(outcome)
    if session.options.all:  # who has not named them knows that few can be asked
        tools = [tool for tool in tools if tool.profile.ask]
    profiles = [tool.profile for tool in tools]
    agreed = {profile.tool for profile in profiles if ask and _may_run(session, profile, ask)}
    findings, problems = tried(session, profiles, agreed)
    findings += map(_untried, problems)
    print_findings(session.report, findings)
    wrong = dict.fromkeys(finding.tool for finding in findings if finding.ok is False)
    written = {write.tool for write in outcome.plan.writes} if outcome.run is not None else set()
    for tool in wrong:
        question = _("Take the patch of {tool} back?").format(tool=tool)
        if tool in written and ask and ask(question, _("Yes, take it back"), _("No, leave it as it is")):
            _take_back(session, tool, outcome.run)
    return [finding_json(finding) for finding in findings], 1 if wrong else 0


def _may_run(session: Session, profile: Profile, ask: Ask) -> bool:
    """Whether the command of the person's own profile may be run; that of a shipped one may."""
    if not is_unasked(session, profile):
        return True
    question = _("{tool}: its profile is your own, and would run: {command}. Run it?")
    said = question.format(tool=profile.tool, command=" ".join(profile.ask))
    return ask(session.report.safe(said), _("Yes, run it"), _("No"))


def _set_up(outcome: Outcome[Plan]) -> Sequence[ToolPlan]:
    """The tools whose files are as they have to be."""
    if outcome.run is None and outcome.plan.writes:
        return []
    refused = {problem.tool for problem in outcome.problems}
    return [tool for tool in outcome.plan.tools if tool.files and tool.profile.tool not in refused]


def _untried(problem: Problem) -> Finding:
    text = _("it was not tried: {reason}").format(reason=problem.reason)
    return Finding("through", ok=None, text=text, cure=problem.cure, kind="not-tried", tool=problem.tool)


def _take_back(session: Session, tool: str, run: int | None) -> None:
    def steps() -> list[undo.Step]:
        there = undo.undoable_steps(session.journal)
        return [step for step in there if step.run == run and step.entry.tool == tool]

    outcome = edits.edit(session, "undo", lambda: undo.make(steps(), exact=False))
    edits.report_run(session, outcome, _("{tool}: taken back ({place})"))
