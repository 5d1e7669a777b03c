"""Where the sections and keys of an INI file stand by the rules of a dialect, for planning an edit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field

from patcher.dataclass import dataclass
from patcher.errors import Refused
from patcher.formats.ini.rules import Rules
from patcher.formats.lines.flat import LineEntry
from patcher.formats.linewise import line_end, line_of, next_line
from patcher.i18n import N_, _

_BLANKS = " \t"
_ODD = frozenset(
    "\v\f\x1a\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
"""Blanks to some readers."""
_BEHIND = "".join(_ODD - {"\x1a", "\x1c", "\x1d", "\x1e", "\x1f", "\x85"})
"""What npm ini takes for blanks."""
_SPACED_COMMENT = re.compile(r"(?:^|(?<=[ \t]))[#;]")
_GLUED_COMMENT = re.compile(r"(?<!\\)[#;]")
# Not an option of a command (`--x=1`), a text in quotes, or a requirement (`x==1`, `x>=1`).
_HIDDEN = re.compile(r"[ \t]*(?P<key>(?![-\"'])[^\s=:<>~!]+)[ \t]*=(?!=)")


@dataclass
class Option(LineEntry):
    """A key; `hidden` are the keys that other readers see in the lines that continue it.

    `comment` is what stands behind the value, `whole_end` where that ends.
    """

    hidden: set[str] = field(default_factory=set)
    comment: str = ""
    whole_end: int = 0


@dataclass
class IniSection:
    """A header (`name` is None: what stands before the first) and the keys below it.

    `start` is where the header begins, `end` where a new key goes.
    """

    name: str | None
    start: int
    end: int
    options: list[Option] = field(default_factory=list)
    loose: int = 0
    """Behind the comments that follow the header at once."""
    odd: int = 0
    """Behind the first letter of a line that begins with a blank to some, with a letter to others."""


def scan(text: str, rules: Rules) -> Iterator[IniSection]:
    """The sections of a text that a reader has accepted; first always the nameless one."""
    section = IniSection(None, 0, 0)
    option: Option | None = None
    depth = 0
    commented = False  # after a comment that may belong to the value it stands in
    near = False  # nothing but comments since the header, so far
    at = 0
    while at < len(text):
        start, at, end = at, next_line(text, at), line_end(text, at)
        line = text[start:end] if rules.trailing else text[start:end].rstrip(_BLANKS)
        body = line.strip(_BLANKS)
        indent = len(line) - len(line.lstrip(_BLANKS))
        if rules.quoted_lines and (line.endswith("\\") or line.replace('\\"', "").count('"') % 2):
            raise Refused(
                _("the value goes on in the next line"),
                line=line_of(text, start),
                cure=_("write it on one line"),
            )
        if not body or (body[0] in rules.comments and (rules.blanks or not indent)):
            near = near and body != ""
            section.loose = at if near else section.loose
            commented = commented or body != ""
            continue
        if body[0] in _ODD:
            if body.strip()[:1] not in {"", *rules.comments}:
                section.odd = section.odd or start + 1
            continue
        if rules.continued and option and indent > depth:
            if option.separator:
                _continue(option, line, start + len(line), rules, commented=commented)
                section.end = option.end = at
                continue
            option.trouble = N_("stands alone above an indented line, which could become part of a value")
        name = _header(line, body, rules)
        if name is not None:
            if rules.careful and text[end - 1] in _ODD | {*_BLANKS}:
                raise Refused(
                    _("there is a blank behind the header, which not every version of the program takes"),
                    line=line_of(text, start),
                    cure=_("take it away"),
                )
            # Comments that run from one header into the next belong to the next.
            yield _closed(section, touching=near)
            section, option, near = IniSection(name, start, at), None, True
            section.loose = at
            continue
        option, depth, commented, near = _option(line, indent, start, at, rules), indent, False, False
        section.options.append(option)
        section.end = at
    yield _closed(section, touching=False)


def _header(line: str, body: str, rules: Rules) -> str | None:
    """The section that a line begins, if it does."""
    if not rules.sections or body[0] != "[" or (line[0] != "[" and not rules.indented):
        return None
    close = body.rfind("]") if rules.last_bracket else body.find("]")
    if close < 0 and rules.open_header:
        return body[1:].strip()
    if close < 0 or (body[close + 1 :].strip(_BEHIND) and not rules.tail):
        return None
    return body[1:close].strip() if rules.trimmed else body[1:close]


def _closed(section: IniSection, *, touching: bool) -> IniSection:
    if not section.options and section.name is not None and not touching:
        section.end = section.loose
    return section


def _option(line: str, indent: int, start: int, end: int, rules: Rules) -> Option:
    places = [place for mark in rules.separators if (place := line.find(mark, indent)) >= 0]
    sign = min(places, default=len(line))
    key = line[indent:sign]
    key = key.rstrip(_BLANKS) if rules.blanks else key
    key_end = indent + len(key)
    if not places:
        return Option(
            key, start, end, start + key_end, start + key_end, lead=line[:indent], whole_end=start + key_end
        )
    rest = line[sign + 1 :]
    value_start = sign + 1 + (len(rest) - len(rest.lstrip(_BLANKS)) if rules.blanks else 0)
    rest = line[value_start:]
    comment = _GLUED_COMMENT if rules.glued else _SPACED_COMMENT
    quoted = len(rest) > 1 and rest[0] in "\"'" and rest[-1] == rest[0]
    found = comment.search(rest) if rules.blanks and not quoted else None
    value = rest[: found.start()].rstrip(_BLANKS) if found else rest
    trouble = ""
    if rules.careful and line[sign] == ":" and "=" in rest:
        trouble = N_("has both : and = in its line, and programs differ on where the value begins")
    return Option(
        key,
        start,
        end,
        start + value_start,
        start + value_start + len(value),
        line[key_end:value_start],
        None,
        line[:indent],
        trouble,
        comment=rest[found.start() :] if found else "",
        whole_end=start + len(line),
    )


def _continue(option: Option, line: str, end: int, rules: Rules, *, commented: bool) -> None:
    """The line of a value that goes on, which ends at `end` without its line end."""
    hidden = _HIDDEN.match(line)
    if hidden:
        option.hidden.add(hidden["key"].lower())
    if rules.careful:
        option.trouble = N_("is followed by indented lines, which some programs take for a part of its value")
    elif hidden:
        option.trouble = N_("is followed by indented keys, which are a part of its value here")
    elif line.lstrip().startswith("["):
        option.trouble = N_("is followed by an indented header, which is a part of its value here")
    elif commented:
        option.trouble = N_("has a comment among the lines of its value")
    option.value_end = option.whole_end = end
    option.comment = ""
