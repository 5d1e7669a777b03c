"""What is compared with what, up to which size, and where the others come from."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.bench.commands import ROOT

NPM = ROOT / ".cache" / "bench"

SMALL, MEDIUM, HUGE = 2_000, 100_000, 5_000_000
LARGEST = {"json": HUGE, "jsonc": HUGE, "json5": HUGE, "yaml": 2 << 20, "toml": 4 << 20} | {
    "dotenv": 4 << 20,
    "ini": 4 << 20,
    "xml": HUGE,
}
"""Five million bytes, or ours' limit."""

OURS, PURE, COMMAND = "ours", "ours, scanner in Python", "ours, the command"


@dataclass(frozen=True)
class Tool:
    """Another editor. Beyond `largest` bytes it takes minutes, or does not come back."""

    name: str
    kind: str  # python: a function in our process's place; node: the same there; command
    package: str = ""  # its distribution, npm's name, or Debian's
    about: str = ""
    largest: int = 1 << 40

    @property
    def against(self) -> str:
        return COMMAND if self.kind == "command" else OURS

    def version(self) -> str | None:
        """None where it is not on this machine."""
        if self.kind == "node":
            file = NPM / "node_modules" / self.package / "package.json"
            if not (shutil.which("node") and file.is_file()):
                return None
            return str(json.loads(file.read_text("utf-8"))["version"])
        if self.kind == "command":
            return _command_version(self.name, self.package) if shutil.which(self.name) else None
        if not self.package:
            return platform.python_version()
        try:
            return importlib.metadata.version(self.package)
        except importlib.metadata.PackageNotFoundError:
            return None

    @property
    def source(self) -> str:
        """Where a missing one is to be had."""
        if self.kind == "node":
            return f"`{self.package}` of npm: run with --install"
        return f"Debian's {self.package}" if self.kind == "command" else f"{self.package} of PyPI"


def _command_version(name: str, package: str) -> str:
    asked = [["dpkg-query", "--show", "--showformat=${Version}", package]] if package else []
    for words in [*asked, [name, "--version"]]:
        if shutil.which(words[0]):
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return (done.stdout or done.stderr).split("\n")[0].split()[-1]
    return "of unknown version"


_JSON5 = Tool("json5", "python", "json5", "loads, dumps", 500_000)
_PARSER = Tool("jsonc-parser", "node", "jsonc-parser", "modify, applyEdits")
_AUGEAS = Tool("augtool", "command", "augeas-tools", "", MEDIUM)

TOOLS: dict[str, list[Tool]] = {
    "json": [
        Tool("json", "python", "", "of the standard library; loads, dumps(indent=2)"),
        _PARSER,
        Tool("jq", "command", "jq"),
        _AUGEAS,
    ],
    "jsonc": [_JSON5, _PARSER, _AUGEAS],
    "json5": [_JSON5],
    "yaml": [
        Tool("PyYAML", "python", "PyYAML", "with its C library; load, dump"),
        Tool("ruamel.yaml", "python", "ruamel.yaml", "round trip, preserve_quotes"),
        Tool("yaml", "node", "yaml", "parseDocument, setIn, toString"),
        Tool("yq", "command", "yq", "-Y", 1 << 20),
    ],
    "toml": [Tool("tomlkit", "python", "tomlkit", "parse, dumps")],
    "dotenv": [Tool("python-dotenv", "python", "python-dotenv", "set_key", MEDIUM), _AUGEAS],
    "ini": [
        Tool("configparser", "python", "", "of the standard library; read, write"),
        Tool("crudini", "command", "crudini", "--merge"),
        _AUGEAS,
    ],
    "xml": [Tool("ElementTree", "python", "", "of the standard library; comments kept")],
}


def missing() -> list[str]:
    """The others that are not on this machine, each with where to get it."""
    all_of_them = {tool.name: tool for tools in TOOLS.values() for tool in tools}
    return [f"{tool.name} ({tool.source})" for tool in all_of_them.values() if tool.version() is None]


def versions() -> list[str]:
    """Of everything that takes part."""
    found = {f"{tool.name} {tool.version()}" for tools in TOOLS.values() for tool in tools if tool.version()}
    python = platform.python_version()
    found = {each for each in found if not each.endswith(f" {python}")}
    parts = [f"Python {python}", f"ruamel.yaml.clib {clib() or 'missing'}"]
    if node := shutil.which("node"):
        parts.append("Node.js " + _command_version(node, ""))
    return parts + sorted(found, key=str.lower)


def clib() -> str | None:
    try:
        return importlib.metadata.version("ruamel.yaml.clib")
    except importlib.metadata.PackageNotFoundError:
        return None


def install() -> None:
    """Put what npm has into the cache; the rest is for the system's own installer."""
    NPM.mkdir(parents=True, exist_ok=True)
    names = sorted({tool.package for tools in TOOLS.values() for tool in tools if tool.kind == "node"})
    words = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(NPM), *names]
    subprocess.run(words, check=True, cwd=Path(NPM))
