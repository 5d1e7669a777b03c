"""One file whose shape depends on the tool's version: the file's own content decides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from patcher.errors import Refused
from patcher.registry.catalog import Catalog
from tests.support.made_up_tools import profile, run_with_profiles

NEW = """
[[file]]
format = "json"
path = ["~/.toy.json", "~/.old-toy.json"]
create = { version = 2 }
when = { has = ["version"], is = 2 }

  [[file.edit]]
  key = { apiKey = "{key}" }
  url = { baseUrl = "https://api.openai.com/v1" }
"""
OLD = """
[[file]]
format = "json"
path = ["~/.toy.json", "~/.old-toy.json"]
instead = true
when = { has = ["servers", { name = "main" }, "token"] }

  [[file.edit]]
  at = ["servers", { name = "main" }]
  key = { token = "{key}" }
  url = { host = "https://api.openai.com/v1" }
"""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    profile(tmp_path / "profiles", "toy", NEW + OLD)
    (tmp_path / "home").mkdir()
    return tmp_path


def patched(toy: Path, data: object) -> set[str]:
    """The names of the settings that a run writes; a second run has to find nothing to do."""
    file = toy / "home/.toy.json"
    if data is not None:
        file.write_text(data if isinstance(data, str) else json.dumps(data))
    result = run_with_profiles(toy / "home", "toy", "--json")
    assert result.code == 0, result.err
    assert run_with_profiles(toy / "home", "toy", "--dry-run", "--exit-code").code == 0
    state = json.loads(run_with_profiles(toy / "home", "status", "toy", "--json").out)["tools"][0]["state"]
    assert state == "vsegpt"
    [file_told] = json.loads(result.out)["tools"][0]["files"]
    return {setting["at"] for setting in file_told["settings"]}


MAIN = {"name": "main", "token": "x", "host": "y"}


@pytest.mark.parametrize(
    ("data", "settings"),
    [
        ({"version": 2, "servers": [MAIN]}, {"apiKey", "baseUrl"}),
        ({"version": 1, "servers": [MAIN]}, {"servers[name=main].token", "servers[name=main].host"}),
        ({"servers": [MAIN]}, {"servers[name=main].token", "servers[name=main].host"}),
        ({"version": 1, "servers": [{"name": "main"}]}, {"apiKey", "baseUrl"}),
        ({}, {"apiKey", "baseUrl"}),
        (None, {"apiKey", "baseUrl"}),
    ],
    ids=["newest first", "by value", "by a path through a list", "neither fits", "an empty map", "no file"],
)
def test_the_first_entry_that_fits_the_file_counts_else_the_first(
    data: object, settings: set[str], toy: Path
) -> None:
    assert patched(toy, data) == settings


def test_an_entry_without_when_takes_what_no_earlier_one_fits(toy: Path) -> None:
    old = OLD.replace('when = { has = ["servers", { name = "main" }, "token"] }', "")
    profile(toy / "profiles", "toy", NEW + old)
    assert patched(toy, {"version": 1}) == {"servers[name=main].token", "servers[name=main].host"}


def test_an_entry_for_another_file_takes_nothing_from_the_first(toy: Path) -> None:
    old = OLD.replace('"~/.toy.json", ', "").replace(
        'when = { has = ["servers", { name = "main" }, "token"] }', ""
    )
    profile(toy / "profiles", "toy", NEW + old)
    (toy / "home/.old-toy.json").write_text("{}")
    assert patched(toy, {"version": 1}) == {"apiKey", "baseUrl"}


def test_a_file_that_cannot_be_read_is_refused_with_its_reason(toy: Path) -> None:
    (toy / "home/.toy.json").write_text("{")
    result = run_with_profiles(toy / "home", "toy")
    assert result.code == 1
    assert "~/.toy.json:1" in result.err


def test_each_of_several_files_is_taken_by_its_own_shape(toy: Path) -> None:
    text = (NEW + OLD).replace('"~/.toy.json", "~/.old-toy.json"', '"~/toys/*.json"')
    profile(toy / "profiles", "toy", text)
    (toy / "home/toys").mkdir()
    (toy / "home/toys/a.json").write_text(json.dumps({"version": 2}))
    (toy / "home/toys/b.json").write_text(json.dumps({"servers": [MAIN]}))
    assert run_with_profiles(toy / "home", "toy").code == 0
    assert "apiKey" in json.loads((toy / "home/toys/a.json").read_text())
    assert json.loads((toy / "home/toys/b.json").read_text()).keys() == {"servers"}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('has = ["version"], is = 2', "has = []", "when"),
        ('has = ["version"], is = 2', 'has = ["version"], is = []', "when"),
        ("instead = true\n", "", "file 1.when: no other file stands in"),
    ],
)
def test_a_when_that_can_decide_nothing_is_refused(old: str, new: str, reason: str, toy: Path) -> None:
    text = NEW + OLD
    assert old in text
    profile(toy / "profiles", "toy", text.replace(old, new))
    with pytest.raises(Refused, match=reason):
        Catalog.open([toy / "profiles"]).get("toy")
