"""What counts more than a tool's files: variables and project files, said only where they lead elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.homes import KEY, Person, run
from tests.support.made_up_tools import profile, run_with_profiles

VSEGPT = "https://api.vsegpt.ru/v1"
OTHER_KEY = "sk-proj-" + "0" * 40
PROFILE = """
found_by = ["~/.toy.json", "toy"]
overridden_by = [
  { file = "managed/toy.json" },
  { env = "TOY_URL", what = "url" },
  { env = "TOY_KEY", what = "key" },
  { env = "TOY_MODEL", what = "model" },
  { file = ".toy.json", above = true },
  { file = ".env" },
  { env = "TOY_PROFILE" },
  { file = "toy.rc" },
]

[[file]]
format = "json"
path = ["~/.toy.json"]
create = {}

  [[file.edit]]
  handler = { provider = "openai" }
  key = { api_key = "{key}" }
  url = { api_base = "https://api.openai.com/v1" }
  model = { model = "openai/{model}" }
"""


class Place(Person):
    """A person with a patched toy."""

    def said(self, **env: Any) -> list[str]:
        """What `status` warns of."""
        result = self.run("status", "toy", **env)
        assert result.code == 0
        assert OTHER_KEY not in result.out + result.err
        warnings = [line.removeprefix("warning: toy: ") for line in result.err.splitlines()]
        assert (", overridden" in result.out) == bool(warnings)
        return warnings


@pytest.fixture
def place(tmp_path: Path) -> Place:
    home = tmp_path / "home"
    profile(home / ".config/vsegpt-patch/profiles", "toy", PROFILE)
    work = home / "projects/one"
    work.mkdir(parents=True)
    assert run(home, "toy").code == 0
    return Place(home, work)


def test_where_nothing_is_set_nothing_is_said(place: Place) -> None:
    assert place.said() == []
    assert place.said(TOY_URL="", TOY_KEY=" ") == []


def test_a_variable_that_points_elsewhere_is_named_with_its_host(place: Place) -> None:
    assert place.said(TOY_URL="https://me:pass@other.example:8000/v1") == [
        "TOY_URL is set and counts more than ~/.toy.json: it points at other.example; unset it"
    ]


@pytest.mark.parametrize(
    "env",
    [
        {"TOY_URL": VSEGPT},
        {"TOY_URL": "https://api.vsegpt.ru:6070/v1", "TOY_KEY": KEY},
        {"TOY_KEY": "sk-or-vv-" + "7" * 64},
        {"TOY_MODEL": "openai/gpt-4o-mini"},
        {"TOY_MODEL": "openai/openai/gpt-4o-mini"},
    ],
)
def test_what_leads_to_vsegpt_all_the_same_alarms_nobody(env: dict[str, Any], place: Place) -> None:
    assert place.said(**env) == []
    told = json.loads(place.run("status", "toy", "--json", **env).out)["tools"][0]
    assert {each["name"] for each in told["overridden_by"] if each["harmless"]} == set(env)


def test_keys_and_models_are_told_masked(place: Place) -> None:
    assert place.said(TOY_KEY=OTHER_KEY, TOY_MODEL="gpt-4\x1b[31m") == [
        "TOY_KEY is set and counts more than ~/.toy.json: it holds another key, sk-proj-…0000; unset it",
        "TOY_MODEL is set and counts more than ~/.toy.json: it chooses the model gpt-4…[31m; unset it",
    ]


def test_the_stronger_one_wins(place: Place) -> None:
    (place.work / ".toy.json").write_text('{"api_base": "https://project.example/v1"}')
    [said] = place.said()
    assert "one/.toy.json counts more than ~/.toy.json: it points at project.example; change it" in said
    assert place.said(TOY_URL=VSEGPT) == []
    (place.work / "managed").mkdir()
    (place.work / "managed/toy.json").write_text(json.dumps({"api_base": "https://boss.example"}))
    [said] = place.said(TOY_URL=VSEGPT)
    assert "managed/toy.json counts more than ~/.toy.json: it points at boss.example" in said


def test_files_above_count_where_the_profile_says_so(place: Place) -> None:
    (place.work.parent / ".toy.json").write_text('{"api_base": "https://above.example/v1"}')
    (place.work.parent / ".env").write_text("TOY_URL=https://no.example/v1\n")
    [said] = place.said()
    assert said.startswith("~/projects/.toy.json counts more than ~/.toy.json: it points at above.example")
    (place.work / ".toy.json").write_text(json.dumps({"api_base": VSEGPT}))
    assert place.said() == []


def test_the_tools_own_file_does_not_override_itself(place: Place) -> None:
    assert place.run("status", "toy", cwd=place.home).err == ""


def test_a_dotenv_file_counts_only_for_the_variables_of_the_profile(place: Place) -> None:
    (place.work / ".env").write_text(f"DEBUG=1\nOPENAI_API_KEY={OTHER_KEY}\n")
    assert place.said() == []
    (place.work / ".env").write_text(f"TOY_KEY={OTHER_KEY}\nTOY_URL={VSEGPT}\n")
    [said] = place.said()
    assert said.startswith(
        "~/projects/one/.env counts more than ~/.toy.json: it holds another key, sk-proj-…"
    )


def test_a_file_that_cannot_be_read_is_named_all_the_same(place: Place) -> None:
    (place.work / "toy.rc").write_text("whatever")
    assert place.said() == [
        "~/projects/one/toy.rc counts more than ~/.toy.json; see that it leads to VseGPT, too"
    ]


def test_a_file_that_chooses_nothing_is_not_in_force(place: Place) -> None:
    (place.work / ".toy.json").write_text('{"theme": "dark"}')
    assert place.said() == []
    profile = place.home / ".config/vsegpt-patch/profiles/toy.toml"
    text = profile.read_text("utf-8").replace(
        "  [[file.edit]]\n", "  [[file.edit]]\n  at = ['all', 'vsegpt']\n"
    )
    profile.write_text(text, "utf-8")
    assert place.run("toy", VSEGPT_API_KEY=KEY).code == 0
    [said] = place.said()  # it may have providers of its own
    assert "one/.toy.json counts more than ~/.toy.json; see that it leads to VseGPT, too" in said
    profile.write_text(f"{text}\n  [[file.edit]]\n  handler = {{ use = 'vsegpt' }}\n", "utf-8")
    assert place.run("toy", VSEGPT_API_KEY=KEY).code == 0
    assert place.said() == []
    (place.work / ".toy.json").write_text('{"use": "mine"}')
    [said] = place.said()
    assert "it chooses the provider mine" in said


def test_for_all_settings_a_variable_is_told_without_its_value(place: Place) -> None:
    assert place.said(TOY_PROFILE="work") == ["TOY_PROFILE is set and counts more than ~/.toy.json; unset it"]


def test_a_patch_says_it_at_its_end(place: Place) -> None:
    result = place.run("toy", TOY_URL="https://other.example", VSEGPT_API_KEY=KEY)
    assert result.code == 0
    assert "toy: TOY_URL is set and counts more than ~/.toy.json: it points at other.example" in result.err
    told = json.loads(place.run("toy", "-n", "--json", TOY_URL="https://other.example").out)
    assert len(told["warnings"]) == 1


def test_for_another_home_nothing_of_the_callers_counts(place: Place) -> None:
    (place.work / ".toy.json").write_text('{"api_base": "https://project.example/v1"}')
    words = ["status", "toy", "--home", str(place.home)]
    assert place.run(*words, TOY_URL="https://other.example").err == ""
    named = place.run(*words, "--in", str(place.work), cwd=place.home)
    assert "it points at project.example" in named.err


def test_what_is_not_pointed_at_vsegpt_is_not_taken_away_from_it(place: Place) -> None:
    (place.home / ".toy.json").write_text("{}")
    assert place.said(TOY_URL="https://other.example") == []


def test_status_names_the_host_and_what_is_missing(place: Place) -> None:
    def state() -> str:
        return place.run("status", "toy").out.splitlines()[1].split("  ")[-1].strip()

    good = (place.home / ".toy.json").read_text()
    (place.home / ".toy.json").write_text(good.replace("api.vsegpt.ru:6070", "other.example"))
    assert state() == "other host: other.example, changed since"
    (place.home / ".toy.json").write_text(good.replace(KEY, ""))
    assert state() == "VseGPT, but not right: key, changed since"
    (place.home / ".toy.json").write_text(good.replace('"openai"', '"azure"'))
    assert state() == "VseGPT, but not right: handler, changed since"


def test_check_says_it_too_and_fails(place: Place) -> None:
    told = json.loads(
        place.run(
            "check", "toy", "--json", "--endpoint", "http://127.0.0.1:9", TOY_URL="https://other.example"
        ).out
    )
    assert "overridden-url" in {each["kind"] for each in told["findings"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("---\nmodel: other/x\n---\nBe good.\n", "model in ~/.toy/agents/a/b.md counts more"),
        ("---\r\ndescription: a: b\r\nmodel: other/x:free\r\n---\r\n", "it chooses the model other/x:free"),
        ("\ufeff---\nmodel: 'other/x'\n---", "it chooses the model other/x"),
        ("---\nmodel: vsegpt/x\n---\n", ""),
        ("---\nname: a\n---\nmodel: other/x\n", ""),
        ("model: other/x\n", ""),
        ("---\nmodel: other/x\n", ""),
    ],
)
def test_the_front_matter_of_markdown_counts(text: str, said: str, tmp_path: Path) -> None:
    files = '["~/.none.md", "~/.toy/agents/**/*.md"]'
    override = f'{{ file = {files}, at = ["model"], what = "model", harmless = ["vsegpt/*"] }}'
    profile(
        tmp_path / "profiles", "toy", PROFILE.replace("overridden_by = [", f"overridden_by = [{override},")
    )
    file = tmp_path / "home/.toy/agents/a/b.md"
    file.parent.mkdir(parents=True)
    file.write_bytes(text.encode())
    home = tmp_path / "home"
    assert run_with_profiles(home, "toy").code == 0
    result = run_with_profiles(home, "status", "toy")
    told = result.out + result.err
    assert said in told
    assert bool(said) is ("counts more" in told)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("{ what = 'url' }", "overridden_by"),
        ("{ env = 'A', file = 'b' }", "overridden_by"),
        ("{ env = 'A', above = true }", "overridden_by"),
        ("{ env = 'A B' }", "overridden_by"),
        ("{ env = 'A', what = 'price' }", "overridden_by"),
        ("{ file = '../x' }", "overridden_by 1: .* plain names"),
        ("{ file = '~/.ssh/config' }", "overridden_by 1: .* no place for"),
        ("{ file = '/home/*/.ssh/x' }", "overridden_by 1: .* no place for"),
        ("{ file = '/etc/toy.json', above = true }", "overridden_by 1: .* above is for a relative one"),
        ("{ file = { linux = 'a//b' } }", "overridden_by 1: .* plain names"),
    ],
)
def test_what_makes_no_sense_in_a_profile_is_refused(entry: str, reason: str, tmp_path: Path) -> None:
    from patcher.errors import Refused  # noqa: PLC0415
    from patcher.registry.catalog import Catalog  # noqa: PLC0415 - the other tests run the command

    head, _, rest = PROFILE.partition("overridden_by")
    profile(tmp_path, "toy", f"{head}overridden_by = [{entry}]\n[[file]]{rest.partition('[[file]]')[2]}")
    with pytest.raises(Refused, match=reason):
        Catalog.open([tmp_path]).get("toy")
