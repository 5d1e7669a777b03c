"""A short run of the crash campaigns, and what lies in the state directory.

The whole campaigns: `python -m tests.crash kill error stuck powercut race attack mutants`.
"""

from __future__ import annotations

import ast
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash.mutants import MUTANTS, Mutant, mutated
from tests.crash.program import SOURCE
from tests.support.confined import lacking, tool
from tests.support.homes import KEY, ROOT, STATE
from tests.support.made_up_tools import run_with_profiles


def campaigns(*words: str) -> str:
    """Run campaigns in a process of their own, since they load a copy of the program."""
    tool("strace")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.crash", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if "strace cannot attach" in ran.stdout + ran.stderr:
        lacking("strace may not attach here")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.parametrize(
    ("campaign", "sample", "least"), [("kill", 12, 60), ("error", 30, 50), ("stuck", 15, 30)]
)
def test_faults_leave_the_old_or_the_new(campaign: str, sample: int, least: int) -> None:
    told = campaigns(campaign, "--sample", str(sample))
    found = re.search(rf"^{campaign}: (\d+) points, (\d+) faults fired, 0 failures", told, re.MULTILINE)
    assert found, told
    assert int(found[1]) == int(found[2]) >= least


def test_races_and_attacks() -> None:
    told = campaigns("race", "attack")
    assert told.count(" 0 failures") == 2


@pytest.mark.parametrize("mutant", [pytest.param(mutant, id=mutant.name) for mutant in MUTANTS])
def test_every_bug_that_the_campaigns_have_to_see_fits_the_code(mutant: Mutant) -> None:
    for text in mutated(mutant, SOURCE).values():
        ast.parse(text)


def test_the_state_holds_no_key_in_its_manifests(home: Path) -> None:
    assert run_with_profiles(home, "one", "two").code == 0
    manifests = list((home / STATE).rglob("*.json"))
    assert len(manifests) == 3
    for path in (home / STATE).rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
        assert path.is_dir() or KEY.encode() not in path.read_bytes()
