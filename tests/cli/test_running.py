"""A tool that runs and would write its file anew: refused by name, patched with --force."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from patcher.machine import processes
from patcher.machine.base_dirs import System
from patcher.machine.processes import Process
from tests.support.homes import KEY
from tests.support.made_up_tools import home_with_tools, run_with_profiles

GOOD = b'{"models": []}\n'
NAME = "Vv-Toy-Editor.exe"
RUNNING = "vv-toy-editor"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with `busy`, whose profile names a process, and `idle`."""
    home = home_with_tools(tmp_path, "busy", "idle", holds=GOOD)
    profile = tmp_path / "profiles/busy.toml"
    profile.write_text(f'processes = ["{NAME}"]\n{profile.read_text("utf-8")}', "utf-8")
    return home


@contextmanager
def at_work(folder: Path, name: str = RUNNING) -> Iterator[int]:
    """A real process of this name; its id."""
    cat = shutil.which("cat")
    if not cat or not Path("/proc/self/comm").exists():
        pytest.skip("LEFT OUT: needs Linux's /proc and a program to copy")
    program = folder / name
    if not program.exists():
        shutil.copy(cat, program)
    with subprocess.Popen([program], stdin=subprocess.PIPE) as process:
        comm = Path(f"/proc/{process.pid}/comm")
        end = time.monotonic() + 10
        # Linux closes what Popen waits for a moment before the process has its new name.
        while comm.read_text().strip() != name[:15] and time.monotonic() < end:
            time.sleep(0.001)
        try:
            yield process.pid
        finally:
            process.kill()


def patched(home: Path, tool: str) -> bool:
    return KEY in (home / f".{tool}/config").read_text()


def test_a_tool_that_runs_is_refused_by_name_and_the_others_go_on(home: Path) -> None:
    with at_work(home.parent) as pid:
        result = run_with_profiles(home, "busy", "idle")
    assert result.code == 1
    told = f"busy: Busy is running (process {RUNNING}, pid {pid}); close it and run again, or use --force"
    assert told in result.err
    assert not patched(home, "busy")
    assert patched(home, "idle")


def test_all_tools_of_one_running_program_are_refused(home: Path) -> None:
    profile = home.parent / "profiles/idle.toml"
    profile.write_text(f'processes = ["other", "{NAME}"]\n{profile.read_text("utf-8")}', "utf-8")
    with at_work(home.parent):
        assert run_with_profiles(home, "busy", "idle").code == 1
    assert not patched(home, "busy")
    assert not patched(home, "idle")


def test_a_tool_that_has_ended_is_patched(home: Path) -> None:
    with at_work(home.parent):
        pass
    assert run_with_profiles(home, "busy").code == 0
    assert patched(home, "busy")


def test_with_force_a_tool_that_runs_is_patched_with_a_warning(home: Path) -> None:
    with at_work(home.parent):
        result = run_with_profiles(home, "busy", "--force")
        told = json.loads(run_with_profiles(home, "busy", "--force", "--json", "--model", "other/model").out)
    assert result.code == 0
    assert "warning: busy: Busy is running" in result.err
    assert patched(home, "busy")
    assert "Busy is running" in told["warnings"][0]


def test_with_strict_a_tool_that_runs_stops_all(home: Path) -> None:
    with at_work(home.parent):
        assert run_with_profiles(home, "busy", "idle", "--strict").code == 1
    assert not patched(home, "busy")
    assert not patched(home, "idle")


def test_a_dry_run_only_warns_of_a_tool_that_runs(home: Path) -> None:
    with at_work(home.parent):
        result = run_with_profiles(home, "busy", "--dry-run")
    assert result.code == 0
    assert "warning: busy: Busy is running" in result.err
    assert "+++ ~/.busy/config" in result.out


def test_a_tool_that_runs_and_needs_no_change_is_no_failure(home: Path) -> None:
    assert run_with_profiles(home, "busy").code == 0
    with at_work(home.parent):
        result = run_with_profiles(home, "busy", "idle")
    assert result.code == 0
    assert result.out.startswith("busy: nothing to change\nidle: patched")


def test_processes_of_another_user_do_not_count(tmp_path: Path) -> None:
    with at_work(tmp_path):
        assert processes.running([RUNNING], "linux", os.getuid())
        assert not processes.running([RUNNING], "linux", 12345)


def test_a_process_is_known_by_its_program_though_it_calls_itself_otherwise(tmp_path: Path) -> None:
    (tmp_path / "vv-otherwise").symlink_to("vv-program")
    cat = shutil.which("cat")
    assert cat
    shutil.copy(cat, tmp_path / "vv-program")
    with at_work(tmp_path, "vv-otherwise") as pid:
        (tmp_path / "vv-program").unlink()  # as after an update
        found = processes.running(["VV-Program", "vv-otherwise", "vv-none"], "linux", os.getuid())
    assert {name: process.pid for name, process in found.items()} == {"VV-Program": pid, "vv-otherwise": pid}


def test_a_script_is_known_by_its_name_also_where_linux_cuts_it(tmp_path: Path) -> None:
    name = "vv-a-script-longer-than-fifteen"
    (tmp_path / name).write_text("#!/bin/sh\nread line\n")
    (tmp_path / name).chmod(0o755)
    with at_work(tmp_path, name) as pid:
        found = processes.running([name], "linux", os.getuid())
    assert found == {name: Process(name[:15], pid)}


def test_nobody_runs_where_the_system_does_not_tell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(processes, "_output", lambda *_: "")
    systems: list[System] = ["macos", "windows"]
    for system in systems:
        assert processes.running([NAME], system, os.getuid()) == {}
    assert list(processes._linux(tmp_path / "none", 0)) == []  # noqa: SLF001 - a system without /proc
    monkeypatch.undo()
    assert processes._output(str(tmp_path / "none")) == ""  # noqa: SLF001 - a program that is not there


def test_the_lists_of_macos_and_windows_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    ps = (
        "    0     1 /sbin/launchd\n"
        "  501   321 /Applications/Toy Editor.app/Contents/MacOS/Toy Editor\n"
        "  502   322 /usr/bin/other\n"
    )
    tasks = '"Toy Editor.exe","4321","Console","1","12,000 K"\nINFO: No tasks are running.\n'
    monkeypatch.setattr(processes, "_output", lambda *words: ps if "ps" in words[0] else tasks)
    wanted = ["toy editor", "other"]
    monkeypatch.setattr(processes, "_tasklist", lambda: tasks)
    assert processes.running(wanted, "macos", 501) == {"toy editor": Process("Toy Editor", 321)}
    assert processes.running(wanted, "windows", 0) == {"toy editor": Process("Toy Editor.exe", 4321)}


@pytest.mark.parametrize("name", ["", "bin/toy", "C:\\\\toy"])
def test_a_process_is_named_without_its_path(name: str, home: Path) -> None:
    profile = home.parent / "profiles/busy.toml"
    profile.write_text(profile.read_text("utf-8").replace(NAME, name), "utf-8")
    result = run_with_profiles(home, "profile", "lint", str(profile))
    assert result.code == 1
    assert "processes" in result.err
