"""`profile new`: a first profile and fixture from a file that has a URL and a key already."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest

from tests.support.homes import KEY, files, run

OLD = "sk-proj-4fQz81Lm02XyTT7b"
DATA = tomllib.loads(Path(__file__).with_name("drafts.toml").read_text("utf-8"))
SAMPLES: dict[str, str] = DATA["samples"]
CANARIES: dict[str, str] = DATA["canaries"]


def put(home: Path, name: str, text: str) -> Path:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("@@", OLD), "utf-8")
    return path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("home", "checkout/profiles", "checkout/fixtures"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path / "checkout"


@pytest.mark.parametrize("name", SAMPLES)
def test_the_profile_passes_lint_and_patches_the_fixtures_home_at_once(
    name: str, checkout: Path, tmp_path: Path
) -> None:
    path = put(tmp_path / "home", name, SAMPLES[name])
    before = path.read_bytes()
    made = run(tmp_path / "home", "profile", "new", "toy", "--from", str(path), "--into", str(checkout))
    assert made.code == 0, made.err
    assert path.read_bytes() == before
    profile = checkout / "profiles/toy.toml"
    assert run(tmp_path / "home", "profile", "lint", str(profile)).code == 0
    home = shutil.copytree(checkout / "fixtures/toy/existing/before/home", tmp_path / "other")
    assert list(files(home)) == [name]
    words = ["toy", "--profiles", str(checkout / "profiles")]
    result = run(home, *words)
    assert result.code == 0, result.err
    after = files(home)[name].decode()
    assert KEY in after
    assert "api.vsegpt.ru:6070" in after
    assert "openai/gpt-4o-mini" in after
    state = json.loads(run(home, "status", *words, "--json").out)["tools"][0]["state"]
    assert state == "vsegpt"
    assert (checkout / "fixtures/toy/existing/case.toml").read_text().startswith("about = ")


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            ".toy/config.json",
            [
                'path   = ["~/.toy/config.json"]',
                'at      = ["providers", "openai"]',
                'handler = { type = "openai-compatible" }',
                'key     = { apiKey = "{key}" }',
                'url     = { baseUrl = "https://api.openai.com/v1" }   # ??? the path was another one',
                'model   = { model = "{model}" }',
            ],
        ),
        (".toy/settings.json", ['format = "jsonc"', 'at      = ["models", { title = "VseGPT" }]']),
        (
            ".config/toy/config.yaml",
            ['path   = ["{config}/toy/config.yaml"]', 'found_by = ["{config}/toy", "toy"]'],
        ),
        (".config/toy.toml", ['url     = { url = "https://api.openai.com/v1/chat/completions" }']),
        (
            ".toy/.env",
            [
                'key     = { OPENAI_API_KEY = "{key}" }',
                'url     = { OPENAI_BASE_URL = "https://api.openai.com/v1" }',
            ],
        ),
        (".toyrc.ini", ['path   = ["~/.toyrc.ini"]', 'url     = { host = "api.openai.com" }']),
        (
            ".toy/options.xml",
            ['at      = ["application", "component", { "@name" = "Toy" }, "option", { "@name" = "apiKey" }]'],
        ),
    ],
)
def test_the_profile_says_where_the_file_has_the_settings(
    name: str, lines: list[str], checkout: Path, tmp_path: Path
) -> None:
    path = put(tmp_path / "home", name, SAMPLES[name])
    run(tmp_path / "home", "profile", "new", "toy", "--from", str(path), "--into", str(checkout))
    profile = (checkout / "profiles/toy.toml").read_text("utf-8")
    assert not [line for line in lines if line not in profile], profile


@pytest.mark.parametrize("kind", CANARIES)
def test_no_secret_of_the_file_is_in_output_profile_or_fixture(
    kind: str, checkout: Path, tmp_path: Path
) -> None:
    text = CANARIES[kind].replace("C0", "k7Qp2zCANARYqW4t")
    for number in range(1, 10):
        text = text.replace(f"C{number}", f"CANARY-{number}")
    path = put(tmp_path / "home", f".toy.{kind}", text)
    shown = [
        run(tmp_path / "home", "profile", "new", "toy", "--from", str(path), "--into", str(checkout), *words)
        for words in ([], ["--json"])
    ]
    assert shown[0].code == 0, shown[0].err
    told = "".join(result.out + result.err for result in shown).encode()
    written = b"".join(path.read_bytes() for path in checkout.rglob("*") if path.is_file())
    assert b"toy" in written
    assert b"CANARY" not in told + written


def test_a_password_that_is_a_common_word_is_masked_where_it_is_one(checkout: Path, tmp_path: Path) -> None:
    text = '{"url": "https://api.openai.com", "apiKey": "@@", "password": "dark", "theme": "dark"}'
    text = text.replace("{", '{"a": "Bearer lemonade", ')
    path = put(tmp_path / "home", ".toy.json", text)
    run(tmp_path / "home", "profile", "new", "toy", "--from", str(path), "--into", str(checkout))
    fixture = json.loads((checkout / "fixtures/toy/existing/before/home/.toy.json").read_text())
    assert (fixture["theme"], fixture["password"]) == ("dark", fixture["apiKey"])
    assert fixture["a"] == f"Bearer {fixture['apiKey']}"


def test_a_file_whose_secrets_cannot_be_masked_for_sure_is_refused(checkout: Path, tmp_path: Path) -> None:
    text = "<a><b><password>CAN&#65;RY-1</password></b><b><password>x</password></b></a>"
    path = put(tmp_path / "home", ".toy.xml", text)
    result = run(tmp_path / "home", "profile", "new", "toy", "--from", str(path), "--into", str(checkout))
    assert result.code == 1
    assert files(checkout) == {}
    assert "cannot be masked for sure" in result.err
    assert "RY-1" not in result.err


def test_names_of_people_are_masked(checkout: Path, tmp_path: Path) -> None:
    text = (
        '{"url": "https://api.openai.com", "apiKey": "@@", "by": "j.roe@corp.example", "log": "/home/jane/x"}'
    )
    path = put(tmp_path / "home", ".toy.json", text)
    run(tmp_path / "home", "profile", "new", "toy", "--from", str(path), "--into", str(checkout))
    fixture = (checkout / "fixtures/toy/existing/before/home/.toy.json").read_text()
    assert '"by": "someone@example.org", "log": "/home/me/x"' in fixture


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"theme": "dark"}', "no URL and key were found"),
        ('{"apiKey": "@@"}', "no URL was found"),
        ('{"url": "https://api.openai.com/v1"}', "no key was found"),
        ('{"url": "https://api.openai.com/v1", "apiKey": ""}', "no key was found"),
        ('{"sync": {"url": "https://x.example"}, "forge": {"token": "@@"}}', "that belong together"),
        ('{"anthropic": {"url": "https://api.anthropic.com", "apiKey": "@@"}}', "of OpenAI's protocol"),
        ('{"url": ', "line"),
    ],
)
def test_what_is_not_found_is_said_and_nothing_is_written(
    text: str, reason: str, checkout: Path, tmp_path: Path
) -> None:
    path = put(tmp_path / "home", ".toy.json", text)
    result = run(tmp_path / "home", "profile", "new", "toy", "--from", str(path), "--into", str(checkout))
    assert result.code == 1
    assert reason in result.err or f"{path}:1" in result.err
    assert str(path) in result.err
    assert not files(checkout)


def test_no_file_is_written_over(checkout: Path, tmp_path: Path) -> None:
    path = put(tmp_path / "home", ".toy/.env", SAMPLES[".toy/.env"])
    words = ["profile", "new", "toy", "--from", str(path), "--into", str(checkout)]
    assert run(tmp_path / "home", *words).code == 0
    before = files(checkout)
    again = run(tmp_path / "home", *words)
    assert again.code == 1
    assert files(checkout) == before
    assert "toy.toml is there already" in again.err
    (checkout / "profiles/toy.toml").unlink()
    assert "fixtures/toy" in run(tmp_path / "home", *words).err
    assert not (checkout / "profiles/toy.toml").exists()


def test_outside_a_checkout_it_is_ones_own_profile_without_a_fixture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    path = put(home, ".toy/.env", SAMPLES[".toy/.env"])
    monkeypatch.chdir(tmp_path)
    assert run(home, "profile", "new", "toy", "--from", str(path)).code == 0
    assert {name for name in files(home) if name != ".toy/.env"} == {".config/vsegpt-patch/profiles/toy.toml"}
    assert run(home, "toy").code == 0
    assert KEY in path.read_text()


def test_settings_of_vs_code_and_of_projects_get_a_place_for_everybody(
    checkout: Path, tmp_path: Path
) -> None:
    text = '{"toy.ai.apiKey": "@@", "toy.ai.baseUrl": "https://api.openai.com/v1", "toy.ai.model": "x"}'
    path = put(tmp_path / "home", ".config/VSCodium/User/settings.json", text)
    made = run(tmp_path / "home", "profile", "new", "toy", "--from", str(path), "--into", str(checkout))
    assert made.code == 0, made.err
    assert '["{vscode}/settings.json"]' in (checkout / "profiles/toy.toml").read_text("utf-8")
    assert (checkout / "fixtures/toy/existing/before/home/.config/Code/User/settings.json").exists()
    path = put(tmp_path / "project", ".env", SAMPLES[".toy/.env"])
    made = run(tmp_path / "home", "profile", "new", "app", "--from", str(path), "--into", str(checkout))
    assert '["{project}/.env"]' in (checkout / "profiles/app.toml").read_text("utf-8")
    assert "--in DIR" in made.out
    fixture = checkout / "fixtures/app/existing"
    assert 'args = ["--in", "PROJECT"]' in (fixture / "case.toml").read_text("utf-8")
    words = ["app", "--in", "PROJECT", "--profiles", str(checkout / "profiles")]
    assert run(fixture / "before/home", *words).code == 0
    assert KEY in (fixture / "before/home/project/.env").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["toy"], "--from FILE"),
        (["toy", "--from", "none.json"], "no such file"),
        (["Toy", "--from", "x"], "small letters"),
        (["undo", "--from", "x"], "word of the command line"),
        (["toy", "--from", "x", "--format", "docx"], "--format docx"),
        (["toy", "--from", "x", "--into", "nowhere"], "no such directory"),
        (["toy", "--from", "FILE"], "say --format"),
    ],
)
def test_wrong_words_are_told(words: list[str], reason: str, tmp_path: Path) -> None:
    path = put(tmp_path, "config", SAMPLES[".toy/.env"])
    result = run(tmp_path, "profile", "new", *[str(path) if word == "FILE" else word for word in words])
    assert result.code == 2
    assert reason in result.err


def test_the_format_can_be_said(checkout: Path, tmp_path: Path) -> None:
    path = put(tmp_path / "home", ".toyrc", SAMPLES[".toy/.env"].replace('"', ""))
    words = ["--from", str(path), "--format", "keyvalue", "--into", str(checkout)]
    assert run(tmp_path / "home", "profile", "new", "toy", *words).code == 0
    assert 'format = "keyvalue"' in (checkout / "profiles/toy.toml").read_text("utf-8")


def test_where_one_file_cannot_be_written_none_is(checkout: Path, tmp_path: Path) -> None:
    path = put(tmp_path / "home", ".toy/.env", SAMPLES[".toy/.env"])
    (checkout / "fixtures").rmdir()
    (checkout / "fixtures").write_text("")
    result = run(tmp_path / "home", "profile", "new", "toy", "--from", str(path), "--into", str(checkout))
    assert result.code == 1
    assert "it cannot be written" in result.err
    assert list(files(checkout)) == ["fixtures"]


def test_url_and_key_of_one_entry_are_never_mixed_with_those_of_another(
    checkout: Path, tmp_path: Path
) -> None:
    data = {
        "local": {"type": "openai", "options": {"baseURL": "http://localhost:1234/v1"}},
        "cloud": {"options": {"baseURL": "https://x.example/v1", "apiKey": OLD}, "model": "x"},
    }
    path = put(tmp_path / "home", ".toy.json", json.dumps({"providers": data}))
    run(tmp_path / "home", "profile", "new", "toy", "--from", str(path), "--into", str(checkout))
    profile = (checkout / "profiles/toy.toml").read_text("utf-8")
    assert 'at      = ["providers", "cloud"]' in profile
    assert "local" not in profile
