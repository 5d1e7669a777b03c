"""`check --through`: a real program, run in a private home, and what a gateway here sees of it."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from patcher.errors import Refused
from patcher.registry.catalog import Catalog
from tests.support import with_coverage
from tests.support.askable import PROFILE, PROFILES, remembers, setting, toy_home, with_toy
from tests.support.homes import KEY, Person, Result, files, run
from tests.support.made_up_tools import profile

OTHER_KEY = "sk-proj-" + "0" * 40
OTHERS = ["sk-ant-api03-" + "a1" * 20, "xai-" + "B2" * 20, "ghp_" + "c3" * 18, "hunter-2-hunter"]
CAN_ISOLATE = "from patcher.gateway.netns import isolate; raise SystemExit(not isolate())"
NOT_ISOLATED = "from patcher.gateway import netns; netns.isolate = lambda: False\nimport patcher.__main__"
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="LEFT OUT: the toy is a script of POSIX")


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Somebody who has patched the toy, with a key of their own that must not leave the home."""
    person = toy_home(tmp_path)
    assert run(person.home, "toy", "--model", "deepseek/deepseek-chat").code == 0
    return person


def through(person: Person, *words: str, cwd: Path | None = None, **env: Any) -> Result:
    """Run it, and see that the home stays as it is, and that nothing lies about afterwards."""
    before = files(person.home)
    its = with_toy(person, **env)
    result = person.run("check", "--through", "toy", "--yes", *words, cwd=cwd, **its)
    assert files(person.home) == before
    assert list(Path(its["TMPDIR"]).iterdir()) == []
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


def test_where_nothing_comes_what_counts_more_is_named(person: Person) -> None:
    setting(person, fails=True)
    result = through(person, TOY_URL="https://other.example/v1")
    told = "       | TOY_URL is set and counts more than ~/.toy.json: it points at other.example; unset it"
    assert told in result.out.splitlines()
    assert "counts more than ~/" not in through(person).out


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


def test_ctrl_c_ends_the_tool_and_leaves_nothing_about(person: Person) -> None:
    pytest.importorskip("pty", reason="LEFT OUT: Windows has no pseudo-terminals")
    from tests.support.terminals import CTRL_C, Terminal  # noqa: PLC0415 - not on Windows

    alive = person.home / "alive"
    setting(person, hangs=True, writes=str(alive))
    env = with_toy(person, HOME=str(person.home))
    with Terminal.ours("check", "--through", "toy", "--yes", "--lang", "en", env=env) as terminal:
        terminal.sees("it is asked now")
        while not alive.exists():
            time.sleep(0.05)
        terminal.types(CTRL_C)
        assert terminal.ends() == 130
    assert list(Path(env["TMPDIR"]).iterdir()) == []


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


def test_a_choice_that_no_profile_knows_is_found_in_the_state(person: Person) -> None:
    remembers(person, api_base="https://api.mistral.ai/v1")
    result = through(person)
    because = "(because of ~/.toy/state.json: last.api_base)"
    wrong, *more = result.out.splitlines()
    assert wrong.startswith(
        f"wrong  toy: no request arrives: it wants to go to api.mistral.ai {because} instead"
    )
    assert more == [
        "       | api.mistral.ai is named in ~/.toy/state.json: last.api_base; a profile would need:",
        '       | overridden_by = [{ file = "~/.toy/state.json", at = ["last", "api_base"], what = "url" }]',
    ]
    assert result.code == 1


def test_with_the_line_that_was_asked_for_a_profile_says_it_itself(person: Person) -> None:
    remembers(person, api_base="https://api.mistral.ai/v1")
    line = '{ file = "~/.toy/state.json", at = ["last", "api_base"], what = "url" }'
    told = PROFILE.replace("overridden_by = [", f"overridden_by = [{line}, ")
    profile(person.home / PROFILES, "toy", told)
    [wrong] = through(person).out.splitlines()
    assert "to go to api.mistral.ai (because of last.api_base in ~/.toy/state.json) instead" in wrong


