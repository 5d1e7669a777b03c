"""Where everything stands in a TOML text: statements, tables, keys and values as offsets.

One pass by compiled regexes. It takes the text for valid, as the reader has read it before:
what it cannot follow is refused, but it does not look for every mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from patcher.errors import Refused
from patcher.formats.text import line_of

DEPTH = 64

# The two multi-line kinds may end in up to five quotes: two of the value, three that close it.
_ML_BASIC = r'"""(?:[^"\\]++|\\[\s\S]|"{1,2}(?!"))*+"{3,5}'
_ML_LITERAL = r"'''(?:[^']++|'{1,2}(?!'))*+'{3,5}"
_BASIC = r'"(?:[^"\\\n]++|\\[^\n])*+"'
_LITERAL = r"'[^'\n]*+'"
STRING = rf"{_ML_BASIC}|{_ML_LITERAL}|{_BASIC}|{_LITERAL}"
_COMMENT = r"#[^\n]*+"
_PART = rf"[A-Za-z0-9_-]++|{_BASIC}|{_LITERAL}"
_KEY = rf"(?:{_PART})(?:[ \t]*+\.[ \t]*+(?:{_PART}))*+"
# A bare value: a number, a date (which may hold one blank) or a word.
_BARE = r"""[^\s"'#,\[\]{}=]++(?:[ \t]++[^\s"'#,\[\]{}=]++)*+"""

_BLANKS = rf"(?:[ \t]*+(?:{_COMMENT})?\r?\n)*+[ \t]*+(?:{_COMMENT})?"
_BLANK = re.compile(_BLANKS)
_STATEMENT = re.compile(
    rf"(?P<key>{_KEY})[ \t]*+=[ \t]*+(?:(?P<value>{STRING}|{_BARE})|(?P<open>[\[{{]))"
    rf"|\[(?P<many>\[)?[ \t]*+(?P<name>{_KEY})[ \t]*+\](?(many)\])"
)
_REST = re.compile(rf"[ \t]*+(?:{_COMMENT})?(?:\r?\n{_BLANKS}|\Z)")
_BARE_KEY = re.compile("[A-Za-z0-9_-]+")
_KEY_PART = re.compile(rf"[ \t]*+({_PART})[ \t]*+(\.?)")
_MEMBER_KEY = re.compile(rf"({_KEY})[ \t]*+=[ \t]*+")
_VALUE = re.compile(rf"{STRING}|{_BARE}")
_GAP = re.compile(rf"(?:[ \t\r\n]++|{_COMMENT})*+")
_BRACKET = re.compile(rf"(?:[^\[\]{{}}\"'#]++|{STRING}|{_COMMENT})*+([\[\]{{}}])")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}

Part: TypeAlias = tuple[str, int, int]
"""A part of a key: its name, and from where to where it is written."""


@dataclass(slots=True)
class Value:
    """A value as it is written: `text[start:end]`."""

    start: int
    end: int

    @property
    def first(self) -> int:
        """Where it begins, its key included."""
        return self.start


@dataclass(slots=True)
class Entry(Value):
    """`key = value`, on a line or in an inline table."""

    key: list[Part]
    section: Section | None = None

    @property
    def first(self) -> int:
        return self.key[0][1]


@dataclass(slots=True)
class Section:
    """A header, or the start of the file, and the keys that follow it."""

    number: int
    start: int
    """Where the header's first bracket is; -1 for the section that has no header."""
    end: int
    name: tuple[int, int]
    table: Table
    entries: list[Entry] = field(default_factory=list)

    @property
    def last(self) -> int:
        """Where its last statement ends."""
        return self.entries[-1].end if self.entries else self.end


@dataclass(slots=True)
class Table:
    """A table made of statements, or the table that a dotted key makes."""

    parent: Table | None
    raw: str
    """Its own part of the key, as it is written."""
    section: Section | None = None
    dotted: list[Entry] = field(default_factory=list)
    """The entries whose dotted keys lead through it."""
    level: int = 0
    """How many parts of those keys lead to it."""
    children: dict[str, Node] = field(default_factory=dict)
    box: Box | None = None
    """The inline table that it is written in, if it is."""


@dataclass(slots=True)
class Tables:
    """An array of tables."""

    parent: Table
    raw: str
    items: list[Table] = field(default_factory=list)


@dataclass(slots=True)
class Box:
    """The inside of an array or inline table: brackets, members, the comma after each (or -1)."""

    open: int
    close: int
    members: list[Value]
    commas: list[int]
    table: Table | None = None
    """For an inline table: its members by name."""


Node: TypeAlias = Value | Table | Tables


class Document:
    """A text's sections in order, and its tables by name."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root = Table(None, "")
        self.sections: list[Section] = [Section(0, -1, 0, (0, 0), self.root)]
        self.root.section = self.sections[0]
        self._read()

    def _read(self) -> None:
        text = self.text
        blank = _BLANK.match(text)
        at = blank.end() if blank else 0
        while at < len(text):
            found = _STATEMENT.match(text, at)
            if found is None:
                raise lost(text, at)
            end = found.end()
            if found["key"] is None:
                self._header(found)
            else:
                if found["open"]:
                    end = close_of(text, end - 1)
                    start = found.start("open")
                else:
                    start = found.start("value")
                self._entry(Entry(start, end, parts(text, *found.span("key")), self.sections[-1]))
            rest = _REST.match(text, end)
            if rest is None:
                raise lost(text, end)
            at = rest.end()

    def _header(self, found: re.Match[str]) -> None:
        text = self.text
        key = parts(text, *found.span("name"))
        table = self.root
        for name, start, end in key[:-1]:
            node = table.children.setdefault(name, Table(table, text[start:end]))
            table = self._table(node, start)
        name, start, end = key[-1]
        if found["many"]:
            tables = table.children.setdefault(name, Tables(table, text[start:end]))
            if not isinstance(tables, Tables):
                raise lost(text, start)
            table = Table(table, text[start:end])
            tables.items.append(table)
        else:
            node = table.children.setdefault(name, Table(table, text[start:end]))
            table = self._table(node, start)
        section = Section(len(self.sections), found.start(), found.end(), found.span("name"), table)
        table.section = section
        self.sections.append(section)

    def _table(self, node: Node, at: int) -> Table:
        if isinstance(node, Tables):
            return node.items[-1]
        if isinstance(node, Table):
            return node
        raise lost(self.text, at)

    def _entry(self, entry: Entry) -> None:
        section = self.sections[-1]
        section.entries.append(entry)
        hang(self.text, section.table, entry)


def hang(text: str, table: Table, entry: Entry) -> None:
    """Put an entry where its key says, below `table`."""
    for level, (name, start, end) in enumerate(entry.key[:-1], 1):
        node = table.children.get(name)
        if node is None:
            node = table.children[name] = Table(table, text[start:end], level=level, box=table.box)
        if not isinstance(node, Table):
            raise lost(text, start)
        node.level = level
        node.dotted.append(entry)
        table = node
    name, start, _ = entry.key[-1]
    if name in table.children:
        raise lost(text, start)
    table.children[name] = entry


def below(node: Node) -> Iterator[Section | Entry]:
    """The sections and entries that a node consists of, in no order."""
    todo = [node]
    while todo:
        node = todo.pop()
        if isinstance(node, Entry):
            yield node
        elif isinstance(node, Tables):
            todo += node.items
        elif isinstance(node, Table):
            if node.section is not None:
                yield node.section
            todo += node.children.values()


def box_of(text: str, value: Value) -> Box | None:
    """The members of an array or inline table; `None` for a scalar."""
    opening = text[value.start]
    if opening not in "[{":
        return None
    box = Box(value.start, value.end - 1, [], [])
    if opening == "{":
        box.table = Table(None, "", box=box)
    at = _after_gap(text, box.open + 1)
    while at < box.close:
        member = _member(text, at, box)
        box.members.append(member)
        at = _after_gap(text, member.end)
        if at < box.close:
            if text[at] != ",":
                raise lost(text, at)
            box.commas.append(at)
            at = _after_gap(text, at + 1)
        else:
            box.commas.append(-1)
    return box


def _member(text: str, at: int, box: Box) -> Value:
    if box.table is None:
        return Value(at, value_end(text, at))
    found = _MEMBER_KEY.match(text, at)
    if found is None:
        raise lost(text, at)
    entry = Entry(found.end(), value_end(text, found.end()), parts(text, *found.span(1)))
    hang(text, box.table, entry)
    return entry


def _after_gap(text: str, at: int) -> int:
    found = _GAP.match(text, at)
    return found.end() if found else at


def value_end(text: str, at: int) -> int:
    """Where the value that begins at `at` ends."""
    if text[at : at + 1] in ("[", "{"):
        return close_of(text, at)
    found = _VALUE.match(text, at)
    if found is None:
        raise lost(text, at)
    return found.end()


def close_of(text: str, at: int) -> int:
    """The end of the array or inline table that opens at `at`."""
    depth, start = 1, at
    at += 1
    while depth:
        found = _BRACKET.match(text, at)
        if found is None:
            raise lost(text, start)
        depth += 1 if found[1] in "[{" else -1
        if depth > DEPTH:
            raise too_deep(line_of(text, start))
        at = found.end()
    return at


def parts(text: str, start: int, end: int) -> list[Part]:
    """The parts of the key that is written from `start` to `end`."""
    raw = text[start:end]
    if _BARE_KEY.fullmatch(raw):
        return [(raw, start, end)]
    found: list[Part] = []
    at = start
    while at < end:
        part = _KEY_PART.match(text, at, end)
        if part is None:
            raise lost(text, at)
        found.append((name_of(part[1]), *part.span(1)))
        if len(found) > DEPTH:
            raise too_deep(line_of(text, start))
        at = part.end()
    return found


def name_of(raw: str) -> str:
    """What one part of a key means: TOML's escapes, in double quotes only."""
    if raw[0] == "'":
        return raw[1:-1]
    if raw[0] == '"':
        return _ESCAPE.sub(_unescaped, raw[1:-1])
    return raw


def _unescaped(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits:
        code = int(digits, 16)
        if code > 0x10FFFF:
            raise Refused("a key has an escape beyond Unicode")
        return chr(code)
    if found[4] not in _ESCAPED:
        raise Refused("a key has an escape that TOML does not know")
    return _ESCAPED[found[4]]


def lost(text: str, at: int) -> Refused:
    return Refused("this is not TOML as far as its editor can follow it", line=line_of(text, at))


def too_deep(line: int | None) -> Refused:
    return Refused(f"it is nested deeper than {DEPTH} levels", line=line)
