"""`undo` and `history`: ours is taken back, what was changed since is spared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from patcher.disk.runs import KEEP
from patcher.disk.safefile import Folder, Like
from tests.support.homes import STATE, files
from tests.support.made_up_tools import GOOD, run_with_profiles

OTHER_KEY = "sk-or-vv-" + "0" * 60 + "abcd"


def test_undo_takes_back_the_last_run_then_the_one_before(home: Path) -> None:
    before = files(home)
    run_with_profiles(home, "one")
    between = files(home)
    run_with_profiles(home, "two")
    assert run_with_profiles(home, "undo").code == 0
    assert files(home) == between
    assert run_with_profiles(home, "undo").code == 0
    assert files(home) == before
    result = run_with_profiles(home, "undo")
    assert result.code == 0
    assert result.err == "Nothing to take back.\n"


@pytest.mark.parametrize("words", [["one"], ["1", "2"], ["--all"]])
def test_undo_of_a_tool_goes_back_to_before_its_first_run(words: list[str], home: Path) -> None:
    before = files(home)
    run_with_profiles(home, "one")
    run_with_profiles(home, "one", key=OTHER_KEY)
    assert run_with_profiles(home, "undo", *words).code == 0
    assert files(home) == before


def test_undo_shows_its_diff_first(home: Path) -> None:
    run_with_profiles(home, "one")
    after = files(home)
    result = run_with_profiles(home, "undo", "--dry-run")
    assert '-      "apiKey": "sk-or-vv-…0000",' in result.out
    assert files(home) == after


def test_undo_spares_what_was_changed_since_and_names_it(home: Path) -> None:
    config = home / ".one/config"
    run_with_profiles(home, "one")
    config.write_text(
        config.read_text().replace("openai/gpt-4o-mini", "my/model").replace("{\n", '{"mine": 1,\n', 1)
    )
    result = run_with_profiles(home, "undo")
    assert "models[name=VseGPT].model was changed since" in result.err
    assert json.loads(config.read_bytes()) == {"mine": 1, "models": [{"model": "my/model"}]}


def test_undo_works_after_the_tool_has_written_its_file_anew(home: Path) -> None:
    config = home / ".one/config"
    config.write_bytes(b'{\n  // gone soon\n  "models": [],\n  "x": 1\n}\n')
    run_with_profiles(home, "one")
    data = json.loads("".join(line for line in config.read_text().splitlines() if "//" not in line))
    config.write_text(json.dumps({"seen": True, **data}, indent="\t", sort_keys=True))
    assert run_with_profiles(home, "undo", "one").code == 0
    assert json.loads(config.read_bytes()) == {"models": [], "seen": True, "x": 1}


TWICE = '{\n  "//": "mine",\n  "x": {"k": 1, "k": 2},\n  "//": "the models",\n  "models": []\n}\n'


def test_keys_that_come_twice_elsewhere_are_no_matter_to_patch_status_and_undo(home: Path) -> None:
    config = home / ".one/config"
    config.write_text(TWICE)
    run_with_profiles(home, "one")
    assert config.read_text().count('"//"') == 2
    assert "VseGPT" in run_with_profiles(home, "status", "one").out
    config.write_text(config.read_text().replace('"mine"', '"changed"'))
    assert run_with_profiles(home, "undo", "one").code == 0
    assert config.read_text() == TWICE.replace('"mine"', '"changed"')


def test_a_value_whose_key_came_twice_since_is_not_taken_back_but_named(home: Path) -> None:
    config = home / ".one/config"
    run_with_profiles(home, "one")
    now = config.read_text().replace('"apiKey":', '"apiKey": "x", "apiKey":')
    config.write_text(now)
    assert "VseGPT" in run_with_profiles(home, "status", "one").out
    result = run_with_profiles(home, "undo", "one")
    assert result.code == 1
    assert "apiKey is set twice" in result.err
    assert config.read_text() == now


def test_an_old_key_goes_back_only_beside_its_url(home: Path) -> None:
    config = home / ".one/config"
    old = {
        "name": "VseGPT",
        "provider": "openai",
        "apiKey": "sk-old0000000000",
        "apiBase": "https://a.example/v1",
    }
    config.write_text(json.dumps({"models": [old]}))
    run_with_profiles(home, "one")
    config.write_text(config.read_text().replace("https://api.vsegpt.ru:6070", "https://b.example"))
    result = run_with_profiles(home, "undo")
    assert "the old key belongs to an address that is not there any more" in result.err
    assert "sk-old0000000000" not in config.read_text() + result.out + result.err


def test_undo_exact_refuses_where_it_would_overwrite_later_edits(home: Path) -> None:
    config = home / ".one/config"
    run_with_profiles(home, "one")
    edited = config.read_bytes() + b"// mine\n"
    config.write_bytes(edited)
    result = run_with_profiles(home, "undo", "--exact")
    assert result.code == 1
    assert "it was changed since" in result.err
    assert config.read_bytes() == edited


def test_undo_exact_gives_back_the_bytes(home: Path) -> None:
    run_with_profiles(home, "one")
    assert run_with_profiles(home, "undo", "--exact").code == 0
    assert (home / ".one/config").read_bytes() == GOOD


def test_undo_works_when_the_profile_is_gone(home: Path) -> None:
    run_with_profiles(home, "one")
    (home.parent / "profiles/one.toml").unlink()
    (home / ".one/config").write_bytes((home / ".one/config").read_bytes() + b"// mine\n")
    assert run_with_profiles(home, "undo", "one").code == 0
    assert (home / ".one/config").read_bytes() == GOOD + b"// mine\n"


def test_undo_when_the_file_is_gone_says_so(home: Path) -> None:
    run_with_profiles(home, "one")
    (home / ".one/config").unlink()
    result = run_with_profiles(home, "undo")
    assert result.code == 0
    assert "the file is gone" in result.err


def test_the_newest_runs_are_kept_and_always_the_first_original(home: Path) -> None:
    before = files(home)
    for number in range(KEEP + 3):
        assert run_with_profiles(home, "one", key=f"sk-or-vv-{number:064}").code == 0
    runs = json.loads(run_with_profiles(home, "history", "--json").out)["runs"]
    assert [entry["run"] for entry in runs] == list(range(KEEP + 3, 3, -1))
    assert list((home / STATE / "originals").glob("*.before"))
    assert run_with_profiles(home, "undo", "one").code == 0
    assert files(home) == before


def test_history_says_what_was_taken_back(home: Path) -> None:
    assert "No runs yet" in run_with_profiles(home, "history").err
    run_with_profiles(home, "one", "two")
    run_with_profiles(home, "undo")
    kinds = [
        (entry["kind"], entry["undone"])
        for entry in json.loads(run_with_profiles(home, "history", "--json").out)["runs"]
    ]
    assert kinds == [("undo", False), ("patch", True)]
    assert "taken back" in run_with_profiles(home, "history").out


def test_a_spoilt_backup_is_not_used(home: Path) -> None:
    run_with_profiles(home, "one")
    after = files(home)
    (home / STATE / "runs/1/0.before").write_bytes(b"{}")
    result = run_with_profiles(home, "undo")
    assert result.code == 1
    assert files(home) == after
    assert "is not what was put there" in result.err


def test_a_spoilt_manifest_is_named(home: Path) -> None:
    run_with_profiles(home, "one")
    manifest = home / STATE / "runs/1/manifest.json"
    manifest.write_text("{")
    result = run_with_profiles(home, "history")
    assert result.code == 1
    assert f"{manifest} cannot be read" in result.err


@pytest.fixture
def unwritable(home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """A home with both tools patched, where no file can be made beside that of `one` any more; its files."""
    run_with_profiles(home, "one", "two")
    write_new = Folder.write_new

    def refused(folder: Folder, name: str, data: bytes, like: Like | None = None) -> None:
        if folder.path.name == ".one":
            raise PermissionError(1, "Operation not permitted")
        write_new(folder, name, data, like)

    monkeypatch.setattr(Folder, "write_new", refused)
    return files(home)


def test_an_undo_that_cannot_be_written_leaves_the_other_tools_done(
    home: Path, unwritable: dict[str, bytes]
) -> None:
    result = run_with_profiles(home, "undo")
    assert result.code == 1
    assert "one: ~/.one/config: it cannot be written: Operation not permitted" in result.err
    assert files(home) == unwritable | {".two/config": GOOD}


def test_a_strict_undo_that_cannot_be_written_leaves_all_as_it_is(
    home: Path, unwritable: dict[str, bytes]
) -> None:
    assert run_with_profiles(home, "undo", "--strict").code == 1
    assert files(home) == unwritable