def test_a_service_that_is_chosen_by_its_name_is_found_too(person: Person) -> None:
    (person.home / ".toy").mkdir()
    (person.home / ".toy/choice.toml").write_text('[now]\nprovider = "Mistral"\n')
    result = through(person, TOY_URL="https://api.mistral.ai/v1")
    assert "(because of TOY_URL)" in result.out
    setting(person, before=["api,mistral,ai"])
    result = through(person)
    assert "(because of ~/.toy/choice.toml: now.provider)" in result.out
    assert 'file = "~/.toy/choice.toml", at = ["now", "provider"], what = "handler" }' in result.out


def test_a_variable_that_no_profile_knows_is_named_with_the_line_for_it(person: Person) -> None:
    result = through(person, TOY_URL="https://other.example/v1", STRANGE="https://other.example/v1")
    assert "a profile would need" not in result.out
    profile(person.home / PROFILES, "toy", PROFILE.replace("TOY_URL", "TOY_OTHER"))
    result = through(person, TOY_URL="https://other.example/v1")
    assert '       | overridden_by = [{ env = "TOY_URL", what = "url" }]' in result.out.splitlines()


def test_updates_and_telemetry_before_its_request_do_not_count(person: Person) -> None:
    setting(person, before=["registry,npmjs,org", "o123,ingest,sentry,io"], after=["telemetry,toy,example"])
    result = through(person)
    assert result.out.startswith("ok     toy: its request arrives at /v1/chat/completions, ")
    assert result.out.count("\n") == 1
    assert result.code == 0


def test_a_host_of_which_nothing_is_known_is_named(person: Person) -> None:
    setting(person, before=["toy,example"])
    result = through(person)
    assert "note   toy: besides it wants to talk to toy.example\n" in result.out
    assert result.code == 0


def test_the_first_request_for_a_model_has_to_be_ours(person: Person) -> None:
    setting(person, before=["registry,npmjs,org", "api,anthropic,com"])
    result = through(person)
    assert "wrong  toy: before its request arrives it wants to go to api.anthropic.com" in result.out
    assert "registry" not in result.out
    assert result.code == 1


def test_a_second_model_that_goes_elsewhere_is_a_note_with_its_setting(person: Person) -> None:
    slot = '\n  [[file.edit]]\n  slot = true\n  url = { second = "https://api.openai.com/v1" }\n'
    profile(person.home / PROFILES, "toy", PROFILE + slot)
    setting(person, second="https://api.x.ai/v1", after=["api,x,ai"])
    result = through(person)
    assert result.out.startswith("ok     toy: its request arrives")
    assert "talk to api.x.ai (because of the second model second)" in result.out
    assert result.code == 0


