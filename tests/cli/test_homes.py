"""Many homes in one run, and homes of others: each with its owner's rights, and none harmed by another."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from patcher.cli.homes import with_its_rights
from patcher.machine.owners import Home
from tests.support import with_coverage
from tests.support.homes import KEY, ROOT, files, run
from tests.support.made_up_tools import made_up_tool, profiles_option

BEFORE = b'{"mine": true}\n'
USERS = (12345, 12346, 12347)
only_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root works on the homes of others"
)


def make(folder: Path) -> list[Path]:
    """Three homes with one tool's file in each."""
    made_up_tool(folder / "profiles", "one", "json")
    made = [folder / name for name in ("first", "second", "third")]
    for home in made:
        (home / ".one").mkdir(parents=True)
        (home / ".one/config").write_bytes(BEFORE)
    return made


@pytest.fixture
def homes(tmp_path: Path) -> list[Path]:
    return make(tmp_path)


@pytest.fixture
def given() -> Iterator[list[Path]]:
    """The same, of three users, where they may go: every start of pytest shuts its own directory."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        homes = make(Path(name))
        for home, user in zip(homes, USERS, strict=True):
            for path in [home, *home.rglob("*")]:
                os.chown(path, user, user)
        yield homes


def named(homes: list[Path]) -> list[str]:
    return [word for home in homes for word in ("--home", str(home))]


def run_with_profiles(
    homes: list[Path], *words: str, program: Path | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    start = [sys.executable, str(program)] if program else with_coverage.command()
    profiles = [] if program else profiles_option(homes[0])
    return subprocess.run(
        [*start, *named(homes), *profiles, *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | ({} if stdin else {"VSEGPT_API_KEY": KEY}),
        input=stdin or "",
        capture_output=True,
        text=True,
        check=False,
    )


def patched(home: Path) -> bool:
    return KEY.encode() in (home / ".one/config").read_bytes()


def test_all_homes_are_patched_and_taken_back(homes: list[Path]) -> None:
    words = (*named(homes[1:]), *profiles_option(homes[0]))
    done = run(homes[0], *words, "one")
    assert done.code == 0, done.err
    owner = Home.of(str(homes[0])).owner
    assert all(map(patched, homes))
    assert [line for line in done.out.splitlines() if line.startswith(str(homes[0].parent))] == [
        f"{home} ({owner})" if owner else str(home) for home in homes
    ]
    assert run(homes[0], *words, "undo").code == 0
    assert [files(home) for home in homes] == [{".one/config": BEFORE}] * 3


def test_json_has_one_object_for_each_home_and_a_single_one_stays_as_it_is(homes: list[Path]) -> None:
    words = ("one", "--dry-run", "--json", *profiles_option(homes[0]))
    alone = json.loads(run(homes[0], *words).out)
    both = json.loads(run(homes[0], *named(homes[1:2]), *words).out)
    assert "homes" not in alone
    assert (both["command"], both["exit_code"]) == ("homes", 0)
    owner = Home.of(str(homes[0])).owner or None
    assert both["homes"] == [
        {"home": str(home), "user": owner, "exit_code": 0, "error": None, "result": alone}
        for home in homes[:2]
    ]


def test_a_home_that_fails_is_named_and_the_others_go_on(homes: list[Path]) -> None:
    (homes[1] / ".local").write_bytes(b"")  # so there is no place for its backups
    words = (*named(homes[1:]), *profiles_option(homes[0]), "one")
    done = run(homes[0], *words)
    assert done.code == 1
    assert [patched(home) for home in homes] == [True, False, True]
    assert done.err.splitlines()[-1] == f"vsegpt-patch: 1 home failed: {homes[1]}"
    told = json.loads(run(homes[0], *words, "--json").out)
    assert [home["exit_code"] for home in told["homes"]] == [0, 1, 0]
    assert "backup directory" in told["homes"][1]["error"]
    assert told["exit_code"] == 1


def test_the_homes_are_looked_for_before_any_is_touched(homes: list[Path]) -> None:
    told = run(homes[0], "--home", str(homes[0].parent / "none"), "one")
    assert told.code == 2
    assert not patched(homes[0])
    assert "none: there is no such directory" in told.err


@pytest.mark.parametrize("words", [("one", "--in", "."), ("one", "--export", "x"), ("profile", "lint", "x")])
def test_what_is_about_one_place_is_for_one_home(words: tuple[str, ...], homes: list[Path]) -> None:
    told = run(homes[0], *named(homes[1:]), *words)
    assert told.code == 2
    assert "is for one home" in told.err


def test_a_key_from_standard_input_does_for_all_homes(homes: list[Path]) -> None:
    assert run_with_profiles(homes, "one", "--key-file", "-", stdin=f"{KEY}\n").returncode == 0
    assert all(map(patched, homes))


@only_root
@pytest.mark.parametrize("many", [False, True], ids=["one", "several"])
def test_root_works_with_the_rights_of_each_owner(many: bool, given: list[Path]) -> None:
    homes = given if many else given[:1]
    secret = given[0].parent / "key"
    secret.write_text(KEY)
    secret.chmod(0o600)  # root reads it, for all
    done = run_with_profiles(homes, "one", "--key-file", str(secret), stdin="\n")
    assert done.returncode == 0, done.stderr
    for home, user in zip(homes, USERS, strict=False):
        assert patched(home)
        assert {path.lstat().st_uid for path in home.rglob("*")} == {user}
        assert {path.lstat().st_gid for path in home.rglob("*")} == {user}


@only_root
def test_no_link_in_a_home_leads_root_where_its_owner_may_not_go(given: list[Path]) -> None:
    roots = given[0].parent / "roots"
    roots.write_bytes(BEFORE)
    (given[0] / ".one/config").unlink()
    (given[0] / ".one/config").symlink_to(roots)
    done = run_with_profiles(given, "one")
    assert done.returncode == 1
    assert "one: ~/.one/config: it belongs to another user (uid 0)" in done.stderr
    assert roots.read_bytes() == BEFORE
    assert [patched(home) for home in given[1:]] == [True, True]


@pytest.mark.parametrize("many", [False, True], ids=["root's run", "several homes"])
def test_one_owners_defaults_are_not_for_root_nor_for_other_homes(
    many: bool, homes: list[Path], request: pytest.FixtureRequest
) -> None:
    if not many:
        if not hasattr(os, "geteuid") or os.geteuid() != 0:
            pytest.skip("only root works on the homes of others")
        homes = request.getfixturevalue("given")[:1]
    for home in homes:
        (home / ".config/vsegpt-patch").mkdir(parents=True)
        (home / ".config/vsegpt-patch/config.toml").write_text('endpoint = "https://elsewhere.example"\n')
    assert run_with_profiles(homes, "one").returncode == 0
    for home in homes:
        assert b"https://api.vsegpt.ru:6070/v1" in (home / ".one/config").read_bytes()


@only_root
def test_no_right_of_roots_is_left(given: list[Path]) -> None:
    def rights(_home: Home) -> int:
        print(os.getresuid(), os.getresgid(), os.getgroups())
        with pytest.raises(PermissionError):
            os.setuid(0)
        return 0

    outcome = with_its_rights(Home.of(str(given[0])), rights, catch=True)
    its = USERS[0]
    assert outcome.code == 0
    assert outcome.failure == ""
    assert outcome.printed == f"{(its, its, its)} {(its, its, its)} [{its}]\n"
    assert os.geteuid() == 0


@only_root
def test_a_killed_process_is_the_failure_of_its_home_alone(given: list[Path]) -> None:
    def killed(_home: Home) -> int:
        os.kill(os.getpid(), signal.SIGKILL)
        return 0

    outcome = with_its_rights(Home.of(str(given[0])), killed, catch=False)
    assert outcome.code == 1
    assert outcome.failure == "the work on it was ended early (-9)"


@only_root
def test_the_owners_need_no_right_to_read_the_program(zipapp: Path, given: list[Path]) -> None:
    hidden = given[0].parent / "hidden"
    hidden.mkdir(mode=0o700)
    program = hidden / "vsegpt-patch.pyz"
    program.write_bytes(zipapp.read_bytes())
    (given[0] / ".continue").mkdir()
    (given[0] / ".vibe").mkdir()
    for path in given[0].rglob(".[cv]*"):
        os.chown(path, USERS[0], USERS[0])
    tools = ("continue", "mistral-vibe", "crush", "zed", "gpt-researcher")
    for words in (tools, ("undo",), ("list",), ("status",), ("history",)):
        done = run_with_profiles(given[:1], *words, program=program)
        assert "internal error" not in done.stderr
        assert "Permission denied" not in done.stderr
    assert run_with_profiles(given[:1], "continue", program=program).returncode == 0
