"""`check --through`: a real program, run in a private home, and what a gateway here sees of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from patcher.errors import Refused
from patcher.registry.catalog import Catalog
from tests.support import with_coverage
from tests.support.homes import KEY, Person, Result, files, run
from tests.support.made_up_tools import profile

OTHER_KEY = "sk-proj-" + "0" * 40
PROFILES = ".config/vsegpt-patch/profiles"
PROFILE = """
found_by = ["~/.toy.json", "toy-cli"]
ask = ["toy-cli", "--say", "{question}"]
overridden_by = [{ env = "TOY_URL", what = "url" }, { file = ".toy.json" }]

[[file]]
format = "json"
path = ["$TOY_HOME/.toy.json", "~/.toy.json"]
create = {}

  [[file.edit]]
  key = { api_key = "{key}" }
  url = { api_base = "https://api.openai.com/v1" }
  model = { model = "{model}" }
"""
# A program as there are many: a file in the home, one of the project over it, variables over both.
TOY = """\
#!{python}
import json, os, pathlib, sys, time, urllib.request
home = pathlib.Path(os.environ.get("TOY_HOME") or os.environ["HOME"])
its = json.loads((home / ".toy.json").read_text())
if pathlib.Path(".toy.json").exists() and pathlib.Path.cwd() != home:
    its |= json.loads(pathlib.Path(".toy.json").read_text())
url = os.environ.get("TOY_URL") or its["api_base"]
key = os.environ.get("TOY_KEY") or its["api_key"]
model = os.environ.get("TOY_MODEL") or its["model"]
if its.get("dump"):
    files = [path for path in pathlib.Path(os.environ["HOME"]).rglob("*") if path.is_file()]
    seen = {{str(path): path.read_text() for path in files}}
    pathlib.Path(its["dump"]).write_text(json.dumps([dict(os.environ), seen, sys.argv[1:]]))
print("hello", key, flush=True)
if its.get("hangs"):
    time.sleep(600)
if its.get("fails"):
    sys.exit(3)
