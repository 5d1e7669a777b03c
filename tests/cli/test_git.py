"""A file that git would carry away is named before the key is written there."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.made_up_tools import run_with_profiles


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


def test_a_tracked_file_is_named_in_a_dry_run_and_before_it_is_written(home: Path) -> None:
    git(home, "init", "-q")
    git(home, "add", ".one/config")
    for words in (["one", "-n"], ["one"]):
        assert "~/.one/config is tracked by git" in run_with_profiles(home, *words).err


def test_a_file_that_a_work_tree_does_not_ignore_is_named(home: Path) -> None:
    git(home, "init", "-q")
    assert "lies in a git work tree that does not ignore it" in run_with_profiles(home, "one").err


def test_an_ignored_file_is_patched_without_a_word(home: Path) -> None:
    git(home, "init", "-q")
    (home / ".gitignore").write_text(".one/\n")
    assert "git" not in run_with_profiles(home, "one").err


def test_a_link_into_a_work_tree_counts_as_the_file_there(home: Path, tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    (dotfiles / "config").write_bytes((home / ".one/config").read_bytes())
    git(dotfiles, "init", "-q")
    git(dotfiles, "add", "config")
    (home / ".one/config").unlink()
    (home / ".one/config").symlink_to(dotfiles / "config")
    assert "is tracked by git" in run_with_profiles(home, "one").err
