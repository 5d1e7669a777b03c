"""`key rotate`: a new key goes wherever the old one was put, and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.homes import KEY, STATE, cases, files, run, shape
from tests.support.keyrings import NEW, Person, config, new_key
from tests.support.made_up_tools import GOOD, profiles_option, run_with_profiles

# YAML, LevelDB and Firefox's SQLite; then lists of keys, headers, and a key behind a prefix.
CASES = (
    "continue/existing chatgptbox/existing chatgptbox/firefox astrbot/desktop copilot-chat/existing"
    " obsidian-text-generator/existing calibre-ebook-translator/existing"
).split()


@pytest.fixture
def person(home: Path) -> Person:
    return Person(home)


@pytest.fixture
def patched(tmp_path: Path) -> Path:
    """A home of several tools of several kinds, patched with the old key."""
    home = tmp_path / "home"
    chosen = [case for case in cases() if case.name in CASES]
    assert len(chosen) == len(CASES)
    for case in chosen:
        case.home(home)
    result = run(home, *dict.fromkeys(case.tool for case in chosen))
    assert result.code == 0, result.err
    return home


def test_a_new_key_goes_everywhere_where_the_old_one_was_put_and_can_be_taken_back(patched: Path) -> None:
    before, bytes_before = shape(patched), files(patched)
    dry = run(patched, "key", "rotate", "--dry-run", *new_key(patched))
    assert dry.code == 0
    assert files(patched) == bytes_before
    assert "sk-or-vv-…beef" in dry.out
    assert KEY not in dry.out
    result = run(patched, "key", "rotate", *new_key(patched))
    assert result.code == 0
    after = shape(patched)
    assert after == {name: data.replace(KEY.encode(), NEW.encode()) for name, data in before.items()}
    assert after != before
    again = run(patched, "key", "rotate", *new_key(patched))
    assert again.code == 0
    assert shape(patched) == after
    assert "Nothing to change" in again.err
    assert run(patched, "undo").code == 0
    assert files(patched) == bytes_before
    assert run(patched, "undo", "--all").code == 0
    assert not any(KEY.encode() in data for data in shape(patched).values())


def test_what_was_changed_since_is_left_and_named(home: Path) -> None:
    assert run_with_profiles(home, "one", "two").code == 0
    (home / ".one/config").write_text(config(home).replace(KEY, "sk-mine-instead"))
    (home / ".two/config").write_text(config(home, "two").replace("api.vsegpt.ru:6070", "llm.example.org"))
    before = files(home)
    result = run(home, "key", "rotate", *new_key(home))
    assert result.code == 0
    assert files(home) == before
    assert "one: ~/.one/config: models[name=VseGPT].apiKey: it was changed since; left as it is" in result.err
    assert "the address that it goes to was changed since; left as it is" in result.err


def test_another_address_of_vsegpt_is_no_reason_to_leave_a_key(home: Path) -> None:
    assert run_with_profiles(home, "one").code == 0
    (home / ".one/config").write_text(config(home).replace("api.vsegpt.ru:6070", "api.vsegpt.ru"))
    assert run(home, "key", "rotate", *new_key(home)).code == 0
    assert NEW in config(home)
    assert run(home, "undo").code == 0
    assert KEY in config(home)


def test_neither_profile_nor_file_need_be_there_any_more(home: Path) -> None:
    assert run_with_profiles(home, "one", "two").code == 0
    (home / ".two/config").unlink()
    result = run(home, "key", "rotate", *new_key(home))  # without --profiles these are tools of no profile
    assert result.code == 0
    assert NEW in config(home)
    assert "two: ~/.two/config: the file is gone; left as it is" in result.err


def test_a_file_that_cannot_be_read_is_named_and_the_others_go_on(home: Path) -> None:
    assert run_with_profiles(home, "one", "two").code == 0
    (home / ".two/config").write_text("{")
    strict = run(home, "key", "rotate", "--strict", *new_key(home))
    assert strict.code == 1
    assert KEY in config(home)
    result = run(home, "key", "rotate", *new_key(home))
    assert result.code == 1
    assert NEW in config(home)
    assert "two: ~/.two/config" in result.err


def test_a_key_of_an_unknown_form_is_changed_only_where_it_stands_alone(home: Path) -> None:
    old = "vse-2030-000000000"
    profile = home.parent / "profiles/two.toml"
    profile.write_text(profile.read_text("utf-8").replace('"{key}"', '"#of:{key}"'), "utf-8")
    assert run_with_profiles(home, "one", "two", key=old).code == 0
    result = run(home, "key", "rotate", *new_key(home))
    assert result.code == 0
    assert NEW in config(home)
    assert f"#of:{old}" in config(home, "two")
    assert "the key in it cannot be told from the rest; left as it is" in result.err


def test_it_is_known_where_the_key_is_after_many_runs_too(home: Path) -> None:
    for number in range(12):
        key = f"sk-or-vv-{number:064}"
        words = ("one", *profiles_option(home)) if number == 0 else ("key", "rotate", *new_key(home, key))
        assert run(home, *words, key=key).code == 0
    assert not (home / STATE / "runs/1").exists()
    assert f"{11:064}" in config(home)
    assert run(home, "undo", "one").code == 0
    assert config(home) == GOOD.decode()


def test_rotating_reaches_the_keyring_where_it_has_a_key(person: Person) -> None:
    assert person.run("one", *profiles_option(person.home), key=KEY).returncode == 0
    assert person.run("key", "rotate", *new_key(person.home)).returncode == 0
    assert person.kept == []
    person.run("key", "set", "--key-file", "-", stdin=f"{KEY}\n")
    result = person.run("key", "rotate", *new_key(person.home))
    assert result.returncode == 0
    assert person.kept == [NEW]
    assert "the system's keyring has the new key" in result.stdout


def test_a_keyring_that_cannot_be_used_hinders_no_rotating(person: Person) -> None:
    assert person.run("one", *profiles_option(person.home), key=KEY).returncode == 0
    person.ring.with_suffix(".locked").touch()
    result = person.run("key", "rotate", *new_key(person.home))
    assert result.returncode == 0
    assert "warning: the system's keyring cannot be used now" in result.stderr
    assert NEW in config(person.home)


def test_where_nothing_was_written_there_is_nothing_to_rotate(home: Path) -> None:
    before = files(home)
    result = run(home, "key", "rotate", *new_key(home))
    assert result.code == 0
    assert files(home) == before
    assert "No file is known to hold a key" in result.err
    told = json.loads(run(home, "key", "rotate", "--json", *new_key(home)).out)
    assert (told["command"], told["action"], told["files"]) == ("key", "rotate", [])
