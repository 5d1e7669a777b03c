"""Disks that are full or read-only, missing rights, attacks; and a short run of the crash campaigns.

The whole campaigns: `python -m tests.crash kill error stuck powercut race attack mutants`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.homes import KEY, ROOT, STATE, files, run
from tests.toys import toy, toy_home

GOOD = b'{\n  "models": []\n}\n'
NOBODY = 65534
ROOT_USER = os.geteuid() == 0


def lacking(reason: str) -> None:
    """Leave a test out, aloud; in CI root could do all of it, so there it fails."""
    if os.environ.get("CI") and ROOT_USER:
        pytest.fail(f"left out, though root could do it: {reason}")
    pytest.skip(reason)


def tool(name: str) -> str:
    """A program of this machine."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        lacking(f"needs {name}")
    assert found is not None
    return found


def only_root() -> None:
    if not ROOT_USER:
        pytest.skip("only root can do this")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two tools, `one` and `two`."""
    return toy_home(tmp_path, "one", "two", syntax="jsonc", holds=GOOD)


def command(home: Path, *words: str) -> list[str]:
    profiles = str(home.parent / "profiles")
    return [
        sys.executable,
        "-m",
        "patcher",
        "--home",
        str(home),
        "--profiles",
        profiles,
        "--lang",
        "en",
        *words,
    ]


def as_user(user: int, home: Path, *words: str) -> list[str]:
    """The same as another user; what is imported before need not be readable by that user."""
    every, these = command(home, "--all", "-n")[3:], command(home, *words)[3:]
    code = (
        f"import os, patcher.commands.back, patcher.formats.merge\n"
        f"from patcher.cli import main\ntry: main({every!r})\nexcept SystemExit: pass\n"
        f"os.setgroups([]); os.setgid({user}); os.setuid({user})\nmain({these!r})"
    )
    return [sys.executable, "-c", code]


def vsegpt(
    home: Path,
    *words: str,
    before: Sequence[str] = (),
    user: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own, by way of another program."""
    env = {"PATH": os.environ["PATH"], "VSEGPT_API_KEY": KEY, "PYTHONPATH": str(ROOT), "HOME": str(home)}
    return subprocess.run(
        [*before, *(command(home, *words) if user is None else as_user(user, home, *words))],
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def assert_explained(result: subprocess.CompletedProcess[str]) -> None:
    """A failure in one or a few lines, without a traceback and without a key."""
    assert result.returncode == 1, (result.stdout, result.stderr)
    assert result.stderr.strip()
    for word in ("Traceback", "internal error", KEY):
        assert word not in result.stdout + result.stderr


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
        result = vsegpt(home, "one", "two")
        assert_explained(result)
        assert "No space left" in result.stderr
        (home / "filling").unlink()
        assert files(home) == before
        assert vsegpt(home, "one", "two").returncode == 0
        fill(home)
        assert_explained(vsegpt(home, "undo"))
        (home / "filling").unlink()
        assert vsegpt(home, "undo").returncode == 0
        assert files(home) == before


@pytest.mark.parametrize("count", range(6, 22))
def test_a_disk_without_inodes_changes_nothing_or_all(count: int, home: Path) -> None:
    before = files(home)
    with small_disk(home, "-o", f"nr_inodes={count}"):
        result = vsegpt(home, "one", "two")
        if result.returncode == 0:
            assert count > 15
            assert all(KEY.encode() in data for data in files(home).values())
        else:
            assert_explained(result)
            assert files(home) == before


@pytest.mark.parametrize("size", [0, 1, 29, 300, 1500])
def test_short_writes_change_nothing(size: int, home: Path) -> None:
    before = files(home)
    assert_explained(vsegpt(home, "one", "two", before=[tool("prlimit"), f"--fsize={size}"]))
    assert files(home) == before
    assert vsegpt(home, "one", "two").returncode == 0


def test_too_few_file_descriptors_change_nothing(home: Path) -> None:
    before = files(home)
    ended = []
    for count in range(3, 12):
        result = vsegpt(home, "one", "two", before=[tool("prlimit"), f"--nofile={count}"])
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
        assert_explained(vsegpt(home, "one", "two"))
        assert files(home) == before


def test_one_read_only_directory_stops_its_tool_alone(home: Path) -> None:
    place = str(home / ".one")
    with mounted(home / ".one", "--bind", place, place, kind="bind"):
        subprocess.run(["mount", "-o", "remount,ro,bind", place], check=True)
        result = vsegpt(home, "one", "two")
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
        result = vsegpt(home, "one", "two")
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
    assert vsegpt(home, "one").returncode == 0
    assert sorted(files(home)) == [".one/config", ".two/config"]


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
        result = vsegpt(home, "one", user=user)
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
        result = vsegpt(home, *words, user=user)
        assert result.returncode == 0, result.stderr
        assert {name: os.getxattr(config, name) for name in os.listxattr(config)} == before
    assert config.read_bytes() == GOOD


def give(folder: Path, user: int) -> None:
    """Let another user have it, and come to it."""
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, user, user)
    for path in folder.parents:
        path.chmod(path.stat().st_mode | stat.S_IXOTH)


