"""Tools whose address at VseGPT is a beta are patched only where the person asks for that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from patcher.errors import Refused
from patcher.registry.catalog import Catalog
from tests.support.homes import files, run
from tests.support.made_up_tools import profile

PROFILE = """
found_by = ["~/.toy"]
beta = true
guide = { en = "Set {url:https://api.anthropic.com} by hand.", ru = "Задайте вручную." }

[[file]]
format = "json"
path = ["~/.toy"]
create = {}

  [[file.edit]]
  key = { token = "{key}" }
  url = { url = "https://api.anthropic.com" }
"""


@pytest.fixture
def toy(tmp_path: Path) -> list[str]:
    profile(tmp_path / "profiles", "toy", PROFILE)
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.toy").write_text("{}\n")
    return ["--profiles", str(tmp_path / "profiles")]


@pytest.mark.parametrize("words", [["toy"], ["--all", "--yes"]])
def test_without_beta_the_guide_is_shown_and_nothing_is_written(
    words: list[str], toy: list[str], tmp_path: Path
) -> None:
    before = files(tmp_path / "home")
    result = run(tmp_path / "home", *words, *toy)
    assert result.code == 0
    assert "Set https://services.vsegpt.ru:3000 by hand." in result.out
    assert "With --beta it is patched, too: this address of VseGPT is a beta." in result.out
    assert files(tmp_path / "home") == before


def test_with_beta_it_is_patched_for_vsegpts_address_of_that_protocol(toy: list[str], tmp_path: Path) -> None:
    result = run(tmp_path / "home", "toy", "--beta", *toy)
    assert result.code == 0
    assert "--beta" not in result.out
    its = json.loads((tmp_path / "home/.toy").read_text())
    assert its["url"] == "https://services.vsegpt.ru:3000"
    assert its["token"].startswith("sk-or-vv-")
    listed = json.loads(run(tmp_path / "home", "list", *toy, "--json").out)["tools"]
    assert [each["state"] for each in listed if each["tool"] == "toy"] == ["vsegpt"]


@pytest.mark.parametrize("part", ["guide", "[[file]]"])
def test_such_a_profile_has_both_files_and_a_guide(part: str, tmp_path: Path) -> None:
    lines = PROFILE.splitlines()
    cut = next(number for number, line in enumerate(lines) if line.startswith(part))
    rest = [] if part == "[[file]]" else lines[cut + 1 :]
    profile(tmp_path, "toy", "\n".join([*lines[:cut], *rest]))
    with pytest.raises(Refused, match=r"the profile: (file|guide) is missing"):
        Catalog.open([tmp_path]).get("toy")
