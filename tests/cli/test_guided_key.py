"""The guided run's key: known, typed, of another service, kept in the keyring."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import keyrings
from tests.support.homes import KEY, run
from tests.support.made_up_tools import home_with_tools, profiles_option

pytest.importorskip("pty", reason="LEFT OUT: Windows has no pseudo-terminals")
from tests.support.terminals import DOWN, ENTER, ESC, SPACE, Terminal

FOREIGN = "sk-or-v1-" + "0" * 64


@pytest.fixture
def tools_home(tmp_path: Path) -> Path:
    """A home of two made-up tools."""
    return home_with_tools(tmp_path, "one", "two")


def words_for(home: Path) -> tuple[str, ...]:
    return "--home", str(home), *profiles_option(home), "--lang", "en"


def has_the_key_kept(terminal: Terminal) -> None:
    """Type the key, have it kept, and see the next screen."""
    terminal.sees("Paste it")
    terminal.types(KEY, ENTER)
    terminal.sees("Keep the key in this system's keyring")
    terminal.types(ENTER)
    terminal.sees("Which programs")


def test_a_key_that_is_pasted_too_early_is_not_echoed(tools_home: Path) -> None:
    with Terminal.ours(*words_for(tools_home)) as terminal:
        terminal.sees("step by step")
        terminal.types(KEY)
        terminal.sees("Paste it")
        terminal.types(ENTER)
        terminal.sees("Key: sk-or-vv-…0000", "Which programs")
        assert KEY.encode() not in terminal.raw


def test_a_known_key_of_another_service_is_named_and_vsegpts_is_asked_for(tools_home: Path) -> None:
    with Terminal.ours(*words_for(tools_home), env={"VSEGPT_API_KEY": FOREIGN}) as terminal:
        terminal.sees("this is a key of OpenRouter", "Paste it")
        terminal.types(KEY, ENTER)
        terminal.sees("Key: sk-or-vv-…0000", "Which programs")
        terminal.types(ESC)
        assert terminal.ends() == 130
        assert FOREIGN.encode() not in terminal.raw


def test_a_typed_key_of_an_unknown_form_can_be_typed_again_or_taken_as_it_is(tools_home: Path) -> None:
    odd = "vse-2030-0000000000"
    with Terminal.ours(*words_for(tools_home)) as terminal:
        for answer in ([ENTER], [DOWN, ENTER]):
            terminal.sees("Paste it")
            terminal.types(odd, ENTER)
            terminal.sees("does not begin with sk-or-vv-", "Type it again?")
            terminal.types(*answer)
        terminal.sees("Which programs")
        terminal.types(ENTER)
        terminal.sees("Write these changes?")
        terminal.types(ENTER)
        assert terminal.ends() == 0
        assert odd.encode() not in terminal.raw
    assert odd in (tools_home / ".one/config").read_text()


def test_a_known_key_is_not_asked_for_and_what_is_at_vsegpt_is_not_chosen(tools_home: Path) -> None:
    assert run(tools_home, "one", *words_for(tools_home)[2:4]).code == 0
    with Terminal.ours(*words_for(tools_home), env={"VSEGPT_API_KEY": KEY}) as terminal:
        seen = terminal.sees("Key: sk-or-vv-…0000, from VSEGPT_API_KEY", "Which programs", "Two: not")
        assert "○ One: VseGPT already" in seen
        assert "● Two: not set up" in seen
        terminal.types(DOWN, SPACE, ENTER)
        assert terminal.ends() == 0
    assert "VseGPT" not in (tools_home / ".two/config").read_text()


def test_a_typed_key_is_offered_to_the_keyring_and_kept_only_when_all_is_done(tools_home: Path) -> None:
    ring = tools_home.parent / "ring"
    env = {"HOME": str(tools_home), **keyrings.on(ring)}
    for last, kept in ((ESC, False), (ENTER, True)):
        with Terminal.ours(*words_for(tools_home)[2:], env=env) as terminal:
            has_the_key_kept(terminal)
            terminal.types(ENTER)
            terminal.sees("Write these changes?")
            terminal.types(last)
            terminal.ends()
        assert ring.exists() is kept
    with Terminal.ours(*words_for(tools_home)[2:], env=env) as terminal:
        terminal.sees("Key: sk-or-vv-…0000, from the system's keyring")


def test_a_keyring_that_is_locked_by_then_is_named_and_hinders_nothing(tools_home: Path) -> None:
    ring = tools_home.parent / "ring"
    env = {"HOME": str(tools_home), **keyrings.on(ring)}
    with Terminal.ours(*words_for(tools_home)[2:], env=env) as terminal:
        has_the_key_kept(terminal)
        ring.with_suffix(".locked").touch()
        terminal.types(ENTER)
        terminal.sees("Write these changes?")
        terminal.types(ENTER)
        assert terminal.ends() == 0
        assert "keyring cannot be used now (KeyringLocked)" in terminal.text
    assert KEY in (tools_home / ".one/config").read_text()
