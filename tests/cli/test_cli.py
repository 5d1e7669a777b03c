"""The command line: words, where the key comes from, exit codes, what is said."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from patcher.planning import plan
from tests.support import with_coverage
from tests.support.homes import KEY, ROOT, files, run
from tests.support.made_up_tools import run_with_profiles

OTHER_KEY = "sk-or-vv-" + "0" * 60 + "abcd"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 2),
        (["nosuchtool"], 2),
        (["one", "--all"], 2),
        (["--nosuchoption"], 2),
        (["one", "--endpoint", "http://api.vsegpt.ru"], 2),
        (["one", "--model", "two words"], 2),
        (["one", "--key-file", "/nonexistent"], 2),
        (["show"], 2),
        (["undo", "99"], 2),
        (["undo", "nosuchtool"], 2),
        (["one", "-n"], 0),
        (["-n", "one", "--exit-code"], 3),
        (["--all", "--yes"], 0),
        (["--yes", "status"], 0),
        (["--json", "history"], 0),
        (["list"], 0),
        (["--help"], 0),
        (["undo", "--help"], 0),
        (["--version"], 0),
    ],
)
def test_exit_codes(words: list[str], code: int, home: Path) -> None:
    result = run_with_profiles(home, *words)
    assert result.code == code, result.err
    assert "Traceback" not in result.err


def test_results_go_to_stdout_and_messages_to_stderr(home: Path) -> None:
    (home / ".two/config").write_bytes(b"{")
    result = run_with_profiles(home, "one", "two")
    assert result.out == "one: patched (~/.one/config)\n"
    assert result.err.splitlines()[0].startswith("two: ~/.two/config:1: ")
    assert "To take it back: vsegpt-patch undo 1" in result.err


def test_a_name_that_is_a_subcommand_after_a_tool_is_no_tool(home: Path) -> None:
    assert run_with_profiles(home, "one", "list").code == 2


def test_the_key_comes_from_a_file_then_the_environment(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"\ufeff{OTHER_KEY}\r\n", "utf-8")
    assert run_with_profiles(home, "one", "--key-file", str(file)).code == 0
    assert OTHER_KEY.encode() in (home / ".one/config").read_bytes()
    assert run_with_profiles(home, "one").code == 0
    assert KEY.encode() in (home / ".one/config").read_bytes()


def test_without_a_key_nothing_is_written_and_it_says_what_to_do(home: Path) -> None:
    before = files(home)
    result = run_with_profiles(home, "one", key=None)
    assert result.code == 2
    assert files(home) == before
    assert "VSEGPT_API_KEY" in result.err
    assert "--key-file" in result.err


def test_a_key_is_taken_from_standard_input(home: Path) -> None:
    (home / ".config/vsegpt-patch").mkdir(parents=True)
    (home.parent / "profiles").rename(home / ".config/vsegpt-patch/profiles")
    result = subprocess.run(
        [*with_coverage.command(), "one", *f"--key-file - --home {home}".split()],
        input=f"{OTHER_KEY}\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert OTHER_KEY.encode() in (home / ".one/config").read_bytes()


def test_model_and_endpoint_are_what_was_asked_for(home: Path) -> None:
    words = ["--model", "deepseek/deepseek-chat", "--endpoint", "http://127.0.0.1:8080"]
    result = run_with_profiles(home, "one", *words)
    (model,) = json.loads((home / ".one/config").read_bytes())["models"]
    assert (model["model"], model["apiBase"]) == ("deepseek/deepseek-chat", "http://127.0.0.1:8080/v1")
    assert "127.0.0.1 is not VseGPT's address" in result.err


def test_repoint_takes_along_entries_of_the_same_handler_at_openai(home: Path) -> None:
    (home / ".one/config").write_text(
        json.dumps(
            {
                "models": [
                    {"name": "a", "provider": "openai", "apiKey": "sk-old0000000000"},
                    {"name": "b", "provider": "openai", "apiBase": "https://API.openai.com/v1/"},
                    {"name": "c", "provider": "openai", "apiBase": "https://other.example/v1"},
                    {"name": "d", "provider": "anthropic"},
                    "e",
                ]
            }
        )
    )
    assert run_with_profiles(home, "one", "--repoint").code == 0
    models = json.loads((home / ".one/config").read_bytes())["models"]
    ours = {model["name"] for model in models if isinstance(model, dict) and model.get("apiKey") == KEY}
    assert ours == {"VseGPT", "a", "b"}
    assert run_with_profiles(home, "one", "--repoint", "-n", "--exit-code").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["one", "-n"], 0),
        (["one", "two", "--strict"], 1),
        (["two"], 1),
        (["undo"], 0),
        (["history"], 0),
        (["status", "one"], 0),
    ],
)
def test_where_nothing_is_written_no_state_directory_is_made(words: list[str], code: int, home: Path) -> None:
    (home / ".two/config").write_bytes(b"{")
    assert run_with_profiles(home, *words).code == code
    assert not (home / ".local").exists()


def test_an_unexpected_error_shows_no_traceback_and_no_key(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError(f"with {KEY} in it")

    monkeypatch.setattr(plan, "make", broken)
    result = run_with_profiles(home, "one")
    assert result.code == 1
    assert "internal error (ValueError at test_cli.py:" in result.err
    assert KEY not in result.err
    assert "Traceback" not in result.err


def test_a_closed_pipe_is_no_error_to_show(home: Path) -> None:
    words = [*with_coverage.command(), "list", "--home", str(home)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


GUIDE = """
name = "By Hand"
about = { en = "a", ru = "б" }
docs = "https://x.example"
found_by = ["~/.byhand"]
guide = { en = "Set the URL to {url:https://api.openai.com/v1}, the model to {model}.", ru = "б" }
"""


def test_a_guide_is_shown_with_the_gateways_address(tmp_path: Path) -> None:
    profiles, home = tmp_path / "profiles", tmp_path / "home"
    profiles.mkdir()
    home.mkdir()
    (profiles / "byhand.toml").write_text(GUIDE, "utf-8")
    words = ["--profiles", str(profiles)]
    for command in (["byhand"], ["show", "byhand"]):
        result = run(home, *command, *words, key=None)
        assert result.code == 0
        assert "URL to https://api.vsegpt.ru:6070/v1, the model to openai/gpt-4o-mini." in result.out
    told = json.loads(run(home, "byhand", "--json", *words, key=None).out)
    assert told["tools"][0]["status"] == "guide"
    assert "by hand" in run(home, "status", "byhand", *words).out


def test_what_to_do_afterwards_is_said(tmp_path: Path) -> None:
    assert "The model is called vsegpt: llm -m vsegpt." in run(tmp_path, "llm").out
    assert "Модель называется vsegpt" in run(tmp_path, "llm", "--lang", "ru", key=OTHER_KEY).out


def test_nothing_to_change_is_said(home: Path) -> None:
    run_with_profiles(home, "one")
    assert run_with_profiles(home, "one", "-n").err == "Nothing to change.\n"
    assert run_with_profiles(home, "one").out == "one: nothing to change\n"
    assert "No supported tool was found" in run(home.parent, "--all").err
    assert "No supported tool was found" in run(home.parent, "status").err
