"""The real programs as judges: what each of them reads in a text, and by which path it knows a value.

`python -m tests.laws.programs` gets from npm what of it npm has; so does the first call where the variable
`CI` is set. Qt comes with `pip install -e '.[judges]'`, GLib with the system.
"""

from __future__ import annotations

import configparser
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple, TypeAlias

from patcher.formats.ops import KeyPath
from tests.laws import glib
from tests.laws.child import Child, Missing
from tests.laws.judges import Tree, judge
from tests.laws.lines_of import SECTIONS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / ".cache" / "judges"
NPM = {
    "ini": "7.0.0",
    "ini-3": "npm:ini@3.0.1",  # OpenCommit's
    "dotenv": "17.2.3",
    "js-yaml": "5.5.0",
    "yaml": "2.9.1",
    "jsonc-parser": "3.3.1",
    "json5": "2.2.3",
}
Answer: TypeAlias = "tuple[Tree] | str"
"""What a program reads, or why it fails."""
Asked: TypeAlias = "KeyPath | None"


class Program(NamedTuple):
    """One reader. `place` is its own path to what a profile calls so; None where it knows no such place."""

    title: str
    read: Callable[[Sequence[str]], list[Answer]]
    place: Callable[[KeyPath], Asked] = lambda path: path


@cache
def _node() -> Child:
    node = shutil.which("node")
    if node is None:
        raise Missing("there is no node")
    if not _fetched() and os.environ.get("CI"):
        fetch()
    if not _fetched():
        raise Missing("`python -m tests.laws.programs` gets the packages from npm")
    return Child(node, str(Path(__file__).with_name("reader.mjs")), str(PACKAGES))


@cache
def _qt() -> Child:
    if not importlib.util.find_spec("PySide6"):
        raise Missing("PySide6 is not installed: pip install -e '.[judges]'")
    return Child(sys.executable, str(Path(__file__).with_name("qt.py")))


def _manifest() -> str:
    return json.dumps({"private": True, "dependencies": NPM}, indent=2)


def _fetched() -> bool:
    file = PACKAGES / "package.json"
    return (PACKAGES / "node_modules").is_dir() and file.is_file() and file.read_text("utf-8") == _manifest()


def fetch() -> None:
    """Get the packages of npm, whole or not at all. Raises `Missing` where that fails."""
    npm = shutil.which("npm")
    if npm is None:
        raise Missing("there is no npm")
    PACKAGES.parent.mkdir(parents=True, exist_ok=True)
    new = Path(mkdtemp(prefix="judges-", dir=PACKAGES.parent))
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    (new / "package.json").write_text(_manifest(), "utf-8")
    try:
        subprocess.run(command, cwd=new, check=True, capture_output=True, timeout=300)
        shutil.rmtree(PACKAGES, ignore_errors=True)
        new.rename(PACKAGES)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise Missing(f"npm install failed: {error}") from None
    except OSError:  # another process was faster
        pass
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _by_node(name: str, texts: Sequence[str]) -> list[Answer]:
    return [_answer(each) for each in _node().ask([name, list(texts)])]


def _by_npm_ini(name: str, texts: Sequence[str]) -> list[Answer]:
    """What it makes of `true`, `false` and `null` is the text again."""
    return [each if isinstance(each, str) else (_as_text(each[0]),) for each in _by_node(name, texts)]


