"""What else decides, as a profile says it: made right by the patch, named, or a reason to refuse."""

# ruff: noqa: E501 - a case is a line
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.made_up_tools import profile
from tests.support.made_up_tools import run_with_profiles as vsegpt

HEAD = """
[[file]]
format = "json"
path = ["~/.toy.json"]
{file}

  [[file.edit]]
  at = ["providers", "vsegpt"]
  key = {{ apiKey = "{{key}}" }}
  url = {{ baseUrl = "https://api.openai.com/v1" }}

  [[file.edit]]
  model = {{ model = "vsegpt/{{model}}" }}

{edits}
"""
DONE: dict[str, Any] = {
    "providers": {"vsegpt": {"apiKey": "sk-or-vv-" + "0" * 64, "baseUrl": "https://api.vsegpt.ru:6070/v1"}},
    "model": "vsegpt/openai/gpt-4o-mini",
}
KEYS = 'unset = [{ has = ["headers", { each = "[Aa]uthorization" }], unlike = "*sk-or-vv-*" }]'


class Toy:
    """A made-up tool with one JSON file."""

    def __init__(self, folder: Path, edits: str = "", file: str = "", top: str = "") -> None:
        profile(folder / "profiles", "toy", top + HEAD.format(edits=edits, file=file))
        self.home = folder / "home"
        self.home.mkdir(exist_ok=True)
        self.file = self.home / ".toy.json"

    def write(self, data: object) -> None:
        self.file.write_text(json.dumps(data, indent=2) + "\n")

    def read(self) -> Any:
        return json.loads(self.file.read_text())

    def patch(self, *words: str) -> tuple[int, str]:
        result = vsegpt(self.home, "toy", *words)
        return result.code, result.out + result.err

    def status(self) -> tuple[str, str]:
        told = json.loads(vsegpt(self.home, "status", "toy", "--json").out)["tools"][0]
        seen = vsegpt(self.home, "status", "toy")
        return told["state"], seen.out + seen.err


@pytest.mark.parametrize(
    ("edits", "before", "after"),
    [
        ('contains = { allowed = ["vsegpt"] }', {"allowed": ["other"]}, {"allowed": ["other", "vsegpt"]}),
        ('contains = { allowed = ["vsegpt"] }', {"allowed": []}, {"allowed": ["vsegpt"]}),
        ('contains = { allowed = ["vsegpt"] }', {}, {}),
        ('contains = { allowed = { items = ["vsegpt"], unless_empty = true } }', {"allowed": []}, {"allowed": []}),
        ('contains = { allowed = { items = ["vsegpt/{model}"], globs = true } }', {"allowed": ["vsegpt/*"]}, {"allowed": ["vsegpt/*"]}),
        ('contains = { allowed = { items = ["vsegpt"], make = true } }', {}, {"allowed": ["vsegpt"]}),
        ('without = { banned = ["vsegpt"] }', {"banned": ["a", "vsegpt", "b"]}, {"banned": ["a", "b"]}),
        ('without = { banned = ["vsegpt"] }', {"banned": ["vsegpt"]}, {"banned": []}),
        (KEYS, {"headers": {"authorization": "Bearer sk-0", "Team": "a"}}, {"headers": {"Team": "a"}}),
        (KEYS, {"headers": {"Authorization": "Bearer sk-or-vv-0"}}, {"headers": {"Authorization": "Bearer sk-or-vv-0"}}),
        ('unset = ["azure", ["deep", "er"]]', {"azure": 1, "deep": {"er": 2, "x": 3}}, {"deep": {"x": 3}}),
        ("cap = { limit = 16000 }", {"limit": 65536}, {"limit": 16000}),
        ("cap = { limit = 16000 }", {"limit": "65536"}, {"limit": "16000"}),
        ("cap = { limit = 16000 }", {"limit": 4000}, {"limit": 4000}),
        ('at = ["agent"]\nif_present = true\nmodel = { model = "vsegpt/{model}" }', {"agent": {"model": "x/y"}}, {"agent": {"model": "vsegpt/openai/gpt-4o-mini"}}),
        ('at = ["agent"]\nif_present = true\nmodel = { model = "vsegpt/{model}" }', {"agent": {}}, {"agent": {}}),
        ('same_as = { chosen = { at = ["providers", "vsegpt", "id"], default = "v-0" } }', {}, {"chosen": "v-0"}),
    ],
    ids=str,
)  # fmt: skip
def test_what_decides_is_made_right_and_taken_back(
    edits: str, before: dict[str, Any], after: dict[str, Any], tmp_path: Path
) -> None:
    toy = Toy(tmp_path, f"  [[file.edit]]\n{edits}")
    toy.write(before)
    old = toy.file.read_bytes()
    assert toy.patch()[0] == 0
    assert toy.read() == after | DONE
    assert vsegpt(toy.home, "toy", "--dry-run", "--exit-code").code == 0
    assert toy.status()[0] == "vsegpt"
    assert vsegpt(toy.home, "undo", "--exact").code == 0
    assert toy.file.read_bytes() == old


