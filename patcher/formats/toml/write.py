"""New TOML text in the habits of the file it goes into."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from copy import copy

from patcher.cures import ANOTHER_VALUE
from patcher.errors import Refused
from patcher.formats.ops import Value
from patcher.i18n import _

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {
    **{chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F)},
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}
_ESCAPING = str.maketrans(_ESCAPES)
_NOT_LITERAL = re.compile(r"['\x00-\x08\x0a-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")

_QUOTE = re.compile("[\"']")
_STRINGS = re.compile(r"=[ \t]*+([\"'])")
_IN_BRACES = re.compile(r"=[ \t]*+\{([ \t]*+)[^\s}]")
_IN_BRACKETS = re.compile(r"=[ \t]*+\[([ \t]*+)[^\s\]#\[{]")
_INDENTED = re.compile(r"\[[ \t]*+\r?\n([ \t]++)[^\s#]")
BLANKS = " \t\r\n"
"""All the white space that TOML knows between things."""

_SAMPLE = 1 << 16
"""A file's habits show in its beginning."""


class TomlStyle:
    """How a file writes its values."""

    def __init__(self, text: str) -> None:
        sample = text[:_SAMPLE]
        quotes = _STRINGS.findall(sample)
        self.quote = "'" if quotes.count("'") > quotes.count('"') else '"'
        braces = _IN_BRACES.search(sample)
        self.brace_pad = braces[1][:1] if braces else " "
        brackets = _IN_BRACKETS.search(sample)
        self.bracket_pad = brackets[1][:1] if brackets else ""
        unit = _INDENTED.search(sample)
        self.unit = unit[1] if unit else "    "

    def like(self, written: str) -> TomlStyle:
        """This style with the quotes and blanks of a value that is written beside the new one."""
        style = copy(self)
        if quote := _QUOTE.search(written):
            style.quote = quote[0]
        if written[:1] == "{" and written != "{}":
            style.brace_pad = " " if written[1] in " \t" else ""
        if written[:1] == "[" and written[1] not in "\r\n#]":
            style.bracket_pad = " " if written[1] in " \t" else ""
        return style

    def value(self, value: Value) -> str:
        """A value on one line. Raises `Refused` for what TOML cannot hold."""
        if isinstance(value, dict):
            members = [f"{self.key(key)} = {self.value(part)}" for key, part in value.items()]
            return "{" + self.brace_pad + ", ".join(members) + self.brace_pad + "}" if members else "{}"
        if isinstance(value, list):
            items = [self.value(item) for item in value]
            return "[" + self.bracket_pad + ", ".join(items) + self.bracket_pad + "]" if items else "[]"
        if isinstance(value, str):
            return string(value, self.quote)
        return _scalar(value)

    def key(self, name: str, like: str = "") -> str:
        """A key; quoted where it must be, or as `like`, a key beside it that need not be."""
        if not _BARE.fullmatch(name):
            return string(name, self.quote)
        if like[:1] in ('"', "'") and _BARE.fullmatch(like[1:-1]):
            return string(name, like[0])
        return name


def _scalar(value: float | bool | None) -> str:
    if value is None:
        raise Refused(_("TOML has no empty value"), cure=_(ANOTHER_VALUE))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise Refused(
                _("the number does not fit into the 64 bits of a TOML integer"), cure=_(ANOTHER_VALUE)
            )
        return str(value)
    if math.isnan(value):
        raise Refused(_("not-a-number cannot be proved, as it equals nothing"), cure=_(ANOTHER_VALUE))
    return repr(value)


def string(value: str, quote: str) -> str:
    """A string in these quotes; in double quotes where a literal string cannot hold it."""
    if _SURROGATE.search(value):
        raise Refused(_("the text has half a character (a lone surrogate)"), cure=_(ANOTHER_VALUE))
    if quote == "'" and not _NOT_LITERAL.search(value):
        return f"'{value}'"
    return '"' + value.translate(_ESCAPING) + '"'


def is_tables(value: Value) -> bool:
    """Whether a value is written as `[[...]]`: a list of maps."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def split(value: dict[str, Value]) -> tuple[dict[str, Value], dict[str, Value]]:
    """The members written as `key = value`, and those that are tables of their own."""
    tables = {key: part for key, part in value.items() if isinstance(part, dict) or is_tables(part)}
    return {key: part for key, part in value.items() if key not in tables}, tables


class Blocks:
    """New sections: headers with their keys."""

    def __init__(self, style: TomlStyle, equals: str, indent: str, inner: str) -> None:
        self.style = style
        self.equals = equals
        self.indent = indent
        self.inner = inner
        """What a key is indented by more than its header."""

    def table(self, name: str, value: dict[str, Value]) -> list[list[str]]:
        """`[name]` and all below it, as lists of lines. No header where only tables are in it."""
        leaves, tables = split(value)
        return self._with(f"[{name}]" if leaves or not tables else "", name, leaves, tables)

    def item(self, name: str, value: dict[str, Value], header: str = "") -> list[list[str]]:
        """One item of an array of tables: `[[name]]` and all below it."""
        return self._with(header or f"[[{name}]]", name, *split(value))

    def member(self, name: str, value: Value) -> list[list[str]]:
        """The tables that a map or a list of maps becomes."""
        if isinstance(value, dict):
            return self.table(name, value)
        assert isinstance(value, list)  # see is_tables()
        return [block for item in value if isinstance(item, dict) for block in self.item(name, item)]

    def _with(
        self, header: str, name: str, leaves: dict[str, Value], tables: dict[str, Value]
    ) -> list[list[str]]:
        found = []
        if header:
            lines = [self.leaf(key, part) for key, part in leaves.items()]
            found.append([self.indent + header, *(self.indent + self.inner + line for line in lines)])
        for key, part in tables.items():
            found += self.member(f"{name}.{self.style.key(key)}", part)
        return found

    def leaf(self, key: str, value: Value) -> str:
        return self.style.key(key) + self.equals + self.style.value(value)


def joined(blocks: Sequence[Sequence[str]], eol: str, between: str) -> str:
    """The blocks' lines, with `between` (nothing or a line end) before every block but the first."""
    return (eol + between).join(eol.join(block) for block in blocks)
