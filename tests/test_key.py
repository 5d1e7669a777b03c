"""Where the key comes from, what form it has, and `key set`, `forget` and `rotate`."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import measured
from tests.homes import KEY, ROOT, STATE, cases, files, run, shape
from tests.toys import toy_home

NEW = "sk-or-vv-" + "0" * 60 + "beef"
# YAML, LevelDB and Firefox's SQLite; then lists of keys, headers, and a key behind a prefix.
CASES = (
    "continue/existing chatgptbox/existing chatgptbox/firefox astrbot/desktop copilot-chat/existing"
    " obsidian-text-generator/existing calibre-ebook-translator/existing"
).split()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return toy_home(tmp_path, "one", "two")


def toys(home: Path) -> tuple[str, str]:
    return "--profiles", str(home.parent / "profiles")


def new_key(home: Path, key: str = NEW) -> tuple[str, str]:
    file = home.parent / "new-key"
    file.write_text(f"{key}\n")
    return "--key-file", str(file)


def config(home: Path, tool: str = "one") -> str:
    return (home / f".{tool}/config").read_text("utf-8")


# The form


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
    result = run(home, "one", *toys(home), key=key)
    assert (result.code, files(home)) == (2, before)
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
    result = run(home, "one", *toys(home), key=key)
    assert result.code == 0
    assert key in config(home)
    assert told in result.err
    assert ("warning: the key" in result.err) is bool(told)


def test_a_key_for_another_gateway_is_not_judged(home: Path) -> None:
    key = "sk-or-v1-" + "0" * 64
    result = run(home, "one", *toys(home), "--endpoint", "http://127.0.0.1:9", key=key)
    assert result.code == 0
    assert key in config(home)


# The keyring


@dataclass(frozen=True)
class Person:
    """Somebody with a home and a keyring of their own; `locked` and `left_out` are what may go wrong."""

    home: Path

    def run(
        self, *words: str, key: str = "", stdin: str = "", left_out: bool = False
    ) -> subprocess.CompletedProcess[str]:
        without = "sys.modules['keyring'] = None;" if left_out else ""
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "VSEGPT_API_KEY": key,
            "PYTHON_KEYRING_BACKEND": "tests.filering.Keyring",
            "FILERING": str(self.ring),
        }
        code = f"import sys; {without} from patcher.cli import main; main()"
        return subprocess.run(
            [*measured.command(code), "--lang", "en", *words],
            cwd=ROOT,
            env=env,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def ring(self) -> Path:
        return self.home.parent / "ring"

    @property
    def kept(self) -> list[str]:
        return list(json.loads(self.ring.read_text()).values()) if self.ring.exists() else []


@pytest.fixture
def person(home: Path) -> Person:
    return Person(home)


def test_a_key_that_is_kept_in_the_keyring_is_found_when_it_is_needed(person: Person) -> None:
    kept = person.run("key", "set", "--key-file", "-", stdin=f"{KEY}\n")
    assert (kept.returncode, kept.stdout) == (0, "sk-or-vv-…0000 is kept in the system's keyring\n")
    assert person.kept == [KEY]
    assert person.run("one", *toys(person.home)).returncode == 0
    assert KEY in config(person.home)
    gone = person.run("key", "forget")
    assert (gone.returncode, person.kept) == (0, [])
    assert "no key in the system's keyring" in person.run("key", "forget").stderr
    assert "no key: set VSEGPT_API_KEY" in person.run("two", *toys(person.home)).stderr


def test_the_environments_key_goes_before_the_keyrings_and_a_files_before_both(person: Person) -> None:
    person.run("key", "set", "--key-file", "-", stdin=f"{KEY[:-1]}1\n")
    assert person.run("one", *toys(person.home), key=f"{KEY[:-1]}2").returncode == 0
    assert f"{KEY[:-1]}2" in config(person.home)
    words = ("one", *toys(person.home), *new_key(person.home))
    assert person.run(*words, key=f"{KEY[:-1]}2").returncode == 0
    assert NEW in config(person.home)


def test_the_keyring_counts_for_the_callers_own_home_alone(person: Person, tmp_path: Path) -> None:
    person.run("key", "set", "--key-file", "-", stdin=f"{KEY}\n")
    (tmp_path / "other").mkdir()
    for words in (["one", *toys(person.home)], ["key", "set"]):
        result = person.run("--home", str(tmp_path / "other"), *words)
        assert (result.returncode, files(tmp_path / "other")) == (2, {})


def test_a_keyring_that_cannot_be_used_is_named_and_a_missing_one_says_what_to_install(
    person: Person,
) -> None:
    person.ring.with_suffix(".locked").touch()
    locked = person.run("one", *toys(person.home))
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
        assert (result.returncode, person.kept) == (0, [KEY])
        assert told in result.stdout


# A new key


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
    assert (dry.code, files(patched)) == (0, bytes_before)
    assert "sk-or-vv-…beef" in dry.out
    assert KEY not in dry.out
    result = run(patched, "key", "rotate", *new_key(patched))
    assert result.code == 0
    after = shape(patched)
    assert after == {name: data.replace(KEY.encode(), NEW.encode()) for name, data in before.items()}
    assert after != before
    again = run(patched, "key", "rotate", *new_key(patched))
    assert (again.code, shape(patched)) == (0, after)
    assert "Nothing to change" in again.err
    assert run(patched, "undo").code == 0
    assert files(patched) == bytes_before
    assert run(patched, "undo", "--all").code == 0
    assert not any(KEY.encode() in data for data in shape(patched).values())


def test_what_was_changed_since_is_left_and_named(home: Path) -> None:
    assert run(home, "one", "two", *toys(home)).code == 0
    (home / ".one/config").write_text(config(home).replace(KEY, "sk-mine-instead"))
    (home / ".two/config").write_text(config(home, "two").replace("api.vsegpt.ru:6070", "llm.example.org"))
    before = files(home)
    result = run(home, "key", "rotate", *new_key(home))
    assert (result.code, files(home)) == (0, before)
    assert "one: ~/.one/config: models[name=VseGPT].apiKey: it was changed since; left as it is" in result.err
    assert "the address that it goes to was changed since; left as it is" in result.err


def test_another_address_of_vsegpt_is_no_reason_to_leave_a_key(home: Path) -> None:
    assert run(home, "one", *toys(home)).code == 0
    (home / ".one/config").write_text(config(home).replace("api.vsegpt.ru:6070", "api.vsegpt.ru"))
    assert run(home, "key", "rotate", *new_key(home)).code == 0
    assert NEW in config(home)
    assert run(home, "undo").code == 0
    assert KEY in config(home)


def test_neither_profile_nor_file_need_be_there_any_more(home: Path) -> None:
    assert run(home, "one", "two", *toys(home)).code == 0
    (home / ".two/config").unlink()
    result = run(home, "key", "rotate", *new_key(home))  # without --profiles these are tools of no profile
    assert result.code == 0
    assert NEW in config(home)
    assert "two: ~/.two/config: the file is gone; left as it is" in result.err


def test_a_file_that_cannot_be_read_is_named_and_the_others_go_on(home: Path) -> None:
    assert run(home, "one", "two", *toys(home)).code == 0
    (home / ".two/config").write_text("{")
    strict = run(home, "key", "rotate", "--strict", *new_key(home))
    assert (strict.code, KEY in config(home)) == (1, True)
    result = run(home, "key", "rotate", *new_key(home))
    assert (result.code, NEW in config(home)) == (1, True)
    assert "two: ~/.two/config" in result.err


def test_a_key_of_an_unknown_form_is_changed_only_where_it_stands_alone(home: Path) -> None:
    old = "vse-2030-000000000"
    profile = home.parent / "profiles/two.toml"
    profile.write_text(profile.read_text("utf-8").replace('"{key}"', '"#of:{key}"'), "utf-8")
    assert run(home, "one", "two", *toys(home), key=old).code == 0
    result = run(home, "key", "rotate", *new_key(home))
    assert result.code == 0
    assert NEW in config(home)
    assert f"#of:{old}" in config(home, "two")
    assert "the key in it cannot be told from the rest; left as it is" in result.err


def test_it_is_known_where_the_key_is_after_many_runs_too(home: Path) -> None:
    for number in range(12):
        key = f"sk-or-vv-{number:064}"
        words = ("one", *toys(home)) if number == 0 else ("key", "rotate", *new_key(home, key))
        assert run(home, *words, key=key).code == 0
    assert not (home / STATE / "runs/1").exists()
    assert f"{11:064}" in config(home)
    assert run(home, "undo", "one").code == 0
    assert config(home) == "{}\n"


def test_rotating_reaches_the_keyring_where_it_has_a_key(person: Person) -> None:
    assert person.run("one", *toys(person.home), key=KEY).returncode == 0
    assert person.run("key", "rotate", *new_key(person.home)).returncode == 0
    assert person.kept == []
    person.run("key", "set", "--key-file", "-", stdin=f"{KEY}\n")
    result = person.run("key", "rotate", *new_key(person.home))
    assert (result.returncode, person.kept) == (0, [NEW])
    assert "the system's keyring has the new key" in result.stdout


def test_a_keyring_that_cannot_be_used_hinders_no_rotating(person: Person) -> None:
    assert person.run("one", *toys(person.home), key=KEY).returncode == 0
    person.ring.with_suffix(".locked").touch()
    result = person.run("key", "rotate", *new_key(person.home))
    assert result.returncode == 0
    assert "warning: the system's keyring cannot be used now" in result.stderr
    assert NEW in config(person.home)


def test_where_nothing_was_written_there_is_nothing_to_rotate(home: Path) -> None:
    result = run(home, "key", "rotate", *new_key(home))
    assert (result.code, files(home)) == (0, files(home))
    assert "No file is known to hold a key" in result.err
    told = json.loads(run(home, "key", "rotate", "--json", *new_key(home)).out)
    assert (told["command"], told["action"], told["files"]) == ("key", "rotate", [])
