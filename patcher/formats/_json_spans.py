"""Where things stand in a JSON, JSONC or JSON5 text that is known to be valid.

Only the containers on the way to a place are looked into.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from patcher.errors import Unproved
from patcher.formats.ops import Place
from patcher.i18n import _

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
        self._members: dict[int, tuple[list[Member], Iterator[Member]]] = {}
        """Of each container, the members that have been looked at and what yields the others."""
        self._values: dict[Place, int] = {}

    @cached_property
    def closes(self) -> dict[int, int]:
        """Where the bracket that is opened at an offset is closed."""
        found: dict[int, int] = {}
        opened: list[int] = []
        for match in _BRACKETS.finditer(self.text):
            if match.lastindex == 1:
                opened.append(match.end() - 1)
            elif match.lastindex:
                found[opened.pop()] = match.end() - 1
        return found

    def gap(self, at: int) -> int:
        """Behind the blanks and comments that begin at `at`."""
        match = GAP.match(self.text, at)
        return match.end() if match else at

    def end(self, value: int) -> int:
        """Where the value that begins at `value` ends; there where there is none."""
        if value in self.closes:
            return self.closes[value] + 1
        match = _SCALAR.match(self.text, value)
        return match.end() if match else value

    def empty(self, open_: int) -> bool:
        """Whether there is no member in the container."""
        return self.gap(open_ + 1) == self.closes[open_]

    def members(self, open_: int) -> list[Member]:
        seen, rest = self._looked(open_)
        seen += rest
        return seen

    def _looked(self, open_: int) -> tuple[list[Member], Iterator[Member]]:
        if open_ not in self._members:
            self._members[open_] = ([], self._scan(open_))
        return self._members[open_]

    def _scan(self, open_: int) -> Iterator[Member]:
        text, at = self.text, open_ + 1
        keyed = text[open_] == "{"
        member = (_ENTRY if keyed else _ITEM).match
        while match := member(text, at):
            value, end = match.span(2)
            comma, at = match.span(3)
            if value < 0:
                value = match.end()
                end = self.closes[value] + 1
                tail = _COMMA.match(text, end)
                comma, at = tail.span(1) if tail else (end, end)
            start, colon = match.span(1) if keyed else (value, value)
            key = decoded(match[1]) if keyed else None
            yield Member(key, start, colon, value, end, comma if at > comma else -1)
            if at == comma:
                return

    def index(self, open_: int, step: str | int) -> int:
        """Which member `step` leads to; no further ones are looked at."""
        if isinstance(step, int):
            return step
        seen, rest = self._looked(open_)
        for index, member in enumerate(seen):
            if member.key == step:
                return index
        for member in rest:
            seen.append(member)
            if member.key == step:
                return len(seen) - 1
        raise Unproved(_("a key was read where none was found"))

    def opens(self, place: Place) -> list[int]:
        """The containers from the whole document's down to that which holds the end of `place`."""
        return [self.value(place[:length]) for length in range(len(place))]

    def value(self, place: Place) -> int:
        """Where the value at `place` begins."""
        if not place:
            return self.gap(0)
        if place not in self._values:
            open_, step = self.value(place[:-1]), place[-1]
            index = self.index(open_, step)
            members = self.members(open_) if isinstance(step, int) else self._looked(open_)[0]
            self._values[place] = members[index].value
        return self._values[place]


def duplicate(text: str) -> int:
    """Where a key stands a key is there twice."""
    spans = Spans(text)
    for open_ in sorted(spans.closes):
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
