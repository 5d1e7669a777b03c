"""The person's own defaults: what counts, what beats them, what is refused."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support import with_coverage
from tests.support.homes import KEY, ROOT, run
from tests.support.made_up_tools import home_with_tools, run_with_profiles

CONFIG = ".config/vsegpt-patch/config.toml"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return home_with_tools(tmp_path, "one")


def configure(home: Path, text: str) -> Path:
    path = home / CONFIG
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_model_and_endpoint_are_defaults_and_options_beat_them(home: Path) -> None:
    configure(home, 'model = "my/model"\nendpoint = "https://api.vsegpt.ru"\n')
    dry = run_with_profiles(home, "one", "--dry-run")
    assert '"model": "my/model"' in dry.out
    assert '"apiBase": "https://api.vsegpt.ru/v1"' in dry.out
    beaten = run_with_profiles(
        home, "one", "--dry-run", "--model", "a/b", "--endpoint", "https://api.vsegpt.ru:7090"
    )
    assert '"model": "a/b"' in beaten.out
    assert '"apiBase": "https://api.vsegpt.ru:7090/v1"' in beaten.out
    assert "my/model" in run(home, "--help").out


def test_the_language_is_a_default_too(home: Path) -> None:
    def about(*words: str, **env: str) -> str:
        told = subprocess.run(
            [*with_coverage.command(), "list", "--json", *words],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **env},
            capture_output=True,
            text=True,
            check=True,
        )
        return str(
            next(tool["about"] for tool in json.loads(told.stdout)["tools"] if tool["tool"] == "continue")
        )

    configure(home, 'lang = "ru"\n')
    assert about().startswith("ИИ-помощник")
    assert about("--lang=en").startswith("AI assistant")
    assert about(VSEGPT_PATCH_LANG="en").startswith("AI assistant")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('modle = "a/b"\n', "modle: no such setting; did you mean model?"),
        ('key = "x"\n', "key: no such setting; there are endpoint, lang, model"),
        ("model = 5\n", "model: a text in quotes is wanted, not int"),
        ("[model]\n", "model: a text in quotes is wanted, not dict"),
        ('model = "two words"\n', "model: a model's id is one word"),
        ('lang = "de"\n', "lang: one of en, ru is wanted"),
        ('endpoint = "http://example.org"\n', "endpoint: http://example.org would send the key unencrypted"),
        ("model = \n", ":1: this is not valid TOML"),
        ("#" * 70_000, "too long"),
    ],
)
def test_what_is_no_setting_is_refused_with_file_key_and_reason(home: Path, text: str, told: str) -> None:
    path = configure(home, text)
    result = run_with_profiles(home, "one", "--dry-run")
    assert result.code == 2
    assert f"vsegpt-patch: {path}:" in result.err
    assert told in result.err


def test_bytes_that_are_no_text_and_what_is_no_file_are_refused(home: Path) -> None:
    path = configure(home, "")
    path.write_bytes(b"\xff")
    assert "it is not UTF-8" in run(home, "list").err
    path.unlink()
    path.mkdir()
    result = run(home, "list")
    assert result.code == 1
    assert f"{path}: it cannot be read" in result.err


@pytest.mark.skipif(os.name != "posix", reason="LEFT OUT: Windows keeps no such mode bits")
def test_a_file_that_anybody_may_change_is_refused(home: Path) -> None:
    configure(home, 'endpoint = "https://llm.example.org"\n').chmod(0o666)
    result = run_with_profiles(home, "one")
    assert result.code == 2
    assert "everybody on this machine may change" in result.err


def test_with_another_home_that_homes_file_counts_and_not_the_callers(home: Path, tmp_path: Path) -> None:
    configure(tmp_path / "caller", 'model = "the/callers"\n')
    env = {"HOME": str(tmp_path / "caller")}
    assert "the/callers" not in run_with_profiles(home, "one", "--dry-run", env=env).out
    configure(home, 'model = "the/homes"\n')
    assert "the/homes" in run_with_profiles(home, "one", "--dry-run", env=env).out


def test_another_gateway_is_named_also_when_the_file_says_so(home: Path) -> None:
    configure(home, 'endpoint = "https://llm.example.org"\n')
    result = run_with_profiles(home, "one", key=KEY)
    assert result.code == 0
    assert "llm.example.org is not VseGPT's address" in result.err
