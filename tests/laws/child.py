"""A program that is asked things: a line of JSON for a line of JSON."""

from __future__ import annotations

import atexit
import json
import subprocess
from typing import Any


class Missing(Exception):  # read as a word
    """A program is not here; the message says which, and what would bring it."""


class Child:
    """A process that answers each line of JSON with one."""

    def __init__(self, *command: str) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        atexit.register(self.close)

    def ask(self, question: object) -> Any:
        """Raises `RuntimeError` where it has died."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args!r} has died")
        return json.loads(line)

    def close(self) -> None:
        """It ends with its input."""
        self.process.communicate()
