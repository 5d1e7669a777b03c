"""`--tighten`: files that hold a key lose the rights of others, and get them back with undo."""

from __future__ import annotations

import json
import os
import pkgutil
import stat
from pathlib import Path

import pytest

from patcher.disk.runs import KEEP, Journal
from patcher.disk.transaction import exclusive_run
from patcher.machine.places import Machine
from tests.support.dying import Crash, dying
from tests.support.homes import STATE
from tests.support.toys import toy_home, vsegpt

GOOD = b'{"models": []}\n'
MODES = {"one": 0o644, "two": 0o755}
pytestmark = pytest.mark.skipif(os.name != "posix", reason="LEFT OUT: Windows has no mode bits")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = toy_home(tmp_path, *MODES, holds=GOOD)
    for tool, mode in MODES.items():
        (home / f".{tool}/config").chmod(mode)
    return home


def modes(home: Path) -> dict[str, int]:
    return {tool: stat.S_IMODE((home / f".{tool}/config").stat().st_mode) for tool in MODES}


def looks(home: Path) -> list[tuple[bytes, int]]:
    """Bytes and mode of each file."""
    return [((home / f".{tool}/config").read_bytes(), mode) for tool, mode in modes(home).items()]


def test_a_file_that_others_may_read_is_named_with_its_mode(home: Path) -> None:
    (home / ".two/config").chmod(0o711)
    result = vsegpt(home, "one", "two")
    assert result.code == 0
    told = "one: ~/.one/config: others may read the key in it (mode 0644); --tighten takes that from them"
    assert f"warning: {told}\n" in result.err
    assert "~/.two" not in result.err
    assert modes(home) == {"one": 0o644, "two": 0o711}
    assert json.loads(vsegpt(home, "one", "-n", "--json", "--model", "a/b").out)["warnings"] == [told]


def test_tighten_takes_the_rights_of_others_and_undo_gives_them_back(home: Path) -> None:
    before = looks(home)
    result = vsegpt(home, "one", "two", "--tighten")
    assert result.code == 0
    assert "others may read" not in result.err
    assert modes(home) == {"one": 0o600, "two": 0o700}
    assert vsegpt(home, "one", "two", "--tighten").out == "one: nothing to change\ntwo: nothing to change\n"
    assert vsegpt(home, "undo").code == 0
    assert looks(home) == before


def test_a_dry_run_shows_the_new_mode_and_leaves_the_old(home: Path) -> None:
    result = vsegpt(home, "one", "--tighten", "--dry-run")
    assert result.out.startswith("~/.one/config: mode 0644 becomes 0600\n--- ~/.one/config\n")
    assert modes(home) == MODES


def test_a_file_at_vsegpt_already_is_tightened_too(home: Path) -> None:
    vsegpt(home, "one", "two")
    patched = looks(home)
    assert vsegpt(home, "one", "-n", "--exit-code").code == 0
    assert vsegpt(home, "one", "-n", "--exit-code", "--tighten").code == 3
    result = vsegpt(home, "one", "two", "--tighten")
    assert "one: patched (~/.one/config)\n" in result.out
    assert modes(home) == {"one": 0o600, "two": 0o700}
    assert [data for data, _ in looks(home)] == [data for data, _ in patched]
    assert vsegpt(home, "undo").code == 0
    assert looks(home) == patched


def test_undo_of_all_runs_gives_back_the_first_mode_also_of_forgotten_ones(home: Path) -> None:
    before = looks(home)
    assert vsegpt(home, "one", "two").code == 0
    assert vsegpt(home, "one", "two", "--tighten").code == 0
    for number in range(KEEP + 2):
        assert vsegpt(home, "one", "two", key=f"sk-or-vv-{number:064}").code == 0
    assert vsegpt(home, "undo", "one", "two").code == 0
    assert looks(home) == before


def test_a_mode_that_was_changed_since_is_spared(home: Path) -> None:
    vsegpt(home, "one", "--tighten")
    (home / ".one/config").chmod(0o640)
    result = vsegpt(home, "undo")
    assert "its mode was changed since; left as it is" in result.err
    assert looks(home)[0] == (GOOD, 0o640)


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("patcher.disk.transaction._entries", "it has changed meanwhile"),
        ("patcher.disk.runs.Journal.prepare", "another program changed it just now"),
    ],
)
def test_a_mode_that_changes_between_plan_and_write_stops_its_tool(
    moment: str, told: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = pkgutil.resolve_name(moment)

    def late(*words: object) -> object:
        (home / ".one/config").chmod(0o666)
        return real(*words)

    monkeypatch.setattr(moment, late)
    result = vsegpt(home, "one", "--tighten", "--strict")
    assert result.code == 1
    assert told in result.err
    assert looks(home)[0] == (GOOD, 0o666)


def test_two_tools_with_one_file_tighten_it_once(home: Path) -> None:
    profile = (home.parent / "profiles/one.toml").read_text("utf-8")
    text = profile.replace('name = "VseGPT"', 'name = "Twin"')
    (home.parent / "profiles/twin.toml").write_text(text, "utf-8")
    before = looks(home)
    assert vsegpt(home, "one", "twin", "--tighten").code == 0
    assert modes(home)["one"] == 0o600
    assert vsegpt(home, "undo").code == 0
    assert looks(home) == before


@pytest.mark.parametrize("already", [False, True], ids=["with the bytes", "alone"])
@pytest.mark.parametrize("words", [("one", "two", "--tighten"), ("undo",)], ids=["patch", "undo"])
def test_at_every_crash_bytes_and_mode_are_the_old_or_the_new(
    words: tuple[str, ...], already: bool, home: Path
) -> None:
    """And after the next start all files are old, or all are new."""
    if already:
        vsegpt(home, "one", "two")
    first = looks(home)
    if words == ("undo",):
        vsegpt(home, "one", "two", "--tighten")
    begin = looks(home)
    vsegpt(home, *words)
    end = looks(home)
    assert begin != end
    assert words != ("undo",) or end == first
    crashes = 0
    for at in range(1, 200):
        vsegpt(home, "undo", "--all")
        if already:
            vsegpt(home, "one", "two")
        if words == ("undo",):
            vsegpt(home, "one", "two", "--tighten")
        assert looks(home) == begin
        with dying(at) as calls:
            try:
                vsegpt(home, *words)
            except Crash:
                crashes += 1
        if len(calls) < at:
            break
        assert all(now in pair for now, *pair in zip(looks(home), begin, end, strict=True))
        with exclusive_run(Journal(Machine.here(home).state)):
            pass
        assert looks(home) in (begin, end)
        assert not list(home.glob(".*/.config.vsegpt-patch-*"))
    assert crashes > 20
    assert (home / STATE).exists()
