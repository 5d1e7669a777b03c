"""Seeing that a browser runs, without a trace."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from patcher.stores import running
from tests.stores.holding import locked
from tests.stores.prints import prints

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and locks of POSIX")


def test_nothing_there_is_not_running(tmp_path: Path) -> None:
    before = prints(tmp_path)
    assert running.chromium(tmp_path, tmp_path) is None
    assert running.firefox(tmp_path) is None
    assert prints(tmp_path) == before


def test_the_link_of_a_living_process_is_a_running_chromium(tmp_path: Path) -> None:
    (tmp_path / "SingletonLock").symlink_to(f"{platform.node()}-{os.getpid()}")
    assert running.chromium(tmp_path) == running.Running(os.getpid())


def test_the_link_that_a_crash_left_is_no_running_chromium(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    (tmp_path / "SingletonLock").symlink_to(f"{platform.node()}-{process.pid}")
    assert running.chromium(tmp_path) is None


def test_the_link_of_another_machine_is_a_running_chromium(tmp_path: Path) -> None:
    (tmp_path / "SingletonLock").symlink_to("another-machine-1")
    assert running.chromium(tmp_path) == running.Running(None)


@pytest.mark.parametrize(
    "target", ["x", f"{platform.node()}-", f"{platform.node()}-0", f"{platform.node()}-9999999999"]
)
def test_a_link_that_names_no_process_is_no_running_chromium(target: str, tmp_path: Path) -> None:
    (tmp_path / "SingletonLock").symlink_to(target)
    assert running.chromium(tmp_path) is None


@pytest.mark.parametrize("mode", [0o600, 0o444])
def test_a_locked_database_is_a_running_chromium(mode: int, tmp_path: Path) -> None:
    lock = tmp_path / "LOCK"
    lock.touch()
    with locked(lock) as pid:
        lock.chmod(mode)
        before = prints(tmp_path)
        assert running.chromium(tmp_path / "user data", tmp_path) == running.Running(pid)
        assert prints(tmp_path) == before
    assert running.chromium(tmp_path / "user data", tmp_path) is None


def test_a_locked_profile_is_a_running_firefox(tmp_path: Path) -> None:
    (tmp_path / ".parentlock").touch()
    (tmp_path / "lock").symlink_to("127.0.1.1:+1")
    assert running.firefox(tmp_path) is None
    with locked(tmp_path / ".parentlock") as pid:
        assert running.firefox(tmp_path) == running.Running(pid)


def test_looking_takes_no_lock(tmp_path: Path) -> None:
    (tmp_path / ".parentlock").touch()
    assert running.firefox(tmp_path) is None
    with locked(tmp_path / ".parentlock"):
        pass
