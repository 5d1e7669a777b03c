"""The edit of a dotenv file: what every program that reads it takes alike, by the rules of each.

The last of several assignments of a key counts, and is edited. A comment behind a value stays where all
of them take it for one, else it goes on a line of its own above. A new key goes before the one that it
has to, else after the last line that is not blank.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain

from patcher.cures import PROFILE
from patcher.errors import Refused
from patcher.formats.dotenv.rules import Grammar
from patcher.formats.dotenv.scan import Scan
from patcher.formats.lines.flat import LineEntry, needs_text, unfit, with_separator
from patcher.formats.linewise import (
    above_comments,
    content_end,
    line_end,
    line_of,
    line_start,
    new_line,
    remove_lines,
)
from patcher.formats.ops import Add, Drop, Op, Put, Value
from patcher.formats.text import Splice, apply
from patcher.i18n import N_, _, quoted

_CURE = N_("write each KEY=value on a line of its own, and close what is quoted")
_COMMENT = re.compile(r"\s*(\#.*)")


def planner(grammars: Sequence[Grammar]) -> Callable[[str, Sequence[Op]], list[Splice]]:
    """Splices for the programs with these rules; one that fails on the text does not count."""

    def splices(text: str, ops: Sequence[Op]) -> list[Splice]:
        """Raises `Refused` for what they do not take alike, and for a value that has no safe form."""
        scans = [scan for scan in (Scan.of(each, text) for each in grammars) if not scan.failed]
        if not scans:
            raise Refused(_("there is a line in it that is no KEY=value"), cure=_(_CURE))
        plan = _Plan(text, scans)
        # A new line at the end of the text goes behind what is put there.
        found = list(chain.from_iterable(map(plan.splices, sorted(ops, key=lambda op: isinstance(op, Add)))))
        found += remove_lines(text, plan.dropped, found)
        plan.require_all_else_the_same(apply(text, found))
        return found

    return splices


class _Plan:
    def __init__(self, text: str, scans: Sequence[Scan]) -> None:
        self.text, self.scans = text, scans
        self.grammars = [scan.grammar for scan in scans]
        self.asked: dict[str, str | None] = {}
        """What shall be written as the value of a key; None: nothing."""
        self.dropped: list[tuple[int, int]] = []
        self.end = content_end(text)
        entries = scans[0].entries
        quotes = Counter(entry.quote for entry in entries if entry.quote is not None)
        self.habit = quotes.most_common(1)[0][0] if quotes else ""
        self.export = "export " if sum("export" in entry.lead for entry in entries) * 2 > len(entries) else ""
        spaced = sum(entry.separator[:1] in (" ", "\t") for entry in entries if entry.separator)
        self.separator = " = " if spaced * 2 > len(entries) else "="

    def splices(self, op: Op) -> list[Splice]:
        """Those of one operation; lines that go are in `dropped`."""
        if isinstance(op, Add) and not op.place:
            return [self._added(op)]
        if not isinstance(op, (Put, Drop)) or len(op.place) != 1:
            raise Refused(
                _("this syntax holds one list of keys and values, nothing nested"),
                cure=_(PROFILE),
            )
        key = str(op.place[0])
        entry = self._entry(key)
        if isinstance(op, Put):
            return self._put(entry, op.value)
        self.asked[key] = None
        lines = {(each.start, each.end) for scan in self.scans for each in scan.counting(key)}
        self.dropped += lines
        return []

    def _entry(self, key: str) -> LineEntry:
        """The assignment that counts. Raises `Refused` unless it is the same to all."""
        found = [(scan, (*scan.counting(key), None)) for scan in self.scans]
        lasts = [(scan.grammar.title, entries[-2] if len(entries) > 1 else None) for scan, entries in found]
        title, first = next(((title, entry) for title, entry in lasts if entry), lasts[0])
        if first is None:
            raise Refused(
                _("{key} stands in no place that can be edited").format(key=key), cure=self._cure(key)
            )
        for other, entry in lasts:
            if entry is None or _span(entry) != _span(first):
                raise Refused(
                    _("{one} and {other} do not read {key} from the same line").format(
                        one=title, other=other, key=key
                    ),
                    line=line_of(self.text, first.start),
                    cure=self._cure(key),
                )
        entries = [entry for _title, entry in lasts if entry]
        for entry in (entry for entry in entries if entry.trouble):
            raise unfit(self.text, entry, self._cure(key))
        longest = max(entries, key=lambda entry: entry.value_end)
        return replace(longest, value_start=min(entry.value_start for entry in entries))

    def _cure(self, key: str) -> str:
        return _("write {key}=value on a line of its own").format(key=key)

    def _put(self, entry: LineEntry, value: Value) -> list[Splice]:
        quote = self.habit if entry.quote is None else entry.quote
        form = self.asked[entry.key] = self._form(entry.key, value, quote)
        new = with_separator(entry, form)
        end = line_end(self.text, entry.value_end)
        tail = self.text[entry.value_end : end]
        found = _COMMENT.match(tail)
        if not found or self._takes(form, tail):
            return [Splice(entry.value_start, entry.value_end, new)]
        if self._takes(form, f" {found[1]}"):
            return [Splice(entry.value_start, end, f"{new} {found[1]}")]
        above = new_line(self.text, entry.start, found[1].rstrip())
        return [above, Splice(entry.value_start, end, new)]

    def _takes(self, form: str, tail: str) -> bool:
        """Whether all take this for a comment behind a value of that form."""
        return all(
            (
                grammar.commented_empty
                if not form
                else grammar.commented_quoted
                if form[0] in "'\"`"
                else grammar.commented
            ).match(tail)
            for grammar in self.grammars
        )

    def _form(self, key: str, value: Value, quote: str) -> str:
        """In the quotes asked for, if every reader will then see just this value; else in others."""
        text = needs_text(key, value)
        for mark in (quote, "", "'", '"', "`"):
            safe = [grammar.safe.get(mark) for grammar in self.grammars]
            if all(pattern is not None and pattern.fullmatch(text) for pattern in safe):
                return mark + text.replace("\n", "\\n") + mark
        raise Refused(
            _("the value of {key} cannot be written so that every program reads it alike").format(key=key),
            cure=_("quotes, $ and \\ have no safe form here"),
        )

    def _added(self, op: Add) -> Splice:
        if not all(grammar.name.fullmatch(op.key) for grammar in self.grammars):
            raise Refused(
                _("{key} cannot be the name of a variable").format(key=quoted(op.key)),
                cure=_("a name is made of letters, digits and _"),
            )
        form = self.asked[op.key] = self._form(op.key, op.value, self.habit)
        line = f"{self.export}{op.key}{self.separator}{form}"
        if op.before is None:
            return new_line(self.text, self.end, line)
        start = min(scan.counting(op.before)[0].start for scan in self.scans if scan.counting(op.before))
        return new_line(self.text, above_comments(self.text, line_start(self.text, start)), line)

    def require_all_else_the_same(self, after: str) -> None:
        """Raises `Refused` where a line that nobody asked for would be read in another way."""
        for scan in self.scans:
            now = Scan.of(scan.grammar, after)
            kept = {key: value for key, value in _values(scan, self.text) if key not in self.asked}
            asked = {key: form for key, form in self.asked.items() if form is not None}
            if now.failed != scan.failed or dict(_values(now, after)) != kept | asked:
                raise Refused(
                    _("{program} would then read other lines in another way").format(
                        program=scan.grammar.title
                    ),
                    cure=_(_CURE),
                )


def _span(entry: LineEntry) -> tuple[int, int]:
    return entry.start, entry.end


def _values(scan: Scan, text: str) -> list[tuple[str, str | None]]:
    """Each key with its value as it is written, the one that counts last."""
    return [
        (entry.key, text[entry.value_start : entry.value_end] if entry.separator else None)
        for entry in scan.entries
        if entry.separator or scan.grammar.alone
    ]
