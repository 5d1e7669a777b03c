"""Members in and out of arrays and inline tables: commas, lines and the comments beside them."""

from __future__ import annotations

from patcher.formats.linewise import eol_near, line_end, line_start
from patcher.formats.text import Splice
from patcher.formats.toml.scan import Box
from patcher.formats.toml.write import BLANKS, Style, eol_at, indent_of


def insert(text: str, box: Box, index: int, new: str, style: Style) -> list[Splice]:
    """`new` before the member at `index`, or after the last one."""
    if not box.members:
        return [_first(text, box, new, style)]
    if index < len(box.members):
        return [_before(text, box, index, new)]
    return _after_last(text, box, new, style)


def _first(text: str, box: Box, new: str, style: Style) -> Splice:
    inside = text[box.open + 1 : box.close]
    if "\n" not in inside:
        pad = style.bracket_pad if box.table is None else style.brace_pad
        return Splice(box.open + 1, box.close, pad + new + pad)
    at = box.open + 1 + len(inside.rstrip(BLANKS))
    own = "\n" in text[box.open + 1 : at]  # a comment on a line of its own
    indent = indent_of(text, at) if own else indent_of(text, box.open) + style.unit
    # Only an array may end in a comma for every reader.
    return Splice(at, at, eol_at(text, at) + indent + new + ("," if box.table is None else ""))


def _before(text: str, box: Box, index: int, new: str) -> Splice:
    at = box.members[index].first
    if _on_own_line(text, box, at):
        indent = indent_of(text, at)
        start = line_start(text, at)
        floor = box.commas[index - 1] if index else box.open
        while (above := line_start(text, start - 1)) > floor and text[above:start].lstrip(" \t")[0] == "#":
            start = above  # the comments over a member are about it
        return Splice(start, start, indent + new + "," + eol_near(text, start))
    return Splice(at, at, new + "," + _gap(text, box, index))


def _after_last(text: str, box: Box, new: str, style: Style) -> list[Splice]:
    last, comma = box.members[-1], box.commas[-1]
    at = comma + 1 if comma >= 0 else last.end
    rest = text[at : box.close]
    own = _on_own_line(text, box, last.first)
    if not own and "#" not in rest:
        gap = _gap(text, box, len(box.members) - 1)
        return [Splice(at, at, gap + new + "," if comma >= 0 else "," + gap + new)]
    indent = indent_of(text, last.first) if own else indent_of(text, box.open) + style.unit
    # What stands after the last member, comments above all, stays with it.
    end = at + len(rest.rstrip(BLANKS))
    line = eol_at(text, end) + indent + new
    if comma >= 0:
        return [Splice(end, end, line + ",")]
    if end == at:
        return [Splice(at, at, "," + line)]
    return [Splice(at, at, ","), Splice(end, end, line)]


def lines(text: str, box: Box, items: list[str]) -> str:
    """A list that is written anew over several lines, in the layout of the old one."""
    eol = eol_at(text, line_end(text, box.open))
    indent = indent_of(text, box.members[-1].first)
    comma = "," if box.commas[-1] >= 0 else ""
    return f"[{eol}{indent}" + f",{eol}{indent}".join(items) + comma + eol + indent_of(text, box.close) + "]"


def drop(text: str, box: Box, index: int) -> list[Splice]:
    """Take out the member at `index` with its comma, and its line where it is alone there."""
    member, comma = box.members[index], box.commas[index]
    own = _on_own_line(text, box, member.first)
    end = comma + 1 if comma >= 0 else member.end
    rest_of_line = text[end : line_end(text, end)].strip(" \t")
    alone = own and (not rest_of_line or rest_of_line[0] == "#") and line_end(text, end) < box.close
    if len(box.members) == 1:
        around = text[box.open + 1 : member.first] + text[member.end : box.close]
        if "#" not in around:
            return [Splice(box.open + 1, box.close, "")]
    before: list[Splice] = []
    if index and comma < 0:  # the last one: no comma behind it, so none behind the new last one
        before = [Splice(box.commas[index - 1], box.commas[index - 1] + 1, "")]
    if alone:
        after = text.find("\n", end) + 1
        return [*before, Splice(line_start(text, member.first), after, "")]
    if index + 1 < len(box.members):
        following = box.members[index + 1].first
        if "#" not in text[member.end : following]:
            return [Splice(member.first, following, "")]
    start = member.first
    gap_start = box.commas[index - 1] + 1 if index else start
    if not text[gap_start:start].strip(BLANKS):
        start = gap_start
    return [*before, Splice(start, end, "")]


def _on_own_line(text: str, box: Box, at: int) -> bool:
    start = line_start(text, at)
    return start > box.open and not text[start:at].strip(" \t")


def _gap(text: str, box: Box, index: int) -> str:
    """The blanks after a comma, as they are before the member at `index` (or the next one)."""
    if len(box.members) > 1:
        index = max(index, 1)
        gap = text[box.commas[index - 1] + 1 : box.members[index].first]
        if not gap.strip(" \t"):
            return gap[:1]
    return " "
