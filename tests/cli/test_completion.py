"""The shell completes our command line: asked as each shell asks, and in the real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from patcher import ASKING, SHELLS
from patcher.cli import command_table, parameters
from patcher.registry import rules
from tests.support import with_coverage
from tests.support.homes import ROOT, cases, run

SCRIPTS = Path(sys.executable).parent


def asked(home: Path, shell: str, *words: str) -> list[list[str]]:
    """What a shell is answered that completes the last of these words."""
    typed = " ".join(["vsegpt-patch", *words])
    told = {
        "fish": {"COMP_WORDS": typed, "COMP_CWORD": words[-1]},
    }.get(shell, {"COMP_WORDS": typed, "COMP_CWORD": str(len(words))})
    result = subprocess.run(
        with_coverage.command(),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **told}
        | {ASKING: f"{shell}_complete"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not result.stderr
    lines = result.stdout.splitlines()
    if shell in {"zsh", "powershell"}:
        return [lines[start : start + 3] for start in range(0, len(lines), 3)]
    return [line.replace("\t", ",", 1).split(",", 2) for line in lines]


def values(home: Path, *words: str) -> list[str]:
    return [answer[1] for answer in asked(home, "bash", *words)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    for case in cases():
        if case.name in {"continue/existing", "chatgptbox/existing"}:
            case.home(home)
    return home


@pytest.mark.parametrize("shell", ["zsh", "fish", "powershell"])
def test_a_tool_is_completed_with_what_it_is(home: Path, shell: str) -> None:
    (kind, value, told) = asked(home, shell, "con")[0]
    assert (kind, value) == ("plain", "continue")
    assert told.startswith("Continue: AI assistant for VS Code")


def test_a_command_is_completed_wherever_it_may_stand_and_its_own_options(home: Path) -> None:
    assert "status" in values(home, "sta")
    assert "status" in values(home, "--lang", "ru", "sta")
    assert "status" not in values(home, "continue", "sta")
    assert values(home, "undo", "--ex") == ["--exact"]
    assert "--repoint" not in values(home, "undo", "--re")
    assert values(home, "--lang", "ru", "key", "ro") == ["rotate"]
    assert values(home, "completion", "") == list(SHELLS)


def test_values_of_options_are_completed(home: Path) -> None:
    config = home / ".config/vsegpt-patch/config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text('model = "openai/my-own"\n')
    assert run(home, "continue", "--model", "openai/once-used").code == 0
    assert {"openai/my-own", "openai/once-used", "openai/gpt-4o-mini"} <= set(
        values(home, "--model", "openai/")
    )
    assert values(home, "--browser", "chr") == ["Chrome", r"Chrome\ \·\ Default\ \(Аня\)"]
    assert [answer[1] for answer in asked(home, "powershell", "--browser", "chr")][1] == (
        "'Chrome · Default (Аня)'"
    )
    assert asked(home, "bash", "--home", "/x") == [["dir", "/x"]]
    assert asked(home, "bash", "--key-file", "/x") == [["file", "/x"]]
    assert values(home, "--lang", "r") == ["ru"]


def test_undo_is_completed_with_what_can_be_taken_back(home: Path) -> None:
    assert values(home, "undo", "") == []
    assert run(home, "continue").code == 0
    assert run(home, "chatgptbox").code == 0
    assert run(home, "undo", "2").code == 0
    answers = asked(home, "zsh", "undo", "")
    assert [answer[1] for answer in answers] == ["continue", "1"]
    assert answers[1][2].endswith(", continue")
    other = values(home.parent, "--home", str(home), "undo", "")
    assert other == ["continue", "1"]


def test_what_is_wrong_gives_no_answer_and_no_noise(home: Path) -> None:
    config = home / ".config/vsegpt-patch/config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("model = 5\n")
    assert values(home, "con") == ["continue"]
    assert values(home, "--profiles", "/nowhere", "con") == []
    assert values(home, "--home", "/nowhere", "--browser", "c") == []


def test_every_command_is_a_word_that_no_tool_may_have_and_has_a_line_of_help() -> None:
    assert set(command_table.COMMANDS) - {"patch"} <= rules.SUBCOMMANDS
    for name in command_table.COMMANDS:
        assert command_table.command(name).get_short_help_str()


def test_every_option_with_a_value_is_known_where_commands_are_told_from_values() -> None:
    made = [command_table.command(name) for name in command_table.COMMANDS]
    valued = {
        word
        for command in made
        for param in command.params
        if param.param_type_name == "option" and not getattr(param, "is_flag", False)
        for word in param.opts
    }
    assert valued == parameters.VALUED


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_says_in_its_last_line_how_it_is_loaded(tmp_path: Path, shell: str) -> None:
    result = run(tmp_path, "completion", shell)
    assert result.code == 0
    assert result.out.splitlines()[-1].startswith("# ")
    assert f"vsegpt-patch completion {shell}" in result.out.splitlines()[-1]
    assert f"{ASKING}" in result.out
    assert run(tmp_path, "completion", "csh").code == 2


# The real shells

START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(vsegpt-patch completion bash)"'),
    "zsh": (
        ["zsh", "-f", "-i"],
        'autoload -U compinit; compinit -u -D; eval "$(vsegpt-patch completion zsh)"',
    ),
    "fish": (["fish", "--no-config", "-i"], "vsegpt-patch completion fish | source"),
}


@pytest.fixture(params=START)
def at_shell(request: pytest.FixtureRequest, home: Path) -> Iterator[object]:
    """A terminal at which this shell has loaded our script."""
    pytest.importorskip("pty", reason="LEFT OUT: Windows has no pseudo-terminals")
    from tests.support.terminals import Terminal  # noqa: PLC0415 - not on Windows

    words, load = START[request.param]
    if not shutil.which(words[0]):
        assert not os.environ.get("CI") or os.geteuid() != 0, f"{words[0]} is not installed"
        pytest.skip(f"LEFT OUT: {words[0]} is not installed")
    path = f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"
    env = {"HOME": str(home), "PATH": path, "PS1": "ready> ", "CI": ""}
    with Terminal(words, env, cwd=home) as terminal:
        terminal.types(f"{load}; echo load''ed\r")
        terminal.sees("loaded")
        yield terminal


def test_in_the_real_shell_a_tool_and_a_command_are_completed(at_shell: object) -> None:
    from tests.support.terminals import KILL_LINE, Terminal  # noqa: PLC0415 - not on Windows

    assert isinstance(at_shell, Terminal)
    at_shell.types("vsegpt-patch con\t")
    at_shell.sees("vsegpt-patch continue")
    at_shell.types(KILL_LINE, "vsegpt-patch --lang ru hist\t")
    at_shell.sees("vsegpt-patch --lang ru history")
    at_shell.types(KILL_LINE, "vsegpt-patch status continue --bro\t")
    at_shell.sees("vsegpt-patch status continue --browser")
