"""Where everything stands in a TOML text: statements, tables, keys and values as offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from patcher.formats.toml.lex import (
    BLANK,
    MEMBER_KEY,
    REST,
    STATEMENT,
    KeyPart,
    after_gap,
    close_of,
    parts,
    unparsable,
    value_end,
)


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
class TomlEntry(Value):
    """`key = value`, on a line or in an inline table."""

    key: list[KeyPart]
    section: TomlSection | None = None

    @property
    def first(self) -> int:
        return self.key[0].start


@dataclass(slots=True)
class TomlSection:
    """A header, or the start of the file, and the keys that follow it."""

    number: int
    start: int
    """Where the header's first bracket is; -1 for the section that has no header."""
    end: int
    name: tuple[int, int]
    table: Table
    entries: list[TomlEntry] = field(default_factory=list)

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
    section: TomlSection | None = None
    dotted: list[TomlEntry] = field(default_factory=list)
    """The entries whose dotted keys lead through it."""
    level: int = 0
    """How many parts of those keys lead to it."""
    children: dict[str, Node] = field(default_factory=dict)
    brackets: Brackets | None = None
    """The inline table that it is written in, if it is."""


@dataclass(slots=True)
class TableArray:
    """An array of tables."""

    parent: Table
    raw: str
    items: list[Table] = field(default_factory=list)


@dataclass(slots=True)
class Brackets:
    """The inside of an array or inline table: brackets, members, the comma after each (or -1)."""

    open: int
    close: int
    members: list[Value]
    commas: list[int]
    table: Table | None = None
    """For an inline table: its members by name."""


Node: TypeAlias = Value | Table | TableArray


class TomlDocument:
    """A text's sections in order, and its tables by name."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root = Table(None, "")
        self.sections: list[TomlSection] = [TomlSection(0, -1, 0, (0, 0), self.root)]
        self.root.section = self.sections[0]
        self._read()

    def _read(self) -> None:
        text = self.text
        blank = BLANK.match(text)
        at = blank.end() if blank else 0
        while at < len(text):
            found = STATEMENT.match(text, at)
            if found is None:
                raise unparsable(text, at)
            end = found.end()
            if found["key"] is None:
                self._header(found)
            else:
                if found["open"]:
                    end = close_of(text, end - 1)
                    start = found.start("open")
                else:
                    start = found.start("value")
                self._entry(TomlEntry(start, end, parts(text, *found.span("key")), self.sections[-1]))
            rest = REST.match(text, end)
            if rest is None:
                raise unparsable(text, end)
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
            tables = table.children.setdefault(name, TableArray(table, text[start:end]))
            if not isinstance(tables, TableArray):
                raise unparsable(text, start)
            table = Table(table, text[start:end])
            tables.items.append(table)
        else:
            node = table.children.setdefault(name, Table(table, text[start:end]))
            table = self._table(node, start)
        section = TomlSection(len(self.sections), found.start(), found.end(), found.span("name"), table)
        table.section = section
        self.sections.append(section)

    def _table(self, node: Node, at: int) -> Table:
        if isinstance(node, TableArray):
            return node.items[-1]
        if isinstance(node, Table):
            return node
        raise unparsable(self.text, at)

    def _entry(self, entry: TomlEntry) -> None:
        section = self.sections[-1]
        section.entries.append(entry)
        attach(self.text, section.table, entry)


def attach(text: str, table: Table, entry: TomlEntry) -> None:
    """Put an entry where its key says, below `table`."""
    for level, (name, start, end) in enumerate(entry.key[:-1], 1):
        node = table.children.get(name)
        if node is None:
            node = table.children[name] = Table(table, text[start:end], level=level, brackets=table.brackets)
        if not isinstance(node, Table):
            raise unparsable(text, start)
        node.level = level
        node.dotted.append(entry)
        table = node
    name, start, _ = entry.key[-1]
    if name in table.children:
        raise unparsable(text, start)
    table.children[name] = entry


def below(node: Node) -> Iterator[TomlSection | TomlEntry]:
    """The sections and entries that a node consists of, in no order."""
    todo = [node]
    while todo:
        node = todo.pop()
        if isinstance(node, TomlEntry):
            yield node
        elif isinstance(node, TableArray):
            todo += node.items
        elif isinstance(node, Table):
            if node.section is not None:
                yield node.section
            todo += node.children.values()


def brackets_of(text: str, value: Value) -> Brackets | None:
    """The members of an array or inline table; `None` for a scalar."""
    opening = text[value.start]
    if opening not in "[{":
        return None
    brackets = Brackets(value.start, value.end - 1, [], [])
    if opening == "{":
        brackets.table = Table(None, "", brackets=brackets)
    at = after_gap(text, brackets.open + 1)
    while at < brackets.close:
        member = _member(text, at, brackets)
        brackets.members.append(member)
        at = after_gap(text, member.end)
        if at < brackets.close:
            if text[at] != ",":
                raise unparsable(text, at)
            brackets.commas.append(at)
            at = after_gap(text, at + 1)
        else:
            brackets.commas.append(-1)
    return brackets


def _member(text: str, at: int, brackets: Brackets) -> Value:
    if brackets.table is None:
        return Value(at, value_end(text, at))
    found = MEMBER_KEY.match(text, at)
    if found is None:
        raise unparsable(text, at)
    entry = TomlEntry(found.end(), value_end(text, found.end()), parts(text, *found.span(1)))
    attach(text, brackets.table, entry)
    return entry