body = json.dumps({{"model": model, "messages": [{{"role": "user", "content": sys.argv[2]}}]}}).encode()
headers = {{"Authorization": "Bearer " + key, "Content-Type": "application/json"}}
question = urllib.request.Request(url + its.get("path", "/chat/completions"), body, headers)
urllib.request.urlopen(question).read()
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="LEFT OUT: the toy is a script of POSIX")


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Somebody who has patched the toy, with a key of their own that must not leave the home."""
    home = tmp_path / "home"
    profile(home / PROFILES, "toy", PROFILE)
    (home / ".local/bin").mkdir(parents=True)
    (home / ".local/bin/toy-cli").write_text(TOY.format(python=sys.executable), "utf-8")
    (home / ".local/bin/toy-cli").chmod(0o755)
    (home / "bot").mkdir()
    assert run(home, "toy", "--model", "deepseek/deepseek-chat").code == 0
    return Person(home, home / "bot")


def setting(person: Person, **settings: Any) -> None:
    file = person.home / ".toy.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | settings))


def through(person: Person, *words: str, **env: Any) -> Result:
    """Run it, and see that the home stays as it is, and that nothing lies about afterwards."""
    before = files(person.home)
    temporary = person.home.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    env = {"PATH": f"{person.home}/.local/bin:{os.environ['PATH']}", "TMPDIR": str(temporary)} | env
    result = person.run("check", "--through", "toy", "--yes", *words, **env)
    assert files(person.home) == before
    assert list(temporary.iterdir()) == []
    assert OTHER_KEY not in result.out + result.err
    return result


def test_a_request_that_arrives_is_told_with_path_and_model(person: Person) -> None:
    result = through(person)
    assert result.out == (
        "ok     toy: its request arrives at /v1/chat/completions, "
        "with the key of its file and the model deepseek/deepseek-chat\n"
    )
    assert result.code == 0
    assert result.err == "toy: it is asked now: toy-cli --say say hi\n"


def test_the_persons_key_never_gets_there(person: Person, tmp_path: Path) -> None:
    dump = tmp_path / "dump"
    setting(person, dump=str(dump), others=[{"key": KEY}])
    assert through(person, VSEGPT_API_KEY=KEY, MY_KEY=KEY).code == 0
    env, seen, words = json.loads(dump.read_text())
    assert KEY not in dump.read_text()
    assert words == ["--say", "say hi"]
    assert list(seen) == [f"{env['HOME']}/.toy.json"]
    config = json.loads(seen[f"{env['HOME']}/.toy.json"])
    assert config["api_key"].startswith("sk-or-vv-")
    assert config["api_base"].startswith("http://127.0.0.1:")
    assert env["HTTPS_PROXY"] == env["http_proxy"] == config["api_base"].removesuffix("/v1")


@pytest.mark.parametrize("url", ["https://other.example/v1", "http://other.example:8080/v1"])
def test_a_request_that_goes_elsewhere_is_named_with_the_variable_and_not_sent(
    url: str, person: Person
) -> None:
    result = through(person, TOY_URL=url)
    assert (
        "toy: no request arrives: it wants to go to other.example (because of TOY_URL) instead; see"
        in result.out
    )
    assert result.code == 1


def test_a_project_file_that_leads_elsewhere_is_named(person: Person) -> None:
    (person.work / ".toy.json").write_text('{"api_base": "https://project.example/v1"}')
    result = through(person)
    assert "to project.example (because of ~/bot/.toy.json) instead" in result.out


def test_another_key_or_model_is_named_with_the_variable(person: Person) -> None:
    result = through(person, TOY_KEY=OTHER_KEY, TOY_MODEL="gpt-4")
    assert [line.split(";")[0] for line in result.out.splitlines()] == [
        "wrong  toy: its request arrives with another key: sk-proj-…0000 (because of TOY_KEY)",
        "wrong  toy: its request arrives for another model: gpt-4 (because of TOY_MODEL)",
    ]


def test_another_path_is_named(person: Person) -> None:
    setting(person, path="/responses")
    result = through(person)
    assert "its request arrives at /v1/responses, not at /v1/chat/completions; see" in result.out
    assert result.code == 1


def test_where_nothing_comes_what_it_printed_is_shown_masked(person: Person) -> None:
    setting(person, fails=True)
    result = through(person, TOY_KEY=OTHER_KEY)
    assert "toy: no request arrives: it ends with code 3; see what counts more" in result.out
    assert "  | hello sk-proj-…0000" in result.out
    told = json.loads(through(person, "--json").out)
    [finding] = told["findings"]
    assert finding["about"] == "through"
    assert finding["ok"] is False
    assert finding["kind"] == "nothing"
    assert finding["details"][0].startswith("hello sk-or-vv-…")


def test_one_that_hangs_is_ended(person: Person) -> None:
    setting(person, hangs=True)
    code = (
        "from patcher.cli.commands import check_through as its; its.PATIENCE = 1.0; import patcher.__main__"
    )
    words = [*with_coverage.command(code), "check", "--through", "toy", "--yes", "--lang", "en"]
    env = {"PATH": f"{person.home}/.local/bin:{os.environ['PATH']}", "HOME": str(person.home)}
    ran = subprocess.run(words, cwd=person.work, env=env, capture_output=True, text=True, check=False)
    assert "no request arrives within 1 seconds" in ran.stdout
    assert "  | hello sk-or-vv-…" in ran.stdout


def test_variables_that_move_the_tools_files_lead_into_the_private_home(person: Person) -> None:
    moved = person.home / "elsewhere"
    moved.mkdir()
    (person.home / ".toy.json").rename(moved / ".toy.json")
    result = through(person, TOY_HOME=str(moved), XDG_CONFIG_HOME=str(person.home / ".config"))
    assert result.code == 0
    assert "arrives at /v1/chat/completions" in result.out


def test_what_cannot_be_tried_says_why(person: Person) -> None:
    assert "the command toy-cli was not found" in through(person, PATH=os.environ["PATH"]).err
    result = person.run("check", "--through", "toy")
    assert result.code == 1
    assert result.out == ""
    assert (
        "the profile is your own, and would run: toy-cli --say {question}; look at it, and say --yes"
        in result.err
    )
    profile(person.home / PROFILES, "toy", PROFILE.replace("ask =", "# ask ="))
    assert "no command is known that asks it one question" in through(person).err
    profile(person.home / PROFILES, "toy", PROFILE)
    assert person.run("check", "--through").code == 2
    (person.home / ".toy.json").write_text("{")
    assert "~/.toy.json: " in through(person).err


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        ('["other", "{question}"]', "'other' is no command of found_by"),
        ('["~/.toy.json", "{question}"]', "is no command of found_by"),
        ('["bash", "-c", "{question}"]', "'bash' runs other programs"),
        ('["python3.12", "-c", "{question}"]', "'python3.12' runs other programs"),
        ('["toy-cli", "{question}", "{key}"]', "'{key}' has an unknown placeholder"),
        ('["toy-cli", "hello"]', "ask"),
        ('"toy-cli {question}"', "ask"),
    ],
)
def test_a_command_that_could_be_anything_is_refused(ask: str, reason: str, tmp_path: Path) -> None:
    text = PROFILE.replace('ask = ["toy-cli", "--say", "{question}"]', f"ask = {ask}")
    text = text.replace('"toy-cli"]', '"toy-cli", "bash", "python3.12"]')
    profile(tmp_path, "toy", text)
    with pytest.raises(Refused, match=reason):
        Catalog.open([tmp_path]).get("toy")
