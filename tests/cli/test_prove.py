"""`--prove`: a patch is tried at once by the tool itself, and can be taken back."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.askable import PROFILE, PROFILES, remembers, toy_home, with_toy
from tests.support.homes import KEY, STATE, Person, Result, files
from tests.support.made_up_tools import profile

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="LEFT OUT: the toy is a script of POSIX")

ARRIVES = "toy: its request arrives at /v1/chat/completions, with the key of its file and the model"
GOES = "toy: no request arrives: it wants to go to api.mistral.ai (because of ~/.toy/state.json"


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return toy_home(tmp_path)


def patched(person: Person, *words: str, **env: Any) -> Result:
    its = with_toy(person, VSEGPT_API_KEY=KEY, **env)
    result = person.run(*words, cwd=None, **its)
    assert list(Path(its["TMPDIR"]).iterdir()) == []
    return result


@pytest.mark.parametrize("which", ["toy", "--all"])
def test_a_patch_that_arrives_is_told_after_it(which: str, person: Person) -> None:
    result = patched(person, which, "--prove", "--yes")
    assert result.code == 0, result.err
    patch, proof = result.out.splitlines()
    assert patch.startswith("toy: patched (~/.toy.json)")
    assert proof.startswith(f"ok     {ARRIVES}")
    assert KEY in (person.home / ".toy.json").read_text()
    assert patched(person, which, "--prove", "--yes").out.splitlines()[1] == proof


def test_without_a_terminal_what_goes_elsewhere_is_said_and_stays(person: Person) -> None:
    remembers(person, api_base="https://api.mistral.ai/v1")
    result = patched(person, "toy", "--prove", "--yes")
    assert result.code == 1
    assert f"wrong  {GOES}" in result.out
    assert 'overridden_by = [{ file = "~/.toy/state.json", at = ["last", "api_base"]' in result.out
    assert KEY in (person.home / ".toy.json").read_text()


def test_for_programs_the_findings_are_those_of_check(person: Person) -> None:
    remembers(person, api_base="https://api.mistral.ai/v1")
    told = json.loads(patched(person, "toy", "--prove", "--yes", "--json").out)
    assert (told["command"], told["run"], told["exit_code"]) == ("patch", 1, 1)
    checked = json.loads(
        person.run("check", "--through", "toy", "--yes", "--json", cwd=None, **with_toy(person)).out
    )
    assert told["findings"] == checked["findings"]
    assert told["findings"][0]["kind"] == "other-host"


def test_what_cannot_be_tried_is_a_note(person: Person) -> None:
    result = patched(person, "toy", "--prove")
    assert "note   toy: it was not tried: the profile is your own, and would run: toy-cli" in result.out
    assert result.code == 0
    (person.home / ".local/bin/toy-cli").unlink()
    result = patched(person, "toy", "--prove", "--yes")
    assert "note   toy: it was not tried: the command toy-cli was not found" in result.out
    assert result.code == 0
    profile(person.home / PROFILES, "toy", PROFILE.replace("ask =", "# ask ="))
    assert "no command is known that asks it" in patched(person, "toy", "--prove", "--yes").out
    assert "not tried" not in patched(person, "--all", "--prove", "--yes").out


@pytest.mark.parametrize("option", [("--dry-run",), ("--export", "file")])
def test_only_what_was_written_can_be_tried(option: tuple[str, ...], person: Person) -> None:
    before = files(person.home)
    result = patched(person, "toy", "--prove", *option)
    assert result.code == 2
    assert f"--prove tries what was written: leave out {option[0]}" in result.err
    assert files(person.home) == before


def test_where_nothing_could_be_written_nothing_is_tried(person: Person) -> None:
    bad = PROFILE.replace(".toy", ".bad").replace("$TOY_HOME", "$BAD_HOME")
    profile(person.home / PROFILES, "bad", bad)
    (person.home / ".bad.json").write_text("{")
    result = patched(person, "toy", "bad", "--prove", "--yes", "--strict")
    assert result.code == 1
    assert "it is asked now" not in result.err
    assert result.out == "toy: not written (~/.toy.json)\n"
    result = patched(person, "toy", "bad", "--prove", "--yes")
    assert result.code == 1
    assert f"ok     {ARRIVES}" in result.out
    assert "bad: it is asked now" not in result.err


class TestAtATerminal:
    @pytest.fixture(autouse=True)
    def terminals(self) -> None:
        pytest.importorskip("pty", reason="LEFT OUT: Windows has no pseudo-terminals")

    @pytest.mark.parametrize("answer", ["y", "n"])
    def test_it_is_taken_back_if_the_person_wants_so(self, answer: str, person: Person) -> None:
        from tests.support.terminals import ENTER, Terminal  # noqa: PLC0415 - not on Windows

        (person.home / ".other").write_text("1")
        remembers(person, api_base="https://api.mistral.ai/v1")
        before = files(person.home)
        env = with_toy(person, VSEGPT_API_KEY=KEY, HOME=str(person.home))
        with Terminal.ours("toy", "--prove", "--lang", "en", env=env) as terminal:
            terminal.sees("its profile is your own, and would run: toy-cli --say {question}. Run it?")
            terminal.types("y", ENTER)
            terminal.sees("Take the patch of toy back?")
            assert KEY in (person.home / ".toy.json").read_text()
            terminal.types(answer, ENTER)
            assert terminal.ends() == 1
            assert ("toy: taken back (~/.toy.json)" in terminal.text) is (answer == "y")
        assert (files(person.home) == before) is (answer == "y")
        assert (person.home / STATE).exists()

    def test_the_guided_run_offers_it(self, person: Person) -> None:
        from tests.support.terminals import DOWN, ENTER, Terminal  # noqa: PLC0415 - not on Windows

        remembers(person, api_base="https://api.mistral.ai/v1")
        before = files(person.home)
        env = with_toy(person, VSEGPT_API_KEY=KEY, HOME=str(person.home))
        with Terminal.ours("--lang", "en", env=env) as terminal:
            terminal.sees("Which programs shall use VseGPT?")
            terminal.types(ENTER)
            terminal.sees("Write these changes?")
            terminal.types(ENTER)
            terminal.sees("These can be asked one question now", "Try it?")
            terminal.types(ENTER)
            terminal.sees("Run it?")
            terminal.types(ENTER)
            terminal.sees("Take the patch of toy back?")
            terminal.types(DOWN, ENTER)
            assert terminal.ends() == 1
            assert "no network of its own" not in terminal.text
        assert files(person.home) != before
