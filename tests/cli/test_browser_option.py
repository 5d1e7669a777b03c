"""`--browser`: of several browsers and profiles only what was named counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.browserhomes import chromium, firefox, install, machine
from tests.support.homes import files, run
from tests.support.made_up_tools import profile


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with three profiles of two Chromes, and one of Firefox with an add-on."""
    root = chromium(tmp_path / ".config/google-chrome/Default").parent
    chromium(root / "Profile 1")
    (root / "Local State").write_text('{"profile": {"info_cache": {"Profile 1": {"name": "Work"}}}}')
    chromium(tmp_path / ".config/google-chrome-beta/Default")
    install(firefox(tmp_path / ".mozilla/firefox"))
    return tmp_path


@pytest.mark.parametrize(
    ("browser", "found"),
    [
        ("", ["Chrome · Default", "Chrome · Profile 1 (Work)", "Chrome Beta · Default", "Firefox · default"]),
        ("chrome", ["Chrome · Default", "Chrome · Profile 1 (Work)"]),
        (" Chrome · default ", ["Chrome · Default"]),
        ("chrome · profile 1", ["Chrome · Profile 1 (Work)"]),
        ("Chrome · Profile 1 (work)", ["Chrome · Profile 1 (Work)"]),
        ("FIREFOX", ["Firefox · default"]),
        ("default", []),
        ("chro", []),
    ],
)
def test_only_the_browser_that_was_named_counts(browser: str, found: list[str], home: Path) -> None:
    its = machine(home, browser=browser)
    assert [profile.label for profile in its.chosen_browsers] == found
    paths = [*its.expand("{chromium}/x"), *its.expand("{firefox_storage}/Toy")]
    assert [its.label(path) for path in paths] == found
    everything = machine(home)
    paths = [*everything.expand("{chromium}/x"), *everything.expand("{firefox_storage}/Toy")]
    assert [its.label(path) for path in paths if its.counts(path)] == found
    assert its.counts(home / ".bashrc") is (browser == "")


@pytest.mark.parametrize("words", [["continue", "-n"], ["show", "continue"], ["status"], ["undo"]])
@pytest.mark.parametrize("name", ["safari", "", " "])
def test_a_browser_that_is_not_here_is_wrong_usage_and_those_here_are_named(
    words: list[str], name: str, home: Path
) -> None:
    result = run(home, *words, "--browser", name)
    assert result.code == 2
    assert result.err == (
        f"vsegpt-patch: no browser here is called {name!r}; found: Chrome · Default,"
        " Chrome · Profile 1 (Work), Chrome Beta · Default, Firefox · default\n"
    )


def test_without_any_browser_it_says_so(tmp_path: Path) -> None:
    result = run(tmp_path, "status", "--browser", "chrome")
    assert result.code == 2
    assert "found: none" in result.err


TOY = """
found_by = ["{chromium}/toy.json"]

[[file]]
format = "json"
path = ["{chromium}/toy.json"]

  [[file.edit]]
  key = { apiKey = "{key}" }
  url = { apiBase = "https://api.openai.com/v1" }
"""


@pytest.fixture
def tools_home(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a profile whose settings are in two of the browsers' profiles."""
    profiles = tmp_path_factory.mktemp("profiles")
    profile(profiles, "toy", TOY)
    for folder in ("google-chrome/Default", "google-chrome-beta/Default"):
        (home / ".config" / folder / "toy.json").write_text("{}")
    return profiles


def test_patch_show_and_status_keep_to_the_browser_that_was_named(home: Path, tools_home: Path) -> None:
    before = files(home)
    assert run(home, "--browser", "chrome", "toy", "--profiles", str(tools_home)).code == 0
    changed = {path for path, data in files(home).items() if data != before[path]}
    assert changed == {".config/google-chrome/Default/toy.json"}
    for command in ("status", "show"):
        named = run(home, "--browser", "Chrome Beta", command, "toy", "--profiles", str(tools_home)).out
        assert "google-chrome-beta" in named
        assert "google-chrome/" not in named


def test_undo_takes_back_only_what_is_in_the_browser_that_was_named(home: Path, tools_home: Path) -> None:
    before = files(home)
    assert run(home, "toy", "--profiles", str(tools_home)).code == 0
    after = files(home)
    assert run(home, "undo", "--browser", "firefox").err == "Nothing to take back.\n"
    assert files(home) == after
    assert run(home, "undo", "--browser", "Chrome · Default").code == 0
    left = {path for path, data in files(home).items() if data != before[path]}
    assert left == {".config/google-chrome-beta/Default/toy.json"}
    assert run(home, "undo", "toy").code == 0
    assert files(home) == before


def test_all_finds_an_extension_only_in_the_browser_that_was_named(home: Path, tools_home: Path) -> None:
    words = ["--all", "-n", "--profiles", str(tools_home)]
    assert "toy.json" in run(home, *words, "--browser", "chrome beta").out
    assert "toy.json" not in run(home, *words, "--browser", "firefox").out
