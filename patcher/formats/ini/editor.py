"""INI files, sections of `key = value`, and KEY=VALUE files, which have no sections.

The tree is a map: section -> map of key -> text, and the keys before the first header beside the
sections; a key without a sign holds nothing. What it is exactly, a dialect says (`ini.rules` for writing,
a `read_` module for reading): INI has no grammar that all its readers share.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from patcher.formats.ini import read_configparser, read_glib, read_lines, read_npm, read_qt, read_windows
from patcher.formats.ini.plan import plan
from patcher.formats.ini.rules import COMMON, COMMON_LINES, LINES, RULES, Rules
from patcher.formats.lines.dialects import Reader, dialect_syntax
from patcher.formats.syntax import Syntax

_NPM = Reader("npm ini", read_npm.read)
_READERS = {
    "ini": {
        "npm-ini": _NPM,
        "configparser": Reader("Python's configparser", read_configparser.read),
        "configparser-cased": Reader("a configparser that keeps case", read_configparser.read_cased),
        "windows": Reader("Windows", read_windows.read),
        "glib": Reader("GLib", read_glib.read),
        "qt": Reader("Qt", read_qt.read),
    },
    "keyvalue": {"npm-ini": _NPM, "shell-gpt": Reader("shell-gpt", read_lines.read)},
}


def in_dialects(name: str, dialects: Sequence[str]) -> Syntax:
    """INI or KEY=VALUE in one dialect, or as several read it alike. Raises `KeyError` for an unknown one."""
    rules: dict[str, Rules] = RULES if name == "ini" else LINES
    common = COMMON if name == "ini" else COMMON_LINES
    readers = [_READERS[name][dialect] for dialect in dialects]
    known = rules[dialects[0]] if len(dialects) == 1 else common
    return dialect_syntax(readers, partial(plan, rules=known), windows=dialects == ("windows",))


SYNTAX: dict[str, Syntax] = {name: in_dialects(name, tuple(readers)) for name, readers in _READERS.items()}
