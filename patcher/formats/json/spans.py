"""Where things stand in a JSON, JSONC or JSON5 text that is known to be valid.

Only the containers on the way to a place are looked into. Others are stepped over: by one match
where they hold containers that hold none, else bracket by bracket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from patcher.cures import REPORT
from patcher.errors import Unproved
from patcher.formats.linewise import repeated
from patcher.formats.ops import NodePath
from patcher.i18n import _

_COMMENT = r"(?://[^\n\r\u2028\u2029]*+|/\*(?>(?:[^*]++|\*(?!/))*)\*/)"
# Up to the first quote, which ends the string unless a backslash is before it: else with all escapes.
_DOUBLE = r"""(?:"(?:[^"]*+(?<!\\)"|[^"\\]*+(?>(?:\\.[^"\\]*+)*)"))"""
_STRING = rf"""(?:{_DOUBLE}|{_DOUBLE.replace('"', "'")})"""
_BARE = r"""(?:[^\s\ufeff"',:/\[\]{}]++)"""
_GAP = rf"[\s\ufeff]*+(?>(?:{_COMMENT}[\s\ufeff]*+)*)"
_OTHER = r"""[^"'/\[\]{}]"""


def _whole(inner: str) -> str:
    """A whole container, whose members may hold what `inner` matches."""
    return rf"[\[{{]{_OTHER}*+(?>(?:(?:{_STRING}|{_COMMENT}|{inner}){_OTHER}*+)*)[\]}}]"


# One level of containers in a container, the inner ones without any: `(?!)` matches nothing.
_SHALLOW = _whole(_whole("(?!)"))
_BRACKETS = re.compile(rf"(?>(?:{_OTHER}++|{_STRING}|{_COMMENT})*)(?:([\[{{])|([\]}}])|\Z)", re.DOTALL)
_SCALAR = re.compile(rf"{_STRING}|{_BARE}", re.DOTALL)
# A member up to its comma, or up to the opening bracket of a deep value. Groups: key, the same without
# quotes where it is plain, value, comma.
_VALUE = rf"(?:({_STRING}|{_BARE}|{_SHALLOW}){_GAP}(,?)|(?=[\[{{]))"
_ENTRY = re.compile(rf"""{_GAP}("([^"\\]*+)"|{_STRING}|{_BARE}){_GAP}:{_GAP}{_VALUE}""", re.DOTALL)
# An item of a list, and what is behind a deep value, with the groups of `_ENTRY`, so that `MemberSpan` reads
# them all alike: an item has an empty key where it begins and none without quotes, and behind a deep
# value, key and value are empty where it ends.
_ITEM = re.compile(rf"{_GAP}()((?!))?{_VALUE}", re.DOTALL)
_AFTER = re.compile(rf"()()(){_GAP}(,?)", re.DOTALL)
GAP = re.compile(_GAP)
COMMENT = re.compile(_COMMENT)


class MemberSpan:
    """A map's entry or a list's item, as offsets.

    Where the value is a container, `end` and `comma` are known when the next member is.
    """

    __slots__ = ("_head", "tail")

    def __init__(self, head: re.Match[str]) -> None:
        self._head = self.tail = head
        """What matches its start, and its end: two matches where the value is deep."""

    @property
    def start(self) -> int:
        return self._head.start(1)

    @property
    def colon(self) -> int:
        """Behind the key; for a list's item the same as `start`."""
        return self._head.end(1)

    @property
    def value(self) -> int:
        at = self._head.start(3)
        return at if at >= 0 else self._head.end()

    @property
    def end(self) -> int:
        return self.tail.end(3)

    @property
    def comma(self) -> int:
        """Where its comma stands; -1 without one."""
        at, end = self.tail.span(4)
        return at if at < end else -1

    @property
    def after(self) -> int:
        """Behind the member and its comma."""
        comma, end = self.tail.span(4)
        return end if comma < end else self.end


class _Container:
    """The members of one container that have been looked at, in order and by their key or index."""

    __slots__ = ("again", "by_step", "members", "rest")

    def __init__(self) -> None:
        self.members: list[MemberSpan] = []
        self.by_step: dict[str | int, MemberSpan] = {}
        """Of members with one key, the first."""
        self.again: dict[str | int, MemberSpan] = {}
        """The second one of each key that comes again."""
        self.rest: Iterator[None] = iter(())
        """Looks at the next one."""


class Spans:
    """The index of one text. An `open` is the offset of a container's opening bracket."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._containers: dict[int, _Container] = {}
        self._closes: dict[int, int] = {}
        self.root = self.gap(0)
        """Where the whole document's value begins."""

    def gap(self, at: int) -> int:
        """Behind the blanks and comments that begin at `at`."""
        match = GAP.match(self.text, at)
        return match.end() if match else at

    def end(self, value: int) -> int:
        """Where the value that begins at `value` ends; there where there is none."""
        match = _SCALAR.match(self.text, value)
        if match:
            return match.end()
        return self.close(value) + 1 if value < len(self.text) else value

    def close(self, open_: int) -> int:
        """Where the bracket that is opened at an offset is closed."""
        if open_ not in self._closes:
            if open_ in self._containers:
                self._whole(open_)
            else:
                self._closes[open_] = _close(self.text, open_)
        return self._closes[open_]

    def empty(self, open_: int) -> bool:
        """Whether there is no member in the container."""
        found = self._containers.get(open_)
        return not (found and found.members) and self.text[self.gap(open_ + 1)] in "]}"

    def opened(self) -> list[int]:
        """All containers."""
        return [match.start(1) for match in _BRACKETS.finditer(self.text) if match.lastindex == 1]

    def members(self, open_: int) -> list[MemberSpan]:
        return self._whole(open_).members

    def entries(self, open_: int) -> dict[str | int, MemberSpan]:
        """The members by their key or index."""
        return self._whole(open_).by_step

    def member(self, open_: int, step: str | int) -> MemberSpan:
        """Which member `step` leads to. Raises `Refused` where that is more than one."""
        self._require_single(open_, step)
        return self._first(open_, step)

    def _require_single(self, open_: int, step: str | int) -> None:
        found = self._whole(open_)
        if found.again and step in found.again:
            raise repeated(self.text, str(step), found.by_step[step].start, found.again[step].start)

    def _first(self, open_: int, step: str | int) -> MemberSpan:
        """The first member that `step` leads to; no further ones are looked at."""
        found = self._container(open_) if self.text[open_ : open_ + 1] in ("{", "[") else _Container()
        while step not in found.by_step:
            if next(found.rest, self) is self:
                raise Unproved(_("a key was read where none was found"), cure=_(REPORT))
        return found.by_step[step]

    def index(self, open_: int, step: str | int) -> int:
        if isinstance(step, int):
            return step
        return self.members(open_).index(self.member(open_, step))

    def offsets_along(self, place: NodePath) -> list[int]:
        """Where the values on the way to `place` begin, from the whole document down to that at it."""
        found = [self.root]
        try:
            for step in place:
                found.append(self._first(found[-1], step).value)
        finally:  # by the first of two with one key, the way may end anywhere
            # From the inside out: so it is known where the inner ones end.
            for index in range(len(found) - 2, -1, -1):
                self._require_single(found[index], place[index])
        return found

    def _container(self, open_: int) -> _Container:
        found = self._containers.get(open_)
        if found is None:
            found = self._containers[open_] = _Container()
            found.rest = self._scan(open_, found)
        return found

    def _whole(self, open_: int) -> _Container:
        """With all its members."""
        found = self._container(open_)
        for _step in found.rest:
            pass
        return found

    def _scan(self, open_: int, into: _Container) -> Iterator[None]:
        text, at = self.text, open_ + 1
        keyed = text[open_] == "{"
        match = (_ENTRY if keyed else _ITEM).match
        members, known = into.members, into.by_step.setdefault
        while head := match(text, at):
            key = head[2]
            if key is None:
                key = decoded(head[1]) if keyed else len(members)
            member = MemberSpan(head)
            members.append(member)
            if known(key, member) is not member:
                into.again.setdefault(key, member)
            yield
            comma, at = head.span(4)
            if at > comma:
                continue
            if at < 0:
                member.tail = _after(text, self.close(head.end()) + 1)
                comma, at = member.tail.span(4)
            if at == comma:
                break
        else:
            at = self.gap(at)
        self._closes[open_] = at


def _after(text: str, end: int) -> re.Match[str]:
    match = _AFTER.match(text, end)
    assert match is not None  # it matches anything
    return match


def _close(text: str, open_: int) -> int:
    """Where the bracket that is opened at an offset is closed."""
    depth = 0
    for match in _BRACKETS.finditer(text, open_):
        depth += 1 if match.lastindex == 1 else -1
        if not depth:
            return match.end() - 1
    raise Unproved(_("a bracket was read where none was found"), cure=_(REPORT))


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
