"""What Go programs see by joho/godotenv: parser.go of 1.5.1.

https://github.com/joho/godotenv. Keys are taken byte by byte, so that hardly any letter beyond ASCII is
one. What it cannot read makes it fail on the whole file. After the closing quote the next assignment may
stand on the same line. Variables are filled in with what stands above in the file, so that such a value
depends on more than its line.
"""

from __future__ import annotations

import re

from patcher.errors import Refused
from patcher.formats.lines.flat import Raw
from patcher.formats.linewise import line_of
from patcher.formats.ops import Node
from patcher.i18n import _

_BLANK = "\t\v\f\r \x85\xa0"
_SPACES = _BLANK + "\n\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_SPACES += "\u2028\u2029\u202f\u205f\u3000"
_GAP = re.compile(f"[{_SPACES}]*+")
_EXPORT = re.compile(f"export[{_BLANK}]++")
_LATIN = re.compile("[\\w.]", re.ASCII)
_COMMENT = re.compile(f"[{_BLANK}]#")
_LINE = re.compile(r"[^\n\r]*+")
_ESCAPE = re.compile(r"\\([nr])|\\.")
_BACKSLASH = re.compile(r"\\([^$])")
_VARIABLE = re.compile(r"(\\)?\$\(?\{?([A-Z0-9_]+)?\}?")


def read(text: str) -> dict[str, Node]:
    """Raises `Refused`, with the line, for what godotenv fails on."""
    text = text.replace("\r\n", "\n")
    found: dict[str, Node] = {}
    at = 0
    while (at := _statement(text, at)) < len(text):
        key, start = _key(text, at)
        found[key], at = _value(text, start)
    return found


def _unfit(text: str, at: int) -> Refused:
    return Refused(
        _("{program} cannot read this line, and so nothing of the file").format(program="godotenv"),
        line=line_of(text, at),
        cure=_("make it KEY=value, or put # before it"),
    )


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _statement(text: str, at: int) -> int:
    at = _after(_GAP, text, at)
    while text.startswith("#", at):
        end = text.find("\n", at)
        at = len(text) if end < 0 else _after(_GAP, text, end)
    return at


def _key(text: str, at: int) -> tuple[str, int]:
    """The key, and where its value begins."""
    at = _after(_EXPORT, text, at)
    if at == len(text):
        raise _unfit(text, at - 1)
    for place in range(at, len(text)):
        if text[place] in "=:":
            return text[at:place].rstrip(_SPACES), _blanks(text, place + 1)
        if not all(map(_is_name, text[place].encode())):
            raise _unfit(text, place)
    return "", _blanks(text, at)  # the text ends: it takes the key for a value without one


def _is_name(byte: int) -> bool:
    """Whether a byte is a letter, a number or a blank to Go, as the character of that number."""
    char = chr(byte)
    return char in _BLANK or (_LATIN.match(char) is not None if byte < 0x80 else char.isalnum())


def _blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _value(text: str, at: int) -> tuple[Node, int]:
    """A value, and where the text goes on."""
    mark = text[at : at + 1]
    if mark not in ("'", '"'):
        end = _after(_LINE, text, at)
        line = text[at:end]
        comments = [found.end() - 1 for found in _COMMENT.finditer(line)]
        return _filled(line[: comments[-1]].strip(_BLANK) if comments else line.strip(_BLANK)), end
    closing = text.find(mark, at + 1)
    while closing > 0 and text[closing - 1] == "\\":
        closing = text.find(mark, closing + 1)
    if closing < 0:
        raise Refused(
            _("the quote that opens here does not close"),
            line=line_of(text, at),
            cure=_("close it, or take it away"),
        )
    value = text[at:closing].strip(mark)
    if mark == '"':
        plain = _ESCAPE.sub(lambda found: {"n": "\n", "r": "\r"}.get(found[1], found[0]), value)
        return _filled(_BACKSLASH.sub(r"\1", plain)), closing + 1
    return value, closing + 1


def _filled(value: str) -> str | Raw:
    """The value; `Raw` where a variable is filled in. A backslash before the sign goes."""
    filled = False

    def meant(found: re.Match[str]) -> str:
        nonlocal filled
        filled = filled or (not found[1] and bool(found[2]))
        return found[0][1:] if found[1] else found[0]

    plain = _VARIABLE.sub(meant, value)
    return Raw(value) if filled else plain
