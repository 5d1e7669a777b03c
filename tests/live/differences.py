"""What differs from tools.toml in a run at the newest versions: `python -m tests.live.differences live.xml`.

Prints Markdown, or nothing where every tool is as it was and works.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

from tests.live.tools import Tool, tools

_LINES = 12
_STATES = ("works", "left out", "FAILS")


def report(junit: str, pinned: list[Tool]) -> str:
    """A table of the tools that were updated or do not work, and the first lines of every failure."""
    versions: dict[str, str] = {}
    states: dict[str, int] = {}
    failures = []
    for case in ET.fromstring(junit).iter("testcase"):
        name = case.get("name", "").partition("[")[2].removesuffix("]")
        its = name.partition("/")[0]
        version = case.find("properties/property[@name='version']")
        if version is not None:
            versions[its] = version.get("value", "")
        fault = case.find("failure") if case.find("failure") is not None else case.find("error")
        state = 2 if fault is not None else 1 if case.find("skipped") is not None else 0
        states[its] = max(states.get(its, 0), state)
        if fault is not None:
            said = "\n".join((fault.get("message") or "").splitlines()[:_LINES])
            failures.append(f"<details><summary>{name}</summary>\n\n~~~\n{said}\n~~~\n</details>\n")
    rows = []
    for tool in pinned:
        was, state = tool.version, states.get(tool.name, 1)
        now = versions.get(tool.name, "?")
        if state or now != was:
            rows.append(f"| `{tool.name}` | {was} | {now} | {_STATES[state]} |\n")
    if not rows and not failures:
        return ""
    head = "| tool | seen working | newest | now |\n|---|---|---|---|\n"
    return "".join([head, *rows, "\n" if failures else "", *failures])


if __name__ == "__main__":
    sys.stdout.write(report(Path(sys.argv[1]).read_text("utf-8"), tools()))
