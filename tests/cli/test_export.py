"""`--export`: a file that an extension imports itself, where its store cannot be written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.homes import KEY, files
from tests.support.made_up_stores import KINDS, OLD, OLD_KEY, home_of, profiles
from tests.support.made_up_tools import made_up_tool, run_with_profiles


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with the extension in one browser."""
    return home_of(KINDS["chromium"], tmp_path)


OURS = {
    "apiKey": KEY,
    "model": "openai/gpt-4o-mini",
    "provider": "openai",
    "url": "https://api.vsegpt.ru:6070/v1",
}


def test_it_holds_what_is_asked_for_and_what_has_to_stay(home: Path, tmp_path: Path) -> None:
    KINDS["chromium"].rewrite(home, {"chats": ["none of ours"]})
    told = run_with_profiles(home, "box", "--export", str(tmp_path / "file.json"))
    assert told.code == 0
    assert json.loads((tmp_path / "file.json").read_bytes()) == {**OURS, "theme": OLD["theme"]}


def test_it_changes_no_store_and_needs_no_closed_browser(home: Path, tmp_path: Path) -> None:
    before = files(home)
    if os.name == "posix":
        with KINDS["chromium"].in_use(home):
            assert run_with_profiles(home, "box", "--export", str(tmp_path / "file.json")).code == 0
    assert files(home) == before


def test_it_says_how_to_import_and_shows_no_key(home: Path, tmp_path: Path) -> None:
    told = run_with_profiles(home, "box", "--export", str(tmp_path / "file.json"))
    assert "Open the options, press Import" in told.out
    assert "holds the settings, and your key" in told.out
    assert KEY not in told.out + told.err
    assert OLD_KEY not in told.out + told.err


@pytest.mark.skipif(os.name != "posix", reason="mode bits of POSIX")
def test_it_is_for_its_owner_alone(home: Path, tmp_path: Path) -> None:
    run_with_profiles(home, "box", "--export", str(tmp_path / "file.json"))
    assert (tmp_path / "file.json").stat().st_mode & 0o777 == 0o600


def test_it_is_never_written_over_a_file(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file.json").write_text("mine")
    told = run_with_profiles(home, "box", "--export", str(tmp_path / "file.json"))
    assert told.code == 1
    assert "is there already; name another file" in told.err
    assert (tmp_path / "file.json").read_text() == "mine"


def test_it_is_never_written_through_a_link(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file.json").symlink_to(tmp_path / "elsewhere")
    assert run_with_profiles(home, "box", "--export", str(tmp_path / "file.json")).code == 1
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_not_there_is_named(home: Path, tmp_path: Path) -> None:
    told = run_with_profiles(home, "box", "--export", str(tmp_path / "none" / "file.json"))
    assert told.code == 1
    assert "cannot be written" in told.err
    assert "Traceback" not in told.err


def test_of_several_browsers_one_has_to_be_named(home: Path, tmp_path: Path) -> None:
    KINDS["firefox"].make(home)
    path = tmp_path / "file.json"
    told = run_with_profiles(home, "box", "--export", str(path))
    assert told.code == 2
    assert "say --browser NAME, one of: Chromium · Default, Firefox · default-release" in told.err
    assert not path.exists()
    assert run_with_profiles(home, "box", "--export", str(path), "--browser", "Firefox").code == 0
    assert json.loads(path.read_bytes()) == {**OURS, "theme": OLD["theme"]}


def test_without_any_store_the_settings_are_new(tmp_path: Path) -> None:
    profiles(tmp_path / "profiles")
    (tmp_path / "home").mkdir()
    told = run_with_profiles(tmp_path / "home", "box", "--export", str(tmp_path / "file.json"))
    assert told.code == 0
    assert json.loads((tmp_path / "file.json").read_bytes()) == OURS


def test_a_damaged_store_is_refused_by_name(home: Path, tmp_path: Path) -> None:
    KINDS["chromium"].damage(home)
    told = run_with_profiles(home, "box", "--export", str(tmp_path / "file.json"))
    assert told.code == 1
    assert "000002.log" in told.err
    assert not (tmp_path / "file.json").exists()


@pytest.mark.parametrize("tools", [(), ("box", "desk"), ("good",), ("desk",)])
def test_it_is_for_one_extension_that_can_import(tools: tuple[str, ...], home: Path, tmp_path: Path) -> None:
    made_up_tool(home.parent / "profiles", "good", "json")
    told = run_with_profiles(home, *tools, "--export", str(tmp_path / "file.json"))
    assert told.code == 2
    assert not (tmp_path / "file.json").exists()


def test_a_program_reads_the_same(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    told = json.loads(run_with_profiles(home, "box", "--export", str(path), "--json").out)
    assert (told["command"], told["file"], told["problems"]) == ("export", str(path), [])