def _as_text(node: Tree) -> Tree:
    if isinstance(node, dict):
        return {key: _as_text(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_as_text(value) for value in node]
    return node if isinstance(node, str) else json.dumps(node)


def _by_qt(texts: Sequence[str]) -> list[Answer]:
    return [_answer(each) for each in _qt().ask(list(texts))]


def _answer(told: Any) -> Answer:
    return told if isinstance(told, str) else (told[0],)


def here(read: Callable[[str], Tree], texts: Sequence[str]) -> list[Answer]:
    """By a reader in this process, of which any exception is a failure."""

    def one(text: str) -> Answer:
        try:
            return (read(text),)
        except Missing:
            raise
        except Exception as error:  # noqa: BLE001  # each library has exceptions of its own
            return f"{type(error).__name__}: {error}"

    return [one(text) for text in texts]


class AsWritten(configparser.RawConfigParser):
    """As YAICLI has it: names keep their case."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def by_configparser(make: Callable[[], configparser.RawConfigParser], text: str) -> Tree:
    """Each section's own values; one that cannot be had is its text in a tuple."""
    parser = make()
    parser.read_file(io.StringIO(text, newline=None))
    found: dict[str, Tree] = {}
    for name in parser.sections():
        values = {key: _had(parser, name, key) for key in parser[name]}
        found[name] = {key: value for key, value in values.items() if parser.remove_option(name, key)}
    defaults = {key: _had(parser, parser.default_section, key) for key in parser.defaults()}
    return found | ({parser.default_section: defaults} if defaults else {})


def _had(parser: configparser.RawConfigParser, section: str, key: str) -> Tree:
    raw = parser.get(section, key, raw=True)
    try:
        return raw if parser.get(section, key) == raw else (raw,)
    except configparser.InterpolationError:
        return (raw,)


def _dots(path: KeyPath) -> Asked:
    """npm ini: a section with dots is one in another."""
    if len(path) < 2:
        return path
    *above, last = re.split(r"(?<!\\)\.", str(path[0]))
    return (*above, last.replace("\\.", "."), *path[1:])


def in_section(path: KeyPath) -> Asked:
    return path if len(path) > 1 else None


def _lower(path: KeyPath) -> Asked:
    return (*path[:-1], str(path[-1]).lower()) if len(path) > 1 else None


def _slashed(path: KeyPath) -> Asked:
    """Qt: one flat map, in which keys of [General] have no group; of a whole group nothing is asked."""
    whole = len(path) == 1 and path[0] in (*SECTIONS, "VSEGPT")
    key = "/".join(str(step) for step in path[path[0] == "General" and len(path) > 1 :])
    return None if whole or not all(key.split("/")) else (key,)


_NPM_INI = [Program("npm ini 7", partial(_by_npm_ini, "npm-ini"), _dots)]
_NPM_INI_3 = [Program("npm ini 3", partial(_by_npm_ini, "npm-ini-3"), _dots)]
INI = {
    "npm-ini": _NPM_INI,
    "configparser": [
        Program(
            "configparser",
            partial(here, partial(by_configparser, partial(configparser.ConfigParser, strict=False))),
            _lower,
        )
    ],
    "configparser-cased": [
        Program(
            "configparser, as written",
            partial(here, partial(by_configparser, partial(AsWritten, strict=False))),
            in_section,
        )
    ],
    "glib": [Program("GLib", partial(here, glib.read), in_section)],
    "qt": [Program("Qt", _by_qt, _slashed)],
    "windows": [],
}
DOTENV = {
    "node": [Program("npm dotenv", partial(_by_node, "dotenv"))],
    "python": [Program("python-dotenv", partial(here, judge("dotenv")))],
}


def _shell_gpt(text: str) -> Tree:
    """Written after `Config._read` of shell-gpt 1.5.1, which cannot be had without its settings."""
    pairs = [line.strip().split("=", 1) for line in io.StringIO(text, newline=None) if _said(line)]
    return {key: value for key, value in pairs}  # noqa: C416  # a line without = fails, as there


def _said(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


KEYVALUE = {
    "npm-ini": [*_NPM_INI, *_NPM_INI_3],
    "shell-gpt": [Program("shell-gpt", partial(here, _shell_gpt))],
}
JSON = Program("pyjson5", partial(here, judge("json5")))
OTHERS = {
    "json": [Program("JSON.parse", partial(_by_node, "json")), JSON],
    "jsonc": [Program("jsonc-parser", partial(_by_node, "jsonc-parser")), JSON],
    "json5": [Program("npm json5", partial(_by_node, "json5")), JSON],
    "yaml": [
        Program("PyYAML", partial(here, judge("yaml"))),
        Program("js-yaml", partial(_by_node, "js-yaml")),
        Program("npm yaml", partial(_by_node, "yaml")),
    ],
    "toml": [Program("tomlkit", partial(here, judge("toml")))],
    "xml": [Program("minidom", partial(here, judge("xml")))],
    "prefs": [Program("prefs by lines", partial(here, judge("prefs")))],
}
DIALECTS = {"ini": INI, "dotenv": DOTENV, "keyvalue": KEYVALUE}


def programs(name: str) -> list[Program]:
    """Those that have a say about a format (`ini`, `dotenv:node+python`), as far as they are here."""
    return [program for program in _all(name) if not why_missing(program)]


def _all(name: str) -> list[Program]:
    syntax, _colon, dialects = name.partition(":")
    if syntax not in DIALECTS:
        return OTHERS[syntax]
    known = DIALECTS[syntax]
    return [program for each in (dialects.split("+") if dialects else known) for program in known[each]]


@cache
def why_missing(program: Program) -> str:
    """Why a program is left out; empty where it is here."""
    try:
        program.read([""])
    except Missing as missing:
        return f"{program.title} is left out: {missing}"
    return (
        "GLib is left out: there is no libglib-2.0"
        if program.title == "GLib" and not glib.available()
        else ""
    )


def left_out(names: Sequence[str]) -> list[str]:
    """What has no say about these formats, and why, for people."""
    told = {why_missing(program): None for name in names for program in _all(name)}
    if any(name.partition(":")[0] == "ini" for name in names):
        told["Windows' GetPrivateProfileString is left out: it wants Windows, or Wine"] = None
    return [reason for reason in told if reason]


if __name__ == "__main__":
    fetch()
    print(f"The packages are in {PACKAGES}")
