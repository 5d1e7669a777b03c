"""Profiles: found, read, and refused where they could do harm."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from patcher.errors import Refused, UsageError
from patcher.registry.catalog import Catalog
from tests.support.homes import run

GOOD = """
name = "Toy"
about = { en = "a toy", ru = "игрушка" }
docs = "https://toy.example/docs"
found_by = ["~/.toy", "toy"]
verified = { version = "1", on = 2026-11-22, how = "docs" }

[[file]]
format = "toml"
path = ["~/.toy/config.toml"]
create = { version = "1.0.0" }

  [[file.edit]]
  at = ["models", { name = "VseGPT" }]
  handler = { provider = "openai" }
  key = { api_key = "{key}" }
  url = { api_base = "https://api.openai.com/v1" }
  model = { model = "openai/{model}" }
  default = { roles = ["chat"] }
"""


def read(folder: Path, text: str, name: str = "toy") -> None:
    file = folder / f"{name}.toml"
    file.write_text(text, "utf-8")
    Catalog.open([folder]).get(name)


def test_a_good_profile_is_taken(tmp_path: Path) -> None:
    read(tmp_path, GOOD)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('name = "Toy"\n', "", "the profile: name is missing"),
        ('name = "Toy"', 'name = "list"', "name"),
        ('docs = "https', 'docks = "https', "docs"),
        ('format = "toml"', 'format = "docx"', r"file 1\.format: 'docx' is none of json, "),
        ('"https://api.openai.com/v1"', '"https://evil.example/v1"', r"file 1\.edit 1\.url\.api_base"),
        ('"https://api.openai.com/v1"', '"https://api.openai.com.evil.example/v1"', "url"),
        ('"https://api.openai.com/v1"', '"https://api.openai.com@evil.example/"', "url"),
        ('provider = "openai"', 'provider = "https://evil.example"', "handler: .* names a host"),
        ('provider = "openai"', 'provider = "openai", proxy = "evil.example:80"', "names a host"),
        ('provider = "openai"', 'command = "nc 10.0.0.1 80"', "names a host"),
        ('provider = "openai"', 'provider = "{key}"', "{key} may stand only"),
        ('provider = "openai"', 'provider = "{0.__class__}"', "unknown placeholder"),
        ('provider = "openai"', 'provider = "{endpoint}"', "unknown placeholder"),
        ('api_key = "{key}"', 'api_key = "mine"', "holds no {key}"),
        ('api_key = "{key}"', '"{key}" = "{key}"', "{key} may stand only"),
        ('version = "1.0.0"', 'base = "https://evil.example"', "create: .* names a host"),
        ('{ name = "VseGPT" }', '{ name = "{key}" }', "{key} may stand only"),
        ('path = ["~/.toy/config.toml"]', 'path = ["/etc/passwd"]', "must begin with"),
        ('path = ["~/.toy/config.toml"]', 'path = ["~/../other/x"]', "plain names"),
        ('path = ["~/.toy/config.toml"]', 'path = ["~//x"]', "plain names"),
        ('path = ["~/.toy/config.toml"]', 'path = ["~/.toy/x\\n"]', "plain names"),
        ('path = ["~/.toy/config.toml"]', r'path = ["~/.toy\\x"]', "plain names"),
        ('path = ["~/.toy/config.toml"]', 'path = ["~"]', "names no file"),
        ('path = ["~/.toy/config.toml"]', 'path = ["~/.ssh/config"]', "no place for"),
        ('path = ["~/.toy/config.toml"]', 'path = ["~/.BashRC"]', "no place for"),
        ('path = ["~/.toy/config.toml"]', 'path = ["{config}/autostart/x.toml"]', "no place for"),
        ('path = ["~/.toy/config.toml"]', 'path = ["~/project/.git/config"]', "no place for"),
        ('path = ["~/.toy/config.toml"]', 'path = [{ linux = "~/.ssh/x" }]', "no place for"),
        ('path = ["~/.toy/config.toml"]', "path = []", "path"),
        ('found_by = ["~/.toy", "toy"]', 'found_by = ["/etc/toy"]', "found_by"),
        ('name = "Toy"', 'name = "Toy', r"toy\.toml:2: this is not valid TOML: "),
    ],
)
def test_a_profile_that_could_do_harm_is_refused_with_key_and_reason(
    old: str, new: str, reason: str, tmp_path: Path
) -> None:
    assert old in GOOD
    with pytest.raises(Refused, match=reason) as refusal:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert "toy.toml" in str(refusal.value)


@pytest.mark.parametrize("name", ["list", "undo", "Toy", "to y", "-toy"])
def test_a_tools_name_is_no_word_of_the_command_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        read(tmp_path, GOOD, name)


def test_files_that_are_no_profile_are_refused(tmp_path: Path) -> None:
    for name, data in (("bytes", b"\xff\xfe"), ("long", b"#" * 300_000), ("deep", b"a = " + b"[" * 5000)):
        (tmp_path / f"{name}.toml").write_bytes(data)
        with pytest.raises(Refused, match=name):
            Catalog.open([tmp_path]).get(name)
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(Refused, match="cannot be read"):
        Catalog.open([tmp_path]).get("folder")


def test_a_profile_that_others_may_change_is_refused(tmp_path: Path) -> None:
    read(tmp_path, GOOD)
    (tmp_path / "toy.toml").chmod(0o666)
    with pytest.raises(Refused, match="everybody"):
        Catalog.open([tmp_path]).get("toy")
    (tmp_path / "toy.toml").chmod(0o600)
    tmp_path.chmod(0o777)
    with pytest.raises(Refused, match="everybody"):
        Catalog.open([tmp_path]).get("toy")


def test_a_misspelt_tool_gets_the_nearest_names(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean continue"):
        Catalog.open().get("contniue")
    with pytest.raises(UsageError, match="vsegpt-patch list"):
        Catalog.open().get("qqqqqq")
    with pytest.raises(UsageError, match="no profiles"):
        Catalog.open([tmp_path / "none"])


def test_a_profile_of_ones_own_comes_before_a_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "continue.toml").write_text(GOOD, "utf-8")
    assert Catalog.open([tmp_path]).get("continue").name == "Toy"
    own = tmp_path / "home/.config/vsegpt-patch/profiles"
    own.mkdir(parents=True)
    (own / "toy.toml").write_text(GOOD, "utf-8")
    assert "toy: " not in run(tmp_path / "home", "toy", "-n").err
    assert "+++ ~/.toy/config.toml" in run(tmp_path / "home", "toy", "-n").out


def test_one_bad_profile_does_not_keep_the_others_from_work(tmp_path: Path) -> None:
    profiles, home = tmp_path / "profiles", tmp_path / "home"
    profiles.mkdir()
    (home / ".toy").mkdir(parents=True)
    (profiles / "toy.toml").write_text(GOOD, "utf-8")
    (profiles / "bad.toml").write_text("name = 1", "utf-8")
    result = run(home, "--all", "--profiles", str(profiles))
    assert result.code == 1
    assert "bad.toml" in result.err
    assert (home / ".toy/config.toml").exists()


def test_lint_says_what_is_wrong_with_a_profile(tmp_path: Path) -> None:
    file = tmp_path / "toy.toml"
    file.write_text(GOOD, "utf-8")
    assert run(tmp_path, "profile", "lint", str(file)).out == f"{file}: Toy is a good profile\n"
    file.write_text(GOOD.replace("{key}", "x"), "utf-8")
    result = run(tmp_path, "profile", "lint", str(file))
    assert result.code == 1
    assert "holds no {key}" in result.err
    assert run(tmp_path, "profile", "lint", str(tmp_path / "none.toml")).code == 2
    file.rename(tmp_path / "toy.txt")
    assert run(tmp_path, "profile", "lint", str(tmp_path / "toy.txt")).code == 2


def test_shipped_profiles_are_read_without_jsonschema() -> None:
    code = (
        "import sys; from patcher.registry.catalog import Catalog; its = Catalog.open()\n"
        "[its.get(tool) for tool in its]; sys.exit('jsonschema' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
