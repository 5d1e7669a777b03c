"""Where things stand in a JSON, JSONC or JSON5 text that is known to be valid.

One pass pairs up the brackets; then only the containers on the way to a place are looked into.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from patcher.errors import Unproved
from patcher.formats.ops import Place

_COMMENT = r"(?://[^\n\r\u2028\u2029]*+|/\*(?:[^*]++|\*(?!/))*+\*/)"
_STRING = r"""(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"|'[^'\\]*+(?:\\.[^'\\]*+)*+')"""
_BARE = r"""(?:[^\s\ufeff"',:/\[\]{}]++)"""
_GAP = rf"(?:[\s\ufeff]++|{_COMMENT})*+"

_BRACKETS = re.compile(rf"""(?:[^"'/\[\]{{}}]++|{_STRING}|{_COMMENT})*+(?:([\[{{])|([\]}}])|\Z)""", re.DOTALL)
_SCALAR = re.compile(rf"{_STRING}|{_BARE}", re.DOTALL)
_COMMA = re.compile(rf"{_GAP}(,?)", re.DOTALL)
# A member up to its comma, or up to its value's opening bracket. Groups: key, value, comma.
_VALUE = rf"(?:({_STRING}|{_BARE}){_GAP}(,?)|(?=[\[{{]))"
_ENTRY = re.compile(rf"{_GAP}({_STRING}|{_BARE}){_GAP}:{_GAP}{_VALUE}", re.DOTALL)
_ITEM = re.compile(rf"{_GAP}(){_VALUE}", re.DOTALL)
GAP = re.compile(_GAP)
COMMENT = re.compile(_COMMENT)


class Member(NamedTuple):
    """A map's entry or a list's item, as offsets."""

    key: str | None
    start: int
    colon: int
    """Behind the key; for a list's item the same as `start`."""
    value: int
    end: int
    comma: int
    """Where its comma stands; -1 without one."""

    @property
    def after(self) -> int:
        """Behind the member and its comma."""
        return self.end if self.comma < 0 else self.comma + 1


class Spans:
    """The index of one text. An `open` is the offset of a container's opening bracket."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.close: dict[int, int] = {}
        """Where the bracket that was opened at an offset is closed."""
        opened: list[int] = []
        for match in _BRACKETS.finditer(text):
            if match.lastindex == 1:
                opened.append(match.end() - 1)
            elif match.lastindex:
                self.close[opened.pop()] = match.end() - 1
        self._members: dict[int, list[Member]] = {}

    def gap(self, at: int) -> int:
        """Behind the blanks and comments that begin at `at`."""
        match = GAP.match(self.text, at)
        return match.end() if match else at

    def end(self, value: int) -> int:
        """Where the value that begins at `value` ends; there where there is none."""
        if value in self.close:
            return self.close[value] + 1
        match = _SCALAR.match(self.text, value)
        return match.end() if match else value

    def members(self, open_: int) -> list[Member]:
        if open_ not in self._members:
            self._members[open_] = self._scan(open_)
        return self._members[open_]

    def _scan(self, open_: int) -> list[Member]:
        text, found, at = self.text, list[Member](), open_ + 1
        pattern = _ENTRY if text[open_] == "{" else _ITEM
        while match := pattern.match(text, at):
            value, end = match.span(2)
            tail = match
            if value < 0:
                value = match.end()
                end = self.close[value] + 1
                tail = _COMMA.match(text, end) or match
            comma = tail.start(tail.re.groups) if tail[tail.re.groups] else -1
            start, colon = match.span(1) if pattern is _ENTRY else (value, value)
            key = decoded(match[1]) if pattern is _ENTRY else None
            found.append(Member(key, start, colon, value, end, comma))
            if comma < 0:
                break
            at = comma + 1
        return found

    def index(self, open_: int, step: str | int) -> int:
        """Which member `step` leads to."""
        if isinstance(step, int):
            return step
        for index, member in enumerate(self.members(open_)):
            if member.key == step:
                return index
        raise Unproved("a key was read where none was found")

    def opens(self, place: Place) -> list[int]:
        """The containers from the whole document's down to that which holds the end of `place`."""
        value, found = self.gap(0), list[int]()
        for step in place:
            found.append(value)
            value = self.members(value)[self.index(value, step)].value
        return found

    def value(self, place: Place) -> int:
        """Where the value at `place` begins."""
        if not place:
            return self.gap(0)
        open_ = self.opens(place)[-1]
        return self.members(open_)[self.index(open_, place[-1])].value


def duplicate(text: str) -> int:
    """Where a key stands a key is there twice."""
    spans = Spans(text)
    for open_ in sorted(spans.close):
        seen: set[str | None] = set()
        for member in spans.members(open_) if text[open_] == "{" else ():
            if member.key in seen:
                return member.start
            seen.add(member.key)
    return 0


_ESCAPE = re.compile(r"\\(\r\n|x..|u....|.)", re.DOTALL)
_MEANS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}


def decoded(token: str) -> str:
    """What a string or an unquoted key says."""
    body = token[1:-1] if token[0] in "\"'" else token
    if "\\" not in body:
        return body

    def meant(match: re.Match[str]) -> str:
        code = match[1]
        if len(code) > 2:
            return chr(int(code[1:], 16))
        return _MEANS.get(code, "" if code[0] in "\n\r\u2028\u2029" else code)

    # Two escapes may be the halves of one character.
    return _ESCAPE.sub(meant, body).encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
