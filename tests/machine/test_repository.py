"""Whether git would carry a file away, asked of repositories that the real git made."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from patcher.machine.repository import exposure


def git(folder: Path, *words: str) -> None:
    named = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]
    subprocess.run(["git", *named, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A work tree with a tracked `.env`, an ignored `local/.env` and `new.env`, which git does not know."""
    folder = tmp_path / "tree"
    (folder / "local").mkdir(parents=True)
    git(folder, "init", "-q")
    for name in (".env", "local/.env", "new.env"):
        (folder / name).write_text("A=1\n")
    (folder / ".gitignore").write_text("local/\n")
    git(folder, "add", ".env", ".gitignore")
    git(folder, "commit", "-qm", "first")
    return folder


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        (".env", "tracked"),
        ("new.env", "not ignored"),
        ("to-be-made.env", "not ignored"),
        ("local/.env", None),
    ],
)
def test_a_file_is_told_by_index_and_ignore_rules(tree: Path, name: str, seen: str | None) -> None:
    assert exposure(tree / name) == seen


def test_a_dotfile_that_is_a_link_into_a_work_tree_counts_as_what_it_leads_to(
    tree: Path, tmp_path: Path
) -> None:
    link = tmp_path / ".env"
    link.symlink_to(tree / ".env")
    assert exposure(link) == "tracked"


def test_outside_of_every_work_tree_nothing_is_said(tmp_path: Path) -> None:
    assert exposure(tmp_path / "some.env") is None


def test_a_file_of_a_linked_work_tree_is_known_there(tree: Path, tmp_path: Path) -> None:
    git(tree, "worktree", "add", "-q", "../second")
    assert exposure(tmp_path / "second/.env") == "tracked"


def test_a_repository_that_cannot_be_read_is_taken_for_one_that_ignores_nothing(tree: Path) -> None:
    (tree / ".git/index").write_bytes(b"no index")
    assert exposure(tree / "local/.env") == "not ignored"


def test_no_hook_and_no_program_of_the_repository_is_run(tree: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    for setting in ("core.fsmonitor", "core.pager", "filter.a.clean"):
        git(tree, "config", setting, f"touch {mark}")
    (tree / ".gitattributes").write_text("* filter=a\n")
    assert exposure(tree / ".env") == "tracked"
    assert not mark.exists()
