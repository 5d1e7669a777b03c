"""Settings in stores, from the command line to the program that reads them: patch, look, refuse."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.stores.prints import prints
from tests.support.homes import KEY, STATE, files
from tests.support.made_up_stores import (
    KINDS,
    OLD,
    OLD_KEY,
    Chromium,
    Kind,
    Program,
    home_of,
    profiles,
    trace,
)
from tests.support.made_up_tools import made_up_tool, run_with_profiles

PATCHED = {
    **OLD,
    "provider": "openai",
    "apiKey": KEY,
    "url": "https://api.vsegpt.ru:6070/v1",
    "model": "openai/gpt-4o-mini",
}
CANARY = "sk-or-vv-" + "canary" * 10 + "0000"
posix = pytest.mark.skipif(os.name != "posix", reason="locks of POSIX")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    return home_of(Program(), tmp_path)


def test_a_dry_run_changes_no_byte_and_no_time(kind: Kind, home: Path) -> None:
    before = trace(home)
    told = run_with_profiles(home, kind.tool, "--dry-run")
    assert told.code == 0
    assert '+  "url": "https://api.vsegpt.ru:6070/v1"' in told.out
    assert trace(home) == before


@posix
def test_a_dry_run_beside_the_running_program_shows_the_diff_and_warns(kind: Kind, home: Path) -> None:
    with kind.in_use(home):
        before = trace(home)
        told = run_with_profiles(home, kind.tool, "--dry-run")
        assert trace(home) == before
    assert told.code == 0
    assert '+  "url": "https://api.vsegpt.ru:6070/v1"' in told.out
    assert f"warning: {kind.tool}: {kind.who} is running" in told.err


def test_the_program_reads_what_was_patched_and_its_other_settings(kind: Kind, home: Path) -> None:
    assert run_with_profiles(home, kind.tool).code == 0
    assert kind.values(home) == PATCHED


def test_patching_a_leveldb_adds_one_log_and_touches_nothing_else(chromium: Path) -> None:
    before = prints(chromium / Chromium.place)
    run_with_profiles(chromium, "box")
    after = prints(chromium / Chromium.place)
    (new,) = after.keys() - before.keys()
    assert new == "000004.log"
    assert {name: after[name] for name in before if name != "."} == {
        name: before[name] for name in before if name != "."
    }


def test_the_new_log_is_nobody_elses_to_read(chromium: Path) -> None:
    run_with_profiles(chromium, "box")
    assert (chromium / Chromium.place / "000004.log").stat().st_mode & 0o777 == 0o600


def test_patching_a_database_changes_that_file_alone(home: Path, kind: Kind) -> None:
    before = files(home)
    run_with_profiles(home, kind.tool)
    after = files(home)
    changed = {name for name in after if after[name] != before.get(name)}
    assert before.keys() <= after.keys()
    assert changed == {f"{kind.place}/000004.log" if kind.who.startswith("Chromium") else kind.place}


def test_the_new_log_holds_the_changed_settings_alone(chromium: Path) -> None:
    run_with_profiles(chromium, "box")
    log = (chromium / Chromium.place / "000004.log").read_bytes()
    for name, value in PATCHED.items():
        assert (name.encode() in log) is (name != "theme"), name
        assert (value.encode() in log) is (name != "theme"), name


def test_a_second_tool_on_the_same_store_waits_for_a_run_of_its_own(kind: Kind, home: Path) -> None:
    text = (home.parent / f"profiles/{kind.tool}.toml").read_text("utf-8")
    other = text.replace('{ provider = "openai" }', '{ another = "openai" }')
    (home.parent / "profiles/zeta.toml").write_text(other, "utf-8")
    told = run_with_profiles(home, kind.tool, "zeta")
    assert told.code == 1
    assert "another tool of this run changes the same settings; run for one, then for the other" in told.err
    assert kind.values(home) == PATCHED
    assert run_with_profiles(home, kind.tool, "zeta").code == 0
    assert kind.values(home) == {**PATCHED, "another": "openai"}
    assert run_with_profiles(home, "undo", "--all").code == 0
    assert kind.values(home) == OLD


def test_rows_of_other_tables_and_columns_stay(program: Path) -> None:
    def others() -> list[object]:
        with closing(sqlite3.connect(program / Program.place)) as connection:
            chats = connection.execute("SELECT * FROM chats").fetchall()
            return [chats, connection.execute("SELECT DISTINCT note FROM settings").fetchall()]

    before = others()
    run_with_profiles(program, "desk")
    assert others() == before


def test_a_cell_of_bytes_stays_one_and_a_cell_of_text_too(program: Path) -> None:
    run_with_profiles(program, "desk")
    cells = Program().cells(program)
    assert cells["url"] == PATCHED["url"].encode()
    assert cells["apiKey"] == KEY


def test_a_second_run_changes_nothing(kind: Kind, home: Path) -> None:
    run_with_profiles(home, kind.tool)
    before = trace(home)
    told = run_with_profiles(home, kind.tool)
    assert told.code == 0
    assert told.out == f"{kind.tool}: nothing to change\n"
    assert trace(home) == before


def test_status_and_show_say_where_a_store_points(kind: Kind, home: Path) -> None:
    run_with_profiles(home, kind.tool)
    assert run_with_profiles(home, "status", kind.tool).out.rstrip().endswith("VseGPT")
    shown = run_with_profiles(home, "show", kind.tool).out
    assert "https://api.vsegpt.ru:6070/v1" in shown
    assert KEY not in shown


def test_status_says_that_a_store_was_changed_since(kind: Kind, home: Path) -> None:
    run_with_profiles(home, kind.tool)
    kind.rewrite(home, {"model": "another"})
    assert run_with_profiles(home, "status", kind.tool).out.rstrip().endswith("VseGPT, changed since")


def test_status_bears_other_settings_of_a_store_that_change(kind: Kind, home: Path) -> None:
    run_with_profiles(home, kind.tool)
    kind.rewrite(home, {"theme": "light"})
    assert run_with_profiles(home, "status", kind.tool).out.rstrip().endswith("VseGPT")


@posix
@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_store_in_use_is_refused_also_with_force(kind: Kind, home: Path, force: tuple[str, ...]) -> None:
    with kind.in_use(home):
        before = trace(home)
        told = run_with_profiles(home, kind.tool, *force)
        assert trace(home) == before
    assert told.code == 1
    close = "it" if kind.tool == "desk" else kind.who
    assert f"{kind.who} is running; close {close} and run again" in told.err
    assert ("vsegpt-patch box --export FILE" in told.err) == (kind.tool == "box")


@posix
def test_a_store_in_use_is_not_taken_back(kind: Kind, home: Path) -> None:
    run_with_profiles(home, kind.tool)
    with kind.in_use(home):
        told = run_with_profiles(home, "undo")
    assert told.code == 1
    assert f"{kind.who} is running; close " in told.err
    assert kind.values(home) == PATCHED


def test_a_damaged_store_refuses_its_tool_whole_and_no_other(kind: Kind, home: Path) -> None:
    made_up_tool(home.parent / "profiles", "good", "json")
    (home / ".good").mkdir()
    (home / ".good/config").write_text("{}")
    kind.damage(home)
    before = trace(home / Path(kind.place).parts[0])
    told = run_with_profiles(home, kind.tool, "good")
    assert told.code == 1
    assert f"{kind.tool}: ~/{kind.place}" in told.err
    assert "Traceback" not in told.err
    assert KEY in (home / ".good/config").read_text()
    assert trace(home / Path(kind.place).parts[0]) == before


def test_one_broken_store_of_an_extension_refuses_the_other_too(tmp_path: Path) -> None:
    home = home_of(KINDS["chromium"], tmp_path)
    KINDS["firefox"].make(home)
    KINDS["firefox"].damage(home)
    before = trace(home)
    assert run_with_profiles(home, "box").code == 1
    assert trace(home) == before


def test_a_log_of_sqlite_that_is_not_played_back_is_refused(program: Path) -> None:
    path = program / Program.place
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("INSERT INTO chats (text) VALUES ('late')")
        connection.commit()
        wal = path.with_name(path.name + "-wal")
        shutil.copy(wal, program / "kept")
    (program / "kept").rename(wal)
    before = trace(program)
    told = run_with_profiles(program, "desk")
    assert told.code == 1
    assert "its last changes are still in its log (-wal)" in told.err
    assert "quit the program it belongs to (if it is closed, start it first), and try again" in told.err
    assert trace(program) == before


def test_no_key_is_in_any_output_manifest_or_journal(kind: Kind, home: Path) -> None:
    steps = [[kind.tool, "--dry-run"], [kind.tool], ["status"], ["show", kind.tool], ["undo"], [kind.tool]]
    told = [run_with_profiles(home, *words, key=CANARY) for words in steps]
    kind.rewrite(home, {"theme": "light"})
    told += [
        run_with_profiles(home, *words, key=CANARY)
        for words in (["undo", "-n"], ["undo", "--json"], ["history"])
    ]
    assert all(each.code == 0 for each in told)
    said = "".join(each.out + each.err for each in told)
    kept = b"".join(path.read_bytes() for path in (home / STATE).rglob("*.json"))
    for key in (CANARY, OLD_KEY):
        assert key not in said
        assert key.encode() not in kept


def test_our_state_holds_the_new_key_nowhere(kind: Kind, home: Path) -> None:
    run_with_profiles(home, kind.tool, key=CANARY)
    assert kind.values(home)["apiKey"] == CANARY
    kept = [path for path in (home / STATE).rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if CANARY.encode() in path.read_bytes()]


def test_an_extension_is_patched_in_all_browsers_or_in_the_one_that_is_named(tmp_path: Path) -> None:
    home = home_of(KINDS["chromium"], tmp_path)
    KINDS["firefox"].make(home)
    assert run_with_profiles(home, "box", "--browser", "Firefox").code == 0
    assert KINDS["chromium"].values(home) == OLD
    assert run_with_profiles(home, "box").code == 0
    assert KINDS["chromium"].values(home) == KINDS["firefox"].values(home) == PATCHED


def test_a_store_behind_a_link_is_patched_and_taken_back(tmp_path: Path) -> None:
    home = home_of(KINDS["chromium"], tmp_path)
    (home / ".config").rename(tmp_path / "elsewhere")
    (home / ".config").symlink_to(tmp_path / "elsewhere")
    run_with_profiles(home, "box")
    assert KINDS["chromium"].values(home) == PATCHED
    KINDS["chromium"].rewrite(home, {"model": "another"})
    assert "changed since" in run_with_profiles(home, "status", "box").out
    KINDS["chromium"].rewrite(home, {"model": PATCHED["model"]})
    assert run_with_profiles(home, "undo").code == 0
    assert KINDS["chromium"].values(home) == OLD


@pytest.mark.parametrize("syntax", ["extension", "sqlite"])
def test_a_profile_of_ones_own_is_linted_by_the_same_rules(syntax: str, tmp_path: Path) -> None:
    profiles(tmp_path / "profiles")
    file = tmp_path / "profiles" / {"extension": "box.toml", "sqlite": "desk.toml"}[syntax]
    (tmp_path / "home").mkdir()
    told = run_with_profiles(tmp_path / "home", "profile", "lint", str(file), "--json")
    assert told.code == 0, told.err
    assert json.loads(told.out)
