"""Whose files are, and who may change them: what is not one's own alone is refused, rights stay."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.confined import (
    NOBODY,
    ROOT_USER,
    assert_explained,
    give,
    lacking,
    only_root,
    run_confined,
    tool,
)
from tests.support.homes import KEY
from tests.support.made_up_tools import GOOD, home_with_tools


@pytest.fixture
def home() -> Iterator[Path]:
    """Where another user can come to it: every start of pytest shuts its own directory."""
    with tempfile.TemporaryDirectory() as name:
        yield home_with_tools(Path(name), "one", "two", syntax="jsonc", holds=GOOD)


def _immutable(path: Path) -> None:
    if subprocess.run([tool("chattr"), "+i", path], capture_output=True, check=False).returncode != 0:
        lacking("this file system has no such flags")


def _foreign(path: Path) -> None:
    os.chown(path, 12345, 12345)


def _foreign_directory(path: Path) -> None:
    _foreign(path.parent)
    path.parent.chmod(0o1777)  # so that the user could write there


UNSAFE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a file of another owner": (
        _foreign,
        "it belongs to another user (uid 12345)",
    ),
    "a hard link": (lambda p: os.link(p, p.parent / "second"), "the file has a second name (hard link)"),
    "a directory of another owner": (_foreign_directory, "belongs to another user (uid 12345)"),
    "a world-writable directory": (lambda p: p.parent.chmod(0o777), "/.one; chmod o-w"),
    "a world-writable directory above": (lambda p: p.parent.parent.chmod(0o777), "/home; chmod o-w"),
    "an immutable file": (_immutable, "it cannot be written: Operation not permitted"),
    "an immutable directory": (lambda p: _immutable(p.parent), "cannot be written"),
}


@pytest.mark.parametrize("user", [None, NOBODY], ids=["oneself", "an ordinary user"])
@pytest.mark.parametrize("what", UNSAFE)
def test_a_file_that_is_not_ones_own_alone_is_refused_with_the_reason(
    what: str, user: int | None, home: Path
) -> None:
    only_root()  # others cannot give files away; the program itself runs as the user
    if user is not None:
        give(home.parent, user)
    spoil, reason = UNSAFE[what]
    try:
        spoil(home / ".one/config")
        result = run_confined(home, "one", user=user)
    finally:
        for path in (home / ".one", home / ".one/config"):
            subprocess.run([tool("chattr"), "-i", path], capture_output=True, check=False)
    assert_explained(result)
    assert "one: ~/.one/config: " in result.stderr
    assert reason in result.stderr
    assert (home / ".one/config").read_bytes() == GOOD
    assert not list(home.glob(".one/.config*"))


@pytest.mark.parametrize("user", [None, NOBODY], ids=["oneself", "an ordinary user"])
def test_access_control_lists_and_attributes_stay(user: int | None, home: Path) -> None:
    if user is not None:
        only_root()
        give(home.parent, user)
    config = home / ".one/config"
    for words in ([tool("setfacl"), "-m", "u:12345:r"], [tool("setfattr"), "-n", "user.note", "-v", "mine"]):
        if subprocess.run([*words, str(config)], capture_output=True, check=False).returncode != 0:
            lacking("this file system has no ACLs or extended attributes")
    before = {name: os.getxattr(config, name) for name in os.listxattr(config)}
    assert {"user.note", "system.posix_acl_access"} <= before.keys()
    for words in (["one"], ["undo"]):
        result = run_confined(home, *words, user=user)
        assert result.returncode == 0, result.stderr
        assert {name: os.getxattr(config, name) for name in os.listxattr(config)} == before
    assert config.read_bytes() == GOOD


def test_an_unwritable_state_directory_is_named_to_an_ordinary_user(home: Path) -> None:
    only_root()
    give(home.parent, NOBODY)
    (home / ".local").mkdir(mode=0o755)
    result = run_confined(home, "one", user=NOBODY)
    assert_explained(result)
    assert "backup directory" in result.stderr
    assert (home / ".one/config").read_bytes() == GOOD


@pytest.mark.parametrize(
    ("place", "mode", "reason"),
    [
        (".one", 0o500, "cannot be written to"),
        (".one/config", 0o000, "cannot be read"),
        (".one", 0o777, "everybody may change"),
    ],
)
def test_missing_permissions_are_refused_for_an_ordinary_user(
    place: str, mode: int, reason: str, home: Path
) -> None:
    if ROOT_USER:  # who may do everything, and so would hide a refusal
        give(home.parent, NOBODY)
    (home / place).chmod(mode)
    result = run_confined(home, "one", "two", user=NOBODY if ROOT_USER else None)
    (home / ".one").chmod(0o700)
    (home / ".one/config").chmod(0o600)
    assert_explained(result)
    assert "one: ~/.one/config: " in result.stderr
    assert reason in result.stderr
    assert (home / ".one/config").read_bytes() == GOOD
    assert KEY.encode() in (home / ".two/config").read_bytes()
