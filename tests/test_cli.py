"""The command line: words, exit codes, `--json`, undo and history."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from patcher import options, plan, safefile, transaction
from patcher.catalog import Catalog
from patcher.lock import Lock
from patcher.places import Machine
from patcher.plan import is_found
from patcher.profile_rules import SUBCOMMANDS
from patcher.runs import KEEP
from tests import measured
from tests.homes import FIXTURES, KEY, ROOT, STATE, everything_in, files, run, together
from tests.toys import toy_home, vsegpt

GOOD = b'{\n  "models": []\n}\n'
OTHER_KEY = "sk-or-vv-" + "0" * 60 + "abcd"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two tools, `one` and `two`."""
    return toy_home(tmp_path, "one", "two", syntax="jsonc", holds=GOOD)


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which every tool is set up, as far as they do not get in each other's way."""
    return everything_in(tmp_path_factory.mktemp("every") / "home")


def test_all_finds_and_patches_every_tool_and_undo_gives_back_every_byte(
    everything: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(everything, home, symlinks=True)
    before = files(home)
    machine = Machine.here(home, project=home / "project")
    tools = {case.tool for case in together() if is_found(Catalog.open().get(case.tool), machine)}
    assert len(tools) >= 120
    words = ["--all", "--beta", "--in", "PROJECT"]
    dry = run(home, *words, "--dry-run", key=None)
    assert (dry.code, files(home)) == (0, before)
    real = run(home, *words, "--json")
    assert real.code == 0
    told = json.loads(real.out)
    assert {tool["tool"] for tool in told["tools"] if tool["status"] == "patched"} >= tools
    changed = [file for tool in told["tools"] for file in tool["files"] if file["action"] != "none"]
    assert len([line for line in dry.out.splitlines() if line.startswith("+++ ")]) == len(changed)
    assert run(home, "undo").code == 0
    assert files(home) == before


def test_with_one_file_made_invalid_its_tool_is_left_whole_and_named(
    everything: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(everything, home, symlinks=True)
    (home / ".pi/agent/settings.json").write_text('{"broken": \n', "utf-8")
    before = files(home)
    strict = run(home, "--all", "--strict")
    assert (strict.code, files(home)) == (1, before)
    result = run(home, "--all")
    assert result.code == 1
    assert "pi: ~/.pi/agent/settings.json:" in result.err
    after = files(home)
    assert {name for name in before if name.startswith(".pi/") and before[name] != after[name]} == set()
    assert after[".continue/config.yaml"] != before[".continue/config.yaml"]


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
    result = vsegpt(home, *words)
    assert result.code == code, result.err
    assert "Traceback" not in result.err


def test_results_go_to_stdout_and_messages_to_stderr(home: Path) -> None:
    (home / ".two/config").write_bytes(b"{")
    result = vsegpt(home, "one", "two")
    assert result.out == "one: patched (~/.one/config)\n"
    assert result.err.splitlines()[0].startswith("two: ~/.two/config:1: ")
    assert "To take it back: vsegpt-patch undo 1" in result.err


def test_a_name_that_is_a_subcommand_after_a_tool_is_no_tool(home: Path) -> None:
    assert vsegpt(home, "one", "list").code == 2


def test_the_key_comes_from_a_file_then_the_environment(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"\ufeff{OTHER_KEY}\r\n", "utf-8")
    assert vsegpt(home, "one", "--key-file", str(file)).code == 0
    assert OTHER_KEY.encode() in (home / ".one/config").read_bytes()
    assert vsegpt(home, "one").code == 0
    assert KEY.encode() in (home / ".one/config").read_bytes()


def test_without_a_key_nothing_is_written_and_it_says_what_to_do(home: Path) -> None:
    before = files(home)
    result = vsegpt(home, "one", key=None)
    assert (result.code, files(home)) == (2, before)
    assert "VSEGPT_API_KEY" in result.err
    assert "--key-file" in result.err


def test_a_key_is_taken_from_standard_input(home: Path) -> None:
    (home / ".config/vsegpt-patch").mkdir(parents=True)
    (home.parent / "profiles").rename(home / ".config/vsegpt-patch/profiles")
    result = subprocess.run(
        [*measured.command(), "one", *f"--key-file - --home {home}".split()],
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
    result = vsegpt(home, "one", *words)
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
    assert vsegpt(home, "one", "--repoint").code == 0
    models = json.loads((home / ".one/config").read_bytes())["models"]
    ours = {model["name"] for model in models if isinstance(model, dict) and model.get("apiKey") == KEY}
    assert ours == {"VseGPT", "a", "b"}
    assert vsegpt(home, "one", "--repoint", "-n", "--exit-code").code == 0


def test_status_tells_the_states_apart(home: Path) -> None:
    def state() -> str:
        return vsegpt(home, "status", "one").out.splitlines()[1].split("  ")[-1].strip()

    assert state() == "not set"
    vsegpt(home, "one")
    assert state() == "VseGPT"
    text = (home / ".one/config").read_text()
    (home / ".one/config").write_text(text + "// mine\n")
    assert state() == "VseGPT, changed since"
    (home / ".one/config").write_text(text.replace("https://api.vsegpt.ru:6070", "https://other.example"))
    assert state() == "other host: other.example, changed since"
    (home / ".one/config").unlink()
    assert state() == "no file yet"
    (home / ".one/config").write_text("{")
    assert vsegpt(home, "status", "one").code == 1


def test_show_names_every_setting_with_the_key_masked(home: Path) -> None:
    vsegpt(home, "one")
    out = vsegpt(home, "show", "one").out
    for word in ("handler", "models[name=VseGPT].apiKey", "sk-or-vv-…0000", "https://api.vsegpt.ru:6070/v1"):
        assert word in out
    assert KEY not in out


def test_list_names_every_tool_with_how_it_was_verified(home: Path) -> None:
    tools = json.loads(vsegpt(home, "list", "--json").out)["tools"]
    assert {"one", "two", "continue", "aider"} <= {tool["tool"] for tool in tools}
    found = {tool["tool"]: (tool["found"], tool["state"]) for tool in tools}
    assert found["one"] == ("config", "unset")
    assert found["continue"] == (None, None)


def test_undo_takes_back_the_last_run_then_the_one_before(home: Path) -> None:
    before = files(home)
    vsegpt(home, "one")
    between = files(home)
    vsegpt(home, "two")
    assert vsegpt(home, "undo").code == 0
    assert files(home) == between
    assert vsegpt(home, "undo").code == 0
    assert files(home) == before
    result = vsegpt(home, "undo")
    assert (result.code, result.err) == (0, "Nothing to take back.\n")


@pytest.mark.parametrize("words", [["one"], ["1", "2"], ["--all"]])
def test_undo_of_a_tool_goes_back_to_before_its_first_run(words: list[str], home: Path) -> None:
    before = files(home)
    vsegpt(home, "one")
    vsegpt(home, "one", key=OTHER_KEY)
    assert vsegpt(home, "undo", *words).code == 0
    assert files(home) == before


def test_undo_shows_its_diff_first(home: Path) -> None:
    vsegpt(home, "one")
    after = files(home)
    result = vsegpt(home, "undo", "--dry-run")
    assert '-      "apiKey": "sk-or-vv-…0000",' in result.out
    assert files(home) == after


def test_undo_spares_what_was_changed_since_and_names_it(home: Path) -> None:
    config = home / ".one/config"
    vsegpt(home, "one")
    config.write_text(
        config.read_text().replace("openai/gpt-4o-mini", "my/model").replace("{\n", '{"mine": 1,\n', 1)
    )
    result = vsegpt(home, "undo")
    assert "models[name=VseGPT].model was changed since" in result.err
    assert json.loads(config.read_bytes()) == {"mine": 1, "models": [{"model": "my/model"}]}


def test_undo_works_after_the_tool_has_written_its_file_anew(home: Path) -> None:
    config = home / ".one/config"
    config.write_bytes(b'{\n  // gone soon\n  "models": [],\n  "x": 1\n}\n')
    vsegpt(home, "one")
    data = json.loads("".join(line for line in config.read_text().splitlines() if "//" not in line))
    config.write_text(json.dumps({"seen": True, **data}, indent="\t", sort_keys=True))
    assert vsegpt(home, "undo", "one").code == 0
    assert json.loads(config.read_bytes()) == {"models": [], "seen": True, "x": 1}


def test_an_old_key_goes_back_only_beside_its_url(home: Path) -> None:
    config = home / ".one/config"
    old = {
        "name": "VseGPT",
        "provider": "openai",
        "apiKey": "sk-old0000000000",
        "apiBase": "https://a.example/v1",
    }
    config.write_text(json.dumps({"models": [old]}))
    vsegpt(home, "one")
    config.write_text(config.read_text().replace("https://api.vsegpt.ru:6070", "https://b.example"))
    result = vsegpt(home, "undo")
    assert "the old key belongs to an address that is not there any more" in result.err
    assert "sk-old0000000000" not in config.read_text() + result.out + result.err


def test_undo_exact_gives_back_the_bytes_or_refuses(home: Path) -> None:
    config = home / ".one/config"
    vsegpt(home, "one")
    written = config.read_bytes()
    config.write_bytes(written + b"// mine\n")
    result = vsegpt(home, "undo", "--exact")
    assert result.code == 1
    assert "it was changed since" in result.err
    assert config.read_bytes() == written + b"// mine\n"
    config.write_bytes(written)
    assert vsegpt(home, "undo", "--exact").code == 0
    assert config.read_bytes() == GOOD


def test_undo_works_when_the_profile_is_gone(home: Path) -> None:
    vsegpt(home, "one")
    (home.parent / "profiles/one.toml").unlink()
    (home / ".one/config").write_bytes((home / ".one/config").read_bytes() + b"// mine\n")
    assert vsegpt(home, "undo", "one").code == 0
    assert (home / ".one/config").read_bytes() == GOOD + b"// mine\n"


def test_undo_when_the_file_is_gone_says_so(home: Path) -> None:
    vsegpt(home, "one")
    (home / ".one/config").unlink()
    result = vsegpt(home, "undo")
    assert (result.code, "the file is gone" in result.err) == (0, True)


def test_the_newest_runs_are_kept_and_always_the_first_original(home: Path) -> None:
    before = files(home)
    for number in range(KEEP + 3):
        assert vsegpt(home, "one", key=f"sk-or-vv-{number:064}").code == 0
    runs = json.loads(vsegpt(home, "history", "--json").out)["runs"]
    assert [entry["run"] for entry in runs] == list(range(KEEP + 3, 3, -1))
    assert list((home / STATE / "originals").glob("*.before"))
    assert vsegpt(home, "undo", "one").code == 0
    assert files(home) == before


def test_history_says_what_was_taken_back(home: Path) -> None:
    assert "No runs yet" in vsegpt(home, "history").err
    vsegpt(home, "one", "two")
    vsegpt(home, "undo")
    kinds = [
        (entry["kind"], entry["undone"])
        for entry in json.loads(vsegpt(home, "history", "--json").out)["runs"]
    ]
    assert kinds == [("undo", False), ("patch", True)]
    assert "taken back" in vsegpt(home, "history").out


def test_a_spoilt_backup_is_not_used(home: Path) -> None:
    vsegpt(home, "one")
    after = files(home)
    (home / STATE / "runs/1/0.before").write_bytes(b"{}")
    result = vsegpt(home, "undo")
    assert (result.code, files(home)) == (1, after)
    assert "is not what was put there" in result.err
    (home / STATE / "runs/1/manifest.json").write_text("{")
    assert vsegpt(home, "history").code == 1


def test_a_file_that_changes_between_plan_and_write_is_left_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = plan.make

    def slow(*arguments: object, **names: object) -> plan.Plan:
        made: plan.Plan = make(*arguments, **names)  # type: ignore[arg-type]
        monkeypatch.setattr(plan, "make", make)
        (home / ".one/config").write_bytes(GOOD + b"// just now\n")
        return made

    monkeypatch.setattr(plan, "make", slow)
    (home / STATE).mkdir(mode=0o700, parents=True)  # not the first run: that looks twice
    result = vsegpt(home, "one", "two")
    assert result.code == 1
    assert "it has changed meanwhile" in result.err
    assert (home / ".one/config").read_bytes() == GOOD + b"// just now\n"
    assert KEY.encode() in (home / ".two/config").read_bytes()


def test_another_programs_edit_of_the_last_moment_survives(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap = transaction._swap  # noqa: SLF001 - the moment between the last look and the exchange

    def late(job: transaction._Job) -> None:
        if job.write.tool == "two":
            (home / ".two/config").write_bytes(GOOD + b"// just now\n")
        swap(job)

    for exchange in (True, False):
        before = files(home)
        monkeypatch.setattr(transaction, "_swap", late)
        if not exchange:
            monkeypatch.setattr(safefile, "_EXCHANGE", "")
        result = vsegpt(home, "one", "two", "--strict")
        assert (result.code, "another program changed it just now" in result.err) == (1, True)
        assert files(home) == before | {".two/config": GOOD + b"// just now\n"}
        (home / ".two/config").write_bytes(GOOD)


@pytest.mark.parametrize("words", [["one", "two"], ["undo"]])
def test_a_file_that_is_written_over_right_after_the_run_is_named(
    words: list[str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if words == ["undo"]:
        vsegpt(home, "one", "two")
    late = GOOD + b"// just now\n"
    monkeypatch.setattr("patcher.transaction.time.sleep", lambda _: (home / ".one/config").write_bytes(late))
    result = vsegpt(home, *words)
    assert result.code == 1
    told = "one: ~/.one/config: it was changed by another program right after it was written; run again"
    assert [line for line in result.err.splitlines() if line.startswith(told)]
    assert "two: ~/.two/config: it was changed" not in result.err
    assert (home / ".one/config").read_bytes() == late
    monkeypatch.undo()
    assert vsegpt(home, "one").code == 0


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
    assert vsegpt(home, *words).code == code
    assert not (home / ".local").exists()


def test_where_files_cannot_be_exchanged_they_are_replaced(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(home)
    monkeypatch.setattr(safefile, "_EXCHANGE", "")
    assert vsegpt(home, "one", "two").code == 0
    assert vsegpt(home, "undo").code == 0
    assert files(home) == before


def test_a_run_in_progress_is_waited_for_then_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vsegpt(home, "two")
    monkeypatch.setattr("patcher.runs._PATIENCE", 0.1)
    with Lock(home / STATE / "lock") as lock:
        assert lock.taken()
        result = vsegpt(home, "one")
    assert result.code == 1
    assert f"process {os.getpid()}" in result.err
    assert (home / ".one/config").read_bytes() == GOOD


def test_an_unexpected_error_shows_no_traceback_and_no_key(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError(f"with {KEY} in it")

    monkeypatch.setattr(plan, "make", broken)
    result = vsegpt(home, "one")
    assert result.code == 1
    assert "internal error (ValueError at test_cli.py:" in result.err
    assert KEY not in result.err
    assert "Traceback" not in result.err


def test_a_closed_pipe_is_no_error_to_show(home: Path) -> None:
    words = [*measured.command(), "list", "--home", str(home)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_a_polite_kill_waits_until_the_run_is_whole(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swap = transaction._swap  # noqa: SLF001 - a moment in the middle of a run
    seen = []

    def interrupted(job: transaction._Job) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        swap(job)

    before = signal.signal(signal.SIGTERM, lambda *_: seen.append(True))
    try:
        monkeypatch.setattr(transaction, "_swap", interrupted)
        assert vsegpt(home, "one", "two").code == 0
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen
    assert all(KEY.encode() in (home / f".{tool}/config").read_bytes() for tool in ("one", "two"))


def test_every_word_of_the_command_line_is_forbidden_as_a_name() -> None:
    assert set(options.COMMANDS) - {"patch"} <= SUBCOMMANDS


def test_fixtures_hold_only_made_up_keys() -> None:
    for path in FIXTURES.rglob("*"):
        if path.is_file():
            for word in path.read_text("utf-8", errors="replace").split("sk-")[1:]:
                key = re.split(r"[\s\"'&]", word)[0]
                assert len(key.replace("0", "")) < 24, f"{path}: sk-{key}"


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
    (tmp_path / ".continue").mkdir()
    assert "pick VseGPT in the model list" in run(tmp_path, "continue").out
    assert "выберите VseGPT" in run(tmp_path, "continue", "--lang", "ru", key=OTHER_KEY).out


def test_nothing_to_change_is_said(home: Path) -> None:
    vsegpt(home, "one")
    assert vsegpt(home, "one", "-n").err == "Nothing to change.\n"
    assert vsegpt(home, "one").out == "one: nothing to change\n"
    assert "No supported tool was found" in run(home.parent, "--all").err
    assert "No supported tool was found" in run(home.parent, "status").err


def test_an_undo_that_cannot_be_written_leaves_the_other_tools_done(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vsegpt(home, "one", "two")
    after = files(home)
    stage = transaction._stage  # noqa: SLF001 - where a file turns out not to be writable

    def refused(job: transaction._Job) -> None:
        if job.write.tool == "one":
            raise PermissionError(1, "Operation not permitted")
        stage(job)

    monkeypatch.setattr(transaction, "_stage", refused)
    strict = vsegpt(home, "undo", "--strict")
    assert (strict.code, files(home)) == (1, after)
    result = vsegpt(home, "undo")
    assert result.code == 1
    assert "one: ~/.one/config: it cannot be written: Operation not permitted" in result.err
    assert files(home) == after | {".two/config": GOOD}


def test_values_that_came_as_a_list_are_masked(home: Path) -> None:
    profile = (home.parent / "profiles/one.toml").read_text("utf-8")
    text = profile.replace('apiKey = "{key}"', 'apiKeys = ["{key}"]')
    (home.parent / "profiles/one.toml").write_text(text, "utf-8")
    assert vsegpt(home, "one").code == 0
    assert "sk-or-vv-…0000" in vsegpt(home, "show", "one").out
    assert KEY not in vsegpt(home, "undo", "-n").out
