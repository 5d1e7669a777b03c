"""Entries of maps and lists in brackets, in the habits of YAML."""

from __future__ import annotations

from dataclasses import replace

from patcher.formats.brackets import Container, Layout, Part, gap_between
from patcher.formats.linewise import indent_of
from patcher.formats.ops import Add, Insert
from patcher.formats.yaml.nodes import Nodes, YamlEntry
from patcher.formats.yaml.render import YamlStyle, bracketed, key_text, on_one_line


class Flow(Container[Add | Insert]):
    """The plan for one map or list in brackets."""

    def __init__(self, nodes: Nodes, node: int, style: YamlStyle) -> None:
        entries = nodes.entries(node)
        start = nodes.start(node)
        super().__init__(nodes.text, start, nodes.end(node) - 1, [_part(nodes, entry) for entry in entries])
        self.lines = bool(entries) and "\n" in self.text[start : entries[0].begin]
        """Whether the entries begin on a line below the bracket."""
        pad = " " if nodes.is_map(node) and self.close > start + 1 else ""
        self.style = self._like(nodes, entries[0], style) if entries else replace(style, pad=pad)

    def _like(self, nodes: Nodes, first: YamlEntry, style: YamlStyle) -> YamlStyle:
        gap = gap_between(self.text, self.members)
        after = self.text[first.indicator_end : first.indicator_end + 1]
        close = first.key is not None and first.indicator_end > 0 and not after.isspace()
        step = 0
        if self.lines:
            step = nodes.column(first.begin) - len(indent_of(self.text, self.open))
        return replace(
            style,
            comma=", " if gap is None else "," + gap,
            # Only a quoted key may have its colon close: `"a":1`, but `{a:1}` is one word.
            colon=":" if close and style.key_quote else style.colon,
            pad=" " if not self.lines and self.text[self.open + 1 : first.begin] == " " else "",
            map_indent=step if step > 0 else style.map_indent,
        )

    def layout(self) -> Layout:
        return Layout(" " * self.style.map_indent, self.style.comma[1:], self.style.pad, trailing=False)

    def written(self, new: Add | Insert, eol: str, indent: str | None) -> str:
        if indent is not None and (self.lines or not self.members):
            value = bracketed(new.value, self.style, len(indent), eol)
        else:
            value = on_one_line(new.value, self.style)
        if isinstance(new, Insert):
            return value
        return key_text(new.key, self.style, flow=True) + self.style.colon + value


def _part(nodes: Nodes, entry: YamlEntry) -> Part:
    end = nodes.entry_end(entry)
    comma = nodes.skip(end)
    return Part(nodes.question(entry.begin), end, comma if nodes.text[comma] == "," else -1)
