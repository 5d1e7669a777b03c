"""Our command as a process of its own, whose coverage counts where that of the tests is measured.

What such a process has in its environment is each test's own affair, so it is its code that begins the
measuring. One that is killed, or that gives up its rights, tells nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

import coverage

ROOT = Path(__file__).resolve().parents[2]


def command(code: str = "import patcher.__main__") -> list[str]:
    """The words that start our command, or this code that runs it; what it is told follows them."""
    return [sys.executable, "-c", f"{_measuring()}{code}"]


def _measuring() -> str:
    running = coverage.Coverage.current()
    if running is None:
        return ""
    names = {
        "data_file": str(ROOT / str(running.get_option("run:data_file"))),
        "config_file": str(ROOT / "pyproject.toml"),
    }
    return (
        f"import atexit, coverage; its = coverage.Coverage(**{names!r}); its.start();"
        " atexit.register(its.save)\n"
    )
