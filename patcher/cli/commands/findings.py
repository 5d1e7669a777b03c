"""What `check` found out, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from patcher.cli.session import Session
from patcher.gateway.account import Finding
from patcher.i18n import _
from patcher.planning.plan import Problem


def told(
    session: Session, findings: Sequence[Finding], problems: Sequence[Problem], more: Mapping[str, Any]
) -> int:
    """Print it all, with `more` for programs; the exit code: 1 where something is wrong."""
    report = session.report
    marks = {True: (_("ok"), "green"), None: (_("note"), "yellow"), False: (_("wrong"), "red")}
    width = max(len(word) for word, _color in marks.values())
    for each in findings:
        word, color = marks[each.ok]
        line = f"{each.tool}: {each.text}" if each.tool else each.text
        report.result(f"{word:<{width}}  {f'{line}; {each.cure}' if each.cure else line}", fg=color)
        for said in each.details:
            report.result(f"{'':<{width}}  | {said}")
    for problem in problems:
        report.problem(problem)
    code = 1 if problems or any(each.ok is False for each in findings) else 0
    entries = [
        {
            "about": each.about,
            "tool": each.tool or None,
            "ok": each.ok,
            "kind": each.kind or None,
            "text": each.text,
            "cure": each.cure or None,
            "details": list(each.details),
        }
        for each in findings
    ]
    whole = {
        **more,
        "findings": entries,
        "problems": [report.problem_json(each) for each in problems],
        "exit_code": code,
    }
    report.json("check", whole)
    return code
