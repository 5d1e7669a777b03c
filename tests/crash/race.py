"""`race`: another program writes between our look and our rename; many runs at once on one file."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from tests.crash import program
from tests.crash.program import KEY
from tests.crash.traced import Ran, tracing
from tests.crash.world import World, difference

RUNS = 16
_DELAY = 1_000_000  # microseconds between our last look and the call
_STAGED = ".*.vsegpt-patch-*"


@dataclass(frozen=True)
class Edit:
    """Another program's edit of `file` while a call of ours is held up; `staged` new files lie ready then."""

    subject: str
    call: str
    nth: int
    file: str
    staged: int

    def __str__(self) -> str:
        return f"{self.subject}: {self.file} is edited before {self.call} {self.nth}"


EDITS = (
    Edit("patch", "renameat2", 1, ".one/config", 3),
    Edit("patch", "renameat2", 2, ".two/config", 3),
    Edit("patch", "linkat", 1, ".two/deep/extra", 3),
    Edit("undo", "renameat2", 1, ".two/config", 2),
    Edit("undo", "renameat2", 2, ".one/config", 2),
    Edit("undo", "renameat", 2, ".two/deep/extra", 2),
)

_PROFILE = """
name = "Tool {number}"
about = {{ en = "a toy", ru = "игрушка" }}
docs = "https://toy.example/docs"
[[file]]
format = "jsonc"
path = ["~/.shared/config"]
  [[file.edit]]
  at = ["tool{number}"]
  key = {{ apiKey = "{{key}}" }}
  url = {{ apiBase = "https://api.openai.com/v1" }}
"""


def strike(edit: Edit, world: World) -> list[str]:
    """The edit survives; we say so and change nothing; the next run does its work."""
    subject = world.subjects[edit.subject]
    world.fresh(subject)
    mine = subject.begin.get(edit.file, b"") + (b"// just now\n" if "one" in edit.file else b"# just now\n")
    made: list[bool] = []
    ran = world.run(
        subject,
        [*tracing([edit.call]), "-e", f"inject={edit.call}:delay_enter={_DELAY}:when={edit.nth}"],
        partial(_edit_when_ready, world.home, edit, mine, made),
    )
    if not made or not ran.fired_on(world.home):
        return [f"nothing was edited in time (exit {ran.code}: {ran.err})"]
    told = _told(ran)
    begin = {**subject.begin, edit.file: mine}
    now = {name: data for name, data in world.state().items() if name in begin}
    if now != begin:
        told.append(f"at once: {difference(now, begin)}")
    return told + list(_after(world, begin, subject.words))


def _told(ran: Ran) -> list[str]:
    told = [] if ran.code == 1 else [f"exit {ran.code}"]
    return told + ([] if "another program changed it just now" in ran.err else [f"it says: {ran.err}"])


def _after(world: World, begin: dict[str, bytes], words: Sequence[str]) -> Iterator[str]:
    """The next run keeps the edit and does its work."""
    code, text = program.quiet(["--home", str(world.home), "--lang", "en", *words])
    if code != 0:
        yield f"the next run: {text}"
    found = world.state()
    if leftover := [name for name in found if "vsegpt-patch" in name]:
        yield f"the next run: {leftover} is left over"
    for name, data in begin.items():
        if b"just now" in data and b"just now" not in found.get(name, b""):
            yield f"the next run: the edit of {name} is lost"
        if data != b"/" and found.get(name) == data and (KEY.encode() in data) is (words[0] == "undo"):
            yield f"the next run: {name} was left as it was"


def _edit_when_ready(home: Path, edit: Edit, data: bytes, made: list[bool]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        staged = 0
        with contextlib.suppress(FileNotFoundError):  # a directory that goes while it is looked through
            staged = sum(".local" not in path.parts for path in home.rglob(_STAGED))
        if staged >= edit.staged:
            time.sleep(0.2)  # the last look is taken by then, and the call is held up
            (home / edit.file).write_bytes(data)
            made.append(True)
            return
        time.sleep(0.002)


def together(base: Path, source: Path) -> list[str]:
    """Many runs at once, each of another tool, with one settings file: all are in it."""
    folder = program.copy(base / "together", source)
    for number in range(RUNS):
        text = _PROFILE.format(number=number)
        (folder / f"patcher/profiles/tool{number}.toml").write_text(text, "utf-8")
    home = base / "together-home"
    (home / ".shared").mkdir(parents=True)
    (home / ".shared/config").write_bytes(b'{\n  // mine\n  "a": 1\n}\n')
    site = Path(click.__file__).parent.parent
    paths = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(site)!r}]"
    code = f"{paths}; from patcher.cli.main import main; main()"
    runs = [
        subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", code, f"tool{number}", "--home", str(home), "--lang", "en"],
            env={"PATH": os.environ["PATH"], "VSEGPT_API_KEY": KEY},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(RUNS)
    ]
    told = []
    for number, run in enumerate(runs):
        _, err = run.communicate(timeout=120)
        if run.returncode != 0:
            told.append(f"tool{number}: exit {run.returncode}: {err.strip()}")
    text = (home / ".shared/config").read_text("utf-8")
    data = json.loads(re.sub(r"//.*", "", text.replace("://", "")))
    told += [f"tool{number} is not in the file" for number in range(RUNS) if f"tool{number}" not in data]
    if "// mine" not in text:
        told.append("the comment is gone")
    return told


def cases(base: Path, source: Path) -> Iterator[tuple[str, list[str]]]:
    """Every race by its name, with what was wrong."""
    world = World(base / "race")
    for edit in EDITS:
        yield str(edit), strike(edit, world)
    yield f"{RUNS} runs at once on one file", together(base, source)
