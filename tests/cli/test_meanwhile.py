"""Other programs, other runs and signals in the middle of a run."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from patcher.disk.lock import Lock
from patcher.disk.safefile import Folder
from patcher.planning import plan
from tests.support.homes import KEY, STATE, files
from tests.support.made_up_tools import GOOD, run_with_profiles


def test_a_file_that_changes_between_plan_and_write_is_left_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = plan.make

    def slow(*arguments: object, **names: object) -> plan.Plan:
        made: plan.Plan = make(*arguments, **names)  # type: ignore[arg-type]
        monkeypatch.setattr(plan, "make", make)
        (home / ".one/config").write_bytes(GOOD + b"// just now\n")
        return made

    monkeypatch.setattr(plan, "make", slow)
    (home / STATE).mkdir(mode=0o700, parents=True)  # not the first run: that looks twice
    result = run_with_profiles(home, "one", "two")
    assert result.code == 1
    assert "it has changed meanwhile" in result.err
    assert (home / ".one/config").read_bytes() == GOOD + b"// just now\n"
    assert KEY.encode() in (home / ".two/config").read_bytes()


@pytest.mark.parametrize("exchange", [True, False], ids=["exchanged", "replaced"])
def test_another_programs_edit_of_the_last_moment_survives(
    exchange: bool, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(home)
    real = Folder.exchange

    def late(folder: Folder, one: str, other: str) -> bool:
        if folder.path.name == ".two":
            (home / ".two/config").write_bytes(GOOD + b"// just now\n")
        return exchange and real(folder, one, other)

    monkeypatch.setattr(Folder, "exchange", late)
    result = run_with_profiles(home, "one", "two", "--strict")
    assert result.code == 1
    assert "another program changed it just now" in result.err
    assert files(home) == before | {".two/config": GOOD + b"// just now\n"}


@pytest.mark.parametrize("words", [["one", "two"], ["undo"]])
def test_a_file_that_is_written_over_right_after_the_run_is_named(
    words: list[str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if words == ["undo"]:
        run_with_profiles(home, "one", "two")
    late = GOOD + b"// just now\n"
    monkeypatch.setattr(
        "patcher.disk.transaction.time.sleep", lambda _: (home / ".one/config").write_bytes(late)
    )
    result = run_with_profiles(home, *words)
    assert result.code == 1
    told = "one: ~/.one/config: it was changed by another program right after it was written; run again"
    assert [line for line in result.err.splitlines() if line.startswith(told)]
    assert "two: ~/.two/config: it was changed" not in result.err
    assert (home / ".one/config").read_bytes() == late
    monkeypatch.undo()
    assert run_with_profiles(home, "one").code == 0


def test_where_files_cannot_be_exchanged_they_are_replaced(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(home)
    monkeypatch.setattr(Folder, "exchange", lambda *_: False)
    assert run_with_profiles(home, "one", "two").code == 0
    assert run_with_profiles(home, "undo").code == 0
    assert files(home) == before


def test_a_run_in_progress_is_waited_for_then_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_with_profiles(home, "two")
    monkeypatch.setattr("patcher.disk.runs._PATIENCE", 0.1)
    with Lock(home / STATE / "lock") as lock:
        assert lock.taken()
        result = run_with_profiles(home, "one")
    assert result.code == 1
    assert f"process {os.getpid()}" in result.err
    assert (home / ".one/config").read_bytes() == GOOD


def test_a_polite_kill_waits_until_the_run_is_whole(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = Folder.exchange
    seen = []

    def interrupted(folder: Folder, one: str, other: str) -> bool:
        os.kill(os.getpid(), signal.SIGTERM)
        return exchange(folder, one, other)

    before = signal.signal(signal.SIGTERM, lambda *_: seen.append(True))
    try:
        monkeypatch.setattr(Folder, "exchange", interrupted)
        assert run_with_profiles(home, "one", "two").code == 0
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen
    assert all(KEY.encode() in (home / f".{tool}/config").read_bytes() for tool in ("one", "two"))
