"""The lexical part of TOML as compiled regexes: strings, keys, values, brackets.

It takes the text for valid, as the reader has read it before: what it cannot follow is refused,
but it does not look for every mistake.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from patcher.cures import BY_HAND, CORRECT
from patcher.errors import Refused
from patcher.formats.linewise import line_of
from patcher.i18n import _

DEPTH = 64

# The two multi-line kinds may end in up to five quotes: two of the value, three that close it
# (https://toml.io/en/v1.0.0#string; `mlb-quotes` and `mll-quotes` in its ABNF).
_ML_BASIC = r'"""(?>(?:[^"\\]++|\\[\s\S]|"{1,2}(?!"))*)"{3,5}'
_ML_LITERAL = r"'''(?>(?:[^']++|'{1,2}(?!'))*)'{3,5}"
_BASIC = r'"(?>(?:[^"\\\n]++|\\[^\n])*)"'
_LITERAL = r"'[^'\n]*+'"
STRING = rf"{_ML_BASIC}|{_ML_LITERAL}|{_BASIC}|{_LITERAL}"
_COMMENT = r"#[^\n]*+"
_PART = rf"[A-Za-z0-9_-]++|{_BASIC}|{_LITERAL}"
_KEY = rf"(?:{_PART})(?>(?:[ \t]*+\.[ \t]*+(?:{_PART}))*)"
# A bare value: a number, a date (which may hold one blank) or a word.
_BARE = r"""[^\s"'#,\[\]{}=]++(?>(?:[ \t]++[^\s"'#,\[\]{}=]++)*)"""

_BLANKS = rf"(?>(?:[ \t]*+(?:{_COMMENT})?\r?\n)*)[ \t]*+(?:{_COMMENT})?"
BLANK = re.compile(_BLANKS)
STATEMENT = re.compile(
    rf"(?P<key>{_KEY})[ \t]*+=[ \t]*+(?:(?P<value>{STRING}|{_BARE})|(?P<open>[\[{{]))"
    rf"|\[(?P<many>\[)?[ \t]*+(?P<name>{_KEY})[ \t]*+\](?(many)\])"
)
REST = re.compile(rf"[ \t]*+(?:{_COMMENT})?(?:\r?\n{_BLANKS}|\Z)")
_BARE_KEY = re.compile("[A-Za-z0-9_-]+")
_KEY_PART = re.compile(rf"[ \t]*+({_PART})[ \t]*+(\.?)")
MEMBER_KEY = re.compile(rf"({_KEY})[ \t]*+=[ \t]*+")
_VALUE = re.compile(rf"{STRING}|{_BARE}")
_GAP = re.compile(rf"(?>(?:[ \t\r\n]++|{_COMMENT})*)")
_BRACKET = re.compile(rf"(?>(?:[^\[\]{{}}\"'#]++|{STRING}|{_COMMENT})*)([\[\]{{}}])")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|(.))")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}


class KeyPart(NamedTuple):
    """A part of a key: what it means, and from where to where it is written."""

    name: str
    start: int
    end: int


def after_gap(text: str, at: int) -> int:
    """Where the blanks and comments from `at` on end."""
    found = _GAP.match(text, at)
    return found.end() if found else at


def value_end(text: str, at: int) -> int:
    """Where the value that begins at `at` ends."""
    if text[at : at + 1] in ("[", "{"):
        return close_of(text, at)
    found = _VALUE.match(text, at)
    if found is None:
        raise unparsable(text, at)
    return found.end()


def close_of(text: str, at: int) -> int:
    """The end of the array or inline table that opens at `at`."""
    depth, start = 1, at
    at += 1
    while depth:
        found = _BRACKET.match(text, at)
        if found is None:
            raise unparsable(text, start)
        depth += 1 if found[1] in "[{" else -1
        if depth > DEPTH:
            raise too_deep(line_of(text, start))
        at = found.end()
    return at


def parts(text: str, start: int, end: int) -> list[KeyPart]:
    """The parts of the key that is written from `start` to `end`."""
    raw = text[start:end]
    if _BARE_KEY.fullmatch(raw):
        return [KeyPart(raw, start, end)]
    found: list[KeyPart] = []
    at = start
    while at < end:
        part = _KEY_PART.match(text, at, end)
        if part is None:
            raise unparsable(text, at)
        found.append(KeyPart(name_of(part[1]), *part.span(1)))
        if len(found) > DEPTH:
            raise too_deep(line_of(text, start))
        at = part.end()
    return found


def name_of(raw: str) -> str:
    """What one part of a key means: TOML's escapes, in double quotes only."""
    if raw[0] == "'":
        return raw[1:-1]
    if raw[0] == '"':
        return _ESCAPE.sub(_unescaped, raw[1:-1])
    return raw


def _unescaped(found: re.Match[str]) -> str:
    digits = found[1] or found[2] or found[3]
    if digits:
        code = int(digits, 16)
        if code > 0x10FFFF:
            raise Refused(_("a key has an escape beyond Unicode"), cure=_(CORRECT))
        return chr(code)
    if found[4] not in _ESCAPED:
        raise Refused(_("a key has an escape that TOML does not know"), cure=_(CORRECT))
    return _ESCAPED[found[4]]


def unparsable(text: str, at: int) -> Refused:
    return Refused(
        _("this is not TOML as far as its editor can follow it"), line=line_of(text, at), cure=_(BY_HAND)
    )


def too_deep(line: int | None) -> Refused:
    return Refused(
        _("it is nested deeper than {depth} levels").format(depth=DEPTH), line=line, cure=_(BY_HAND)
    )
