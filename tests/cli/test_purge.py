"""`history --purge`: the old keys go, and nothing of it looks like a run afterwards."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from patcher.disk import runs
from patcher.disk.lock import Lock
from tests.support.crashing import NEVER, Crash, crash_at
from tests.support.homes import STATE, files, run
from tests.support.made_up_tools import home_with_tools, run_with_profiles

OLD_KEY = "sk-" + "oldcanary" * 4
OLD = f'{{"models": [{{"name": "VseGPT", "apiKey": "{OLD_KEY}"}}]}}\n'.encode()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home after three runs over two files that hold an old key."""
    home = home_with_tools(tmp_path, "one", "two", holds=OLD)
    for tool, model in (("one", "a/b"), ("two", "a/b"), ("one", "c/d")):
        assert run_with_profiles(home, tool, "--model", model).code == 0
    return home


def holders(home: Path) -> list[str]:
    """What `grep -r` finds of the old key in the state directory."""
    words = ["grep", "-rl", OLD_KEY, str(home / STATE)]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()


def test_after_a_purge_no_old_key_is_left_and_there_is_nothing_to_undo(home: Path) -> None:
    assert len(holders(home)) == 4
    before = files(home)
    result = run_with_profiles(home, "history", "--purge")
    assert result.code == 0
    assert holders(home) == []
    assert files(home) == before
    assert result.out == "Removed 3 runs and 5 old files; they cannot be undone.\n"
    for words in (["undo"], ["undo", "--all"], ["undo", "one"]):
        undone = run_with_profiles(home, *words)
        assert undone.code == 0
        assert undone.err == "Nothing to take back.\n"
        assert files(home) == before
    assert "there is no run 1" in run_with_profiles(home, "undo", "1").err
    assert run_with_profiles(home, "history").err == "No runs yet.\n"


def test_a_purge_says_as_json_what_went(home: Path) -> None:
    told = json.loads(run_with_profiles(home, "history", "--purge", "--json").out)
    assert told["purged"] == {"runs": 3, "files": 5}
    again = json.loads(run_with_profiles(home, "history", "--purge", "--json").out)
    assert again["purged"] == {"runs": 0, "files": 0}


def test_a_purge_where_nothing_was_ever_run_makes_no_state_directory(tmp_path: Path) -> None:
    result = run(tmp_path, "history", "--purge")
    assert result.code == 0
    assert result.err == "No runs yet.\n"
    assert not (tmp_path / STATE).exists()


def test_a_run_after_a_purge_can_be_undone_to_where_it_began(home: Path) -> None:
    run_with_profiles(home, "history", "--purge")
    before = files(home)
    assert run_with_profiles(home, "one", "--model", "other/model").code == 0
    assert run_with_profiles(home, "undo").code == 0
    assert files(home) == before


def test_a_purge_recovers_a_half_done_run_first(home: Path) -> None:
    before = files(home)
    with crash_at(20), pytest.raises(Crash):
        run_with_profiles(home, "one", "--model", "other/model")
    assert files(home) != before  # new bytes lie beside the old ones at least
    assert run_with_profiles(home, "history", "--purge").code == 0
    assert (files(home), holders(home)) == (before, [])


def test_a_half_done_run_that_cannot_be_mended_is_not_purged(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / STATE / "runs/2/done").rename(home / STATE / "runs/2/committed")
    monkeypatch.setattr("patcher.disk.transaction.recover", lambda _: [])
    result = run_with_profiles(home, "history", "--purge")
    assert result.code == 1
    assert "run 2 is half done" in result.err
    assert len(holders(home)) == 4


def test_a_purge_waits_for_the_lock(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_PATIENCE", 0.1)
    with Lock(home / STATE / "lock") as lock:
        assert lock.taken()
        assert run_with_profiles(home, "history", "--purge").code == 1
    assert len(holders(home)) == 4


def test_what_cannot_be_removed_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "remove_tree", lambda _: None)
    result = run_with_profiles(home, "history", "--purge")
    assert result.code == 1
    assert "cannot be removed" in result.err


def test_at_every_crash_of_a_purge_a_run_is_whole_or_gone(home: Path) -> None:
    """What `undo` still offers it can do; the next purge removes the rest."""
    kept = home.parent / "kept"
    shutil.copytree(home, kept)
    patched = files(home)
    with crash_at(NEVER) as calls:
        run_with_profiles(home, "history", "--purge")
    assert len(calls) > 5
    for at in range(1, len(calls) + 1):
        shutil.rmtree(home)
        shutil.copytree(kept, home)
        with crash_at(at), pytest.raises(Crash):
            run_with_profiles(home, "history", "--purge")
        assert files(home) == patched
        undone = run_with_profiles(home, "undo", "--all")
        assert undone.code == 0, undone.err
        assert files(home) == (
            patched if "Nothing" in undone.err else {".one/config": OLD, ".two/config": OLD}
        )
        assert run_with_profiles(home, "history", "--purge").code == 0
        assert holders(home) == []
