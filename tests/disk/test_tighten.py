"""`--tighten`: files that hold a key lose the rights of others, and get them back with undo."""

from __future__ import annotations

import json
import os
import pkgutil
import shutil
import stat
from pathlib import Path

import pytest

from patcher.disk.runs import KEEP, Journal
from patcher.disk.transaction import exclusive_run
from patcher.machine.places import Machine
from tests.support.crashing import NEVER, Crash, crash_at
from tests.support.made_up_tools import home_with_tools, run_with_profiles

GOOD = b'{"models": []}\n'
MODES = {"one": 0o644, "two": 0o755}
pytestmark = pytest.mark.skipif(os.name != "posix", reason="LEFT OUT: Windows has no mode bits")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = home_with_tools(tmp_path, *MODES, holds=GOOD)
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
    result = run_with_profiles(home, "one", "two")
    assert result.code == 0
    told = "one: ~/.one/config: others may read the key in it (mode 0644); --tighten takes that from them"
    assert f"warning: {told}\n" in result.err
    assert "~/.two" not in result.err
    assert modes(home) == {"one": 0o644, "two": 0o711}
    dry = run_with_profiles(home, "one", "-n", "--json", "--model", "a/b")
    assert json.loads(dry.out)["warnings"] == [told]


def test_tighten_takes_the_rights_of_others_and_undo_gives_them_back(home: Path) -> None:
    before = looks(home)
    result = run_with_profiles(home, "one", "two", "--tighten")
    assert result.code == 0
    assert "others may read" not in result.err
    assert modes(home) == {"one": 0o600, "two": 0o700}
    again = run_with_profiles(home, "one", "two", "--tighten")
    assert again.out == "one: nothing to change\ntwo: nothing to change\n"
    assert run_with_profiles(home, "undo").code == 0
    assert looks(home) == before


def test_a_dry_run_shows_the_new_mode_and_leaves_the_old(home: Path) -> None:
    result = run_with_profiles(home, "one", "--tighten", "--dry-run")
    assert result.out.startswith("~/.one/config: mode 0644 becomes 0600\n--- ~/.one/config\n")
    assert modes(home) == MODES


def test_a_file_at_vsegpt_already_is_tightened_too(home: Path) -> None:
    run_with_profiles(home, "one", "two")
    patched = looks(home)
    assert run_with_profiles(home, "one", "-n", "--exit-code").code == 0
    assert run_with_profiles(home, "one", "-n", "--exit-code", "--tighten").code == 3
    result = run_with_profiles(home, "one", "two", "--tighten")
    assert "one: patched (~/.one/config)\n" in result.out
    assert modes(home) == {"one": 0o600, "two": 0o700}
    assert [data for data, _ in looks(home)] == [data for data, _ in patched]
    assert run_with_profiles(home, "undo").code == 0
    assert looks(home) == patched


def test_undo_of_all_runs_gives_back_the_first_mode_also_of_forgotten_ones(home: Path) -> None:
    before = looks(home)
    assert run_with_profiles(home, "one", "two").code == 0
    assert run_with_profiles(home, "one", "two", "--tighten").code == 0
    for number in range(KEEP + 2):
        assert run_with_profiles(home, "one", "two", key=f"sk-or-vv-{number:064}").code == 0
    assert run_with_profiles(home, "undo", "one", "two").code == 0
    assert looks(home) == before


def test_a_mode_that_was_changed_since_is_spared(home: Path) -> None:
    run_with_profiles(home, "one", "--tighten")
    (home / ".one/config").chmod(0o640)
    result = run_with_profiles(home, "undo")
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
    result = run_with_profiles(home, "one", "--tighten", "--strict")
    assert result.code == 1
    assert told in result.err
    assert looks(home)[0] == (GOOD, 0o666)


def test_two_tools_with_one_file_tighten_it_once(home: Path) -> None:
    profile = (home.parent / "profiles/one.toml").read_text("utf-8")
    text = profile.replace('name = "VseGPT"', 'name = "Twin"')
    (home.parent / "profiles/twin.toml").write_text(text, "utf-8")
    before = looks(home)
    assert run_with_profiles(home, "one", "twin", "--tighten").code == 0
    assert modes(home)["one"] == 0o600
    assert run_with_profiles(home, "undo").code == 0
    assert looks(home) == before


TIGHTENED = ("one", "two", "--tighten")


@pytest.mark.parametrize(
    ("earlier", "words"),
    [
        ([], TIGHTENED),
        ([("one", "two")], TIGHTENED),
        ([TIGHTENED], ("undo",)),
        ([("one", "two"), TIGHTENED], ("undo",)),
    ],
    ids=["bytes and mode", "the mode alone", "undo of both", "undo of the mode alone"],
)
def test_at_every_crash_bytes_and_mode_are_the_old_or_the_new(
    earlier: list[tuple[str, ...]], words: tuple[str, ...], home: Path
) -> None:
    """And after the next start all files are old, or all are new."""
    kept = home.parent / "kept"
    for run in earlier:
        run_with_profiles(home, *run)
    begin = looks(home)
    shutil.copytree(home, kept)
    with crash_at(NEVER) as calls:
        run_with_profiles(home, *words)
    end = looks(home)
    assert begin != end
    assert len(calls) > 20
    for at in range(1, len(calls) + 1):
        shutil.rmtree(home)
        shutil.copytree(kept, home)
        with crash_at(at), pytest.raises(Crash):
            run_with_profiles(home, *words)
        assert all(now in pair for now, *pair in zip(looks(home), begin, end, strict=True))
        with exclusive_run(Journal(Machine.here(home).state)):
            pass
        assert looks(home) in (begin, end)
        assert not list(home.glob(".*/.config.vsegpt-patch-*"))
