"""The key is shown nowhere."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from patcher.errors import UsageError
from patcher.secrets.secret import Mask, Secret, masked
from tests.support.homes import run

KEY = "sk-or-vv-" + "0" * 60 + "a1b2"


def test_a_key_shows_its_family_and_its_last_four_characters() -> None:
    assert masked(KEY) == "sk-or-vv-…a1b2"
    assert f"{Secret(KEY)} {Secret(KEY)!r}" == "sk-or-vv-…a1b2 sk-or-vv-…a1b2"
    assert masked("short") == "…"


def test_a_secret_cannot_be_stored() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(KEY))


@pytest.mark.parametrize("text", ["", "  ", "abc12", "two words here", "ключ-ключ", "line1line\nline2line"])
def test_what_is_no_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        Secret.parse(text)
    assert not text.strip() or text.strip() not in str(refusal.value)


def test_a_key_may_come_with_a_line_end() -> None:
    assert Secret.parse(f" {KEY}\r\n").reveal() == KEY


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"  apiKey: {KEY}", "  apiKey: sk-or-vv-…a1b2"),
        (f'"apiKey":"{KEY}",', '"apiKey":"sk-or-vv-…a1b2",'),
        ("API_TOKEN='my own pass phrase'", "API_TOKEN='…rase'"),
        ("password = hunter2!", "password = …"),
        ("# OPENAI_API_KEY=old0000000000000000", "# OPENAI_API_KEY=…0000"),
        ('keys = ["sk-0000000000000001"]', 'keys = ["sk-…0001"]'),
        ("see sk-proj-000000000000000000001234 there", "see sk-proj-…1234 there"),
        ("Authorization: Bearer abc-def-ghi-0123456", "Authorization: Bearer …3456"),
        ("x = ghp_0000000000000000000000000000001234", "x = ghp_…1234"),
        ("id = 0123456789abcdef0123456789abcdef", "id = …cdef"),
        ("sk-or-vv-…a1b2", "sk-or-vv-…a1b2"),
        ("apiKey: sk-or-vv-…a1b2", "apiKey: sk-or-vv-…a1b2"),
    ],
)
def test_whatever_looks_like_a_key_is_masked(text: str, shown: str) -> None:
    assert Mask()(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens: 4096",
        "tokenizer: gpt2",
        "apiKey: ${{ secrets.VSEGPT }}",
        "api_key: $OPENAI_API_KEY",
        "keyboard = vim",
        "key_file: https://example.org/keys",
        "model: openai/gpt-4o-mini",
        "key: true",
        "https://api.vsegpt.ru:6070/v1/chat/completions",
    ],
)
def test_what_is_no_key_stays_readable(text: str) -> None:
    assert Mask()(text) == text


def test_a_known_key_of_any_shape_is_masked_wherever_it_stands() -> None:
    mask = Mask(["correct horse", ""])
    assert mask("x correct horse y") == "x … y"
    assert "horse" not in mask("apiKey: $correct horse")


def test_the_stand_in_of_a_dry_run_is_named() -> None:
    mask = Mask([], "sk-or-vv-555")
    assert mask("apiKey: sk-or-vv-555") == "apiKey: ‹key›"
    assert mask("a sk-or-vv-555 b") == "a ‹key› b"


def test_an_empty_value_in_text_inside_text_does_not_hide_what_follows_from_the_mask() -> None:
    text = r'"x": "{\"key\":\"\",\"azureKey\":\"plain-secret-1x\",\"key\":\"sk-…0000\"}"'
    assert "plain-secret-1x" not in Mask()(text)


def test_every_value_in_a_map_of_keys_is_hidden_in_a_diff(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/toy.toml").write_text(
        'name = "Toy"\nabout = { en = "a toy", ru = "игрушка" }\ndocs = "https://toy.example/docs"\n'
        '[[file]]\nformat = "json"\npath = ["~/toy.json"]\n'
        '[[file.edit]]\nat = ["apiKeys"]\nkey = { openai = "{key}" }\n',
        "utf-8",
    )
    (tmp_path / "toy.json").write_text('{\n  "apiKeys": {"mine": "local-77", "openai": ""}\n}\n', "utf-8")
    result = run(tmp_path, "toy", "--dry-run", "--profiles", str(tmp_path / "profiles"))
    assert '"openai": "sk-or-vv-…0000"' in result.out
    assert "local-77" not in result.out
