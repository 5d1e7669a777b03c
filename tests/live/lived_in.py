"""Judges one run of a tool in a home where somebody has lived: did its requests arrive?

If they did not, it must have been said beforehand, by name, what would win.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from patcher.cli.offline import offline
from patcher.gateway.hosts import kind_of
from patcher.gateway.netns import isolate
from patcher.gateway.sinkhole import sinkhole
from patcher.gateway.stub import Gateway, ReceivedRequest
from tests.live import harness
from tests.live.tools import Tool
from tests.support.homes import Case, cases

LAST_WORD = " is here"
"""How the note ends that an installed version is a newer one: it says of no setting that it wins."""


@dataclass(frozen=True)
class Said:
    """What our command says before the run: what wins, and the second models that lead elsewhere."""

    wins: list[str]
    second: list[str]
    notes: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """Models that it takes for right: one at VseGPT's address stays, as the person chose it."""

    @classmethod
    def by(cls, status: dict[str, Any]) -> Said:
        """What the one tool in an object of `status --json` says."""
        [tool] = status["tools"]
        second = [f"{each['at']}: {each['value']}" for each in tool["second_models"]]
        wins = [f"{each['name']}: {each['value']}" for each in tool["overridden_by"] if not each["harmless"]]
        notes = []
        seconds = [each["at"] for each in tool["second_models"]]
        for note in tool["notes"]:
            is_second = any(f": {at} still goes to " in note for at in seconds)
            if not note.endswith(LAST_WORD) and not is_second:
                notes.append(note)
        settings = [each for file in tool["files"] for each in file["settings"]]
        models = [each["value"] or "" for each in settings if each["role"] == "model" and each["right"]]
        # A tool's own name for our entry stands before the model's at times: vsegpt/openai/gpt-4o.
        bare = [rest for _, _, rest in (model.partition("/") for model in models) if "/" in rest]
        return cls(wins, second, notes, [*models, *bare])


@dataclass(frozen=True)
class Verdict:
    """arrived: to the gateway, with our key and model, and nowhere else; named: it did not, as was said."""

    word: Literal["arrived", "named", "wrong"]
    wrong: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """Of a run that did not arrive: what is wrong, and what was said before."""
    details: str = ""

    @property
    def line(self) -> str:
        said = f" (said: {'; '.join(self.said)})" if self.said else ""
        return f"{self.word}: {'; '.join(self.wrong)}{said}" if self.wrong else self.word


def is_lived_in(case: Case) -> bool:
    return case.folder.name != "fresh"


def lived_in(tool: Tool) -> list[Case]:
    """The lived-in homes that it runs in: those whose case names it, or no tool of their own version."""
    its = [case for case in cases() if case.tool == tool.profile and is_lived_in(case)]
    return [case for case in its if case.data.get("live", tool.profile) == tool.name]


def fitted(tool: Tool, case: Case) -> Tool:
    """The tool with the options of its case: where its project is, the harness says itself."""
    words = [word for word in case.words[1:] if word not in {"--in", "PROJECT", *tool.args}]
    model = words[words.index("--model") + 1] if "--model" in words else tool.model
    return replace(tool, args=[*tool.args, *words], model=model)


def judge(tool: Tool, requests: Iterable[ReceivedRequest], addresses: set[str], said: Said) -> Verdict:
    """What came of a run: `requests` are all that came, `addresses` the hosts in the home before it."""
    seen = list(requests)
    hosts = dict.fromkeys(each.elsewhere for each in seen if each.elsewhere)
    strayed = [f"it went to {host}" for host in hosts if kind_of(host) == "model" or host in addresses]
    posts = [each for each in seen if each.method == "POST" and not each.elsewhere]
    wrong = [*strayed, *harness.complaints(tool, posts, said.kept)]
    if not wrong:
        return Verdict("arrived")
    # A second model or a note explains a request to another host or for another model, but no silence.
    other = strayed or any(post.model not in {tool.model, *said.kept} for post in posts)
    because = [*said.wins, *((*said.second, *said.notes) if other else ())]
    return Verdict("named" if because else "wrong", wrong, because)


def run(tool: Tool, case: Case, path: list[Path], folder: Path) -> Verdict:
    """Patch a copy of a case's home and run the installed tool there; `folder` is an empty directory.

    That is done in a network of its own, where the system has such a thing: so it shows, too, where a tool
    goes that heeds no proxy.
    """
    verdict, _alone = offline(isolate, lambda alone: _run(tool, case, path, folder, alone=alone))
    return verdict


def _run(tool: Tool, case: Case, path: list[Path], folder: Path, *, alone: bool) -> Verdict:
    tool = fitted(tool, case)
    home = case.home(folder / "home")
    addresses = set(_hosts(home)) - set(case.data.get("besides", ()))
    with contextlib.ExitStack() as stack:
        gateway = stack.enter_context(Gateway(tool.model))
        if alone:
            stack.enter_context(sinkhole(gateway.keep_elsewhere))
        try:
            patched = harness.patch(tool, home, gateway)
            said = Said.by(json.loads(harness.status(tool, home, gateway)))
        except subprocess.CalledProcessError as error:
            reason = f"vsegpt-patch {tool.profile} exits with {error.returncode}"
            return Verdict("wrong", [reason], details=harness.masked(error.stdout))
        if harness.KEY in patched:
            return Verdict("wrong", ["vsegpt-patch prints the key"])
        printed = harness.run(tool, path, home, gateway)
        verdict = judge(tool, gateway.requests, addresses, said)
        return replace(verdict, details=harness.account(tool, gateway, patched, printed))


def _hosts(home: Path) -> Iterator[str]:
    """The hosts in the files of a home, but for those of schemas and of MCP servers."""
    for file in home.rglob("*"):
        text = file.read_text("utf-8", "replace") if file.is_file() else ""
        for url in re.findall(r"https?://[^\s\"'<>,\\]+", text):
            host = urlsplit(url).hostname if "[" not in url else ""
            if host and not url.endswith((".json", "/mcp", "/sse")):
                yield host
