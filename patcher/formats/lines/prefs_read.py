"""Reading Mozilla's preference files, for the proof: token by token, as Mozilla's own parser does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from patcher.cures import CORRECT
from patcher.errors import Refused
from patcher.formats.lines.flat import Raw
from patcher.formats.ops import Node, every_pair
from patcher.i18n import _

# One word or sign, or what is skipped between these, which has no group. A string may hold line ends.
_TOKEN = re.compile(
    r"""\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/
    |(?P<string>"(?>(?:[^"\\]|\\.)*)"|'(?>(?:[^'\\]|\\.)*)')
    |(?P<word>[A-Za-z_]+|[+-]?[0-9]+|[(),;])""",
    re.VERBOSE | re.DOTALL,
)
# A backslash with what it may stand before, or with nothing: that is an escape that means no character.
_ESCAPE = re.compile(r"""\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|(["'\\nr])|)""")
_LETTERS = {"n": "\n", "r": "\r"}
_INT32 = range(-(2**31), 2**31)


def preferences(text: str) -> Node:
    """Raises `Refused`, with the line, where the text is not a list of preferences."""
    return every_pair(_each(text))


def _each(text: str) -> Iterator[tuple[str, Node]]:
    """Every `user_pref`, token by token."""
    tokens = _tokens(text)
    for what, line in tokens:
        if what not in ("user_pref", "pref", "sticky_pref"):
            raise Refused(_("this is no preference"), line=line, cure=_(CORRECT))
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
                raise Refused(
                    _('{what} is not followed by ("name", value);').format(what=what),
                    line=line,
                    cure=_(CORRECT),
                )
        key, leaf = _literal(name), _value(value)
        if not isinstance(key, str) or leaf is None:
            raise Refused(
                _("{what} has a name or value that is none").format(what=what), line=line, cure=_(CORRECT)
            )
        if what == "user_pref":
            yield key, leaf


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    at, line = 0, 1
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise Refused(_("this is no preference"), line=line, cure=_(CORRECT))
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
