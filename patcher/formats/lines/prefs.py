"""Mozilla's preference files, `prefs.js` and `user.js`: `user_pref("name", value);`.

The tree is a flat map, name -> text, whole number or truth. `pref(...)` and `sticky_pref(...)` are
left alone, as are comments (`//`, `/* */`, `#`). A new preference goes after the last line that is
not blank. The grammar is that of Mozilla's own parser:
https://searchfox.org/mozilla-central/source/modules/libpref/parser/src/lib.rs
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from patcher.errors import Refused
from patcher.formats.lines.flat import LineEntry, Raw, flat_splices, line_syntax, needs_text
from patcher.formats.linewise import begins_line, ends_line, line_start, next_line
from patcher.formats.ops import Node, Op, Value
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice
from patcher.i18n import _

_STRING = r"""(?:"(?>(?:[^"\\\n]|\\.)*)"|'(?>(?:[^'\\\n]|\\.)*)')"""
_SKIP = r"(?>(?:\s++|//[^\n]*|\#[^\n]*|/\*.*?\*/)*)"
# A whole statement, with comments between any two of its words.
_PREF = re.compile(
    rf"""{_SKIP}(?P<what>user_pref|pref|sticky_pref){_SKIP}\({_SKIP}
    (?P<name>{_STRING}){_SKIP},{_SKIP}(?P<value>{_STRING}|true|false|[+-]?[0-9]+)
    (?P<rest>(?:{_SKIP},{_SKIP}(?:sticky|locked))*){_SKIP}\){_SKIP};""",
    re.VERBOSE | re.DOTALL,
)
# One word or sign of it, or what is skipped between these, which has no group.
_TOKEN = re.compile(
    rf"""\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/|(?P<string>{_STRING})|(?P<word>[A-Za-z_]+|[+-]?[0-9]+|[(),;])""",
    re.VERBOSE | re.DOTALL,
)
# A backslash with what it may stand before, or with nothing: that is an escape that means no character.
_ESCAPE = re.compile(r"""\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|(["'\\nr])|)""")
_LETTERS = {"n": "\n", "r": "\r"}
_QUOTE = '"'
_INT32 = range(-(2**31), 2**31)


def _splices(text: str, ops: Sequence[Op]) -> list[Splice]:
    """Raises `Refused` for a preference set twice, or a value of a fourth kind."""
    return flat_splices(text, list(_entries(text)), ops, _put, _add)


def _put(entry: LineEntry, value: Value) -> str:
    return _written(entry.key, value, entry.quote or _QUOTE)


def _add(key: str, value: Value) -> str:
    if not key:
        raise Refused(_("a preference needs a name"))
    return f"user_pref({_written(key, key, _QUOTE)}, {_written(key, value, _QUOTE)});"


def _written(key: str, value: Value, quote: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value in _INT32:
        return str(value)
    if not isinstance(value, str):
        raise Refused(
            _("{key} cannot be set: a preference is text, a whole number of 32 bits, true or false").format(
                key=key
            )
        )
    escaped = needs_text(key, value).replace("\\", "\\\\").replace(quote, "\\" + quote)
    return quote + escaped.replace("\n", "\\n") + quote


def _entries(text: str) -> Iterator[LineEntry]:
    """Every `user_pref`, for the planner: a pattern for the whole statement."""
    at = 0
    while found := _PREF.match(text, at):
        at = found.end()
        if found["what"] != "user_pref":
            continue
        start, end = found.start("what"), at
        if begins_line(text, start) and ends_line(text, end):  # alone on its lines
            start, end = line_start(text, start), next_line(text, end)
        quote = found["value"][0] if found["value"][0] in "\"'" else None
        name = _literal(found["name"])
        if isinstance(name, str):
            yield LineEntry(name, start, end, found.start("value"), found.end("value"), quote=quote)


def _read(text: str) -> Node:
    """Raises `Refused`, with the line, where the text is not a list of preferences."""
    return dict(_preferences(text))


def _preferences(text: str) -> Iterator[tuple[str, Node]]:
    """Every `user_pref`, for the proof: token by token."""
    tokens = _tokens(text)
    for what, line in tokens:
        if what not in ("user_pref", "pref", "sticky_pref"):
            raise Refused(_("this is no preference"), line=line)
        rest: list[str] = []
        for part, _line in tokens:
            rest.append(part)
            if part == ";":
                break
        match rest:
            case ["(", name, ",", value, ")", ";"] if name[0] in "\"'":
                pass
            case ["(", name, ",", value, ",", "sticky" | "locked", *_, ")", ";"] if what == "pref":
                pass
            case _:
                raise Refused(_('{what} is not followed by ("name", value);').format(what=what), line=line)
        key, leaf = _literal(name), _value(value)
        if not isinstance(key, str) or leaf is None:
            raise Refused(_("{what} has a name or value that is none").format(what=what), line=line)
        if what == "user_pref":
            yield key, leaf


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    at, line = 0, 1
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise Refused(_("this is no preference"), line=line)
        if found.lastgroup:
            yield found[0], line
        line += found[0].count("\n")
        at = found.end()


def _value(source: str) -> Node:
    if source[0] in "\"'":
        return _literal(source)
    if source in ("true", "false"):
        return source == "true"
    digits = source.lstrip("+-")
    return int(source) if digits.isdigit() and len(digits) <= 10 and int(source) in _INT32 else None


def _literal(source: str) -> str | Raw:
    """A string without its quotes; `Raw` for an escape that stands for no character."""
    wrong = False

    def meant(found: re.Match[str]) -> str:
        nonlocal wrong
        code = found[1] or found[2]
        wrong = wrong or not (code or found[3])
        return chr(int(code, 16)) if code else _LETTERS.get(found[3] or "", found[3] or "")

    value = _ESCAPE.sub(meant, source[1:-1])
    try:
        paired = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return Raw(source)
    return Raw(source) if wrong or "\0" in paired else paired


SYNTAX: dict[str, Syntax] = {"prefs": line_syntax(_read, _splices)}
