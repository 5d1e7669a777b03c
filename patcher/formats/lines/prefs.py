"""Mozilla's preference files, `prefs.js` and `user.js`: `user_pref("name", value);`.

The tree is a flat map, name -> text, whole number or truth. `pref(...)` and `sticky_pref(...)` are
left alone, as are comments (`//`, `/* */`, `#`). A new preference goes after the last line that is
not blank. The grammar is that of Mozilla's own parser:
https://searchfox.org/mozilla-central/source/modules/libpref/parser/src/lib.rs
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from patcher.cures import PROFILE
from patcher.errors import Refused
from patcher.formats.lines.flat import LineEntry, flat_splices, line_syntax, needs_text
from patcher.formats.lines.prefs_read import preferences
from patcher.formats.linewise import begins_line, ends_line, line_start, next_line
from patcher.formats.ops import Op, Value
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice
from patcher.i18n import _

_STRING = r"""(?:"(?>(?:[^"\\]|\\.)*)"|'(?>(?:[^'\\]|\\.)*)')"""
_SKIP = r"(?>(?:\s++|//[^\n]*|\#[^\n]*|/\*.*?\*/)*)"
# A whole statement, with comments between any two of its words.
_PREF = re.compile(
    rf"""{_SKIP}(?P<what>user_pref|pref|sticky_pref){_SKIP}\({_SKIP}
    (?P<name>{_STRING}){_SKIP},{_SKIP}(?P<value>{_STRING}|true|false|[+-]?[0-9]+)
    (?P<rest>(?:{_SKIP},{_SKIP}(?:sticky|locked))*){_SKIP}\){_SKIP};""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(x..|u....|.)", re.DOTALL)
_QUOTE = '"'
_INT32 = range(-(2**31), 2**31)


def _splices(text: str, ops: Sequence[Op]) -> list[Splice]:
    """Raises `Refused` for a preference set twice, or a value of a fourth kind."""
    return flat_splices(text, list(_entries(text)), ops, _put, _add)


def _put(entry: LineEntry, value: Value) -> str:
    return _written(entry.key, value, entry.quote or _QUOTE)


def _add(key: str, value: Value) -> str:
    if not key:
        raise Refused(_("a preference needs a name"), cure=_(PROFILE))
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
            ),
            cure=_(PROFILE),
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
        name = _ESCAPE.sub(_letter, found["name"][1:-1])
        yield LineEntry(name, start, end, found.start("value"), found.end("value"), quote=quote)


def _letter(escape: re.Match[str]) -> str:
    """What an escape stands for; the halves of a letter do not find each other."""
    code = escape[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else {"n": "\n", "r": "\r"}.get(code, code)


SYNTAX: dict[str, Syntax] = {"prefs": line_syntax(preferences, _splices)}
