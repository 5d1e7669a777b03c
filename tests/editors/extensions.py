"""The extensions of extensions.toml, and how one is built from its repository."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.live.tools import Tool, cache


@dataclass(frozen=True)
class Extension:
    """One table of extensions.toml, which says what each field means."""

    name: str
    ask: list[dict[str, Any]]
    repository: str = ""
    ref: str = ""
    folder: str = "."
    packages: list[str] = field(default_factory=list)
    build: list[str] = field(default_factory=list)
    besides: list[str] = field(default_factory=list)

    @property
    def tool(self) -> Tool:
        """The same for the harness of the live tests."""
        return Tool(self.name, "", [f"{self.name}@{self.ref}"], project={"hello.txt": "hello\n"})

    def built(self, checkouts: Path | None, env: Mapping[str, str]) -> Path | None:
        """The unpacked extension; None where VS Code brings it along. Raises CalledProcessError.

        It is built in the checkout of its name among `checkouts`, without these in one of the cache.
        """
        if not self.repository:
            return None
        checkout = (checkouts or cache() / "checkouts") / self.name
        if not (checkout / self.folder / "package.json").exists():
            checkout.mkdir(parents=True, exist_ok=True)
            _call(["git", "init", "--quiet"], env, checkout)
            url = f"https://github.com/{self.repository}"
            _call(["git", "fetch", "--quiet", "--depth=1", url, self.ref], env, checkout)
            _call(["git", "checkout", "--quiet", "FETCH_HEAD"], env, checkout)
        mark = checkout / ".built"
        if not mark.exists():
            tools = cache() / f"build-{self.name}"
            if self.packages:
                _call(["npm", "install", "--prefix", str(tools), *self.packages], env)
            path = f"{tools / 'node_modules' / '.bin'}:{env['PATH']}"
            for line in self.build:
                _call(["sh", "-ec", line], {**env, "PATH": path}, checkout)
            mark.touch()
        return checkout / self.folder


def extensions() -> dict[str, Extension]:
    tables = tomllib.loads(Path(__file__).with_name("extensions.toml").read_text("utf-8"))
    return {name: Extension(name, **table) for name, table in tables.items()}


def package(extension: Path) -> dict[str, str]:
    """What an unpacked extension says of itself: publisher, name, version."""
    found: dict[str, str] = json.loads((extension / "package.json").read_text("utf-8"))
    return found


def put(extension: Path, into: Path) -> None:
    """Let the editor find an unpacked extension in its folder for them."""
    of = package(extension)
    into.mkdir(parents=True, exist_ok=True)
    name = f"{of['publisher']}.{of['name']}-{of['version']}".lower()
    (into / name).symlink_to(extension, target_is_directory=True)


def _call(words: list[str], env: Mapping[str, str], folder: Path | None = None) -> None:
    subprocess.run(
        words,
        cwd=folder,
        env=env,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
