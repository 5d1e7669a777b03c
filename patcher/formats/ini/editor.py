"""INI files: sections of `key = value`, and keys before the first section.

The tree is a map: section -> map of key -> text, and the keys before the first header beside
the sections. Sections and keys keep their case; a key without `=` holds nothing. Two headers of
one name are one section, of two keys of one name the last counts; what is set twice is not
edited. A line indented deeper than the key above it continues its value (configparser's rule).

INI has no grammar that all its readers share, so what they read differently is never written,
and a value that has it (a comment in its line, quotes, `%`, several lines) is compared as it is
written.
"""

from __future__ import annotations

from collections.abc import Iterator

from patcher.errors import Refused
from patcher.formats.ini.plan import plan
from patcher.formats.lines.flat import Raw, line_syntax
from patcher.formats.ops import Node, Unordered
from patcher.formats.syntax import Syntax
from patcher.i18n import _


def _read(text: str) -> dict[str, Node]:
    """Every section and key, for the proof: line by line.

    Raises `Refused` for a header that does not close or is indented, and for a line that begins with `=`.
    """
    tree = Unordered()
    here: dict[str, Node] = tree
    named: set[str] = set()
    for number, lines in _logical(text):
        body = lines[0].strip()
        if body.startswith("["):
            if not lines[0].startswith("["):
                raise Refused(_("this section header is indented"), line=number)
            name, closed, tail = body[1:].partition("]")
            if not closed or not name or tail.strip()[:1] not in ("", "#", ";"):
                raise Refused(_("this is no section header"), line=number)
            if name in tree and name not in named:
                raise Refused(_("{name} is both a key and a section").format(name=name), line=number)
            named.add(name)
            inner = tree.setdefault(name, {})
            assert isinstance(inner, dict)  # named holds the sections
            here = inner
            continue
        equals, colon = body.find("="), body.find(":")
        at = min(equals, colon) if equals >= 0 and colon >= 0 else max(equals, colon)
        if at == 0:
            raise Refused(_("the line has no key"), line=number)
        key = body[:at].rstrip() if at > 0 else body
        here[key] = _meaning([body[at + 1 :], *lines[1:]], colon=at == colon) if at > 0 else None
    return tree


def _logical(text: str) -> Iterator[tuple[int, list[str]]]:
    """Headers and keys with the number of their line and the lines that continue them."""
    group: list[str] = []
    first = depth = 0
    for number, line in enumerate(text.split("\n"), 1):
        body = line.strip()
        if not body or body[0] in "#;":
            continue
        indent = len(line) - len(line.lstrip())
        if group and indent > depth and group[0].strip()[0] != "[" and _has_value(group[0]):
            group.append(body)
            continue
        if group:
            yield first, group
        group, first, depth = [line], number, indent
    if group:
        yield first, group


def _has_value(line: str) -> bool:
    return "=" in line or ":" in line


def _meaning(lines: list[str], *, colon: bool) -> Node:
    value = "\n".join(lines).strip() if len(lines) > 1 else lines[0].strip()
    unsure = (
        len(lines) > 1
        or value[:1] in ("#", ";", '"', "'", "`")
        or "%" in value
        or (colon and "=" in value)
        or any(blank + mark in value for blank in " \t" for mark in "#;")
    )
    return Raw(value) if unsure else value


SYNTAX: dict[str, Syntax] = {"ini": line_syntax(_read, plan)}
