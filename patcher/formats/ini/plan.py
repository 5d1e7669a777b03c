"""Splices for INI files, where they write only what all their readers read alike."""

from __future__ import annotations

import re
from collections.abc import Sequence

from patcher.errors import Refused
from patcher.formats.ini.scan import IniSection, Option, scan
from patcher.formats.lines.flat import needs_text, the_only, unfit
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

# To some readers `${` and `%` begin a variable, and blanks at the ends are not of the value.
_SAFE_VALUE = re.compile(r"(?!\s)(?:[^\"'`;#%\\\n$]|\$(?!\{))*(?<!\s)")
_SAFE_KEY = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_./ -]*[A-Za-z0-9_./-])?")
_SAFE_SECTION = re.compile(r"(?!\s)[^\[\]#;\\\n]+(?<!\s)")


def plan(text: str, ops: Sequence[Op]) -> list[Splice]:
    """Raises `Refused` for what is set twice, or cannot be written for all readers alike."""
    return _Planner(text).plan(ops)


class _Planner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.sections = list(scan(text))

    def plan(self, ops: Sequence[Op]) -> list[Splice]:
        splices: list[Splice] = []
        sections: list[Splice] = []
        dropped: list[tuple[int, int]] = []
        # A new line at the end of the text goes behind what is put there.
        for op in sorted(ops, key=lambda op: isinstance(op, Add)):
            if isinstance(op, Add) and not op.place and isinstance(op.value, dict):
                sections.append(self.new_section(op.key, op.value, first=not sections))
            elif isinstance(op, Add) and len(op.place) <= 1:
                splices.append(self.new_option(op))
            elif isinstance(op, Put) and op.place:
                splices.append(self.put(self.option(op.place), op.value))
            elif isinstance(op, Drop) and op.place:
                dropped.append(self.lines_of(op.place))
            else:
                raise Refused(_("INI holds sections of keys and values, nothing nested deeper"))
        # A new section goes to the end, so behind what is added to the last one.
        splices += sections
        return [*splices, *remove_lines(self.text, dropped, splices)]

    def section(self, name: str | None) -> IniSection:
        found = [section for section in self.sections if section.name == name]
        if len(found) > 1:
            lines = [line_of(self.text, section.start) for section in found[:2]]
            raise Refused(
                _("section [{name}] stands on lines {first} and {second}").format(
                    name=name, first=lines[0], second=lines[1]
                ),
                line=lines[1],
                cure=_("make them one"),
            )
        return found[0]

    def option(self, place: NodePath) -> Option:
        """Raises `Refused` where the key, in any case, is there twice."""
        section = self.section(None if len(place) == 1 else str(place[0]))
        key = str(place[-1])
        found = [option for option in section.options if option.key.lower() == key.lower()]
        the_only(self.text, key, found)
        return found[0]

    def put(self, option: Option, value: Value) -> Splice:
        if option.trouble:
            raise unfit(self.text, option)
        new = _safe(option.key, value)
        if not option.separator:
            return Splice(option.value_start, option.value_end, self.separator([], new) + new)
        if ":" in option.separator and "=" in new:
            raise Refused(
                _("{key} is written with a colon, and some programs would split its new value at =").format(
                    key=option.key
                ),
                line=line_of(self.text, option.start),
            )
        lonely = option.separator.endswith(("=", ":")) and len(option.separator) > 1
        new = " " + new if lonely and not self.first_line(option) else new
        return Splice(option.value_start, option.value_end, new)

    def first_line(self, option: Option) -> str:
        return self.text[option.value_start : option.value_end].partition("\n")[0].strip()

    def new_option(self, op: Add) -> Splice:
        section = self.section(str(op.place[0]) if op.place else None)
        alone = len(self.sections) == 1
        if not op.place and not alone and not section.options:
            raise Refused(_("no key stands before the first section, so {key} cannot").format(key=op.key))
        self.check_new(section, op.key)
        value = _safe(op.key, op.value)
        line = op.key + self.separator(section.options, value) + value
        # Among the keys before the sections, only they count, not the sections.
        following = op.before if op.place else successor([each.key for each in section.options], op.key)
        if following is not None:
            # With the indent of that key, which could become part of the value above it.
            option = next(option for option in section.options if option.key == following)
            floor = self.floor(section, option.start)
            at = above_comments(self.text, option.start, ("#", ";"), floor=floor)
            return new_line(self.text, at, option.lead + line)
        line = (section.options[-1].lead if section.options else "") + line
        # A file without headers grows at its end, as a file of variables does.
        return new_line(self.text, content_end(self.text) if alone else section.end, line)

    def floor(self, section: IniSection, at: int) -> int:
        """Behind the key before that at `at`, or the header."""
        ends = [option.end for option in section.options if option.start < at]
        return max(ends, default=next_line(self.text, section.start) if section.name is not None else 0)

    def check_new(self, section: IniSection, key: str) -> None:
        if not _SAFE_KEY.fullmatch(key):
            raise Refused(_("{key} cannot be a key of an INI file").format(key=quoted(key)))
        for option in section.options:
            if key.lower() == option.key.lower():
                raise Refused(
                    _("{key} is there as {other}, and not every program tells them apart").format(
                        key=key, other=option.key
                    ),
                    line=line_of(self.text, option.start),
                )
            if key.lower() in option.hidden:
                raise Refused(
                    _("{key} is there, but indented: to some programs it continues {other}").format(
                        key=key, other=option.key
                    ),
                    line=line_of(self.text, option.start),
                )

    def new_section(self, name: str, values: dict[str, Value], *, first: bool) -> Splice:
        if not _SAFE_SECTION.fullmatch(name):
            raise Refused(_("{name} cannot be a section of an INI file").format(name=quoted(name)))
        for section in self.sections:
            if section.name is not None and section.name.strip().lower() == name.lower():
                raise Refused(
                    _("section [{name}] is there as [{other}]").format(name=name, other=section.name),
                    line=line_of(self.text, section.start),
                )
        if any(option.key == name for option in self.sections[0].options):
            raise Refused(_("{name} is a key, expected a section").format(name=name))
        new = IniSection(name, 0, 0)
        lines = [f"[{name}]"]
        for key, value in values.items():
            self.check_new(new, key)
            new.options.append(Option(key, 0, 0, 0, 0))
            new_value = _safe(key, value)
            lines.append(key + self.separator([], new_value) + new_value)
        eol = eol_near(self.text, len(self.text))
        blank = not self.text or self.text.endswith((eol + eol, "\n\n"))
        if not first or not blank:
            lines.insert(0, "")
        return new_line(self.text, len(self.text), eol.join(lines))

    def separator(self, options: Sequence[Option], value: str) -> str:
        """As in the last of these options, else in the last of the file, that has a value.

        Never a colon before a value with `=`, where some programs would split.
        """
        every = [option for section in self.sections for option in section.options]
        for option in (*reversed(options), *reversed(every)):
            mark = option.separator.strip()
            if mark and self.first_line(option) and not (mark == ":" and "=" in value):
                before, _mark, after = option.separator.partition(mark)
                return (" " if before else "") + mark + (" " if after else "")
        return " = "

    def lines_of(self, place: NodePath) -> tuple[int, int]:
        if len(place) > 1 or any(place[0] == option.key for option in self.sections[0].options):
            option = self.option(place)
            if option.trouble and not option.separator:
                raise unfit(self.text, option)
            return option.start, option.end
        section = self.section(str(place[0]))
        start, end = section.start, section.end
        last = not self.text[end:].strip() or self.text[end:].lstrip("\r").startswith("\n")
        before = self.text[:start].removesuffix(eol_near(self.text, start))
        if last and start and (not before or before.endswith("\n")):  # the blank line above goes with it
            start = len(before)
        return start, end


def _safe(key: str, value: Value) -> str:
    text = needs_text(key, value)
    if not _SAFE_VALUE.fullmatch(text):
        raise Refused(
            _("the value of {key} cannot be written so that every INI reader reads it alike").format(key=key),
            cure=_("quotes, ; # % \\, line ends and blanks around a value have no safe form"),
        )
    return text
