"""`python -m tests.mutants [NAME...]`: the editors broken on purpose, and the test that sees it.

`mutants.toml` says what to break. Every mutant is made in a copy of the repository, never in the tree
itself; its tests run there, and one of them has to fail. NAME is a part of a mutant's name. Exits with
1 where a mutant survives, no longer fits the code or does not run, and where the tests fail without it.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from itertools import repeat
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).with_name("mutants.toml")
CASES = "tests/formats/test_cases.py"
"""What runs where a mutant does not say: every document of every syntax."""
PARTS = ("patcher", "profiles", "fixtures", "tests", "README.md", "pyproject.toml")
"""What the tests need of the repository."""
_AT_ONCE = 2
_SECONDS = 300
_FITS = "tests/formats/test_mutants.py::test_every_mutant_fits_the_code"
"""Fails in every mutant, and says nothing of the editors."""
_PYTEST = ("-x", "-q", "--no-header", "--tb=short", "-p", "no:cacheprovider", f"--deselect={_FITS}")
_FAILED = re.compile(r"(?m)^FAILED \S+?::(.+?)(?: - .*)?$")


class Edit(NamedTuple):
    """`old`, which stands in `file` just once, gives way to `new`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """Code that is wrong in one small way; `tests` are arguments of pytest."""

    name: str
    edits: tuple[Edit, ...]
    tests: str = CASES


class Fate(Enum):
    """What became of a mutant."""

    CAUGHT = "caught"
    SURVIVED = "SURVIVED"
    STALE = "STALE"
    BROKEN = "BROKEN"


class Verdict(NamedTuple):
    """`detail` is the test that failed, or why no test could."""

    fate: Fate
    detail: str = ""


class Stale(Exception):
    """A mutant that does not fit the code any more."""


def load() -> list[Mutant]:
    """The mutants of `mutants.toml`."""

    def one(data: dict[str, Any]) -> Mutant:
        edits = [Edit(part["file"], part["old"], part["new"]) for part in (data, *data.get("also", ()))]
        cases = f"{CASES} -k {data['cases']}:" if "cases" in data else CASES
        return Mutant(data["name"], tuple(edits), data.get("tests", cases))

    return [one(data) for data in tomllib.loads(DATA.read_text("utf-8"))["mutant"]]


def mutated(mutant: Mutant, tree: Path = ROOT) -> dict[str, str]:
    """The text of the mutant's files. Raises `Stale` where it does not fit those of the tree."""
    texts: dict[str, str] = {}
    for file, old, new in mutant.edits:
        path = tree / file
        if not path.is_file():
            raise Stale(f"there is no {file}")
        text = texts.get(file) or path.read_text("utf-8")
        if text.count(old) != 1:
            raise Stale(f"{text.count(old)} times in {file}: {old.strip()}")
        texts[file] = text.replace(old, new)
    return texts


def judge(mutant: Mutant, tree: Path) -> Verdict:
    """Make the mutant in a copy of the tree, and run its tests there."""
    try:
        texts = mutated(mutant, tree)
    except Stale as stale:
        return Verdict(Fate.STALE, str(stale))
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder, "copy")
        shutil.copytree(tree, copy)
        for file, text in texts.items():
            (copy / file).write_text(text, "utf-8")
        try:
            done = subprocess.run(
                [sys.executable, "-m", "pytest", *_PYTEST, *shlex.split(mutant.tests)],
                cwd=copy,
                env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"},
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Verdict(Fate.BROKEN, f"the tests did not end within {_SECONDS} seconds")
    if done.returncode == 0:
        return Verdict(Fate.SURVIVED, mutant.tests)
    found = _FAILED.search(done.stdout)
    # Anything else than a test that fails (no test at all, an import that fails) proves nothing.
    if done.returncode != 1 or found is None:
        return Verdict(Fate.BROKEN, (done.stdout + done.stderr).strip()[-600:])
    return Verdict(Fate.CAUGHT, found[1])


def run(mutants: list[Mutant], tree: Path) -> int:
    """How many of the mutants are caught; one line is printed for each."""
    caught = 0
    wide = max(len(mutant.name) for mutant in mutants)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        # Where the tests fail without a mutant, each one would look caught.
        whole = [Mutant("", (), tests) for tests in sorted({mutant.tests for mutant in mutants})]
        for none, (fate, detail) in zip(whole, pool.map(judge, whole, repeat(tree)), strict=True):
            if fate is not Fate.SURVIVED:
                sys.exit(f"without any mutant, {none.tests} fails: {detail}")
        for mutant, (fate, detail) in zip(mutants, pool.map(judge, mutants, repeat(tree)), strict=True):
            print(f"{mutant.name:{wide}}  {fate.value:8}  {detail}", flush=True)
            caught += fate is Fate.CAUGHT
    return caught


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description="Are all mutants caught?")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a part of a mutant's name")
    names = parser.parse_args(words).names
    mutants = [mutant for mutant in load() if not names or any(name in mutant.name for name in names)]
    if not mutants:
        parser.error("no mutant has such a name")
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder)  # what is edited in the repository meanwhile changes no verdict
        for part in PARTS:
            copy = shutil.copy if (ROOT / part).is_file() else shutil.copytree
            copy(ROOT / part, tree / part)
        caught = run(mutants, tree)
    print(f"{len(mutants)} mutants, {caught} caught")
    return 0 if caught == len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
