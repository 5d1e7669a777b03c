"""Reading JSON5 (https://spec.json5.org): rewritten as JSON token by token, then parsed as JSON.

Structure is judged by the standard library's parser; here stand only the tokens, sections 3 to
8. Each keeps its line. Numbers are handed round the parser, so that they stay as they are spelt.
"""

from __future__ import annotations

import re
import unicodedata
from json import JSONDecoder

from patcher.cures import CORRECT
from patcher.errors import Refused
from patcher.formats.json.read import COMMENT, all_members, not_deep, parsed
from patcher.formats.ops import Node
from patcher.formats.text import line_of
from patcher.i18n import _

_BLANK = r"[\t\n\v\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"
_GAP = rf"(?>(?:{_BLANK}++|{COMMENT})*)"
_TOKEN = re.compile(
    rf"""
    (?P<same>(?>(?:[ \t\n\r:\]}}]++|"[^"\\\x00-\x1f]*+"|[\[{{](?!{_GAP},)|,(?!{_GAP}[,\]}}]))+))
    | (?P<blank>{_BLANK}++|{COMMENT})
    | (?P<string>"(?>(?:[^"\\\n\r]++|\\(?:\r\n|[\s\S]))*)"|'(?>(?:[^'\\\n\r]++|\\(?:\r\n|[\s\S]))*)')
    | (?P<lone>[\[{{,](?={_GAP}(?P<extra>,)))
    | (?P<trailing>,(?={_GAP}[\]}}]))
    | (?P<key>(?>(?:[^\s\ufeff"'\[\]{{}},:/\\+.\-]|\\u[0-9a-fA-F]{{4}})+))(?={_GAP}:)
    | (?P<word>[\w$+.\-]++)
    | (?P<other>[\s\S])
    """,
    re.VERBOSE,
)
_WORDS = {"null", "true", "false"}
_NUMBER = re.compile(
    r"[+-]?(?:Infinity|NaN|0[xX][0-9a-fA-F]+"
    r"|(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
)


def json5(text: str) -> Node:
    """Read JSON5; an empty text, or one of comments only, reads as None.

    Raises `Refused`, with the line.
    """
    numbers: list[bytes] = []

    def rewritten(match: re.Match[str]) -> str:
        kind, token = match.lastgroup, match[0]
        if kind == "same":
            return token
        if kind in {"blank", "trailing"}:
            return " " + "\n" * token.count("\n")
        if kind == "string":
            body = _as_json(token[1:-1])
            if body is not None:  # the line ends of a continued string are put behind it
                return f'"{body}"' + "\n" * token.count("\n")
        elif kind == "key":
            if _is_name(re.sub(r"\\u(....)", lambda escape: chr(int(escape[1], 16)), token)):
                return f'"{token}"'
        elif token in _WORDS:
            return token
        elif _NUMBER.fullmatch(token):
            numbers.append(token.encode())
            return "NaN"  # the parser asks what that is, from the first to the last
        at = match.start("extra" if kind == "lone" else 0)
        raise Refused(_wrong(kind, token), line=line_of(text, at), cure=_(CORRECT))

    plain = _TOKEN.sub(rewritten, text)
    spelt = iter(numbers)
    not_deep(plain)
    decoder = JSONDecoder(object_pairs_hook=all_members, parse_constant=lambda _name: next(spelt))
    return parsed(plain, decoder, "JSON5")


def _wrong(kind: str | None, found: str) -> str:
    if kind == "lone":
        return _("a comma with no value before it")
    if kind == "string":
        return _("a string with an escape that JSON5 does not know")
    if kind == "other" and found in "\"'":
        return _("a string that does not end on its line")
    return _("this is not JSON5")


_SPECIAL = re.compile(
    r"""\\(?:\r\n|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|0(?![0-9])|[^xu0-9])|\\|["\x00-\x1f]""", re.DOTALL
)
_SPELT = {"\\v": "\\u000b", "\\0": "\\u0000", '\\"': '\\"', "\\\\": "\\\\", '"': '\\"'}


def _as_json(body: str) -> str | None:
    """The inside of a JSON5 string as that of a JSON string; None where an escape is none."""
    if "\\" not in body and '"' not in body and body.isprintable():
        return body
    bad = False

    def rewritten(match: re.Match[str]) -> str:
        nonlocal bad
        part = match[0]
        if part in _SPELT:
            return _SPELT[part]
        if len(part) == 1:
            bad = bad or part == "\\"
            return f"\\u{ord(part):04x}"
        if part[1] == "x":
            return "\\u00" + part[2:]
        if part[1] in "bfnrtu":
            return part
        if part[1] in "\n\r\u2028\u2029":
            return ""
        return f"\\u{ord(part[1]):04x}" if part[1] < " " else part[1]

    result = _SPECIAL.sub(rewritten, body)
    return None if bad else result


_FIRST = {"Lu", "Ll", "Lt", "Lm", "Lo", "Nl"}
_LATER = _FIRST | {"Mn", "Mc", "Nd", "Pc"}


def _is_name(text: str) -> bool:
    """Whether it is an IdentifierName of ECMAScript 5.1, section 7.6."""
    if text.isascii():
        return text.replace("$", "_").isidentifier()
    return (text[0] in "$_" or unicodedata.category(text[0]) in _FIRST) and all(
        char in "$_\u200c\u200d" or unicodedata.category(char) in _LATER for char in text
    )
