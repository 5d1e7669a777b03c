"""INI files, sections of `key = value`, and KEY=VALUE files, which have no sections.

The tree is a map: section -> map of key -> text, and the keys before the first header beside the
sections; a key without a sign holds nothing. What it is exactly, a dialect says (`ini.rules` for writing,
a `read_` module for reading): INI has no grammar that all its readers share.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from patcher.formats.ini import (
    read_configparser,
    read_glib,
    read_npm,
    read_qt,
    read_shell_gpt,
    read_tgpt,
    read_windows,
)
from patcher.formats.lines.dialects import Reader, dialect_syntax
from patcher.formats.ops import Op
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice

_READERS = {
    "ini": {
        "npm-ini": Reader("npm ini", read_npm.read),
        "configparser": Reader("Python's configparser", read_configparser.read),
        "configparser-cased": Reader("RawConfigParser", read_configparser.read_cased),
        "windows": Reader("Windows", read_windows.read),
        "glib": Reader("GLib", read_glib.read),
        "qt": Reader("Qt", read_qt.read),
    },
    "keyvalue": {
        "npm-ini": Reader("npm ini", partial(read_npm.read, old=True)),
        "shell-gpt": Reader("shell-gpt", read_shell_gpt.read),
        "tgpt": Reader("tgpt", read_tgpt.read),
    },
}


def in_dialects(name: str, dialects: Sequence[str]) -> Syntax:
    """INI or KEY=VALUE in one dialect, or as several read it alike. Raises `KeyError` for an unknown one."""
    readers = [_READERS[name][dialect] for dialect in dialects]
    return dialect_syntax(readers, _planner(name, dialects), windows=tuple(dialects) == ("windows",))


def _planner(name: str, dialects: Sequence[str]) -> Callable[[str, Sequence[Op]], list[Splice]]:
    def splices(text: str, ops: Sequence[Op]) -> list[Splice]:
        # Who only reads plans nothing.
        from patcher.formats.ini.plan import plan  # noqa: PLC0415
        from patcher.formats.ini.rules import rules_of  # noqa: PLC0415

        return plan(text, ops, rules_of(name, dialects))

    return splices


SYNTAX: dict[str, Syntax] = {name: in_dialects(name, tuple(readers)) for name, readers in _READERS.items()}
