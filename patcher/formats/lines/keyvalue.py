"""Files of `KEY=VALUE` lines without quotes: shell-gpt's `.sgptrc`, `.opencommit`, `.aicommits`.

A value is the rest of its line as it stands; quotes would be part of it. Lines that begin with
`#` or `;` are comments. The tree is a flat map, key -> text. A new key goes after the last line
that is not blank.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from patcher.errors import Refused
from patcher.formats.lines.flat import (
    BLANK,
    LineEntry,
    Raw,
    flat_splices,
    line_syntax,
    needs_text,
    separator_of,
    with_separator,
)
from patcher.formats.ops import Node, Op, Value
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice
from patcher.i18n import N_, _, quoted

# A key may hold blanks, but ends in none; where there is no sign, all of the line is the key's.
_ENTRY = re.compile(
    rf"""(?m)^{BLANK}*(?P<key>[^\s=\#;\[](?>(?:[^\s=]|{BLANK}+(?=[^\s=]))*))
    (?P<separator>{BLANK}*={BLANK}*)? (?P<rest>[^\n]*) (?:\n|\Z)""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"\s[;#]")
"""What some readers (npm `ini`) take for a comment, others (shell-gpt) for a part of the value."""
# Neither begins nor ends in a blank or a quote.
_SAFE = re.compile(r"(?![\s\"'`])[^;#\\\n]*(?<![\s\"'`])")


def _splices(text: str, ops: Sequence[Op]) -> list[Splice]:
    """Raises `Refused` for a key set twice, and for a value that no line can hold."""
    entries = list(_entries(text))
    separator = separator_of(entries)

    def add(key: str, value: Value) -> str:
        if not re.fullmatch(r"[A-Za-z_][\w.-]*", key, re.ASCII):
            raise Refused(_("{key} cannot be a key of this file").format(key=quoted(key)))
        return key + separator + _safe(key, value)

    return flat_splices(text, entries, ops, _put, add)


def _put(entry: LineEntry, value: Value) -> str:
    return with_separator(entry, _safe(entry.key, value))


def _safe(key: str, value: Value) -> str:
    text = needs_text(key, value)
    if not _SAFE.fullmatch(text):
        raise Refused(
            _("the value of {key} cannot be written without quotes").format(key=key),
            cure=_("quotes, ; # and \\, line ends and blanks around a value have no safe form here"),
        )
    return text


def _entries(text: str) -> Iterator[LineEntry]:
    """Every assignment, for the planner."""
    for found in _ENTRY.finditer(text):
        key, start, end = found["key"], found.start(), found.end()
        if found["separator"] is None:
            yield LineEntry(key, start, end, found.end("key"), found.end("key"))
            continue
        rest = found["rest"].rstrip()
        at = found.end("separator")
        trouble = ""
        if _COMMENT.search(rest):
            trouble = N_("has a comment behind it, which some programs take for a part of the value")
        yield LineEntry(key, start, end, at, at + len(rest), found["separator"], trouble=trouble)


def _read(text: str) -> Node:
    """Raises `Refused` for a `[section]`, which these files do not have."""
    return dict(_assignments(text))


def _assignments(text: str) -> Iterator[tuple[str, Node]]:
    """Every assignment, for the proof."""
    for number, line in enumerate(text.split("\n"), 1):
        body = line.strip()
        if body.startswith("["):
            raise Refused(_("there is a section in the file, expected nothing but KEY=VALUE"), line=number)
        if not body or body[0] in "#;=":
            continue
        key, equals, value = body.partition("=")
        value = value.strip()
        quoted = len(value) > 1 and value[0] in "\"'`" and value[-1] in "\"'`"
        unsure = quoted or any(mark in value for mark in (" ;", " #", "\t;", "\t#"))
        yield key.rstrip(), (Raw(value) if unsure else value) if equals else None


SYNTAX: dict[str, Syntax] = {"keyvalue": line_syntax(_read, _splices)}
