"""Every tool that there is, in one home."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from patcher.machine.places import Machine
from patcher.planning.detection import found_as
from patcher.registry.catalog import Catalog
from tests.support.homes import everything_in, files, run, together


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which every tool is set up, as far as they do not get in each other's way."""
    return everything_in(tmp_path_factory.mktemp("every") / "home")


def test_all_finds_and_patches_every_tool_and_undo_gives_back_every_byte(
    everything: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(everything, home, symlinks=True)
    before = files(home)
    machine = Machine.here(home, project=home / "project")
    tools = {case.tool for case in together() if found_as(Catalog.open().get(case.tool), machine)}
    assert len(tools) >= 120
    words = ["--all", "--beta", "--in", "PROJECT"]
    dry = run(home, *words, "--dry-run", key=None)
    assert dry.code == 0
    assert files(home) == before
    real = run(home, *words, "--json")
    assert real.code == 0
    told = json.loads(real.out)
    by_status = {
        status: {tool["tool"] for tool in told["tools"] if tool["status"] == status}
        for status in ("patched", "local")
    }
    assert by_status["patched"] | by_status["local"] >= tools
    assert len(by_status["local"]) < 20
    changed = [file for tool in told["tools"] for file in tool["files"] if file["action"] != "none"]
    assert len([line for line in dry.out.splitlines() if line.startswith("+++ ")]) == len(changed)
    assert run(home, "undo").code == 0
    assert files(home) == before


def test_with_one_file_made_invalid_its_tool_is_left_whole_and_named(
    everything: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(everything, home, symlinks=True)
    (home / ".pi/agent/settings.json").write_text('{"broken": \n', "utf-8")
    before = files(home)
    strict = run(home, "--all", "--strict")
    assert strict.code == 1
    assert files(home) == before
    result = run(home, "--all")
    assert result.code == 1
    assert "pi: ~/.pi/agent/settings.json:" in result.err
    after = files(home)
    assert {name for name in before if name.startswith(".pi/") and before[name] != after[name]} == set()
    assert after[".continue/config.yaml"] != before[".continue/config.yaml"]
