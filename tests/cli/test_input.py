"""What people's files may be: each is borne, or refused in one line with the file untouched."""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.homes import KEY, files
from tests.support.made_up_tools import home_with_tools, made_up_tool, run_with_profiles

GOOD = b'{"models": []}\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two tools: `good`, which is fine, and `odd`, whose file each test makes its own."""
    home = home_with_tools(tmp_path, "good", "odd", holds=GOOD)
    odd(home).unlink()
    return home


def odd(home: Path) -> Path:
    return home / ".odd/config"


Make = Callable[[Path], object]


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the address of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as its:
            its.bind(path.name)
    finally:
        os.chdir(here)


def _hole(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 30)


REFUSED: list[tuple[str, Make, str]] = [
    ("invalid", lambda p: p.write_bytes(b'{\n "a": 1,\n oops\n}'), ".odd/config:3:"),
    ("a duplicate key", lambda p: p.write_bytes(b'{"models": [],\n "models": []}'), "models is set twice"),
    ("a map for a list", lambda p: p.write_bytes(b'{"models": {}}'), "models is a map, expected a list"),
    ("text for a list", lambda p: p.write_bytes(b'{"models": "x"}'), "models is text, expected a list"),
    (
        "two of ours",
        lambda p: p.write_bytes(b'{"models": [{"name": "VseGPT"}, {"name": "VseGPT"}]}'),
        "2 items",
    ),
    (
        "a map for a value",
        lambda p: p.write_bytes(b'{"models": [{"name": "VseGPT", "apiKey": {}}]}'),
        "is a map",
    ),
    ("a comment in strict JSON", lambda p: p.write_bytes(b'{"a": 1}\n// c\n'), ".odd/config:2:"),
    ("not UTF-8", lambda p: p.write_bytes('{"a": "привет"}'.encode("cp1251")), "not UTF-8"),
    ("UTF-16", lambda p: p.write_bytes('{"a": 1}'.encode("utf-16")), "UTF-16"),
    ("a NUL byte", lambda p: p.write_bytes(b'{"a": "\0"}'), "NUL"),
    ("nested too deep", lambda p: p.write_bytes(b"[" * 100_000), "deep"),
    ("a directory", Path.mkdir, "directory"),
    ("a pipe", os.mkfifo, "no ordinary file"),
    ("a link that leads nowhere", lambda p: p.symlink_to("gone"), "leads nowhere"),
    ("a link loop", lambda p: p.symlink_to(p), "link"),
    ("a link to a device", lambda p: p.symlink_to("/dev/zero"), "no ordinary file"),
    ("a hard link", lambda p: os.link(p.parent.parent / ".good/config", p), "second name"),
    ("a socket", _socket, "cannot be read"),
    ("a huge hole", _hole, "more than the limit"),
]


@pytest.mark.parametrize(("make", "reason"), [pytest.param(m, r, id=i) for i, m, r in REFUSED])
def test_what_cannot_be_edited_is_refused_in_one_line_and_the_others_go_on(
    make: Make, reason: str, home: Path
) -> None:
    make(odd(home))
    before = odd(home).lstat()
    result = run_with_profiles(home, "odd", "good")
    assert result.code == 1
    told = [line for line in result.err.splitlines() if line.startswith("odd: ~/.odd/config")]
    assert len(told) == 1
    assert reason in told[0]
    after = odd(home).lstat()
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (
        before.st_ino,
        before.st_size,
        before.st_mtime_ns,
    )
    if (home / ".good/config").stat().st_nlink == 1:
        assert KEY.encode() in (home / ".good/config").read_bytes()


def test_with_strict_one_refused_tool_stops_all(home: Path) -> None:
    odd(home).write_bytes(b"{")
    before = files(home)
    result = run_with_profiles(home, "odd", "good", "--strict")
    assert result.code == 1
    assert "Nothing was written" in result.err
    assert files(home) == before
    assert run_with_profiles(home, "odd", "good").code == 1
    assert files(home) != before


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"\xef\xbb\xbf", b"{}", b"null", b'{"models":null}', b'{"models":[]}'],
    ids=["empty", "blank", "BOM", "{}", "null", "null list", "minified"],
)
def test_an_empty_file_is_filled(data: bytes, home: Path) -> None:
    odd(home).write_bytes(data)
    assert run_with_profiles(home, "odd").code == 0
    (model,) = json.loads(odd(home).read_text("utf-8-sig"))["models"]
    assert model["apiBase"] == "https://api.vsegpt.ru:6070/v1"
    assert run_with_profiles(home, "undo").code == 0
    assert odd(home).read_bytes() == data


def test_a_missing_file_is_made_only_where_the_profile_says_so(home: Path) -> None:
    assert run_with_profiles(home, "odd").code == 0
    assert stat.S_IMODE(odd(home).stat().st_mode) == 0o600
    made_up_tool(home.parent / "profiles", "shy", "json", create=False)
    result = run_with_profiles(home, "shy")
    assert result.code == 1
    assert "shy: ~/.shy/config: the file does not exist; start Shy once" in result.err
    assert not (home / ".shy").exists()


def test_directories_that_had_to_be_made_go_away_again(home: Path) -> None:
    made_up_tool(home.parent / "profiles", "new", "toml")
    before = files(home)
    assert run_with_profiles(home, "new").code == 0
    assert (home / ".new/config").exists()
    assert run_with_profiles(home, "undo").code == 0
    assert files(home) == before
    assert not (home / ".new").exists()


def test_a_link_is_written_through_and_stays(home: Path) -> None:
    real = home / "dotfiles/config"
    real.parent.mkdir()
    real.write_bytes(GOOD)
    odd(home).symlink_to("../dotfiles/config")
    assert run_with_profiles(home, "odd").code == 0
    assert odd(home).is_symlink()
    assert KEY.encode() in real.read_bytes()
    assert run_with_profiles(home, "undo").code == 0
    assert odd(home).is_symlink()
    assert real.read_bytes() == GOOD


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o755])
def test_mode_and_extended_attributes_stay(mode: int, home: Path) -> None:
    odd(home).write_bytes(GOOD)
    odd(home).chmod(mode)
    try:
        os.setxattr(odd(home), "user.note", b"mine")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    for words in (["odd"], ["undo"]):
        assert run_with_profiles(home, *words).code == 0
        assert stat.S_IMODE(odd(home).stat().st_mode) == mode
        assert os.getxattr(odd(home), "user.note") == b"mine"


def test_two_tools_with_one_file_are_both_in_it_and_each_can_go(home: Path) -> None:
    profile = (home.parent / "profiles/odd.toml").read_text("utf-8")
    twin = profile.replace('name = "VseGPT"', 'name = "Twin"')
    (home.parent / "profiles/twin.toml").write_text(twin, "utf-8")
    odd(home).write_bytes(GOOD)
    assert run_with_profiles(home, "odd", "twin").code == 0
    assert [model["name"] for model in json.loads(odd(home).read_bytes())["models"]] == ["Twin", "VseGPT"]
    assert run_with_profiles(home, "undo", "odd").code == 0
    assert [model["name"] for model in json.loads(odd(home).read_bytes())["models"]] == ["Twin"]
    assert run_with_profiles(home, "undo", "twin").code == 0
    assert json.loads(odd(home).read_bytes()) == {"models": []}


def test_a_state_directory_that_cannot_be_used_is_named(home: Path) -> None:
    odd(home).write_bytes(GOOD)
    (home / ".local").write_bytes(b"")
    result = run_with_profiles(home, "odd")
    assert result.code == 1
    assert "backup directory" in result.err
    assert odd(home).read_bytes() == GOOD
