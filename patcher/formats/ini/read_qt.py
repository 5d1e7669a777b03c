"""Qt as a reader: what `QSettings` of `IniFormat` gives (qtbase, corelib/io/qsettings.cpp, 5 and 6).

A line ends at its end, or at a `;` outside of quotes, or goes on behind a backslash or inside quotes.
A header reaches to the first `]`. Commas outside of quotes make a list, a backslash escapes, `@` begins
what is no text. `%` and a backslash in a key stand for letters. What has no group
stands in `[General]`. Of two equal keys the last counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from patcher.dataclass import dataclass
from patcher.errors import Refused
from patcher.formats.ops import Node, Unordered
from patcher.i18n import _

_ESCAPES = dict(zip("abfnrtv\"?'\\", "\a\b\f\n\r\t\v\"?'\\", strict=True))
_HEX = re.compile("[0-9A-Fa-f]+")
_OCTAL = re.compile("[0-7]+")
_CODE = re.compile("%(?:U([0-9A-Fa-f]{4})|([0-9A-Fa-f]{2}))")


@dataclass(frozen=True)
class Variant:
    """A value that is no text to Qt, as it is written."""

    text: str


def read(text: str) -> dict[str, Node]:
    """Raises `Refused` for a key before the first section, which is one of `[General]`."""
    tree = Unordered()
    here: dict[str, Node] = tree
    for line in _lines(text):
        if line[0] == "[":
            name = line[1 : line.find("]")] if "]" in line else line[1:]
            name = name.strip(" \t\n\r\v\f")
            name = name[1:] if name.lower() == "%general" else _key(name)
            inner = tree.setdefault(name, Unordered())
            here = inner if isinstance(inner, dict) else Unordered()
            continue
        at = _equals(line)
        if at >= 0:
            key = _key(line[:at].rstrip(" \t"))
            if here is tree and key:
                raise Refused(
                    _("Qt has what stands before the first section in [General]"),
                    cure=_("put a header [General] above it"),
                )
            here[key] = _value(line[at + 1 :])
    return tree


def _lines(text: str) -> Iterator[str]:
    """The lines as Qt parts them, without comments."""
    at, end = 0, len(text)
    while at < end:
        while at < end and text[at] in " \t\r\n\v\f":
            at += 1
        start, quoted = at, False
        if text[at : at + 1] == ";":
            while at < end and text[at] not in "\r\n":
                at += 1
            continue
        while at < end:
            char = text[at]
            if char == "\\":
                at += 1 + (text[at + 1 : at + 3] in ("\r\n", "\n\r"))
            elif char == '"':
                quoted = not quoted
            elif char in "\r\n;" and not quoted:
                break
            at += 1
        at = min(at, end)
        if at > start:
            yield text[start:at]


def _equals(line: str) -> int:
    """Where the `=` is that ends the key; -1 where there is none."""
    quoted, at = False, 0
    while at < len(line):
        if line[at] == "\\":
            at += 1
        elif line[at] == '"':
            quoted = not quoted
        elif line[at] == "=" and not quoted:
            return at
        at += 1
    return -1


def _key(written: str) -> str:
    return _CODE.sub(lambda found: chr(int(found[1] or found[2], 16)), written.replace("\\", "/"))


def _value(written: str) -> Node:
    """Text, or a list of texts, or a `Variant`."""
    parts = list(_parts(written))
    if len(parts) > 1:
        return list(parts)
    text = parts[0].removeprefix("\ufeff")
    if text.startswith("@"):
        return text[1:] if text.startswith("@@") else Variant(text)
    return text


def _parts(written: str) -> Iterator[str]:
    at, end, text, quoted, was_quoted, floor = 0, len(written), "", False, False, 0
    skipping = True
    while at < end:
        char = written[at]
        if skipping and char in " \t":
            at += 1
            continue
        skipping = False
        at += 1
        if char == "\\":
            if at >= end:
                break
            at, found = _escape(written, at)
            text += found
            floor = len(text)
        elif char == '"':
            quoted, was_quoted = not quoted, True
            skipping = not quoted
            floor = len(text)
        elif char == "," and not quoted:
            yield text if was_quoted else _chopped(text, floor)
            text, was_quoted, skipping, floor = "", False, True, 0
        else:
            text += char
    yield text if was_quoted else _chopped(text, floor)


def _escape(written: str, at: int) -> tuple[int, str]:
    """Behind a backslash: where the escape ends, and what it stands for."""
    char = written[at]
    if char in _ESCAPES:
        return at + 1, _ESCAPES[char]
    digits = _HEX.match(written, at + 1) if char == "x" else _OCTAL.match(written, at)
    if digits:
        return digits.end(), chr(int(digits[0], 16 if char == "x" else 8) & 0xFFFF)
    return at + 1 + (char in "\r\n" and written[at : at + 2] in ("\r\n", "\n\r")), ""


def _chopped(text: str, floor: int) -> str:
    return text[:floor] + text[floor:].rstrip(" \t")
