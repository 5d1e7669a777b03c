"""`export`: what was planned here is done elsewhere, by a script that holds no key."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from patcher.cli.commands.export import NAMES
from tests.support.homes import FIXTURES, KEY, ROOT, files, run

TOOLS = ("aider", "continue", "crush")
WORDS = ("--model", "openai/gpt-4o", "--endpoint", "https://api.vsegpt.ru", "--tighten")
# https://www.chezmoi.io/reference/source-state-attributes/: the prefixes of a script, in their order.
_SCRIPT = re.compile(r"run_(?:once_|onchange_)?(?:before_|after_)?[\w-]+\.sh(?:\.tmpl)?")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return copy(tmp_path / "home")


def copy(home: Path) -> Path:
    for tool in TOOLS:
        shutil.copytree(FIXTURES / tool / "existing/before/home", home, dirs_exist_ok=True)
    return home


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A directory of commands: the program, and a store of passwords with the key in its first line."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m patcher "$@"\n'
    store = f'#!/bin/sh\n[ "$*" = "show vsegpt" ] && printf "%s\\n" {KEY} "note: of the team"\n'
    for name, text in (("vsegpt-patch", program), ("pass", store)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder


def shell(script: str, home: Path, path: Path, *words: str, stdin: str = "", key: str = "") -> None:
    """Run a script as the owner of the home would, by the plainest shell there is."""
    env = {"HOME": str(home), "PATH": f"{path}:{os.defpath}"} | ({"VSEGPT_API_KEY": key} if key else {})
    file = path / "script"
    file.write_text(script)
    sh = shutil.which("dash") or "sh"
    ran = subprocess.run(
        [sh, str(file), *words], env=env, input=stdin, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert KEY not in ran.stdout + ran.stderr


@pytest.mark.parametrize("form", NAMES)
def test_it_holds_the_tools_and_options_and_no_key(form: str, home: Path) -> None:
    told = run(home, "export", "--as", form, *TOOLS, *WORDS, key=KEY)
    assert told.code == 0, told.err
    assert NAMES[form] in told.err
    assert KEY not in told.out
    assert all(word in told.out for word in (*TOOLS, "openai/gpt-4o", "https://api.vsegpt.ru", "tighten"))
    as_json = json.loads(run(home, "export", "--as", form, *TOOLS, *WORDS, "--json").out)
    assert (as_json["text"], as_json["tools"], as_json["as"]) == (told.out, list(TOOLS), form)


@pytest.mark.skipif(os.name != "posix", reason="LEFT OUT: needs a POSIX shell")
@pytest.mark.parametrize("given", ["stdin", "variable"])
def test_the_shell_script_does_elsewhere_what_is_done_here(
    given: str, home: Path, path: Path, tmp_path: Path
) -> None:
    script = run(home, "export", "--as", "sh", *TOOLS, *WORDS).out
    there = copy(tmp_path / "there")
    shell(script, there, path, "--dry-run", stdin=f"{KEY}\n")
    assert files(there) == files(home)
    shell(script, there, path, **({"stdin": f"{KEY}\n"} if given == "stdin" else {"key": KEY}))
    assert run(home, *TOOLS, *WORDS).code == 0
    assert files(there) == files(home)


@pytest.mark.skipif(os.name != "posix", reason="LEFT OUT: needs a POSIX shell")
def test_the_script_for_chezmoi_takes_the_key_from_the_store_when_it_runs(
    home: Path, path: Path, tmp_path: Path
) -> None:
    assert _SCRIPT.fullmatch(NAMES["chezmoi"])
    template = run(home, "export", "--as", "chezmoi", *TOOLS, *WORDS).out
    assert re.findall(r"{{.*?}}", template) == ['{{ pass "vsegpt" | sha256sum }}']
    there = copy(tmp_path / "there")
    shell(re.sub(r"{{.*?}}", "0" * 64, template), there, path)
    assert run(home, *TOOLS, *WORDS).code == 0
    assert files(there) == files(home)


def test_all_are_those_found_here_that_can_be_patched_elsewhere(home: Path) -> None:
    (home / ".claude").mkdir()
    told = run(home, "export", "--as", "sh", "--all")
    assert told.code == 0
    assert "claude-code: left out without --beta" in told.err
    assert f"-- {' '.join(TOOLS)}\n" in told.out
    assert "claude-code" in run(home, "export", "--as", "sh", "--all", "--beta").out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "name the tools, or say --all"),
        (("--all", "crush"), "name the tools, or say --all"),
        (("crsh",), "did you mean crush"),
        (("amp",), "none of these tools can be patched elsewhere"),
        (("crush", "--model", "{{x}}"), "--model"),
    ],
)
def test_what_cannot_be_exported_is_wrong_usage(words: tuple[str, ...], reason: str, home: Path) -> None:
    told = run(home, "export", "--as", "ansible", *words)
    assert told.code == 2
    assert told.out == ""
    assert reason in told.err
