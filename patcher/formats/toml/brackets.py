"""Members of arrays and inline tables, in the habits of TOML."""

from __future__ import annotations

from patcher.formats.brackets import Container, Layout, Part, gap_between
from patcher.formats.toml.scan import Brackets
from patcher.formats.toml.write import TomlStyle


class Inline(Container[str]):
    """The plan for one array or inline table; its new members are written already."""

    def __init__(self, text: str, brackets: Brackets, style: TomlStyle) -> None:
        ends = zip(brackets.members, brackets.commas, strict=True)
        members = [Part(member.first, member.end, comma) for member, comma in ends]
        super().__init__(text, brackets.open, brackets.close, members)
        self.style = style
        self.is_list = brackets.table is None

    def layout(self) -> Layout:
        gap = gap_between(self.text, self.members)
        pad = self.style.bracket_pad if self.is_list else self.style.brace_pad
        # Only an array may end in a comma for every reader.
        return Layout(self.style.unit, " " if gap is None else gap, pad, trailing=self.is_list)

    def written(self, new: str, eol: str, indent: str | None) -> str:  # noqa: ARG002 - it is on one line
        return new
