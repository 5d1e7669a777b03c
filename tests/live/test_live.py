"""The real tools, at the versions of tools.toml, with the files that our command writes.

    pytest -m live             all of them
    pytest -m live -k aider    one
    pytest -m live_ci          those of every push

Wants npm for some and a Python for others; $VSEGPT_PATCH_LIVE_CACHE keeps the installed tools.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from patcher.gateway.stub import Gateway
from patcher.registry.catalog import shipped_profiles
from tests.live import harness, lived_in
from tests.live.tools import Missing, Tool, install, installed, tools
from tests.support.homes import Case

TOOLS = tools()


def marked(tool: Tool, case: Case | None = None) -> Any:
    marks = [pytest.mark.live, pytest.mark.live_ci] if tool.ci else [pytest.mark.live]
    return pytest.param(tool, case, id=case.name if case else tool.name, marks=marks)


def everywhere() -> list[Any]:
    """Every tool in an empty home, unless its table says no, and in the homes of its fixtures."""
    return [marked(tool) for tool in TOOLS if tool.fresh] + [
        marked(tool, case) for tool in TOOLS for case in lived_in.lived_in(tool)
    ]


def left_out(tool: Tool, reason: str) -> None:
    if tool.ci and os.environ.get("CI"):
        pytest.fail(f"{tool.name} must not be left out here: {reason}")
    pytest.skip(f"LEFT OUT: {tool.name} {tool.version}: {reason}")


@pytest.mark.skipif(sys.platform == "win32", reason="LEFT OUT: the live tests need process groups and ptys")
@pytest.mark.parametrize(("tool", "case"), everywhere())
def test_the_tool_sends_its_request_to_the_gateway(
    tool: Tool,
    case: Case | None,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    try:
        path = install(tool)
    except Missing as missing:
        left_out(tool, str(missing))
    except subprocess.CalledProcessError as error:
        pytest.fail(f"{tool.name} cannot be installed:\n{error.stdout}")
    record_property("version", installed(tool))
    if case:
        verdict = lived_in.run(tool, case, path, tmp_path)
        record_property("verdict", verdict.line)
        assert verdict.word != "wrong", f"{verdict.line}\n{verdict.details}"
    else:
        # Only now: a process with its thread cannot be put into a network of its own.
        in_an_empty_home(tool, path, request.getfixturevalue("gateway"), tmp_path / "home")


def in_an_empty_home(tool: Tool, path: list[Path], gateway: Gateway, home: Path) -> None:
    """There is nothing in it that could win over our settings, so the requests arrive."""
    home.mkdir()
    try:
        patched = harness.patch(tool, home, gateway)
    except subprocess.CalledProcessError as error:
        pytest.fail(
            f"vsegpt-patch {tool.profile} exits with {error.returncode}:\n{harness.masked(error.stdout)}"
        )
    assert harness.KEY not in patched
    printed = harness.run(tool, path, home, gateway)
    complaints = harness.complaints(tool, gateway.posts())
    assert not complaints, "\n".join([*complaints, harness.account(tool, gateway, patched, printed)])


@pytest.mark.parametrize("tool", [pytest.param(tool, id=tool.name) for tool in TOOLS])
def test_the_profile_names_the_version_that_runs_here(tool: Tool) -> None:
    file = shipped_profiles() / f"{tool.profile}.toml"
    if not file.is_file():
        pytest.skip(f"no profile {tool.profile} yet")
    verified = tomllib.loads(file.read_text("utf-8")).get("verified", {})
    assert verified.get("how") != "live" or tool.version in verified["version"].replace(",", "").split()