@pytest.mark.parametrize(
    ("edits", "before", "since", "left"),
    [
        ('contains = { allowed = ["vsegpt"] }', {"allowed": ["a"]}, {"allowed": ["a", "vsegpt", "b"]}, {"allowed": ["a", "b"]}),
        ('contains = { allowed = ["vsegpt"] }', {"allowed": ["a"]}, {"allowed": ["b"]}, {"allowed": ["b"]}),
        ('contains = { allowed = ["vsegpt"] }', {"allowed": []}, {"allowed": ["vsegpt"]}, {"allowed": []}),
        ('without = { banned = ["vsegpt"] }', {"banned": ["vsegpt"]}, {"banned": ["a"]}, {"banned": ["a", "vsegpt"]}),
        ('unset = ["azure"]', {"azure": 1}, {}, {"azure": 1}),
        ('unset = ["azure"]', {"azure": 1}, {"azure": 2}, {"azure": 2}),
        (KEYS, {"headers": {"Authorization": "a"}}, {"headers": {"Team": "a"}}, {"headers": {"Team": "a", "Authorization": "a"}}),
        ("cap = { limit = 16000 }", {"limit": 65536}, {"limit": 100}, {"limit": 100}),
    ],
    ids=str,
)  # fmt: skip
def test_undo_takes_back_ours_alone_after_later_edits(
    edits: str, before: dict[str, Any], since: dict[str, Any], left: dict[str, Any], tmp_path: Path
) -> None:
    toy = Toy(tmp_path, f"  [[file.edit]]\n{edits}")
    toy.write(before | {"mine": 0})
    assert toy.patch()[0] == 0
    rest = {name: value for name, value in toy.read().items() if name not in before}
    toy.write(rest | since | {"mine": 1})
    assert vsegpt(toy.home, "undo").code == 0
    assert toy.read() == {"mine": 1} | left


def test_what_was_taken_out_and_has_no_plain_value_is_named_when_it_cannot_come_back(tmp_path: Path) -> None:
    text = 'path = ["~/.toy.yml"]\n\n[[file.edit]]\nunset = ["old"]\ncontains = { allowed = ["vsegpt"] }\n'
    profile(tmp_path / "profiles", "toy", f'[[file]]\nformat = "yaml"\n{text}')
    file = tmp_path / "home/.toy.yml"
    file.parent.mkdir()
    file.write_text("allowed: [a]\nold: yes\n")
    assert vsegpt(tmp_path / "home", "toy").code == 0
    assert file.read_text() == "allowed: [a, vsegpt]\n"
    file.write_text("allowed: [a, vsegpt, b]\n")
    told = vsegpt(tmp_path / "home", "undo")
    assert file.read_text() == "allowed: [a, b]\n"
    assert "old: the old value is no plain one; it is in the backup" in told.err


SLOT = '  [[file.edit]]\nslot = true\nmodel = { small = "vsegpt/{model}" }'


def test_a_second_model_is_named_and_set_only_when_that_is_asked_for(tmp_path: Path) -> None:
    toy = Toy(tmp_path, SLOT)
    toy.write({"small": "anthropic/haiku"})
    code, said = toy.patch()
    assert code == 0
    assert "small still goes to anthropic/haiku" in said
    assert toy.read()["small"] == "anthropic/haiku"
    assert "small still goes to anthropic/haiku" in toy.status()[1]
    assert toy.patch("--slots")[0] == 0
    assert toy.read()["small"] == "vsegpt/openai/gpt-4o-mini"
    assert "still goes" not in toy.status()[1]


def test_a_second_model_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    toy = Toy(tmp_path, SLOT)
    toy.write({})
    assert "still goes" not in toy.patch("--slots")[1]
    assert "small" not in toy.read()


def test_a_stronger_setting_in_the_same_file_is_named_and_status_says_overridden(tmp_path: Path) -> None:
    override = 'overridden_by = [{ at = ["env", "USE_BEDROCK"], what = "handler", harmless = ["no*"] }]\n'
    toy = Toy(tmp_path, top="", file="")
    profile(tmp_path / "profiles", "toy", override + HEAD.format(edits="", file=""))
    toy.write({"env": {"USE_BEDROCK": "1"}})
    assert "env.USE_BEDROCK in ~/.toy.json counts more" in toy.patch()[1]
    assert "overridden" in toy.status()[1]
    for harmless in ("", "0", "no thanks", None, False):
        toy.write(DONE | {"env": {"USE_BEDROCK": harmless}})
        assert "counts more" not in toy.status()[1]


