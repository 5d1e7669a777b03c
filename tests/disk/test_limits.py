"""What a run needs not: much time or memory, whatever a file holds, and a network."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.confined import assert_explained, lacking, only_root, run_confined, tool
from tests.support.homes import KEY
from tests.support.made_up_tools import made_up_tool

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
    made_up_tool(home.parent / "profiles", "odd", syntax)
    (home / ".odd").mkdir()
    make(home / ".odd/config")
    before = (home / ".odd/config").stat()
    result = run_confined(home, "odd", "one", before=[tool("prlimit"), f"--as={1 << 30}", "--cpu=20"])
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
        assert run_confined(home, *words, before=alone).returncode == 0


def test_a_run_makes_no_network_call(home: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    strace = [tool("strace"), "-f", "-qq", "-o", str(log), "-e"]
    if subprocess.run([*strace, "trace=openat", "true"], capture_output=True, check=False).returncode != 0:
        lacking("strace may not trace here")
    assert "openat" in log.read_text()  # it does see calls
    for words in (["one", "two"], ["undo"]):
        assert run_confined(home, *words, before=[*strace, "trace=%network"]).returncode == 0
        assert not re.search(r"\w+\(", log.read_text())