def test_the_copied_state_has_nobodys_secret(person: Person, tmp_path: Path) -> None:
    first, second, third, fourth = OTHERS
    state = person.home / ".toy"
    (state / "deep").mkdir(parents=True)
    whole = {"x": first, "again": first, "password": fourth, "ours": KEY, "leader_key": "ctrl+x 1"}
    (state / "deep/auth.json").write_text(json.dumps(whole | {"id": "a1" * 20, "db": f"{state}/store.db"}))
    (state / "notes.txt").write_text(f"Authorization: Bearer {second}\n")
    with sqlite3.connect(state / "store.db") as store:
        store.execute("create table of_it (name, value)")
        store.execute("insert into of_it values ('x', ?)", [third])
    store.close()
    (tmp_path / "secret.txt").write_text("outside")
    (state / "out").symlink_to(tmp_path / "secret.txt")
    (state / "in").symlink_to("notes.txt")
    (state / "large").write_bytes(b"1" * 4_000_001)
    (state / "node_modules").mkdir()
    (state / "node_modules/it.js").write_text("1")
    (state / "run.log").write_text("1")
    os.mkfifo(state / "pipe")
    dump = tmp_path / "dump"
    setting(person, dump=str(dump), other_key=first)
    result = person.run("check", "--through", "toy", "--yes", cwd=None, **with_toy(person))
    assert result.code == 0, result.out
    assert "toy: files of its own that are too large, or too many, to be copied: 1" in result.err
    env, seen, _words = json.loads(dump.read_text())
    its = {Path(name).relative_to(env["HOME"]).as_posix(): text for name, text in seen.items()}
    names = ["deep/auth.json", "in", "notes.txt", "store.db"]
    assert sorted(its) == [".toy.json", *(f".toy/{name}" for name in names)]
    assert not [word for word in [*OTHERS, KEY] if word in dump.read_text()]
    there = json.loads(its[".toy/deep/auth.json"])
    made_up = there["x"]
    assert made_up.startswith("sk-ant-")
    assert len(made_up) == len(first)
    assert (there["again"], json.loads(its[".toy.json"])["other_key"]) == (made_up, made_up)
    assert there["ours"] == json.loads(its[".toy.json"])["api_key"]
    assert (there["id"], there["leader_key"]) == ("a1" * 20, "ctrl+x 1")
    assert there["db"] == f"{env['HOME']}/.toy/store.db"
    copy = tmp_path / "copy.db"
    copy.write_bytes(its[".toy/store.db"].encode("latin-1"))
    with sqlite3.connect(copy) as store:
        [[value]] = store.execute("select value from of_it")
    store.close()
    assert value.startswith("ghp_")
    assert len(value) == len(third)


def test_what_is_at_vsegpt_by_the_state_arrives(person: Person) -> None:
    remembers(person, api_base="https://api.vsegpt.ru:6070/v1")
    assert through(person, TOY_URL="https://api.vsegpt.ru/v1").code == 0
    assert through(person).code == 0


def test_run_in_the_home_itself_it_writes_into_the_private_one(person: Person) -> None:
    setting(person, writes="here.txt")
    assert through(person, cwd=person.home).code == 0
    assert not (person.home / "here.txt").exists()


def in_a_process(person: Person, *, isolated: bool = True, **env: str) -> subprocess.CompletedProcess[str]:
    """The same as a process of its own, which alone can leave this machine's network, or may not."""
    if isolated and subprocess.run([sys.executable, "-c", CAN_ISOLATE], check=False).returncode:
        pytest.skip("LEFT OUT: this system forbids namespaces")
    code = "import patcher.__main__" if isolated else NOT_ISOLATED
    words = [*with_coverage.command(code), "check", "--through", "toy", "--yes", "--lang", "en"]
    env = {"HOME": str(person.home)} | with_toy(person) | env
    return subprocess.run(words, env=env, cwd=person.work, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("isolated", [True, False])
def test_the_trial_has_no_other_network(isolated: bool, person: Person) -> None:
    """A program that heeds no proxy reaches this machine's servers, but not from a network of its own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        setting(person, straight=server.getsockname())
        ran = in_a_process(person, isolated=isolated)
        reached = True
        try:
            server.accept()[0].close()
        except TimeoutError:
            reached = False
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert reached is not isolated
    assert ("note   there is no network of its own for such a trial here" in ran.stdout) is not isolated


def test_a_program_that_heeds_no_proxy_is_seen_where_it_goes(person: Person) -> None:
    setting(person, heedless=True, before=["registry,npmjs,org", "api,anthropic,com"], fails=True)
    ran = in_a_process(person)
    assert "wrong  toy: no request arrives: it wants to go to api.anthropic.com instead" in ran.stdout
    assert ran.returncode == 1
    setting(person, before=[], after=["toy,example"], fails=False)
    ran = in_a_process(person)
    assert ran.stdout.startswith("ok     toy: its request arrives at /v1/chat/completions, ")
    assert "note   toy: besides it wants to talk to toy.example\n" in ran.stdout


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
