"""Homes made of fixtures, and our command run on them."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from patcher.cli.main import main
from patcher.machine.places import Machine
from patcher.planning.detection import found_as
from patcher.registry.catalog import Catalog
from tests.stores import texts
from tests.support import translatable, with_coverage

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "fixtures"
KEY = "sk-or-vv-" + "0" * 64
VAULTS = "obsidian.json"
STATE = Path(".local/state/vsegpt-patch")


@dataclass(frozen=True)
class Result:
    """What a run of the command left behind."""

    code: int
    out: str
    err: str
    words: tuple[str, ...] = ()
    said: translatable.Recorder | None = field(default=None, repr=False)
    """What it asked the catalogue for, where it ran in this process."""


RUNS: list[Result] = []
"""The runs of this test; `tests/conftest.py` asks each of them for what all runs hold."""


def run(home: Path, *words: str, key: str | None = KEY, env: Mapping[str, str] | None = None) -> Result:
    """Run the command on a home, in this process. The word `PROJECT` stands for `project` in that home."""
    words = tuple(str(home / "project") if word == "PROJECT" else word for word in words)
    out, err = io.StringIO(), io.StringIO()
    kept = dict(os.environ)
    os.environ.pop("VSEGPT_API_KEY", None)
    os.environ.update({"VSEGPT_API_KEY": key} if key else {}, **(env or {}))
    stdin = sys.stdin
    try:
        sys.stdin = io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), translatable.recorded() as said:
            try:
                main(["--home", str(home), "--lang", "en", *words])
            except SystemExit as end:
                code = end.code
            else:
                code = 0
    finally:
        sys.stdin = stdin
        os.environ.clear()
        os.environ.update(kept)
    assert isinstance(code, int)
    result = Result(code, out.getvalue(), err.getvalue(), words, said)
    RUNS.append(result)
    return result


@dataclass(frozen=True)
class Person:
    """Somebody in a home of their own, at work in a directory of it."""

    home: Path
    work: Path

    def run(self, *words: str, cwd: Path | None = None, **env: Any) -> Result:
        """Our command as they run it, with these variables."""
        ran = subprocess.run(
            [*with_coverage.command(), *words, "--lang", "en"],
            cwd=cwd or self.work,
            env={"HOME": str(self.home), "PATH": os.environ["PATH"], **env},
            capture_output=True,
            text=True,
            check=False,
        )
        assert KEY not in ran.stdout + ran.stderr
        return Result(ran.returncode, ran.stdout, ran.stderr)


@dataclass(frozen=True)
class Case:
    """One fixture: a home before and after, and what a dry run prints."""

    folder: Path
    data: Mapping[str, Any]

    @property
    def tool(self) -> str:
        return str(self.data.get("tool", self.folder.parent.name))

    @property
    def name(self) -> str:
        return f"{self.folder.parent.name}/{self.folder.name}"

    @property
    def words(self) -> list[str]:
        return [self.tool, *self.data.get("args", [])]

    @property
    def where(self) -> list[str]:
        """The words that say where the tool's project is, if it has one."""
        return ["--in", "PROJECT"] if "--in" in self.words else []

    def machine(self, home: Path) -> Machine:
        """The machine that a run on this home sees."""
        return Machine.here(home, project=home / "project" if self.where else None)

    def home(self, at: Path) -> Path:
        """A copy of the home before, with real stores where it has their texts.

        In Obsidian's list of vaults, which has whole paths, `/HOME` stands for the home.
        """
        self.copy(at)
        texts.make(at)
        return at

    def copy(self, at: Path) -> None:
        """Put the home before into another one; stores are still texts there."""
        shutil.copytree(self.folder / "before/home", at, symlinks=True, dirs_exist_ok=True)
        for path in at.rglob(VAULTS):
            path.write_bytes(path.read_bytes().replace(b'"/HOME/', f'"{at}/'.encode()))

    @property
    def has_stores(self) -> bool:
        return texts.in_text(self.folder / "before/home")


def cases(*, refused: bool = False) -> Iterator[Case]:
    """The fixtures, or those that show what is refused."""
    for file in sorted(FIXTURES.glob("*/*/case.toml")):
        if (file.parent.parent.name == "_refused") is refused:
            yield Case(file.parent, tomllib.loads(file.read_text("utf-8")))


@cache
def together() -> list[Case]:
    """One case of each tool, as far as their homes do not get in each other's way."""
    held: dict[Path, Path] = {}
    found: dict[str, Case] = {}
    for case in sorted(cases(), key=lambda case: (case.folder.name == "fresh", case.name)):
        root = case.folder / "before/home"
        its = {path.relative_to(root): path for path in root.rglob("*") if not path.is_dir()}
        alone = all(held.get(name, path).read_bytes() == path.read_bytes() for name, path in its.items())
        if case.tool not in found and alone:
            found[case.tool] = case
            held |= its
    return list(found.values())


def everything_in(home: Path) -> Path:
    """Make a home of them all, in which each of these tools is found."""
    home.mkdir()
    for case in together():
        case.copy(home)
    texts.make(home)
    machine = Machine.here(home, project=home / "project")
    for case in together():
        profile = Catalog.open().get(case.tool)
        if not found_as(profile, machine):
            for mark in profile.found_by[:1]:
                for path in machine.expand(machine.chosen(mark).replace("*", "0")):
                    path.mkdir(parents=True, exist_ok=True)
    return home


def files(home: Path) -> dict[str, bytes]:
    """Every file of a home but our own state: path to bytes, a link to where it leads."""
    found = {}
    for path in sorted(home.rglob("*")):
        relative = path.relative_to(home)
        if relative.is_relative_to(STATE) or (path.is_dir() and not path.is_symlink()):
            continue
        found[relative.as_posix()] = bytes(path.readlink()) if path.is_symlink() else path.read_bytes()
    return found


def shape(home: Path) -> dict[str, bytes]:
    """The files of a home but our own state as fixtures have them: of a store what its text says."""
    stores = {name: data for name, data in texts.shape(home).items() if not Path(name).is_relative_to(STATE)}
    places = [name.removesuffix(kind) for name in stores for kind in texts.KINDS if name.endswith(kind)]
    rest = {
        name: data
        for name, data in files(home).items()
        if not any(name == place or name.startswith(f"{place}/") for place in places)
    }
    rest |= {
        name: data.replace(f'"{home}/'.encode(), b'"/HOME/')
        for name, data in rest.items()
        if name.endswith(f"/{VAULTS}")
    }
    return dict(sorted({**rest, **stores}.items()))