def test_a_setting_in_another_file_of_the_tool_is_named_where_it_leads_elsewhere(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    override = 'overridden_by = [{ file = "~/.toy-state.json", at = ["last"], what = "model", harmless = ["vsegpt/*"] }]\n'
    profile(tmp_path / "profiles", "toy", override + HEAD.format(edits="", file=""))
    toy.write(DONE)
    state = toy.home / ".toy-state.json"
    state.write_text('{"last": "openrouter/x"}')
    assert "last in ~/.toy-state.json counts more" in toy.status()[1]
    state.write_text('{"last": "vsegpt/x"}')
    assert "counts more" not in toy.status()[1]


def test_a_shape_that_is_not_known_is_refused_with_the_guide(tmp_path: Path) -> None:
    guide = 'guide = { en = "By hand: settings, models.", ru = "Вручную: настройки, модели." }\n'
    refuse = 'refuse = [{ if = { has = ["version"], at_least = 4 }, en = "this is version 4", ru = "это версия 4" }]'
    toy = Toy(tmp_path)
    profile(tmp_path / "profiles", "toy", guide + HEAD.format(edits="", file=refuse))
    for version in (4, 11, "4.0.1"):
        toy.write({"version": version})
        before = toy.file.read_bytes()
        code, said = toy.patch()
        assert code == 1
        assert "this is version 4" in said
        assert "By hand: settings, models." in said
        assert toy.file.read_bytes() == before
    toy.write({"version": 3})
    assert toy.patch()[0] == 0
    assert "this is version 4" not in toy.status()[1]
    toy.write(toy.read() | {"version": 4})
    assert "this is version 4" in toy.status()[1]


@pytest.mark.parametrize(
    ("key", "state"),
    [("sk-or-vv-0", "vsegpt"), ("$KEY", "vsegpt"), ("gsk_0", "incomplete"), ("sk-proj-0", "incomplete")],
)
def test_a_key_of_another_service_is_not_right(key: str, state: str, tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    toy.write(DONE | {"providers": {"vsegpt": DONE["providers"]["vsegpt"] | {"apiKey": key}}})
    assert toy.status()[0] == state


def test_what_a_profile_warns_of_is_said_of_the_file_as_it_is_afterwards(tmp_path: Path) -> None:
    warn = 'warn = [{ if = [{ has = ["beta"] }, { lacks = ["calm"] }], en = "beta is on", ru = "бета включена" }]'
    toy = Toy(tmp_path, file=warn)
    toy.write({"beta": 1})
    assert "beta is on" in toy.patch()[1]
    assert "beta is on" in toy.status()[1]
    toy.write({"beta": 1, "calm": 1})
    assert "beta is on" not in toy.patch()[1]


EACH = """
[[file]]
format = "json"
path = ["~/.toy.json"]

  [[file.edit]]
  at = [{ each = "openai@*" }]
  key = { apiKey = "{key}" }
  url = { baseUrl = "https://api.openai.com/v1" }
"""


def test_an_edit_over_what_is_there_leaves_the_entries_of_other_services_alone(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    profile(tmp_path / "profiles", "toy", EACH)
    others = {
        "openai@azure": {"apiKey": "a", "baseUrl": "https://me.openai.azure.com/x"},
        "openai@local": {"apiKey": "b", "baseUrl": "http://localhost:1234/v1"},
    }
    toy.write(others | {"openai@1": {"apiKey": "c", "baseUrl": "https://api.openai.com/v1"}, "openai@2": {}})
    assert toy.patch()[0] == 0
    found = toy.read()
    assert {name: found[name] for name in others} == others
    assert {found[name]["baseUrl"] for name in ("openai@1", "openai@2")} == {"https://api.vsegpt.ru:6070/v1"}


@pytest.mark.parametrize(
    "before",
    [
        {"providers": {"vsegpt": {"baseUrl": "http://localhost:1234/v1"}}},
        {"providers": {"vsegpt": {"baseUrl": "http://192.168.1.5:8080/v1"}}},
        {"model": "home/qwen", "providers": {"home": {"baseUrl": "http://127.0.0.1:8000/v1"}}},
        {"model": "ollama/llama3"},
    ],
    ids=str,
)
def test_a_tool_that_talks_to_this_machine_is_taken_only_by_name(
    before: dict[str, Any], tmp_path: Path
) -> None:
    toy = Toy(tmp_path)
    profile(tmp_path / "profiles", "toy", 'found_by = ["~/.toy.json"]\n' + HEAD.format(edits="", file=""))
    toy.write(before)
    result = vsegpt(toy.home, "--all", "--yes")
    assert result.code == 0
    assert "toy" in result.out + result.err
    assert toy.read() == before
    assert toy.patch()[0] == 0
    assert toy.read()["model"] == DONE["model"]


def test_what_was_there_before_is_said(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    toy.write({"providers": {"vsegpt": {"baseUrl": "https://openrouter.ai/api/v1"}}})
    assert "openrouter.ai" in toy.patch()[1]


def test_a_model_that_stands_at_vsegpt_stays_unless_one_is_named(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    toy.write({})
    assert toy.patch("--model", "anthropic/claude-3-haiku")[0] == 0
    assert toy.patch()[0] == 0
    assert toy.read()["model"] == "vsegpt/anthropic/claude-3-haiku"
    assert toy.patch("--model", "openai/gpt-4o")[0] == 0
    assert toy.read()["model"] == "vsegpt/openai/gpt-4o"


def test_repoint_takes_along_the_entries_of_a_map_that_name_openais_host(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    openai = {"apiKey": "a", "baseUrl": "https://api.openai.com/v1"}
    others = {"groq": {"apiKey": "b", "baseUrl": "https://api.groq.com/openai/v1"}, "bare": {"apiKey": "c"}}
    toy.write({"providers": {"openai": openai, **others}})
    assert toy.patch("--repoint")[0] == 0
    found = toy.read()["providers"]
    assert found["openai"] == DONE["providers"]["vsegpt"]
    assert {name: found[name] for name in others} == others


@pytest.mark.parametrize(
    ("installed", "said"), [("3.9.0", ""), ("3.10.1", ""), ("3.10.2", "3.10.1; 3.10.2 is here"), ("4", "")]
)
def test_a_version_newer_than_the_verified_one_is_said(installed: str, said: str, tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    top = (
        'verified = { version = "toy 3.10.1", on = 2026-11-22, how = "source" }\n'
        'installed = [{ file = "~/.toy-plugin/manifest.json", at = ["version"] }]\n'
    )
    profile(tmp_path / "profiles", "toy", top + HEAD.format(edits="", file=""))
    (toy.home / ".toy-plugin").mkdir()
    (toy.home / ".toy-plugin/manifest.json").write_text(json.dumps({"version": installed}))
    toy.write({})
    printed = toy.patch()[1]
    assert ("is here" in printed) is bool(said)
    assert said in printed


def test_a_model_is_refused_that_the_profile_says_would_go_elsewhere(tmp_path: Path) -> None:
    refuse = 'refuse = [{ model = ["*claude*"], en = "it asks Anthropic for claude", ru = "claude уходит в Anthropic" }]'
    toy = Toy(tmp_path, file=refuse)
    toy.write({})
    code, said = toy.patch("--model", "anthropic/claude-3-haiku")
    assert code == 1
    assert "it asks Anthropic for claude" in said
    assert toy.patch()[0] == 0


def renamed(toy: Toy) -> None:
    """What a tool does that writes its file anew under other names."""
    data = toy.read()
    mine = data["providers"].pop("vsegpt")
    data["service"] = {"token": mine["apiKey"], "address": mine["baseUrl"], "kept": 1}
    toy.write(data)


def test_undo_takes_out_what_the_tool_has_renamed(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    toy.write({"mine": 1})
    assert toy.patch()[0] == 0
    renamed(toy)
    assert vsegpt(toy.home, "undo").code == 0
    assert toy.read() == {"mine": 1, "providers": {}, "service": {"kept": 1}}


def test_a_new_key_goes_to_where_the_tool_has_renamed_the_old_one(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    toy.write({})
    assert toy.patch()[0] == 0
    renamed(toy)
    new = "sk-or-vv-" + "0" * 60 + "beef"
    (tmp_path / "new").write_text(new)
    assert vsegpt(toy.home, "key", "rotate", "--key-file", str(tmp_path / "new")).code == 0
    assert toy.read()["service"]["token"] == new


def test_where_the_key_stands_now_is_said_if_it_cannot_be_taken_out(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    toy.write({"service": {"token": "old", "address": "https://other.example/v1"}})
    assert toy.patch()[0] == 0
    renamed(toy)
    told = vsegpt(toy.home, "undo")
    assert "service.token still has the key" in told.err
