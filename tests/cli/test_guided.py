"""`vsegpt-patch` alone on a terminal: what a person sees there, and what comes of what they type."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from patcher import i18n
from patcher.i18n import _, ngettext
from tests.support import with_coverage
from tests.support.homes import KEY, ROOT, STATE, cases, files, run, shape
from tests.support.made_up_tools import home_with_tools, made_up_tool, profiles_option

pytest.importorskip("pty", reason="LEFT OUT: Windows has no pseudo-terminals")
from tests.support.terminals import CTRL_C, CTRL_D, DOWN, ENTER, ESC, SPACE, UP, Terminal

FOREIGN = "sk-or-v1-" + "0" * 64
TOOLS = ("chatgptbox", "continue", "obsidian-copilot")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Continue, a plugin of Obsidian, and ChatGPTBox in two browsers."""
    home = tmp_path / "home"
    for case in cases():
        if case.name in [f"{tool}/existing" for tool in TOOLS]:
            case.home(home)
    return home


@pytest.fixture(params=["en", "ru"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """A language, spoken in here too, so that the test expects its words."""
    i18n.use(request.param)
    yield request.param
    i18n.use("en")


@pytest.fixture
def tools_home(tmp_path: Path) -> Path:
    """A home of two made-up tools."""
    return home_with_tools(tmp_path, "one", "two")


def words_for(home: Path) -> tuple[str, ...]:
    return "--home", str(home), *profiles_option(home), "--lang", "en"


def test_following_the_screen_alone_all_three_programs_are_patched(home: Path, language: str) -> None:
    with Terminal.ours("--home", str(home), "--lang", language) as terminal:
        seen = terminal.sees(_("FOUND HERE"), _("NOW AT"), _("Paste it and press Enter (it is not shown):"))
        local = _("{host}, a server of your own").format(host="127.0.0.1")
        for line in (f"ChatGPTBox +{local}", f"Continue +{_('not set up')}", "Copilot for Obsidian +"):
            assert re.search(line, seen)
        terminal.types(FOREIGN, ENTER)
        terminal.sees("OpenRouter", _("{reason}. Please try again.").rpartition("}")[2][2:])
        terminal.types(KEY, ENTER)
        seen = terminal.sees(
            "sk-or-vv-…0000",
            _("Which programs shall use VseGPT?"),
            f"● Copilot for Obsidian: {_('not set up')}",
        )
        assert _("(arrows: move, space: choose or not, Enter: go on, Esc: stop)") in seen
        assert len(re.findall("● (?:Continue|Copilot for Obsidian):", seen)) == 2
        assert "○ ChatGPTBox:" in seen  # it talks to a server of the person's own, who has to choose it
        terminal.types(" ", ENTER)
        yes = ngettext("Yes, change {count} file", "Yes, change {count} files", 5).format(count=5)
        terminal.sees(_("Write these changes?"), yes, "~/.continue/config.yaml")
        assert not (home / STATE).exists()
        terminal.types(DOWN, ENTER)
        terminal.sees(
            "--- ~/.config/google-chrome/Default/Local",
            "PgUp, PgDn",
        )
        terminal.types(ENTER)
        terminal.sees(_("Write these changes?"))
        terminal.types(ENTER)
        assert terminal.ends() == 0
        assert "vsegpt-patch undo 1" in terminal.text
        assert KEY.encode() not in terminal.raw
        assert FOREIGN.encode() not in terminal.raw
    again = run(home, *TOOLS)
    assert again.out.count("nothing to change") == len(TOOLS)
    assert sum(KEY.encode() in data for data in shape(home).values()) == 4


SCREENS = ["Paste it", "Which programs", "Write these changes?", "Enter: back"]


@pytest.mark.parametrize("key", [CTRL_C, ESC, CTRL_D], ids=["ctrl-c", "esc", "eof"])
@pytest.mark.parametrize("screen", range(len(SCREENS)), ids=SCREENS)
def test_stopped_at_any_screen_everything_is_as_it_was(tools_home: Path, screen: int, key: str) -> None:
    long = '{"a": [' + "\n1," * 40 + '\n1], "models": []}\n'
    (tools_home / ".one/config").write_text(long)
    for number in range(8):
        made_up_tool(tools_home.parent / "profiles", f"more{number}", "json")
        (tools_home / f".more{number}").mkdir()
    before = files(tools_home)
    with Terminal.ours(*words_for(tools_home)) as terminal:
        for seen, types in zip(SCREENS[:screen], [[KEY, ENTER], [ENTER], [DOWN, ENTER]], strict=False):
            terminal.sees(seen)
            terminal.types(*types)
        terminal.sees(SCREENS[screen])
        terminal.types(key)
        assert terminal.ends() == 130
        assert "Stopped. Nothing was changed: everything is as it was." in terminal.text
    assert files(tools_home) == before
    assert not (tools_home / STATE).exists()


def test_ctrl_c_while_nothing_is_asked_leaves_everything_as_it_was(home: Path) -> None:
    before = files(home)
    with Terminal.ours("--home", str(home), "--lang", "en") as terminal:
        terminal.sees("step by step")
        terminal.types(CTRL_C)
        assert terminal.ends() == 130
        assert "everything is as it was" in terminal.text
    assert files(home) == before


def test_a_short_change_is_shown_at_once_and_no_leaves_everything(tools_home: Path) -> None:
    (tools_home / ".two").joinpath("config").unlink()
    before = files(tools_home)
    with Terminal.ours(*words_for(tools_home)) as terminal:
        terminal.sees("Paste it")
        terminal.types(KEY, ENTER)
        terminal.sees("Which programs")
        terminal.types(DOWN, SPACE, ENTER)
        assert "sk-or-vv-…0000" in terminal.sees("Yes, change 1 file", "+++ ~/.one/config")
        terminal.types(UP, ENTER)
        assert terminal.ends() == 0
        assert "Nothing was changed" in terminal.text
    assert files(tools_home) == before
    assert not (tools_home / STATE).exists()


def test_what_cannot_be_chosen_says_why_and_a_running_program_is_not_chosen(tools_home: Path) -> None:
    (tools_home / ".one/config").write_text("{")
    profile = tools_home.parent / "profiles/two.toml"
    us = Path(sys.executable).resolve().name
    profile.write_text(profile.read_text("utf-8").replace("\n[[file]]", f'processes = ["{us}"]\n[[file]]'))
    (tools_home.parent / "profiles/three.toml").write_text(
        'name = "Three"\nabout = { en = "a toy", ru = "игрушка" }\ndocs = "https://toy.example/docs"\n'
        'found_by = ["~/.two"]\nguide = { en = "Open its settings.", ru = "Откройте настройки." }\n',
        "utf-8",
    )
    with Terminal.ours(*words_for(tools_home), env={"VSEGPT_API_KEY": KEY}) as terminal:
        seen = terminal.sees("Which programs", "Three: to be", "close it first")
        assert re.search(r"- One: \S+", seen)
        assert re.search(r"○ Two: Two is running \(process .*close it first", seen)
        assert "- Three: to be set by hand; how is said at the end" in seen
        terminal.types(SPACE, ENTER)
        terminal.sees("Write these changes?")
        terminal.types(ENTER)
        assert terminal.ends() == 1
        assert "two: Two is running" in terminal.text
        assert "Open its settings." in terminal.text


def test_another_run_can_work_while_it_asks_and_then_it_asks_again(tools_home: Path) -> None:
    with Terminal.ours(*words_for(tools_home), env={"VSEGPT_API_KEY": KEY}) as terminal:
        terminal.sees("Which programs")
        terminal.types(ENTER)
        terminal.sees("Write these changes?")
        assert run(tools_home, "one", *words_for(tools_home)[2:4], "--model", "other/model").code == 0
        after = files(tools_home)
        terminal.types(ENTER)
        terminal.sees("The files have changed meanwhile", "Write these changes?")
        terminal.types(ESC)
        assert terminal.ends() == 130
    assert files(tools_home) == after


def test_a_terminal_that_can_only_print_is_asked_line_by_line(tools_home: Path) -> None:
    with Terminal.ours(*words_for(tools_home), env={"TERM": "dumb"}) as terminal:
        terminal.sees("Paste it")
        terminal.types(f"{KEY}\n")
        terminal.sees("1. * One: not set up", "2. * Two: not set up", "[1 2]")
        terminal.types("9\n")
        terminal.sees("These are no numbers of the list.")
        terminal.types("2\n")
        terminal.sees("1. Yes, change 1 file", "Write these changes?")
        terminal.types("1\n")
        assert terminal.ends() == 0
        assert b"\x1b" not in terminal.raw
        assert KEY.encode() not in terminal.raw
    assert KEY in (tools_home / ".two/config").read_text()
    assert KEY not in (tools_home / ".one/config").read_text()


def test_stopped_on_a_terminal_that_can_only_print_everything_is_as_it_was(tools_home: Path) -> None:
    (tools_home / ".one/config").write_text('{"a": [' + "\n1," * 40 + '\n1], "models": []}\n')
    before = files(tools_home)
    with Terminal.ours(*words_for(tools_home), env={"TERM": "dumb", "VSEGPT_API_KEY": KEY}) as terminal:
        terminal.sees("Which programs", "[1 2]")
        terminal.types("1\n")
        terminal.sees("2. Show", "Write these changes?")
        terminal.types("2\n")
        terminal.sees("+++ ~/.one/config")
        terminal.types(CTRL_D)
        assert terminal.ends() == 130
        assert "Stopped. Nothing was changed" in terminal.text
    assert files(tools_home) == before
    assert not (tools_home / STATE).exists()


def test_without_colours_nothing_is_coloured(tools_home: Path) -> None:
    env = {"NO_COLOR": "1", "VSEGPT_API_KEY": KEY}
    with Terminal.ours(*words_for(tools_home), env=env) as terminal:
        terminal.sees("Which programs")
        terminal.types(ENTER)
        terminal.sees("Write these changes?")
        terminal.types(ENTER)
        assert terminal.ends() == 0
        assert not re.search(rb"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d)[;m]", terminal.raw)


def test_a_dry_run_needs_no_key_and_writes_nothing(tools_home: Path) -> None:
    before = files(tools_home)
    with Terminal.ours(*words_for(tools_home), "--dry-run") as terminal:
        terminal.sees("Which programs")
        terminal.types(ENTER)
        assert terminal.ends() == 0
        assert "‹key›" in terminal.text
    assert files(tools_home) == before
    assert not (tools_home / STATE).exists()


def test_where_no_program_is_found_it_says_so(tmp_path: Path) -> None:
    with Terminal.ours("--home", str(tmp_path), "--lang", "en") as terminal:
        assert terminal.ends() == 0
        assert "No supported tool was found here" in terminal.text


@pytest.mark.parametrize("words", [[], ["--model", "a/b"]])
def test_without_a_terminal_it_is_the_help(tmp_path: Path, words: list[str]) -> None:
    result = subprocess.run(
        [*with_coverage.command(), *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stdout == ""
    assert files(tmp_path) == {}
    assert result.stderr.startswith("Usage: vsegpt-patch")
