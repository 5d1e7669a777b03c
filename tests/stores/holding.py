"""Another process that has a file locked, or open."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """A lock on the file, as a browser holds it; answers with the process's id."""
    with _other(
        "import fcntl; file = open(sys.argv[1], 'r+b'); fcntl.lockf(file, fcntl.LOCK_EX)", path
    ) as pid:
        yield pid


@contextmanager
def connected(path: Path) -> Iterator[int]:
    """An SQLite database that is open, and at rest; answers with the process's id."""
    code = "import sqlite3; db = sqlite3.connect(sys.argv[1]); db.execute('PRAGMA user_version').fetchall()"
    with _other(code, path) as pid:
        yield pid


@contextmanager
def _other(code: str, path: Path) -> Iterator[int]:
    """A process that has done this."""
    script = f"import sys; {code}; print('done', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        try:
            assert process.stdout.readline() == b"done\n"
            yield process.pid
        finally:
            process.stdin.close()
