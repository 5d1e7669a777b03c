"""`list`, `show` and `status`: what the files say."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.homes import KEY
from tests.support.made_up_tools import run_with_profiles


def test_status_tells_the_states_apart(home: Path) -> None:
    def state() -> str:
        return run_with_profiles(home, "status", "one").out.splitlines()[1].split("  ")[-1].strip()

    assert state() == "not set"
    run_with_profiles(home, "one")
    assert state() == "VseGPT"
    text = (home / ".one/config").read_text()
    (home / ".one/config").write_text(text + "// mine\n")
    assert state() == "VseGPT, changed since"
    (home / ".one/config").write_text(text.replace("https://api.vsegpt.ru:6070", "https://other.example"))
    assert state() == "other host: other.example, changed since"
    (home / ".one/config").unlink()
    assert state() == "no file yet"
    (home / ".one/config").write_text("{")
    assert run_with_profiles(home, "status", "one").code == 1


def test_show_names_every_setting_with_the_key_masked(home: Path) -> None:
    run_with_profiles(home, "one")
    out = run_with_profiles(home, "show", "one").out
    for word in ("handler", "models[name=VseGPT].apiKey", "sk-or-vv-…0000", "https://api.vsegpt.ru:6070/v1"):
        assert word in out
    assert KEY not in out


def test_list_names_every_tool_with_how_it_was_verified(home: Path) -> None:
    tools = json.loads(run_with_profiles(home, "list", "--json").out)["tools"]
    assert {"one", "two", "continue", "aider"} <= {tool["tool"] for tool in tools}
    found = {tool["tool"]: (tool["found"], tool["state"]) for tool in tools}
    assert found["one"] == ("config", "unset")
    assert found["continue"] == (None, None)


def test_values_that_came_as_a_list_are_masked(home: Path) -> None:
    profile = (home.parent / "profiles/one.toml").read_text("utf-8")
    text = profile.replace('apiKey = "{key}"', 'apiKeys = ["{key}"]')
    (home.parent / "profiles/one.toml").write_text(text, "utf-8")
    assert run_with_profiles(home, "one").code == 0
    assert "sk-or-vv-…0000" in run_with_profiles(home, "show", "one").out
    assert KEY not in run_with_profiles(home, "undo", "-n").out
