"""Somebody with a keyring of their own, and the keys in it."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support import with_coverage
from tests.support.homes import ROOT

NEW = "sk-or-vv-" + "0" * 60 + "beef"


def new_key(home: Path, key: str = NEW) -> tuple[str, str]:
    file = home.parent / "new-key"
    file.write_text(f"{key}\n")
    return "--key-file", str(file)


def on(ring: Path) -> dict[str, str]:
    """The variables with which a process finds its keyring in that file."""
    return {"PYTHON_KEYRING_BACKEND": "tests.support.filering.Keyring", "FILERING": str(ring)}


def config(home: Path, tool: str = "one") -> str:
    return (home / f".{tool}/config").read_text("utf-8")


@dataclass(frozen=True)
class Person:
    """Somebody with a home and a keyring of their own; `left_out` is the library for it."""

    home: Path

    def run(
        self, *words: str, key: str = "", stdin: str = "", left_out: bool = False
    ) -> subprocess.CompletedProcess[str]:
        without = "sys.modules['keyring'] = None;" if left_out else ""
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "VSEGPT_API_KEY": key,
            **on(self.ring),
        }
        code = f"import sys; {without} from patcher.cli.main import main; main()"
        return subprocess.run(
            [*with_coverage.command(code), "--lang", "en", *words],
            cwd=ROOT,
            env=env,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def ring(self) -> Path:
        return self.home.parent / "ring"

    @property
    def kept(self) -> list[str]:
        return list(json.loads(self.ring.read_text()).values()) if self.ring.exists() else []
