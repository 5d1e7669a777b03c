"""What python-dotenv sees: parser.py and variables.py of 1.2.4, and of those before.

https://github.com/theskumar/python-dotenv. Up to 1.2.2 a backslash escaped nothing but the quote that
would have closed the value, and a comment after a blank could not stand for an empty value. A line that
is no assignment is passed over; a value with `${` is filled in and depends on the environment.
"""

from __future__ import annotations

import re

from patcher.formats.lines.flat import Raw
from patcher.formats.ops import Node

_BLANKS = re.compile(r"[^\S\n]*+")
_EXPORT = re.compile(r"(?>(?:export[^\S\n]++)?)")
_KEY = re.compile(r"'([^']++)'|([^=#\s]++)")
_REST = re.compile(r"[^\n]*+")
_COMMENT = re.compile(r"(?>(?:[^\S\n]*+#[^\n]*+)?)")
_END = re.compile(r"[^\S\n]*+(?:\n|\Z)")
_CLOSED = {
    "'": re.compile(r"'((?>(?:\\.|[^'\\])*))'", re.DOTALL),
    '"': re.compile(r'"((?>(?:\\.|[^"\\])*))"', re.DOTALL),
}
_ESCAPES = {"'": re.compile(r"\\([\\'])"), '"': re.compile(r"\\([\\'\"abfnrtv])")}
_LETTERS = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))
_NAME_END = re.compile("[}:]")


class _Unfit(Exception):
    """A line that is no assignment; from `at` on it is passed over."""

    def __init__(self, at: int) -> None:
        self.at = at


def read(text: str) -> dict[str, Node]:
    """Since 1.2.3."""
    return _read(text, old=False)


def read_old(text: str) -> dict[str, Node]:
    """Up to 1.2.2."""
    return _read(text, old=True)


def _read(text: str, *, old: bool) -> dict[str, Node]:
    text = re.sub("\r\n?", "\n", text)
    found: dict[str, Node] = {}
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        try:
            key, value, at = _binding(text, at, old=old)
        except _Unfit as unfit:
            at = _after(_REST, text, unfit.at) + 1
            continue
        if key is not None:
            found[key] = Raw(value) if value is not None and _has_variable(value) else value
    return found


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _binding(text: str, at: int, *, old: bool) -> tuple[str | None, str | None, int]:
    """The key, the value and where they end. Raises `_Unfit`."""
    at = _after(_EXPORT, text, at)
    key = value = None
    if not text.startswith("#", at):
        name = _KEY.match(text, at)
        if not name or (name[2] and name[2][0] == "'"):
            raise _Unfit(at)
        key, at = name[1] or name[2], name.end()
    at = _after(_BLANKS, text, at)
    if text.startswith("=", at):
        sign, at = at, _after(_BLANKS, text, at + 1)
        if not old and at > sign + 1 and text.startswith("#", at):
            value = ""
        else:
            value, at = _value(text, at, old=old)
    at = _after(_COMMENT, text, at)
    end = _END.match(text, at)
    if not end:
        raise _Unfit(at)
    return key, value, end.end()


def _value(text: str, at: int, *, old: bool) -> tuple[str, int]:
    mark = text[at : at + 1]
    if mark not in _CLOSED:
        end = _after(_REST, text, at)
        return _bare(text[at:end]), end
    if old:
        closing = _closing_old(text, at)
        inside, end = text[at + 1 : closing], closing + 1
    else:
        closed = _CLOSED[mark].match(text, at)
        if not closed:
            raise _Unfit(at)
        inside, end = closed[1], closed.end()
    return _ESCAPES[mark].sub(lambda found: _LETTERS.get(found[1], found[1]), inside), end


def _closing_old(text: str, opening: int) -> int:
    """The first of these quotes without a backslash before it, else the last one with it."""
    last, at = 0, text.find(text[opening], opening + 1)
    while at > 0:
        last = at
        if text[at - 1] != "\\":
            break
        at = text.find(text[opening], at + 1)
    if not last:
        raise _Unfit(opening)
    return last


def _bare(line: str) -> str:
    """Up to a `#` with white space before it."""
    at = line.find("#", 1)
    while at > 0 and not line[at - 1].isspace():
        at = line.find("#", at + 1)
    return line[:at].rstrip() if at > 0 else line.rstrip()


def _has_variable(value: str) -> bool:
    """Whether there is `${name}` or `${name:-default}` in it."""
    last = value.rfind("}")
    at = value.find("${")
    while 0 <= at < last:
        end = _NAME_END.search(value, at + 2)
        assert end  # there is a brace after it
        if end[0] == "}" or value.startswith("-", end.end()):
            return True
        at = value.find("${", end.end())
    return False
