"""The compiled profiles say what their TOML says, and count only as long as they do."""

from __future__ import annotations

import tomllib
import zipfile
from pathlib import Path
from unittest import mock

import pytest

from patcher.registry import catalog, index
from patcher.registry.catalog import Catalog, shipped_profiles
from tests.registry.test_catalog import GOOD
from tests.support.homes import ROOT

PROFILES = {
    file.name.removesuffix(".toml"): file.read_bytes()
    for file in shipped_profiles().iterdir()
    if file.name.endswith(".toml")
}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the program was built: the index of the shipped profiles is there."""
    whole = dict(line.split(" ", 1) for line in index.compiled(PROFILES).decode().split("\n") if line)
    monkeypatch.setattr(index, "_lines", lambda: whole)


@pytest.mark.usefixtures("lines")
def test_it_says_of_every_tool_what_the_toml_says() -> None:
    for tool, data in PROFILES.items():
        raw = tomllib.loads(data.decode())
        assert index.profile(tool, data) == index.as_json(raw)
        raw.pop("verified", None)  # whose date is a text to all who read it
        assert raw == index.as_json(raw), tool


@pytest.mark.usefixtures("lines")
def test_with_it_no_toml_is_read() -> None:
    with mock.patch.object(catalog, "_toml", side_effect=AssertionError):
        assert len([Catalog.open().get(tool) for tool in Catalog.open()]) == len(PROFILES)


@pytest.mark.usefixtures("lines")
def test_a_toml_that_was_changed_counts(tmp_path: Path) -> None:
    changed = PROFILES["aider"].replace(b'= "aider"', b'= "adier"')
    assert len(changed) == len(PROFILES["aider"])
    assert changed != PROFILES["aider"]
    (tmp_path / "aider.toml").write_bytes(changed)
    (tmp_path / "toy.toml").write_text(GOOD, "utf-8")
    with mock.patch.object(catalog, "shipped_profiles", return_value=tmp_path):
        assert [Catalog.open().get(tool).name for tool in Catalog.open()] == ["adier", "Toy"]


@pytest.mark.usefixtures("lines")
def test_a_profile_of_ones_own_is_read_and_checked_though_it_is_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "aider.toml").write_bytes(PROFILES["aider"])
    with mock.patch.object(index, "profile", side_effect=AssertionError):
        assert Catalog.open([tmp_path]).get("aider").own


def test_a_checkout_has_none_and_an_installed_package_has_all() -> None:
    there = Path(index.__file__).with_name(index.NAME)
    assert there.exists() is not (ROOT / "patcher").exists()
    if there.exists():
        assert there.read_bytes() == index.compiled(PROFILES)


def test_the_program_as_one_file_has_it(zipapp: Path) -> None:
    with zipfile.ZipFile(zipapp) as packed:
        assert packed.read(f"patcher/registry/{index.NAME}") == index.compiled(PROFILES)