def test_an_unwritable_state_directory_is_named_to_an_ordinary_user(home: Path) -> None:
    only_root()
    give(home.parent, NOBODY)
    (home / ".local").mkdir(mode=0o755)
    result = vsegpt(home, "one", user=NOBODY)
    assert_explained(result)
    assert "backup directory" in result.stderr
    assert (home / ".one/config").read_bytes() == GOOD


Make = Callable[[Path], object]


def _bomb(path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    path.write_text("\n".join(lines) + "\n")


def _spaces(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b" " * 4096)
        file.truncate(1 << 30)


@pytest.mark.parametrize(
    ("syntax", "make"),
    [
        pytest.param("yaml", _bomb, id="an alias bomb"),
        pytest.param("json", lambda p: p.write_bytes(b"[" * 100_000), id="100,000 levels of JSON"),
        pytest.param("jsonc", lambda p: p.write_bytes(b'{"a":' * 100_000), id="100,000 levels of JSONC"),
        pytest.param("yaml", lambda p: p.write_bytes(b"[" * 100_000), id="100,000 levels of YAML"),
        pytest.param("toml", lambda p: p.write_bytes(b"a=" + b"[" * 100_000), id="100,000 levels of TOML"),
        pytest.param("xml", lambda p: p.write_bytes(b"<a>" * 100_000), id="100,000 levels of XML"),
        pytest.param("json", _spaces, id="1 GB of spaces and holes"),
    ],
)
def test_a_malicious_file_costs_neither_time_nor_memory(syntax: str, make: Make, home: Path) -> None:
    toy(home.parent / "profiles", "odd", syntax)
    (home / ".odd").mkdir()
    make(home / ".odd/config")
    before = (home / ".odd/config").stat()
    result = vsegpt(home, "odd", "one", before=[tool("prlimit"), f"--as={1 << 30}", "--cpu=20"])
    assert KEY.encode() in (home / ".one/config").read_bytes(), result.stderr
    if result.returncode == 0:  # an alias bomb may be borne: what is not expanded costs nothing
        assert (home / ".odd/config").stat().st_size < before.st_size + 1000
    else:
        assert_explained(result)
        assert (home / ".odd/config").stat().st_mtime_ns == before.st_mtime_ns


def test_it_works_without_a_network(home: Path) -> None:
    only_root()
    alone = [tool("unshare"), "-n"]
    if subprocess.run([*alone, "true"], check=False).returncode != 0:
        lacking("no network namespaces")
    for words in (["one", "two"], ["status"], ["undo"]):
        assert vsegpt(home, *words, before=alone).returncode == 0


def test_a_run_makes_no_network_call(home: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    strace = [tool("strace"), "-f", "-qq", "-o", str(log), "-e"]
    if subprocess.run([*strace, "trace=openat", "true"], capture_output=True, check=False).returncode != 0:
        lacking("strace may not trace here")
    assert "openat" in log.read_text()  # it does see calls
    for words in (["one", "two"], ["undo"]):
        assert vsegpt(home, *words, before=[*strace, "trace=%network"]).returncode == 0
        assert not re.search(r"\w+\(", log.read_text())


def campaigns(*words: str) -> str:
    """Run campaigns in a process of their own, since they load a copy of the program."""
    tool("strace")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.crash", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if "strace cannot attach" in ran.stdout + ran.stderr:
        lacking("strace may not attach here")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.parametrize(
    ("campaign", "sample", "least"), [("kill", 12, 60), ("error", 30, 50), ("stuck", 15, 30)]
)
def test_faults_leave_the_old_or_the_new(campaign: str, sample: int, least: int) -> None:
    told = campaigns(campaign, "--sample", str(sample))
    found = re.search(rf"^{campaign}: (\d+) points, (\d+) faults fired, 0 failures", told, re.MULTILINE)
    assert found, told
    assert int(found[1]) == int(found[2]) >= least


def test_races_and_attacks() -> None:
    told = campaigns("race", "attack")
    assert told.count(" 0 failures") == 2


def test_the_state_holds_no_key_in_its_manifests(home: Path) -> None:
    assert run(home, "--profiles", str(home.parent / "profiles"), "one", "two").code == 0
    manifests = list((home / STATE).rglob("*.json"))
    assert len(manifests) == 3
    for path in (home / STATE).rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
        assert path.is_dir() or KEY.encode() not in path.read_bytes()
