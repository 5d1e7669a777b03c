"""Programs that keep their settings in several folders of one kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from patcher.machine.base_dirs import System
from patcher.machine.places import Machine
from tests.support.homes import run
from tests.support.made_up_tools import profile, run_with_profiles


def machine(home: Path, system: System = "linux", project: Path | None = None) -> Machine:
    return Machine(system, home, {}, project=project)


def made(*folders: Path) -> list[Path]:
    for folder in folders:
        folder.mkdir(parents=True)
    return list(folders)


@pytest.mark.parametrize(
    ("system", "place"),
    [
        ("linux", ".config/obsidian"),
        ("linux", ".var/app/md.obsidian.Obsidian/config/obsidian"),
        ("macos", "Library/Application Support/obsidian"),
        ("windows", "AppData/Roaming/obsidian"),
    ],
)
def test_every_vault_that_obsidian_lists_and_that_is_there_counts(
    tmp_path: Path, system: System, place: str
) -> None:
    notes, work = made(tmp_path / "notes", tmp_path / "elsewhere/work")
    vaults = {"a": {"path": str(notes), "open": True}, "b": {"path": str(work)}, "c": {"path": "/gone/vault"}}
    (listed,) = made(tmp_path / place)
    (listed / "obsidian.json").write_text(json.dumps({"vaults": vaults}), "utf-8")
    found = machine(tmp_path, system).expand("{obsidian}/.obsidian/plugins/x/data.json")
    assert found == [folder / ".obsidian/plugins/x/data.json" for folder in (notes, work)]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"vaults": []}', '{"vaults": {"a": 1, "b": {"path": "x"}}}']
)
def test_a_list_of_vaults_that_makes_no_sense_names_none(tmp_path: Path, text: str) -> None:
    (listed,) = made(tmp_path / ".config/obsidian")
    (listed / "obsidian.json").write_text(text, "utf-8")
    assert machine(tmp_path).expand("{obsidian}/x") == []


def test_every_product_and_version_of_jetbrains_counts_and_nothing_else(tmp_path: Path) -> None:
    places = tmp_path / ".config"
    products = made(
        places / "JetBrains/IdeaIC2024.3",
        places / "JetBrains/PyCharm2025.1",
        places / "Google/AndroidStudio2024.2",
    )
    made(places / "JetBrains/consentOptions", places / "Google/Chrome")
    found = machine(tmp_path).expand("{jetbrains}/options/other.xml")
    assert found == [product / "options/other.xml" for product in products]


@pytest.mark.parametrize(
    ("root", "place"), [("zotero", ".zotero/zotero"), ("thunderbird", "snap/thunderbird/common/.thunderbird")]
)
def test_every_profile_that_profiles_ini_names_counts(tmp_path: Path, root: str, place: str) -> None:
    (folder,) = made(tmp_path / place / "Profiles/abc.default")
    (tmp_path / place / "profiles.ini").write_text(
        "[General]\nStartWithLastProfile=1\n\n[Profile0]\nName=default\nIsRelative=1\nPath=Profiles/abc.default\n"
        "\n[Profile1]\nName=gone\nIsRelative=1\nPath=Profiles/gone\n",
        "utf-8",
    )
    assert machine(tmp_path).expand(f"{{{root}}}/prefs.js") == [folder / "prefs.js"]


def test_project_files_are_only_where_the_person_says(tmp_path: Path) -> None:
    assert machine(tmp_path).expand("{project}/.env") == []
    assert machine(tmp_path, project=tmp_path / "app").expand("{project}/.env") == [tmp_path / "app/.env"]


TOY = """
found_by = ["{project}/toy.env"]

[[file]]
format = "dotenv"
path = ["{project}/toy.env"]

  [[file.edit]]
  key = { OPENAI_API_KEY = "{key}" }
  url = { OPENAI_BASE_URL = "https://api.openai.com/v1" }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (project,) = made(tmp_path / "home/app")
    profile(tmp_path / "profiles", "toy", TOY)
    (project / "toy.env").write_text("# mine\nOPENAI_API_KEY=sk-0000\nPORT=1\n", "utf-8")
    return project


def test_a_project_is_patched_with_in_and_taken_back(project: Path) -> None:
    home = project.parent
    before = (project / "toy.env").read_bytes()
    result = run_with_profiles(home, "toy", "--in", str(project))
    assert result.code == 0, result.err
    assert b"OPENAI_BASE_URL=https://api.vsegpt.ru:6070/v1\n" in (project / "toy.env").read_bytes()
    assert run(home, "undo").code == 0
    assert (project / "toy.env").read_bytes() == before


def test_without_in_a_project_tool_says_what_is_missing(project: Path) -> None:
    result = run_with_profiles(project.parent, "toy")
    assert result.code == 1
    assert "say where the project is: --in DIR" in result.err
    assert "toy" not in run_with_profiles(project.parent, "--all", "--dry-run").err


def test_in_wants_a_directory(project: Path) -> None:
    result = run(project.parent, "toy", "--in", str(project / "nowhere"))
    assert result.code == 2
    assert "there is no such directory" in result.err
