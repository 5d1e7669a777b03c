"""The program as one file: it needs nothing but Python, and is made of the same bytes every time."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from patcher import __version__
from patcher.registry.catalog import shipped_profiles
from tests.support.homes import KEY, ROOT, files
from tests.support.made_up_tools import made_up_tool

BEFORE = b'{"mine": true}\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / ".continue").mkdir(parents=True)
    (home / ".continue/config.yaml").write_text("name: Mine # and it stays\nversion: 1.0.0\nschema: v1\n")
    (home / ".vibe").mkdir()
    (home / ".config/crush").mkdir(parents=True)
    (home / ".config/crush/crush.json").write_bytes(BEFORE)
    return home


def alone(zipapp: Path, home: Path, *words: str, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run it where there is no installed library, none of our own files, and no variable but the key."""
    isolated = ["-I", "-S"] if not path else ["-S"]
    return subprocess.run(
        [sys.executable, *isolated, str(zipapp), "--home", str(home), *words],
        cwd=home,
        env={"VSEGPT_API_KEY": KEY, "PATH": os.defpath, "SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}
        | ({"PYTHONPATH": path} if path else {}),
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_patches_and_takes_back_without_any_library(zipapp: Path, home: Path) -> None:
    before = files(home)
    tools = ("continue", "mistral-vibe", "crush")  # YAML, TOML, JSON
    patched = alone(zipapp, home, *tools)
    assert patched.returncode == 0, patched.stderr
    assert patched.stdout.count("patched") == 3, patched.stderr
    assert sum(KEY.encode() in data for data in files(home).values()) == 3
    taken_back = alone(zipapp, home, "undo")
    assert taken_back.returncode == 0, taken_back.stderr
    assert files(home) == before


def python(minor: int) -> str:
    """The Python of this minor version, on the path or pyenv's."""
    if sys.version_info[:2] == (3, minor):
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    named = shutil.which(f"python3.{minor}")
    for found in (*pyenv.glob(f"3.{minor}.*/bin/python3"), *([Path(named)] if named else [])):
        if subprocess.run([found, "-c", ""], check=False, capture_output=True).returncode == 0:
            return str(found)  # pyenv's command for one that is not chosen there only fails
    pytest.skip(f"there is no Python 3.{minor} here")


@pytest.mark.skipif(sys.platform == "win32", reason="a home is more than a variable there")
@pytest.mark.parametrize("minor", [11, 12, 13, 14])
def test_it_needs_nothing_but_python_and_an_empty_home(minor: int, zipapp: Path, tmp_path: Path) -> None:
    its, empty = python(minor), tmp_path / "home"
    empty.mkdir()

    def told(*words: str) -> tuple[str, str]:
        ran = subprocess.run(
            [its, "-I", "-S", str(zipapp), *words],
            cwd=tmp_path,
            env={"HOME": str(empty), "PATH": str(empty), "VSEGPT_API_KEY": KEY},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout, ran.stderr

    assert told("--version") == (f"vsegpt-patch {__version__}\n", "")
    assert "No supported tool was found here" in told("--all", "--dry-run")[1]
    assert list(empty.iterdir()) == []
    told("crush", "continue")
    assert sum(KEY.encode() in data for data in files(empty).values()) == 2
    told("undo")
    assert files(empty) == {}


def test_it_knows_all_profiles_and_both_languages(zipapp: Path, home: Path) -> None:
    listed = alone(zipapp, home, "list", "--lang", "ru")
    assert listed.returncode == 0, listed.stderr
    profiles = shipped_profiles().iterdir()
    assert set(listed.stdout.split()) >= {profile.name.removesuffix(".toml") for profile in profiles}


def test_the_same_versions_make_the_same_bytes(zipapp: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.pyz"
    subprocess.run([sys.executable, "-m", "scripts.zipapp", str(again)], cwd=ROOT, check=True)
    assert again.read_bytes() == zipapp.read_bytes()


def test_a_profile_of_ones_own_needs_jsonschema_and_says_so(zipapp: Path, home: Path) -> None:
    (home / ".config/vsegpt-patch").mkdir()
    made_up_tool(home / ".config/vsegpt-patch/profiles", "one", "json")
    refused = alone(zipapp, home, "one", "crush", "--dry-run")
    assert refused.returncode == 1
    assert "one.toml: a profile of your own cannot be checked here: jsonschema is missing" in refused.stderr
    assert "crush.json" in refused.stdout
    libraries = Path(jsonschema.__file__).parent.parent
    assert alone(zipapp, home, "one", "--dry-run", path=str(libraries)).returncode == 0


def test_a_python_that_is_too_old_is_told_so(zipapp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this is 3\.9"):
        runpy.run_path(str(zipapp))
