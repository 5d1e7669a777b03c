"""The assignments of a dotenv text by the rules of one program, for the planner."""

from __future__ import annotations

import re
from collections.abc import Iterator

from patcher.dataclass import dataclass
from patcher.formats.dotenv.rules import Grammar
from patcher.formats.lines.flat import LineEntry
from patcher.formats.linewise import begins_line, line_end, next_line
from patcher.i18n import N_

_REMARK = re.compile(r"\s*(?:\#|\Z)")
_ALONE = re.compile(r"[^\S\n]*(?:\#[^\n]*)?(?:\n|\Z)")
_REST = re.compile(r"[^\S\n]*(?:\#[^\n]*)?\r*(?:\n|\Z)")
_HASH = re.compile(r"[^\S\n]*\#")
_MORE = N_("has more on its line, which not every program reads")


@dataclass(frozen=True)
class Scan:
    """What one program sees of a text: `failed` where that is nothing."""

    grammar: Grammar
    entries: tuple[LineEntry, ...]
    failed: bool

    @classmethod
    def of(cls, grammar: Grammar, text: str) -> Scan:
        scanner = _Scanner(grammar, text)
        entries = tuple(scanner.entries())
        return cls(grammar, entries, scanner.failed)

    def counting(self, key: str) -> list[LineEntry]:
        """The entries with this key, of which the last counts; a key alone where no other has it."""
        found = [entry for entry in self.entries if entry.key == key]
        if self.grammar.alone:
            return found
        return [entry for entry in found if entry.separator] or found[-1:]


class _Scanner:
    def __init__(self, grammar: Grammar, text: str) -> None:
        self.grammar, self.text = grammar, text
        self.failed = False

    def entries(self) -> Iterator[LineEntry]:
        at = 0
        while at < len(self.text) and not self.failed:
            line_ends = next_line(self.text, at)
            if _REMARK.match(self.text, at, line_ends):
                at = line_ends
                continue
            entry = self._entry(at)
            if entry is None:
                self.failed = self.failed or self.grammar.strict
                at = max(line_ends, self.spoiled)
            else:
                if not begins_line(self.text, at):
                    entry.trouble = _MORE
                yield entry
                at = entry.end

    def _entry(self, at: int) -> LineEntry | None:
        """The assignment that begins here; None for anything else, which spoils up to `spoiled`."""
        text, grammar = self.text, self.grammar
        self.spoiled = 0
        head = grammar.head.match(text, at)
        if not head:
            return None
        its = head.groupdict()
        key, lead = its["key"] or its.get("inner") or "", its["lead"]
        sign = grammar.sign.match(text, head.end())
        if its.get("inner"):  # over more lines than this, where it is none
            self.spoiled = next_line(text, head.end())
        if not sign:
            return self._alone(LineEntry(key, at, 0, head.end(), head.end(), lead=lead))
        value = sign.end()
        opening = grammar.gap.match(text, value)
        first = opening.end() if opening else value
        quote = text[first : first + 1]
        if quote and quote in grammar.quoted:
            closed = grammar.quoted[quote].match(text, first)
            if closed:
                return self._quoted(LineEntry(key, at, 0, value, closed.end(), sign[0], quote, lead))
            if grammar.unclosed != "text":
                self.failed = grammar.unclosed == "file"
                self.spoiled = next_line(text, first)
                return None
        return self._bare(LineEntry(key, at, 0, value, value, sign[0], None, lead))

    def _alone(self, entry: LineEntry) -> LineEntry | None:
        found = _ALONE.match(self.text, entry.value_end)
        if not found:
            return None
        entry.end = found.end()
        if self.grammar.strict and not found[0].endswith("\n") and not found[0].strip():
            entry.key = ""  # it takes what ends the text for a value without a key
        elif self.grammar.strict and (found[0].strip() or not self.grammar.alone):
            return None
        return entry

    def _quoted(self, entry: LineEntry) -> LineEntry | None:
        text, end = self.text, entry.value_end
        entry.end = next_line(text, end)
        if not _REST.match(text, end):
            if self.grammar.after_quote == "line":
                self.spoiled = entry.end
                return None
            entry.end, entry.trouble = end, _MORE
        if entry.value_end - entry.value_start <= 2:
            entry.quote = None
        return entry

    def _bare(self, entry: LineEntry) -> LineEntry:
        """Up to a comment or the end of the line; behind nothing but a comment there is no value."""
        text, start = self.text, entry.value_start
        end = line_end(text, start)
        entry.end = next_line(text, start)
        remark = _HASH.match(text, start, end) or self.grammar.hash.search(text, start, end)
        value = text[start : remark.start()].rstrip() if remark else text[start:end].rstrip(" \t")
        entry.value_end = start + len(value)
        if value:
            entry.quote = ""
        elif remark:
            signed = entry.separator.rstrip(" \t")
            entry.value_start = entry.value_end = start - len(entry.separator) + len(signed)
            entry.separator = signed
        return entry
