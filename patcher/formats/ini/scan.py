"""Where the sections and keys of an INI file stand, for planning an edit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field

from patcher.dataclass import dataclass
from patcher.formats.lines.flat import BLANK, LineEntry
from patcher.i18n import N_

# A line that is blank or a comment, a header, or a key with what is behind it.
_LINE = re.compile(
    rf"""(?P<lead>{BLANK}*)(?:
        (?P<empty>(?:[\#;][^\n]*)?\r*(?=\n|\Z))
      | \[(?P<header>[^\]\n]*)\][^\n]*
      | (?P<name>[^=:\n]*+)(?P<mark>[=:]{BLANK}*)?(?P<rest>[^\n]*)
    )\n?""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"(?:^|[^\S\r\n])[#;]")
# Not an option of a command (`--x=1`), a text in quotes, or a requirement (`x==1`, `x>=1`).
_HIDDEN = re.compile(rf"{BLANK}*(?P<key>(?![-\"'])[^\s=:<>~!]+){BLANK}*=(?!=)")


@dataclass
class Option(LineEntry):
    """A key; `hidden` are the keys that other readers see in the lines that continue it."""

    hidden: set[str] = field(default_factory=set)


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


def scan(text: str) -> Iterator[IniSection]:
    """The sections of a text that the reader has accepted; first always the nameless one."""
    section = IniSection(None, 0, 0)
    option: Option | None = None
    depth = 0
    commented = False  # after a comment that may belong to the value it stands in
    near = False  # nothing but comments since the header, so far
    at = 0
    while at < len(text):
        found = _LINE.match(text, at)
        assert found is not None  # each part of the pattern may be empty
        start, at = at, found.end()
        if found["empty"] is not None:
            near = near and found["empty"].strip() != ""
            section.loose = at if near else section.loose
            commented = commented or found["empty"].strip() != ""
            continue
        indent = len(found["lead"])
        if option and option.separator and indent > depth:
            _continue(option, found, commented=commented)
            section.end = option.end
            continue
        if option and indent > depth:
            option.trouble = N_("stands alone above an indented line, which could become part of a value")
        if found["header"] is not None:
            # Comments that run from one header into the next belong to the next.
            yield _closed(section, touching=near)
            section, option, near = IniSection(found["header"], start, at), None, True
            section.loose = at
            continue
        option, depth, commented, near = _option(found, start, at), indent, False, False
        section.options.append(option)
        section.end = at
    yield _closed(section, touching=False)


def _closed(section: IniSection, *, touching: bool) -> IniSection:
    if not section.options and section.name is not None and not touching:
        section.end = section.loose
    return section


def _option(found: re.Match[str], start: int, end: int) -> Option:
    name, rest = found["name"].rstrip(), found["rest"].rstrip()
    key_end = found.start("name") + len(name)
    if found["mark"] is None:
        return Option(name, start, end, key_end, key_end, lead=found["lead"])
    value_start = found.start("rest")
    separator = found.string[key_end:value_start]
    trouble = ""
    if _COMMENT.search(rest):
        trouble = N_("has a comment behind it, which some programs take for a part of the value")
    elif found["mark"][0] == ":" and "=" in rest:
        trouble = N_("has both : and = in its line, and programs differ on where the value begins")
    value_end = value_start + len(rest)
    return Option(name, start, end, value_start, value_end, separator, None, found["lead"], trouble)


def _continue(option: Option, found: re.Match[str], *, commented: bool) -> None:
    line = found[0].rstrip()
    hidden = _HIDDEN.match(line)
    if hidden:
        option.hidden.add(hidden["key"].lower())
        option.trouble = N_("is followed by indented keys, which some programs take for its value")
    elif line.lstrip().startswith("["):
        option.trouble = N_("is followed by an indented header, which some programs take for its value")
    elif commented:
        option.trouble = N_("has a comment among the lines of its value")
    option.end = found.end()
    option.value_end = found.start() + len(line)
