"""New keys and tables among the statements of a TOML file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from patcher.formats.linewise import above_comments, eol_near, eol_of, indent_of, line_end, line_start
from patcher.formats.ops import Value
from patcher.formats.order import successor
from patcher.formats.text import Splice
from patcher.formats.toml.layout import TomlLayout
from patcher.formats.toml.scan import Table, TableArray, TomlEntry, TomlSection
from patcher.formats.toml.write import Blocks, is_tables, joined


def add(layout: TomlLayout, table: Table, key: str, value: Value) -> Splice:
    """`key` with `value` at the end of a table that is made of statements."""
    if table.section is None and table.dotted:
        return _dotted(layout, table, key, value)
    if isinstance(value, dict) or is_tables(value):
        return _tables(layout, table, key, value)
    if table.section is None:
        return _own_header(layout, table, key, value)
    return _leaf(layout, table.section, key, value)


def _leaf(layout: TomlLayout, section: TomlSection, key: str, value: Value) -> Splice:
    near = layout.neighbour(section)
    line = layout.key_indent(section) + _line(layout, near, key, value)
    before = _successor(section, key)
    if before is not None:
        at = _over(layout, section, before)
        return Splice(at, at, line + eol_near(layout.text, at))
    if section.entries or section.number:
        return _after(layout, layout.tail(section.last), [[line]], between=False)
    if len(layout.document.sections) > 1:  # root keys stand before the first header
        return _before(layout, layout.document.sections[1], [[line]])
    return _at_end(layout, [[line]])


def _successor(section: TomlSection, key: str) -> TomlEntry | None:
    """The entry that a new key goes before; None where dotted keys make the order one of paths."""
    names = {entry.key[0].name: entry for entry in section.entries}
    if any(len(entry.key) > 1 for entry in section.entries):
        return None
    following = successor(names, key)
    return None if following is None else names[following]


def _over(layout: TomlLayout, section: TomlSection, entry: TomlEntry) -> int:
    """Over the comments directly over an entry."""
    earlier = [each.end for each in section.entries if each.end <= entry.first]
    floor = line_end(layout.text, max(earlier, default=section.end)) if earlier or section.number else 0
    return above_comments(layout.text, line_start(layout.text, entry.first), floor=floor)


def _line(layout: TomlLayout, near: TomlEntry | None, key: str, value: Value) -> str:
    style = layout.style
    return style.key(key, layout.key_raw(near)) + layout.equals(near) + style.value(value)


def _dotted(layout: TomlLayout, table: Table, key: str, value: Value) -> Splice:
    """`a.new = ...` after the last `a.something = ...`."""
    text, near = layout.text, table.dotted[-1]
    prefix = text[near.first : near.key[table.level - 1].end]
    lines = []
    for path, part in _flat((key,), value):
        name = ".".join([prefix, *(layout.style.key(step) for step in path)])
        lines.append(indent_of(text, near.first) + name + layout.equals(near) + layout.style.value(part))
    return _after(layout, layout.tail(near.end), [lines], between=False)


def _flat(path: tuple[str, ...], value: Value) -> Iterator[tuple[tuple[str, ...], Value]]:
    if isinstance(value, dict) and value:
        for key, part in value.items():
            yield from _flat((*path, key), part)
    else:
        yield path, value


def _own_header(layout: TomlLayout, table: Table, key: str, value: Value) -> Splice:
    """The header of a table that there is only because of the tables in it, with the key."""
    first = layout.first_section(table)
    blocks = _blocks(layout, first, indent_of(layout.text, first.start))
    return _before(layout, first, blocks.table(layout.name(table), {key: value}))


def _tables(layout: TomlLayout, table: Table, key: str, value: Value) -> Splice:
    """New headers after the last section of the table."""
    last = layout.last_section(table)
    above = layout.name(table)
    name = layout.style.key(key)
    blocks = _blocks(layout, last, layout.header_indent(table))
    new = blocks.member(f"{above}.{name}" if above else name, value)
    return _after_section(layout, last, new)


def insert(layout: TomlLayout, tables: TableArray, index: int, value: dict[str, Value]) -> Splice:
    """A new item of an array of tables, in front of the one at `index` or after the last."""
    near = tables.items[min(index, len(tables.items) - 1)].section
    assert near is not None  # an item begins with its header
    header, name = layout.text[near.start : near.end], layout.text[slice(*near.name)]
    new = _blocks(layout, near, indent_of(layout.text, near.start)).item(name, value, header)
    if index < len(tables.items):
        return _before(layout, near, new)
    return _after_section(layout, layout.last_section(tables.items[-1]), new)


def _blocks(layout: TomlLayout, near: TomlSection, indent: str) -> Blocks:
    return Blocks(layout.style, layout.equals(layout.neighbour(near)), indent, layout.inner(near))


def _before(layout: TomlLayout, section: TomlSection, new: Sequence[Sequence[str]]) -> Splice:
    at, number = layout.lead(section), section.number
    eol = eol_near(layout.text, at)
    between = eol if layout.spaced(number, number + 1) else ""
    return Splice(at, at, joined(new, eol, between) + eol + between)


def _after_section(layout: TomlLayout, section: TomlSection, new: Sequence[Sequence[str]]) -> Splice:
    number = section.number
    spaced = layout.spaced(number + 1, number, number - 1)
    if section is layout.document.sections[-1]:
        return _at_end(layout, new, spaced=spaced)
    return _after(layout, layout.tail(section.last), new, between=spaced)


def _at_end(layout: TomlLayout, new: Sequence[Sequence[str]], *, spaced: bool = True) -> Splice:
    if layout.end:
        return _after(layout, layout.end, new, between=spaced)
    eol = eol_near(layout.text, 0) if layout.text else layout.eol
    return Splice(0, 0, joined(new, eol, eol) + eol)


def _after(layout: TomlLayout, at: int, new: Sequence[Sequence[str]], *, between: bool) -> Splice:
    """New lines after the line that ends at `at`: the file ends as it did before."""
    eol = eol_of(layout.text, at)
    gap = eol if between else ""
    return Splice(at, at, eol + gap + joined(new, eol, gap))
