"""Disks that are full, read-only or of no use: nothing is changed, and it is said why."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.confined import assert_explained, lacking, only_root, run_confined, tool
from tests.support.homes import KEY, files
from tests.support.made_up_tools import GOOD


@contextlib.contextmanager
def mounted(place: Path, *options: str, kind: str = "tmpfs") -> Iterator[None]:
    """Something else mounted on a directory, by root or in vain."""
    only_root()
    words = ["mount", "-t", kind, *options, kind, str(place)] if kind == "tmpfs" else ["mount", *options]
    made = subprocess.run(words, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        lacking(f"cannot mount: {made.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(folder: Path) -> None:
    """Write until nothing more fits."""
    with (folder / "filling").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)


@contextlib.contextmanager
def small_disk(home: Path, *options: str) -> Iterator[None]:
    """The home on a disk of its own."""
    kept = files(home)
    with mounted(home, *options):
        for name, data in kept.items():
            (home / name).parent.mkdir(exist_ok=True)
            (home / name).write_bytes(data)
        yield


def test_a_full_disk_changes_nothing(home: Path) -> None:
    before = files(home)
    with small_disk(home, "-o", "size=64k"):
        fill(home)
        result = run_confined(home, "one", "two")
        assert_explained(result)
        assert "No space left" in result.stderr
        (home / "filling").unlink()
        assert files(home) == before
        assert run_confined(home, "one", "two").returncode == 0
        fill(home)
        assert_explained(run_confined(home, "undo"))
        (home / "filling").unlink()
        assert run_confined(home, "undo").returncode == 0
        assert files(home) == before


@pytest.mark.parametrize("count", range(6, 22))
def test_a_disk_without_inodes_changes_nothing_or_all(count: int, home: Path) -> None:
    before = files(home)
    with small_disk(home, "-o", f"nr_inodes={count}"):
        result = run_confined(home, "one", "two")
        if result.returncode == 0:
            assert count > 15
            assert all(KEY.encode() in data for data in files(home).values())
        else:
            assert_explained(result)
            assert files(home) == before


@pytest.mark.parametrize("size", [0, 1, 29, 300, 1500])
def test_short_writes_change_nothing(size: int, home: Path) -> None:
    before = files(home)
    assert_explained(run_confined(home, "one", "two", before=[tool("prlimit"), f"--fsize={size}"]))
    assert files(home) == before
    assert run_confined(home, "one", "two").returncode == 0


def test_too_few_file_descriptors_change_nothing(home: Path) -> None:
    before = files(home)
    ended = []
    for count in range(3, 12):
        result = run_confined(home, "one", "two", before=[tool("prlimit"), f"--nofile={count}"])
        ended.append(result.returncode)
        if result.returncode == 0:
            break
        if "Fatal Python error" not in result.stderr and "ImportError" not in result.stderr:
            assert KEY not in result.stderr
        assert files(home) == before
    assert ended[-1] == 0
    assert 1 in ended


def test_a_read_only_mount_changes_nothing(home: Path) -> None:
    before = files(home)
    with mounted(home, "--bind", str(home), str(home), kind="bind"):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(home)], check=True)
        assert_explained(run_confined(home, "one", "two"))
        assert files(home) == before


def test_one_read_only_directory_stops_its_tool_alone(home: Path) -> None:
    place = str(home / ".one")
    with mounted(home / ".one", "--bind", place, place, kind="bind"):
        subprocess.run(["mount", "-o", "remount,ro,bind", place], check=True)
        result = run_confined(home, "one", "two")
        assert_explained(result)
        assert "one: ~/.one/config: " in result.stderr
    assert (home / ".one/config").read_bytes() == GOOD
    assert KEY.encode() in (home / ".two/config").read_bytes()


@pytest.mark.parametrize(("flag", "place"), [("i", "config"), ("i", "."), ("a", "config"), ("a", ".")])
def test_a_file_or_directory_that_may_not_be_changed_stops_its_tool_alone(
    flag: str, place: str, home: Path
) -> None:
    only_root()
    at = str(home / ".one" / place)
    if subprocess.run([tool("chattr"), f"+{flag}", at], capture_output=True, check=False).returncode != 0:
        lacking("this file system has no such flags")
    try:
        result = run_confined(home, "one", "two")
        now = files(home)
    finally:
        subprocess.run([tool("chattr"), f"-{flag}", at], check=True)
    assert_explained(result)
    assert now[".one/config"] == GOOD
    if (flag, place) == ("a", "."):  # what may be made there, but not removed, stops the run
        assert now[".two/config"] == GOOD
        assert "the next run of vsegpt-patch tries it first" in result.stderr
    else:
        assert "one: ~/.one/config: " in result.stderr
        assert KEY.encode() in now[".two/config"]
    assert run_confined(home, "one").returncode == 0
    assert sorted(files(home)) == [".one/config", ".two/config"]
