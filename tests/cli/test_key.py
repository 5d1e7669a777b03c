"""What form a key has, where it comes from, and the keyring: `key set` and `forget`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.homes import KEY, files
from tests.support.keyrings import NEW, Person, config, new_key
from tests.support.made_up_tools import profiles_option, run_with_profiles


@pytest.mark.parametrize(
    ("key", "service"),
    [
        ("sk-or-v1-" + "0" * 64, "OpenRouter"),
        ("sk-proj-" + "0" * 40, "OpenAI"),
        ("sk-" + "0" * 48, "OpenAI, DeepSeek or another service"),
        ("sk-ant-api03-" + "0" * 40, "Anthropic"),
        ("AIza" + "0" * 35, "Google"),
        ("ghp_" + "0" * 36, "GitHub"),
        ("github_pat_" + "0" * 40, "GitHub"),
        ("gsk_" + "0" * 40, "Groq"),
        ("12345678:" + "0" * 35, "Telegram"),
    ],
)
def test_a_key_of_another_service_is_refused_by_name(home: Path, key: str, service: str) -> None:
    before = files(home)
    result = run_with_profiles(home, "one", key=key)
    assert result.code == 2
    assert files(home) == before
    assert f"this is a key of {service}, and VseGPT would not take it" in result.err
    assert key not in result.err


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (KEY, ""),
        (KEY[:-1], "63 characters follow and not the usual 64"),
        ("vse-2030-0000000000", "does not begin with sk-or-vv-… as"),
    ],
)
def test_an_unknown_form_is_a_warning(home: Path, key: str, told: str) -> None:
    result = run_with_profiles(home, "one", key=key)
    assert result.code == 0
    assert key in config(home)
    assert told in result.err
    assert ("warning: the key" in result.err) is bool(told)


def test_a_key_for_another_gateway_is_not_judged(home: Path) -> None:
    key = "sk-or-v1-" + "0" * 64
    result = run_with_profiles(home, "one", "--endpoint", "http://127.0.0.1:9", key=key)
    assert result.code == 0
    assert key in config(home)


@pytest.fixture
def person(home: Path) -> Person:
    return Person(home)


def test_a_key_that_is_kept_in_the_keyring_is_found_when_it_is_needed(person: Person) -> None:
    kept = person.run("key", "set", "--key-file", "-", stdin=f"{KEY}\n")
    assert kept.returncode == 0
    assert kept.stdout == "sk-or-vv-…0000 is kept in the system's keyring\n"
    assert person.kept == [KEY]
    assert person.run("one", *profiles_option(person.home)).returncode == 0
    assert KEY in config(person.home)
    gone = person.run("key", "forget")
    assert gone.returncode == 0
    assert person.kept == []
    assert "no key in the system's keyring" in person.run("key", "forget").stderr
    assert "no key: set VSEGPT_API_KEY" in person.run("two", *profiles_option(person.home)).stderr


def test_the_environments_key_goes_before_the_keyrings_and_a_files_before_both(person: Person) -> None:
    person.run("key", "set", "--key-file", "-", stdin=f"{KEY[:-1]}1\n")
    assert person.run("one", *profiles_option(person.home), key=f"{KEY[:-1]}2").returncode == 0
    assert f"{KEY[:-1]}2" in config(person.home)
    words = ("one", *profiles_option(person.home), *new_key(person.home))
    assert person.run(*words, key=f"{KEY[:-1]}2").returncode == 0
    assert NEW in config(person.home)


def test_the_keyring_counts_for_the_callers_own_home_alone(person: Person, tmp_path: Path) -> None:
    person.run("key", "set", "--key-file", "-", stdin=f"{KEY}\n")
    (tmp_path / "other").mkdir()
    for words in (["one", *profiles_option(person.home)], ["key", "set"]):
        result = person.run("--home", str(tmp_path / "other"), *words)
        assert result.returncode == 2
        assert files(tmp_path / "other") == {}


def test_a_keyring_that_cannot_be_used_is_named_and_a_missing_one_says_what_to_install(
    person: Person,
) -> None:
    person.ring.with_suffix(".locked").touch()
    locked = person.run("one", *profiles_option(person.home))
    assert locked.returncode == 2
    assert "keyring cannot be used now (KeyringLocked); is it locked?" in locked.stderr
    assert person.run("key", "set", "--key-file", "-", stdin=f"{KEY}\n").returncode == 1
    absent = person.run("key", "set", "--key-file", "-", stdin=f"{KEY}\n", left_out=True)
    assert absent.returncode == 1
    assert "pip install 'vsegpt-patch[keyring]'" in absent.stderr


def test_a_dry_run_leaves_the_keyring_as_it_is_and_says_what_would_be(person: Person) -> None:
    assert person.run("key", "set", "-n", "--key-file", "-", stdin=f"{KEY}\n").returncode == 0
    assert person.kept == []
    person.run("key", "set", "--key-file", "-", stdin=f"{KEY}\n")
    for words, told in (
        (["forget"], "the key in the system's keyring would be removed"),
        (["rotate", *new_key(person.home)], "the key in the system's keyring would be replaced"),
    ):
        result = person.run("key", *words, "--dry-run")
        assert result.returncode == 0
        assert person.kept == [KEY]
        assert told in result.stdout
