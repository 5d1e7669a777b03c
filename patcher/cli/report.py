"""What a person sees (masked diffs, tables) or a program reads (`--json`)."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from patcher import i18n
from patcher.cli import tables
from patcher.cli.diff import unified
from patcher.formats.ops import shown
from patcher.i18n import _
from patcher.machine.places import Machine
from patcher.planning.problem import Problem
from patcher.planning.request import Request
from patcher.secrets.secret import Mask, Secret

if TYPE_CHECKING:
    from patcher.disk.write import Write
    from patcher.planning.plan import FilePlan, Plan, ToolPlan
    from patcher.planning.undo import FileEdit

JSON_VERSION = 1
"""Raised when a field of the `--json` object changes its meaning or goes away."""

_T = TypeVar("_T")
_LINE = 88
"""Letters in a line of text: more is hard to read."""


class Report:
    """Results to standard output, messages to standard error, all of it through one mask."""

    def __init__(self, machine: Machine, *, as_json: bool) -> None:
        self.machine = machine
        self.as_json = as_json
        self._since = time.monotonic()
        self._known: set[str] = set()
        self._stand_in = ""
        self.warnings: list[str] = []
        self.mask = Mask()
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a terminal that lacks a letter shows another one
                stream.reconfigure(errors="replace")

    def hide(self, secrets: Iterable[str | Secret]) -> None:
        """Never show these."""
        self._known |= {word.reveal() if isinstance(word, Secret) else word for word in secrets}
        self.mask = Mask(self._known, self._stand_in)

    def safe(self, text: str) -> str:
        """A text that may be shown."""
        return self.mask(text)

    def result(self, text: str = "", **style: Any) -> None:
        if not self.as_json:
            _echo(self._shown(text), sys.stdout, style)

    def message(self, text: str, **style: Any) -> None:
        if not self.as_json or style.get("fg") == "red":
            _echo(self._shown(text), sys.stderr, style)

    def _shown(self, text: str) -> str:
        return tables.visible(self.safe(text), keep="\n\t")

    def json(self, command: str, data: Mapping[str, Any]) -> None:
        """The one object that `--json` prints; `report.schema.json` says what is in it."""
        if self.as_json:
            whole = {"version": JSON_VERSION, "command": command, **data}
            _echo(json.dumps(self._clean(whole), ensure_ascii=False, indent=2), sys.stdout, {})

    def _clean(self, data: Any) -> Any:
        if isinstance(data, dict):
            return {key: self._clean(value) for key, value in data.items()}
        if isinstance(data, (list, tuple)):
            return [self._clean(value) for value in data]
        return self.safe(data) if isinstance(data, str) else data

    def words(self, texts: Mapping[str, str] | None) -> str:
        return (texts or {}).get(i18n.language(), "")

    def problem(self, problem: Problem) -> None:
        """One line: which tool, where, what, what to do."""
        where = self.machine.shown(problem.path) if problem.path else ""
        where += f":{problem.line}" if problem.line else ""
        parts = [problem.tool, where, problem.reason]
        line = ": ".join(part for part in parts if part)
        self.message(f"{line}; {problem.cure}" if problem.cure else line, fg="red")

    def warning(self, text: str) -> None:
        """What a person should know though the work goes on; `--json` has it among its fields."""
        if text in self.warnings:
            return
        self.warnings.append(text)
        self.message(_("warning: {text}").format(text=text), fg="yellow")

    def problem_json(self, problem: Problem) -> dict[str, Any]:
        return {
            "tool": problem.tool,
            "path": self.machine.shown(problem.path) if problem.path else None,
            "line": problem.line,
            "reason": problem.reason,
            "cure": problem.cure or None,
        }

    # A run

    def prepare(self, plan: Plan, request: Request) -> None:
        """Learn what must not be shown of this plan."""
        self._stand_in = "" if request.key else request.stand_in
        self.hide([request.key] if request.key else [])
        self.hide(secret for tool in plan.tools for file in tool.files for secret in file.old_secrets)

    def diff(self, name: str, before: bytes | None, after: bytes | None) -> list[str]:
        """The lines of a masked unified diff."""
        return list(unified(before, after, name, self.safe))

    def diffs(self, tool: ToolPlan) -> None:
        for file in tool.files if not self.as_json else ():
            self.print_diff(self.write_diff(file.write))

    def write_diff(self, write: Write) -> list[str]:
        """The lines of the masked diff of a write; a new mode has a line of its own above it."""
        name = self.machine.shown(write.place)
        mode = (
            [
                _("{name}: mode {old:04o} becomes {new:04o}").format(
                    name=name, old=write.mode[0], new=write.mode[1]
                )
            ]
            if write.mode
            else []
        )
        return mode + self.diff(name, *write.texts)

    def print_diff(self, lines: Iterable[str]) -> None:
        styled = []
        for line in lines if not self.as_json else ():
            colour = self.colour(line)
            style = {"bold": True} if colour == "bold" else {"fg": colour} if colour else {}
            styled.append(_styled(line, sys.stdout, style))
        if styled:
            _echo("\n".join(styled), sys.stdout, {})

    @staticmethod
    def colour(line: str) -> str:
        """How a line of a diff is shown: the name of a colour, `bold`, or nothing."""
        if line.startswith(("+++", "---")):
            return "bold"
        return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")

    def tool_json(self, tool: ToolPlan, outcome: str, guide: str, then: str) -> dict[str, Any]:
        """One tool of the `patch` object."""
        return {
            "tool": tool.profile.tool,
            "name": tool.profile.name,
            "status": outcome,
            "files": [self._file_json(file) for file in tool.files],
            "problems": [self.problem_json(problem) for problem in tool.problems],
            "guide": guide or None,
            "beta": tool.profile.beta,
            "then": then or None,
        }

    def _file_json(self, file: FilePlan) -> dict[str, Any]:
        write = file.write
        action = "none" if not file.changed else "create" if write.texts[0] is None else "change"
        return {
            "path": self.machine.shown(write.place),
            "action": action,
            "diff": "".join(f"{line}\n" for line in self.write_diff(write)),
            "settings": [
                {"role": each.role, "at": shown(each.path)}
                for each in file.requested
                if each.role != "create"
            ],
        }

    def edit_json(self, file: FileEdit) -> dict[str, Any]:
        write = file.write
        action = "none" if write is None else "remove" if write.texts[1] is None else "change"
        problem = file.problem and Problem.of(file.tool, file.path, file.problem)
        return {
            "tool": file.tool,
            "path": self.machine.shown(file.path),
            "action": action,
            "diff": "".join(f"{line}\n" for line in self.write_diff(write)) if write else "",
            "left": list(file.left),
            "problem": self.problem_json(problem) if problem else None,
        }

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table that fits the terminal; elsewhere every cell is whole."""
        cells = [[self.safe(cell) for cell in row] for row in rows]
        first, *lines = tables.table(head, cells, tables.columns(sys.stdout))
        self.result(first, bold=True)
        for line in lines:
            self.result(line)

    def text(self, text: str) -> None:
        """A whole file of our own making, as it is: there is no key in it to be masked."""
        if not self.as_json:
            click.echo(text, nl=False)

    def paragraph(self, text: str, indent: str = "  ") -> None:
        """A profile's own words, which hold no key: the mask would take their examples for some."""
        import textwrap  # noqa: PLC0415 - few tools have words of their own

        width = min(_LINE, tables.columns(sys.stdout) or _LINE)
        wrapper = textwrap.TextWrapper(width, initial_indent=indent, subsequent_indent=indent)
        # What is to be copied, an address or a command, is not broken in two.
        wrapper.break_long_words = wrapper.break_on_hyphens = False
        for line in text.strip().splitlines() if not self.as_json else ():
            _echo(wrapper.fill(line), sys.stdout, {})

    def watched(self, things: Sequence[_T], what: str) -> Iterator[_T]:
        """Each in its turn; a person who has to wait sees on the terminal how far it is."""
        silent = self.as_json or not sys.stderr.isatty()
        return tables.watched(things, what, None if silent else sys.stderr, self._since)


def _echo(text: str, stream: TextIO, style: Mapping[str, Any]) -> None:
    click.echo(_styled(text, stream, style), file=stream)


def _styled(text: str, stream: TextIO, style: Mapping[str, Any]) -> str:
    return click.style(text, **style) if style and tables.is_coloured(stream) else text
