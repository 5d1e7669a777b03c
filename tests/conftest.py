"""What tests of several files share; figures that they record are printed at the end of a run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from patcher import i18n
from patcher.disk import transaction
from tests.support import every_run, homes
from tests.support.homes import ROOT
from tests.support.made_up_tools import GOOD, home_with_tools


@pytest.fixture(autouse=True)
def every_run_holds_what_all_do() -> Iterator[None]:
    """Each run of the command in a test is in both languages, and its `--json` is as documented."""
    yield
    runs = list(homes.RUNS)
    homes.RUNS.clear()
    for run in runs:
        every_run.check(run)


@pytest.fixture(autouse=True)
def every_test_begins_in_english() -> None:
    """Whatever language the last one spoke."""
    i18n.use("en")


@pytest.fixture(autouse=True, scope="session")
def nobody_else_writes_to_the_homes() -> Iterator[None]:
    """No run has to wait whether another program writes over it; the tests in which one does say so."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(transaction, "RECHECK_DELAY", 0)
        yield


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two made-up tools, `one` and `two`; some files have one of their own instead."""
    return home_with_tools(tmp_path, "one", "two", syntax="jsonc", holds=GOOD)


@pytest.fixture(scope="session")
def zipapp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program as one file."""
    target = tmp_path_factory.mktemp("zipapp") / "vsegpt-patch.pyz"
    subprocess.run([sys.executable, "-m", "scripts.zipapp", str(target)], cwd=ROOT, check=True)
    return target


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each of the `figures` that tests record, also in a parallel run."""
    figures = [
        f"{value}"
        for reports in terminalreporter.stats.values()
        for report in reports
        if isinstance(report, pytest.TestReport) and report.when == "call"
        for name, value in report.user_properties
        if name == "figures"
    ]
    if figures:
        terminalreporter.section("figures")
        for line in sorted(figures):
            terminalreporter.write_line(line)
