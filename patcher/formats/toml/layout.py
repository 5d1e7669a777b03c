"""What belongs together in a TOML file: comments, blank lines, indents, names of headers."""

from __future__ import annotations

import re
from functools import cached_property

from patcher.formats.linewise import comments_above, indent_of, line_end, line_start
from patcher.formats.toml.scan import Node, Table, TomlDocument, TomlEntry, TomlSection, below
from patcher.formats.toml.write import BLANKS, TomlStyle

# Comments right under a statement and nothing right under them: they are about the statement.
_COMMENTS_BELOW = re.compile(r"(?>(?:\r?\n[ \t]*+#[^\r\n]*+)+)(?=\r?\n[ \t]*+(?:\r?\n|\Z)|\Z)")
# Comments that begin something new: a header that is commented out, a line drawn across.
_NEW_PART = re.compile(r"#[ \t#]*+\[|[-#=*~]{4}")
# Directives (`#:schema ...`), and a licence: they are about the file, not about what follows.
_TOP = re.compile(r"(?>(?:#[!:][^\n]*+\n)*)((?>(?:#[^\n]*+\n)*))")
_LICENCE = re.compile(r"copyright|licen[cs]e|spdx", re.IGNORECASE)


class TomlLayout:
    """How the sections of a document stand in its text."""

    def __init__(self, document: TomlDocument, eol: str) -> None:
        self.document = document
        self.eol = eol
        self.text = document.text

    @cached_property
    def style(self) -> TomlStyle:
        return TomlStyle(self.text)

    @cached_property
    def end(self) -> int:
        """The end of the last line that has anything on it; 0 where none has."""
        end = len(self.text.rstrip(BLANKS))
        return line_end(self.text, end) if end else 0

    @cached_property
    def top(self) -> int:
        """The end of the comments that have to stay on the first lines."""
        found = _TOP.match(self.text)
        if found is None:
            return 0
        return found.end() if _LICENCE.search(found[1]) else found.start(1)

    def spaced(self, *near: int) -> bool:
        """Whether a blank line stands before headers: the first of these sections that shows it."""
        sections = self.document.sections
        for number in near:
            if 0 < number < len(sections):
                start = self.lead(sections[number])
                if start > self.top:
                    return not self.text[line_start(self.text, start - 1) : start].strip(BLANKS)
        return True

    def tail(self, end: int) -> int:
        """Where a new line goes after the statement that ends at `end`: after its comments."""
        end = line_end(self.text, end)
        found = _COMMENTS_BELOW.match(self.text, end)
        if found is None or _NEW_PART.search(found[0]):
            return end
        return found.end()

    def lead(self, section: TomlSection) -> int:
        """Where the lines of a section begin: at the comments right over its header."""
        floor = max(self.document.sections[section.number - 1].last, self.top)
        return comments_above(self.text, line_start(self.text, section.start), floor=floor)

    def last_section(self, node: Node) -> TomlSection:
        """The last section that `node` is made of."""
        if node is self.document.root:
            return self.document.sections[-1]
        found = [part if isinstance(part, TomlSection) else part.section for part in below(node)]
        return max((section for section in found if section), key=lambda section: section.number)

    def first_section(self, node: Node) -> TomlSection:
        """The first section that `node` is made of."""
        found = (part for part in below(node) if isinstance(part, TomlSection))
        return min(found, key=lambda section: section.number)

    def name(self, table: Table) -> str:
        """A table's full name, as it is written in its header or would be."""
        section = table.section
        if section is not None:
            return self.text[slice(*section.name)]
        above = self.name(table.parent) if table.parent else ""
        return f"{above}.{table.raw}" if above else table.raw

    def neighbour(self, section: TomlSection) -> TomlEntry | None:
        """The entry to imitate in a section: its last one, or the nearest before, or after it."""
        sections = self.document.sections
        for near in (*reversed(sections[: section.number + 1]), *sections[section.number + 1 :]):
            if near.entries:
                return near.entries[-1]
        return None

    def equals(self, entry: TomlEntry | None) -> str:
        """The equals sign with blanks as in `entry`, one at most (more are there to align)."""
        if entry is None:
            return " = "
        gap = self.text[entry.key[-1].end : entry.start]
        return (" " if gap[0] in " \t" else "") + "=" + (" " if gap[-1] in " \t" else "")

    def key_raw(self, entry: TomlEntry | None) -> str:
        return self.text[entry.key[-1].start : entry.key[-1].end] if entry else ""

    def inner(self, section: TomlSection) -> str:
        """What the keys of a section are indented by more than its header."""
        sections = self.document.sections
        for near in (*reversed(sections[1 : section.number + 1]), *sections[section.number + 1 :]):
            if near.entries:
                header = indent_of(self.text, near.start)
                key = indent_of(self.text, near.entries[-1].first)
                return key[len(header) :] if key.startswith(header) else ""
        return ""

    def key_indent(self, section: TomlSection) -> str:
        if section.entries:
            return indent_of(self.text, section.entries[-1].first)
        if section.number == 0:
            return ""
        return indent_of(self.text, section.start) + self.inner(section)

    def header_indent(self, table: Table) -> str:
        """The indent of a new header below `table`: as those there, or by the file's step."""
        for child in table.children.values():
            for part in below(child):
                if isinstance(part, TomlSection):
                    return indent_of(self.text, part.start)
        if table.section is None or table.section.number == 0:
            return ""
        own = indent_of(self.text, table.section.start)
        for section in self.document.sections[1:]:
            parent = section.table.parent
            if parent and parent.section and parent.section.number:
                above = indent_of(self.text, parent.section.start)
                below_it = indent_of(self.text, section.start)
                return own + (below_it[len(above) :] if below_it.startswith(above) else "")
        return own
