"""The tools of tools.toml, and how one is installed from its registry."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import Any

from patcher.cli.trial import asking
from patcher.gateway.stub import CHAT
from patcher.registry.catalog import Catalog

ROOT = Path(__file__).resolve().parents[2]
INSTALL_TIMEOUT = 900
_NAMED = re.compile(r"(?<=.)@|[=>]=")  # between a package and its version
XDG = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")


class Missing(Exception):
    """This machine lacks what the tool needs; the text says what."""


@dataclass(frozen=True)
class Tool:
    """One table of tools.toml, which says what each field means."""

    name: str
    registry: str
    packages: list[str]
    run: list[str] = field(default_factory=list)
    node: str = ""
    python: str = ""
    stdin: str = ""
    pty: bool = False
    stays: bool = False
    then_open: dict[str, Any] = field(default_factory=dict)
    then_post: dict[str, Any] = field(default_factory=dict)
    git: str = ""
    project: dict[str, str] = field(default_factory=dict)
    fresh: bool = True
    args: list[str] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    path: str = CHAT
    model: str = "openai/gpt-4o-mini"
    timeout: int = 60
    ci: bool = False
    of: str = ""

    @property
    def command(self) -> list[str]:
        """The command line: its own, or what the profile asks with."""
        if self.run:
            return self.run
        return asking(Catalog.open().get(self.profile).ask, "say hi", self.model)

    @property
    def profile(self) -> str:
        """The name of its profile."""
        return self.of or self.name

    @property
    def version(self) -> str:
        return _NAMED.split(self.packages[0])[1]

    @property
    def package(self) -> str:
        """The name of the tool's own package."""
        return _NAMED.split(self.packages[0])[0]

    @property
    def newest(self) -> Tool:
        """The same tool at whatever version its registry has now."""
        newest = f"{self.package}@latest" if self.registry == "npm" else f"{self.package}>=0"
        return replace(self, packages=[newest, *self.packages[1:]])


def tools() -> list[Tool]:
    """The tools at the versions of tools.toml; with $VSEGPT_PATCH_LIVE_NEWEST set, at their newest ones."""
    tables = tomllib.loads(Path(__file__).with_name("tools.toml").read_text("utf-8"))
    pinned = [Tool(name, **table) for name, table in tables.items()]
    return [tool.newest for tool in pinned] if os.environ.get("VSEGPT_PATCH_LIVE_NEWEST") else pinned


def installed(tool: Tool) -> str:
    """The version that the cache has of an installed tool."""
    prefix = cache() / f"{tool.name}-{tool.version}"
    if tool.registry == "npm":
        text = (prefix / "node_modules" / tool.package / "package.json").read_text("utf-8")
        return str(json.loads(text)["version"])
    [site] = (prefix / "lib").glob("python*/site-packages")
    [found] = metadata.distributions(name=tool.package, path=[str(site)])
    return found.version


def cache() -> Path:
    """Where the installed tools lie, for all runs to share."""
    return Path(os.environ.get("VSEGPT_PATCH_LIVE_CACHE") or ROOT / ".cache" / "live").absolute()


def install(tool: Tool) -> list[Path]:
    """Make the tool ready in the cache; give the directories for PATH.

    Raises Missing, and CalledProcessError where the registry's client fails.
    """
    if tool.git and not shutil.which("git"):
        raise Missing("no git on PATH")
    prefix = cache() / f"{tool.name}-{tool.version}"
    if tool.registry == "pypi":
        _install_pypi(prefix, tool)
        return [prefix / "bin"]
    node = _node(tool)
    _install_npm(prefix, tool.packages, node)
    return [prefix / "node_modules" / ".bin", node]


def _node(tool: Tool) -> Path:
    """The directory of the Node.js that the tool runs on; npm itself offers it as a package."""
    if not (node := shutil.which("node")) or not shutil.which("npm"):
        raise Missing("no node and npm on PATH")
    directory = Path(node).parent
    if not tool.node:
        return directory
    prefix = cache() / f"node-{tool.node}"
    _install_npm(prefix, [f"node@{tool.node}"], directory)
    return prefix / "node_modules" / ".bin"


def _install_npm(prefix: Path, packages: list[str], node: Path) -> None:
    with _installing(prefix, " ".join(packages)) as needed:
        if not needed:
            return
        # The packages' install scripts start the tool itself at times: on its own Node.js, and in a home of
        # its own, or it leaves its directories in the person's. npm's settings are still the person's.
        home = prefix / "home"
        env = {name: str(home / name) for name in XDG} | {
            "HOME": str(home),
            "PATH": f"{node}{os.pathsep}{os.environ['PATH']}",
            "npm_config_cache": str(cache() / "npm"),
            "npm_config_userconfig": os.environ.get("NPM_CONFIG_USERCONFIG") or str(Path.home() / ".npmrc"),
        }
        npm = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(prefix)]
        _call([*npm, *packages], **env)


def _install_pypi(prefix: Path, tool: Tool) -> None:
    with _installing(prefix, " ".join([*tool.packages, tool.python]).strip()) as needed:
        if not needed:
            return
        python = prefix / "bin" / "python"
        if uv := shutil.which("uv"):
            _call([uv, "venv", "--quiet", "--python", f">={tool.python or '3.11'}", str(prefix)])
            _call([uv, "pip", "install", "--quiet", "--python", str(python), *tool.packages])
        else:
            _call([_python(tool.python or "3.11"), "-m", "venv", str(prefix)])
            _call([str(python), "-m", "pip", "install", "--quiet", *tool.packages])


def _python(oldest: str) -> str:
    newer = (f"python3.{minor}" for minor in range(int(oldest.partition(".")[2]), 20))
    for name in (sys.executable, *newer):
        asked = f"import sys; sys.exit(sys.version_info < ({oldest.replace('.', ', ')}))"
        if (path := shutil.which(name)) and not subprocess.run([path, "-c", asked], check=False).returncode:
            return path
    raise Missing(f"no Python {oldest} or newer on PATH")


@contextlib.contextmanager
def _installing(prefix: Path, what: str) -> Iterator[bool]:
    """Whether `what` has yet to be installed; the mark is written last, so half an install is redone."""
    mark = prefix / ".installed"
    if mark.is_file() and mark.read_text("utf-8") == what:
        yield False
        return
    shutil.rmtree(prefix, ignore_errors=True)
    prefix.mkdir(parents=True)
    yield True
    mark.write_text(what, "utf-8")


def _call(command: list[str], **env: str) -> None:
    subprocess.run(
        command,
        check=True,
        env=os.environ | env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=INSTALL_TIMEOUT,
    )
