"""Splices for INI files, by the rules of a dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from patcher.cures import PROFILE
from patcher.errors import Refused
from patcher.formats.ini.rules import Rules
from patcher.formats.ini.scan import IniSection, Option
from patcher.formats.ini.sections import Sections
from patcher.formats.lines.flat import needs_text, unfit
from patcher.formats.linewise import (
    above_comments,
    content_end,
    eol_near,
    line_of,
    new_line,
    next_line,
    remove_lines,
)
from patcher.formats.ops import Add, Drop, NodePath, Op, Put, Value
from patcher.formats.order import successor
from patcher.formats.text import Splice
from patcher.i18n import _, quoted

_SAFE_KEY = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_. -]*[A-Za-z0-9_.-])?")
_SAFE_SECTION = re.compile(r"(?!\s)[^\[\]#;\\\n]+(?<!\s)")
# Of the first line that is not blank and no comment.
_INDENT = re.compile(r"(?:[ \t]*(?:[#;][^\n]*)?\r*\n)*(?P<lead>[ \t]*)(?=[^\s#;])")
_COMMENT_LINE = re.compile(r"(?m)^[ \t]*;")


def plan(text: str, ops: Sequence[Op], rules: Rules) -> list[Splice]:
    """Raises `Refused` for what is set twice, or has no form that the dialect reads as just that."""
    return _Planner(text, rules).plan(ops)


class _Planner(Sections):
    def plan(self, ops: Sequence[Op]) -> list[Splice]:
        splices: list[Splice] = []
        sections: list[Splice] = []
        dropped: list[tuple[int, int]] = []
        # A new line at the end of the text goes behind what is put there.
        for op in sorted(ops, key=lambda op: isinstance(op, Add)):
            if isinstance(op, Add) and not op.place and isinstance(op.value, dict) and self.rules.sections:
                sections.append(self.new_section(op.key, op.value, first=not sections))
            elif isinstance(op, Add) and len(op.place) <= self.rules.sections:
                splices.append(self.new_option(op))
            elif isinstance(op, Put) and op.place:
                splices += self.put(self.option(op.place), op.value)
            elif isinstance(op, Drop) and op.place:
                dropped += self.lines_of(op.place)
            else:
                raise Refused(
                    _("INI holds sections of keys and values, nothing nested deeper")
                    if self.rules.sections
                    else _("this syntax holds one list of keys and values, nothing nested"),
                    cure=_(PROFILE),
                )
        # A new section goes to the end, so behind what is added to the last one.
        splices += sections
        return [*splices, *remove_lines(self.text, dropped, splices)]

    def put(self, option: Option, value: Value) -> Iterator[Splice]:
        """The value in its place; a comment behind the old one goes on a line of its own above."""
        if option.trouble:
            raise unfit(self.text, option)
        new = self.written(option.key, value)
        if option.separator.strip() == ":" and "=" in new and self.rules.careful:
            raise Refused(
                _("{key} is written with a colon, and some programs would split its new value at =").format(
                    key=option.key
                ),
                line=line_of(self.text, option.start),
                cure=_("write {key}=value").format(key=option.key),
            )
        if not option.separator:
            new = self.separator([]) + new
        elif len(option.separator) > 1 and option.separator[-1] in "=:" and not self.first_line(option):
            new = " " + new  # the sign has a blank before it alone
        yield Splice(option.value_start, option.whole_end, new)
        if option.comment:
            yield new_line(self.text, option.start, option.lead + self.comment(option.comment))

    def comment(self, comment: str) -> str:
        """A comment with a mark that the dialect knows at the beginning of a line."""
        known = self.rules.comments
        if self.rules.careful and not _COMMENT_LINE.search(self.text):
            known = "#"
        return comment if comment[0] in known else known[0] + comment[1:]

    def first_line(self, option: Option) -> str:
        return self.text[option.value_start : option.value_end].partition("\n")[0].strip()

    def new_option(self, op: Add) -> Splice:
        section = self.section(str(op.place[0]) if op.place else None)
        alone = len(self.sections) == 1
        if not op.place and not (self.rules.top and (alone or section.options)):
            raise Refused(
                _("no key stands before the first section, so {key} cannot").format(key=op.key),
                cure=_(PROFILE),
            )
        self.check_new(section, op.key)
        line = op.key + self.separator(section.options) + self.written(op.key, op.value)
        following = successor([each.key for each in section.options], op.key)
        if following is not None:
            # With the indent of that key, which could become part of the value above it.
            option = next(option for option in section.options if option.key == following)
            floor = self.floor(section, option.start)
            at = above_comments(self.text, option.start, ("#", ";"), floor=floor)
            return new_line(self.text, at, option.lead + line)
        # A file without headers grows at its end, as a file of variables does.
        at = content_end(self.text) if alone else section.end
        return new_line(self.text, at, self.lead(section, at) + line)

    def lead(self, section: IniSection, at: int) -> str:
        """The indent of a new line behind the last key of a section."""
        lead = section.options[-1].lead if section.options and self.rules.blanks else ""
        if self.rules.continued:  # not less than that of the line below, which would go on with it
            below = _INDENT.match(self.text, at)
            lead = max(lead, below["lead"] if below else "", key=len)
        return lead

    def floor(self, section: IniSection, at: int) -> int:
        """Behind the key before that at `at`, or the header."""
        ends = [option.end for option in section.options if option.start < at]
        return max(ends, default=next_line(self.text, section.start) if section.name is not None else 0)

    def check_new(self, section: IniSection, key: str) -> None:
        if not _SAFE_KEY.fullmatch(key):
            raise Refused(_("{key} cannot be a key of this file").format(key=quoted(key)), cure=_(PROFILE))
        if section in self.sections:
            self.options((key,) if section.name is None else (section.name, key))
        for option in section.options:
            if self.same(key, option.key):
                self.require_spelling(key, option)
            if key.lower() in option.hidden:
                raise Refused(
                    _("{key} is there, but indented: to some programs it continues {other}").format(
                        key=key, other=option.key
                    ),
                    line=line_of(self.text, option.start),
                    cure=_("take the blanks away that the line of {key} begins with").format(key=key),
                )

    def new_section(self, name: str, values: dict[str, Value], *, first: bool) -> Splice:
        if not _SAFE_SECTION.fullmatch(name):
            raise Refused(
                _("{name} cannot be a section of an INI file").format(name=quoted(name)),
                cure=_(PROFILE),
            )
        for section in self.sections if self.rules.trimmed else ():
            if section.name is not None and self.same(section.name, name, section=True):
                raise Refused(
                    _("section [{name}] is there as [{other}]").format(name=name, other=section.name),
                    line=line_of(self.text, section.start),
                    cure=_("write it as [{name}]").format(name=name),
                )
        if any(option.key == name for option in self.sections[0].options):
            raise Refused(
                _("{name} is a key, expected a section").format(name=name),
                cure=_("give the key another name"),
            )
        new = IniSection(name, 0, 0)
        lines = [f"[{name}]"]
        for key, value in values.items():
            self.check_new(new, key)
            new.options.append(Option(key, 0, 0, 0, 0))
            lines.append(key + self.separator([]) + self.written(key, value))
        eol = eol_near(self.text, len(self.text))
        blank = not self.text or self.text.endswith((eol + eol, "\n\n"))
        if not first or not blank:
            lines.insert(0, "")
        return new_line(self.text, len(self.text), eol.join(lines))

    def separator(self, options: Sequence[Option]) -> str:
        """As in the last of these options, else in the last of the file, that has a value.

        Never a colon but to a program that knows nothing else, so a new key is read by more of them.
        """
        if not self.rules.blanks:
            return self.rules.separator
        every = [option for section in self.sections for option in section.options]
        for option in (*reversed(options), *reversed(every)):
            mark = option.separator.strip()
            if (
                not mark
                or not option.key
                or not self.first_line(option)
                or (mark == ":" and self.rules.careful)
            ):
                continue
            before, _mark, after = option.separator.partition(mark)
            return (" " if before else "") + mark + (" " if after else "")
        return self.rules.separator

    def lines_of(self, place: NodePath) -> Iterator[tuple[int, int]]:
        """The lines of a key, of each that has this name; or those of a section."""
        if len(place) > 1 or self.options(place):
            if self.options(place)[1:] and not self.rules.counts:
                self.option(place)
            for option in self.options(place) or [self.option(place)]:
                if option.trouble:
                    raise unfit(self.text, option)
                yield option.start, option.end
            return
        for section in self.named(str(place[0])) or [self.section(str(place[0]))]:
            start, end = section.start, section.end
            last = not self.text[end:].strip() or self.text[end:].lstrip("\r").startswith("\n")
            before = self.text[:start].removesuffix(eol_near(self.text, start))
            if last and start and (not before or before.endswith("\n")):  # the blank line above goes with it
                start = len(before)
            yield start, end

    def written(self, key: str, value: Value) -> str:
        """Raises `Refused` for what is no text, or has no form here."""
        new = self.rules.written(needs_text(key, value))
        if new is None or (new == "null" and "." in key and not self.rules.dots):
            raise Refused(
                _("the value of {key} cannot be written so that every program reads it as just that").format(
                    key=key
                ),
                cure=_("quotes, ; # % \\, line ends and blanks around a value have no safe form here"),
            )
        return new
