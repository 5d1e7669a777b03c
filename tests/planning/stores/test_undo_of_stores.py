"""Settings in stores: taking back, all or nothing, and what a killed run leaves."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from patcher.disk import transaction
from patcher.disk.safefile import Folder
from patcher.stores.leveldb import store as leveldb
from tests.support import made_up_stores
from tests.support.crashing import NEVER, Crash, crash_at
from tests.support.homes import KEY, STATE, files
from tests.support.made_up_stores import KINDS, OLD, OLD_KEY, Chromium, Kind, Program, home_of
from tests.support.made_up_tools import made_up_tool, run_with_profiles

Rewrite = Callable[[Path], None]


def compacted(home: Path) -> None:
    pytest.importorskip("plyvel", reason="NOT TESTED: plyvel has no wheel for this Python or system")
    made_up_stores.compacted(home)


def rewritten(home: Path) -> None:
    Chromium().rewrite(home, {})


def test_undo_right_away_gives_back_every_byte(kind: Kind, home: Path) -> None:
    before = files(home)
    run_with_profiles(home, kind.tool)
    told = run_with_profiles(home, "undo")
    assert told.code == 0
    assert files(home) == before


def test_undo_to_be_shown_changes_nothing(kind: Kind, home: Path) -> None:
    run_with_profiles(home, kind.tool)
    before = files(home)
    told = run_with_profiles(home, "undo", "--dry-run")
    assert '+  "url": "https://api.openai.com/v1"' in told.out
    assert files(home) == before


def test_undo_of_two_runs_right_away_gives_back_every_byte(kind: Kind, home: Path) -> None:
    before = files(home)
    run_with_profiles(home, kind.tool)
    run_with_profiles(home, kind.tool, "--model", "openai/gpt-4o")
    assert run_with_profiles(home, "undo", kind.tool).code == 0
    assert files(home) == before


def test_undo_of_the_second_run_leaves_the_first(kind: Kind, home: Path) -> None:
    run_with_profiles(home, kind.tool)
    first = files(home)
    run_with_profiles(home, kind.tool, "--model", "openai/gpt-4o")
    assert run_with_profiles(home, "undo").code == 0
    assert files(home) == first
    assert run_with_profiles(home, "undo").code == 0
    assert kind.values(home) == OLD


def test_undo_of_the_first_of_two_runs_leaves_the_second(kind: Kind, home: Path) -> None:
    run_with_profiles(home, kind.tool)
    run_with_profiles(home, kind.tool, "--model", "openai/gpt-4o")
    assert run_with_profiles(home, "undo", "1").code == 0
    assert kind.values(home) == {**OLD, "model": "openai/gpt-4o"}


def test_undo_of_two_runs_after_the_program_ran_gives_back_the_old_values(kind: Kind, home: Path) -> None:
    run_with_profiles(home, kind.tool)
    kind.rewrite(home, {"theme": "light"})
    run_with_profiles(home, kind.tool, "--model", "openai/gpt-4o")
    kind.rewrite(home, {"more": "new"})
    assert run_with_profiles(home, "undo", "--all").code == 0
    assert kind.values(home) == {**OLD, "theme": "light", "more": "new"}


def test_undo_after_the_program_ran_takes_back_our_values_and_spares_what_came_since(
    kind: Kind, home: Path
) -> None:
    run_with_profiles(home, kind.tool)
    kind.rewrite(home, {"model": "the person's own", "theme": "light", "more": "new"})
    told = run_with_profiles(home, "undo")
    assert told.code == 0
    assert "model was changed since; left as it is" in told.err
    assert kind.values(home) == {**OLD, "model": "the person's own", "theme": "light", "more": "new"}


def test_a_key_that_was_taken_back_stays_hidden(kind: Kind, home: Path) -> None:
    run_with_profiles(home, kind.tool)
    kind.rewrite(home, {"theme": "light"})
    told = run_with_profiles(home, "undo", "--dry-run")
    assert "apiKey" in told.out
    assert KEY not in told.out + told.err
    assert OLD_KEY not in told.out + told.err


@pytest.mark.parametrize("rewrite", [compacted, rewritten])
def test_a_leveldb_that_was_written_anew_gets_its_old_values_by_one_more_log(
    rewrite: Rewrite, chromium: Path
) -> None:
    run_with_profiles(chromium, "box")
    rewrite(chromium)
    before = files(chromium)
    assert run_with_profiles(chromium, "undo").code == 0
    assert Chromium().values(chromium) == OLD
    assert {name: data for name, data in files(chromium).items() if name in before} == before


def test_a_log_of_ours_that_is_not_the_last_stays(chromium: Path) -> None:
    run_with_profiles(chromium, "box")
    place = chromium / Chromium.place
    name, data = leveldb.next_log(leveldb.read(place), {b"theme": b'"light"'})
    (place / name).write_bytes(data)
    before = files(chromium)
    assert run_with_profiles(chromium, "undo").code == 0
    assert Chromium().values(chromium) == {**OLD, "theme": "light"}
    assert before.items() <= files(chromium).items()


def test_undo_to_the_byte_is_refused_once_the_program_ran(kind: Kind, home: Path) -> None:
    run_with_profiles(home, kind.tool)
    kind.rewrite(home, {"theme": "light"})
    before = files(home)
    told = run_with_profiles(home, "undo", "--exact")
    assert told.code == 1
    assert "undo without --exact takes back our values alone" in told.err
    assert files(home) == before


def test_what_was_taken_back_can_be_patched_again(kind: Kind, home: Path) -> None:
    for _ in range(2):
        run_with_profiles(home, kind.tool)
        assert kind.values(home)["apiKey"] == KEY
        run_with_profiles(home, "undo")
        assert kind.values(home) == OLD


def test_undo_and_history_bear_a_store_that_is_gone(kind: Kind, home: Path) -> None:
    run_with_profiles(home, kind.tool)
    shutil.rmtree(home / Path(kind.place).parts[0])
    assert kind.tool in run_with_profiles(home, "history").out
    told = run_with_profiles(home, "undo")
    assert told.code == 0
    assert "its settings are gone" in told.err


def test_undo_by_browser_leaves_the_other_browsers(tmp_path: Path) -> None:
    home = home_of(KINDS["chromium"], tmp_path)
    KINDS["firefox"].make(home)
    run_with_profiles(home, "box")
    assert run_with_profiles(home, "undo", "--browser", "Firefox").code == 0
    assert KINDS["firefox"].values(home) == OLD
    assert KINDS["chromium"].values(home)["apiKey"] == KEY


def test_undo_reaches_back_behind_the_runs_that_are_kept(kind: Kind, home: Path) -> None:
    for number in range(12):
        run_with_profiles(home, kind.tool, "--model", f"openai/gpt-{number}")
        if number == 5:
            kind.rewrite(home, {"theme": "light"})
    assert run_with_profiles(home, "undo", "--all").code == 0
    assert kind.values(home) == {**OLD, "theme": "light"}


def test_a_store_is_taken_back_where_a_text_file_of_the_same_run_fails(kind: Kind, home: Path) -> None:
    made_up_tool(home.parent / "profiles", "zeta", "json")
    (home / ".zeta").mkdir()
    (home / ".zeta/config").write_text("{}")
    before = files(home)
    seen = []
    real = Folder.exchange

    def failing(folder: Folder, one: str, other: str) -> bool:
        if folder.path.name == ".zeta":
            seen.append(kind.values(home)["apiKey"])
            raise OSError(5, "Input/output error")
        return real(folder, one, other)

    with mock.patch.object(Folder, "exchange", failing):
        told = run_with_profiles(home, kind.tool, "zeta", "--strict")
    assert told.code == 1
    assert "Input/output error" in told.err
    assert seen == [KEY]
    assert files(home) == before


def test_a_store_that_changes_between_plan_and_write_is_left_alone(kind: Kind, home: Path) -> None:
    real = transaction.apply

    def late(*arguments: Any) -> Any:
        kind.rewrite(home, {"theme": "light"})
        return real(*arguments)

    with mock.patch.object(transaction, "apply", late):
        told = run_with_profiles(home, kind.tool)
    assert told.code == 1
    assert "it has changed meanwhile; run again" in told.err
    assert kind.values(home) == {**OLD, "theme": "light"}


def _points(kind: Kind, calls: int) -> range:
    """Where to die: a file that is changed goes the same way as any text file, so a few points do."""
    return range(1, calls + 1, 1 if isinstance(kind, Chromium) else 5)


def test_a_run_that_dies_at_any_call_leaves_all_or_nothing_to_the_next(kind: Kind, tmp_path: Path) -> None:
    home = home_of(kind, tmp_path / "first")
    with crash_at(NEVER) as calls:
        run_with_profiles(home, kind.tool)
    after = files(home)
    outcomes = set()
    for at in _points(kind, len(calls)):
        folder = tmp_path / str(at)
        home_of(kind, folder)
        was = files(folder / "home")
        with crash_at(at), pytest.raises(Crash):
            run_with_profiles(folder / "home", kind.tool)
        run_with_profiles(folder / "home", "undo", "nothing")  # any command that takes its turn
        values = kind.values(folder / "home")
        outcomes.add(values["apiKey"])
        if values == OLD:
            assert files(folder / "home") == was, at
        else:
            assert values == kind.values(home), at
            assert not [name for name in files(folder / "home") if name not in after], at
        shutil.rmtree(folder)
    assert outcomes == {OLD_KEY, KEY}


def test_an_undo_that_dies_at_any_call_leaves_all_or_nothing_to_the_next(kind: Kind, tmp_path: Path) -> None:
    home = home_of(kind, tmp_path / "first")
    run_with_profiles(home, kind.tool)
    patched = kind.values(home)
    with crash_at(NEVER) as calls:
        run_with_profiles(home, "undo", kind.tool)
    outcomes = set()
    for at in _points(kind, len(calls)):
        there = home_of(kind, tmp_path / str(at))
        run_with_profiles(there, kind.tool)
        with crash_at(at), pytest.raises(Crash):
            run_with_profiles(there, "undo", kind.tool)
        run_with_profiles(there, "undo", "nothing")
        values = kind.values(there)
        outcomes.add(values["apiKey"])
        assert values in (OLD, patched), at
        shutil.rmtree(there)
    assert outcomes == {OLD_KEY, KEY}


def test_purging_leaves_the_store_as_it_is(kind: Kind, home: Path) -> None:
    run_with_profiles(home, kind.tool)
    before = files(home)
    assert run_with_profiles(home, "history", "--purge", "--yes").code == 0
    assert files(home) == before
    assert not list((home / STATE).rglob("*.before"))


def test_a_log_that_another_program_removed_is_named(chromium: Path) -> None:
    run_with_profiles(chromium, "box")
    (chromium / Chromium.place / "000004.log").unlink()
    told = run_with_profiles(chromium, "undo")
    assert told.code == 0
    assert leveldb.read(chromium / Chromium.place).values[b"apiKey"].decode() == f'"{OLD_KEY}"'


def test_undo_keeps_the_kinds_of_cells(tmp_path: Path) -> None:
    home, program = home_of(Program(), tmp_path), Program()
    before = program.cells(home)
    run_with_profiles(home, "desk")
    program.rewrite(home, {"theme": "light"})
    run_with_profiles(home, "undo")
    assert program.cells(home) == {**before, "theme": "light"}
