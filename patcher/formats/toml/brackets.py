"""Members of arrays and inline tables, in the habits of TOML."""

from __future__ import annotations

from patcher.formats.brackets import Container, Part, Spacing, gap_between
from patcher.formats.linewise import eol_of
from patcher.formats.toml.scan import Brackets
from patcher.formats.toml.write import Style


class Inline(Container[str, Spacing]):
    """The plan for one array or inline table; its new members are written already."""

    def __init__(self, text: str, brackets: Brackets, style: Style) -> None:
        ends = zip(brackets.members, brackets.commas, strict=True)
        members = [Part(member.first, member.end, comma) for member, comma in ends]
        super().__init__(text, brackets.open, brackets.close, members)
        self.style = style
        self.is_table = brackets.table is not None

    def habits(self, at: int) -> Spacing:
        gap = gap_between(self.text, self.members)
        # Only an array may end in a comma for every reader.
        return Spacing(
            eol_of(self.text, at), self.style.unit, " " if gap is None else gap, trailing=not self.is_table
        )

    def written(self, new: str, habits: Spacing, indent: str | None) -> str:  # noqa: ARG002 - always one line
        return new

    def pad(self, habits: Spacing) -> str:  # noqa: ARG002 - the file's
        return self.style.brace_pad if self.is_table else self.style.bracket_pad
