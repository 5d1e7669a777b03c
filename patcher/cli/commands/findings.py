"""What `check` found out, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from patcher.cli.report import Report
from patcher.cli.session import Session
from patcher.gateway.account import Finding
from patcher.i18n import _
from patcher.planning.problem import Problem


def report_findings(
    session: Session, findings: Sequence[Finding], problems: Sequence[Problem], more: Mapping[str, Any]
) -> int:
    """Print it all, with `more` for programs; the exit code: 1 where something is wrong."""
    report = session.report
    print_findings(report, findings)
    for problem in problems:
        report.problem(problem)
    code = 1 if problems or any(finding.ok is False for finding in findings) else 0
    whole = {
        **more,
        "findings": [finding_json(finding) for finding in findings],
        "problems": [report.problem_json(problem) for problem in problems],
        "exit_code": code,
    }
    report.json("check", whole)
    return code


def print_findings(report: Report, findings: Sequence[Finding]) -> None:
    """For people: each with a word before it that says how good it is."""
    marks = {True: (_("ok"), "green"), None: (_("note"), "yellow"), False: (_("wrong"), "red")}
    width = max(len(word) for word, _color in marks.values())
    for finding in findings:
        word, color = marks[finding.ok]
        line = f"{finding.tool}: {finding.text}" if finding.tool else finding.text
        report.result(f"{word:<{width}}  {f'{line}; {finding.cure}' if finding.cure else line}", fg=color)
        for detail in finding.details:
            report.result(f"{'':<{width}}  | {detail}")


def finding_json(finding: Finding) -> dict[str, Any]:
    """The same for programs."""
    return {
        "about": finding.about,
        "tool": finding.tool or None,
        "ok": finding.ok,
        "kind": finding.kind or None,
        "text": finding.text,
        "cure": finding.cure or None,
        "details": list(finding.details),
    }
