"""Statements out of a TOML file, and what has to stay so that the rest means the same."""

from __future__ import annotations

from patcher.formats.linewise import cut_from, indent_of, line_end, line_start, merged, next_line
from patcher.formats.text import Splice
from patcher.formats.toml.layout import TomlLayout
from patcher.formats.toml.scan import Table, TableArray, TomlEntry, TomlSection, below
from patcher.formats.toml.write import BLANKS


def drop(
    layout: TomlLayout, node: TomlEntry | Table | TableArray, parent: Table | TableArray
) -> list[Splice]:
    """Take away a key, a table with all that is in it, or an item of an array of tables."""
    lines = _lines(layout, node)
    gone = [_removed(layout.text, start, end) for start, end in lines]
    if isinstance(parent, TableArray):  # which has another item
        return gone
    if parent.section is not None or len(parent.children) > 1:
        return gone
    # The parent was there only because of what goes away.
    (start, end), rest = lines[0], gone[1:]
    if parent.dotted:
        entry = parent.dotted[0]
        empty = layout.text[start : entry.key[parent.level - 1].end] + layout.equals(entry) + "{}"
    else:
        empty = indent_of(layout.text, layout.first_section(node).start) + f"[{layout.name(parent)}]"
    return [Splice(start, end, empty), *rest]


def _lines(layout: TomlLayout, node: TomlEntry | Table | TableArray) -> list[tuple[int, int]]:
    """From where to where the lines of a node are, comments inside it with them."""
    text, parts = layout.text, list(below(node))
    sections = sorted((part for part in parts if isinstance(part, TomlSection)), key=lambda part: part.number)
    numbers = {section.number for section in sections}
    found = [
        (line_start(text, part.first), line_end(text, part.end))
        for part in parts
        if isinstance(part, TomlEntry) and part.section and part.section.number not in numbers
    ]
    following = -1
    for section in sections:
        start, end = line_start(text, section.start), line_end(text, section.last)
        if section.number == following:
            start, _ = found.pop()
        found.append((start, end))
        following = section.number + 1
    return merged(text, found, BLANKS)


def _removed(text: str, start: int, end: int) -> Splice:
    """Whole lines away, and one of the two gaps that would otherwise meet."""
    after = text.find("\n", end) + 1 or len(text)
    before = len(text[:start].rstrip(BLANKS))
    following = after + len(text[after:]) - len(text[after:].lstrip(BLANKS))
    if following == len(text):  # the end of the file
        start = next_line(text, before) if before else 0
        return Splice(cut_from(text, start) if after == end else start, after, "")
    gap = text.count("\n", before, start) - 1 if before else text.count("\n", after, following)
    for _ in range(min(gap, text.count("\n", after, following))):
        after = text.find("\n", after) + 1
    return Splice(start, after, "")
