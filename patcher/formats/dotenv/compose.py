"""What docker compose sees: dotenv/parser.go of compose-go 2.0 to 2.13, and template/template.go.

https://github.com/compose-spec/compose-go. What it cannot read makes it fail on the whole file. After
the closing quote the next assignment may stand on the same line. A key alone has the value that it has
in the environment; a value with a variable depends on the environment, too.
"""

from __future__ import annotations

import re
import unicodedata

from patcher.errors import Refused
from patcher.formats.lines.flat import Raw
from patcher.formats.linewise import line_of
from patcher.formats.ops import Node
from patcher.i18n import _

_TITLE = "docker compose"
_BLANK = "\t\v\f\r \x85\xa0"
_SPACE = _BLANK + "\n\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_SPACE += "\u2028\u2029\u202f\u205f\u3000"
_EXPORT = re.compile(r"export(?=[\t\n\f\r ])")
_ESCAPE = re.compile(r'\\(?:[abcfnrtv$"\\]|0[0-9]{0,3})')
_ESCAPES = {
    **dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True)),
    "$": "$$",
    '"': '"',
    "\\": "\\",
}
_NAME = "[_A-Za-z\u017f\u212a][_A-Za-z0-9\u017f\u212a]*+"
_VARIABLE = re.compile(
    rf"\$(?:(?P<escaped>\$)|(?P<named>{_NAME})|\{{(?:(?P<braced>{_NAME})(?::?(?P<more>[-+?])|\}}))?)"
)


def read(text: str) -> dict[str, Node]:
    """Raises `Refused`, with the line, for what docker compose fails on."""
    found: dict[str, Node] = {}
    at = 0
    while (at := _statement(text, at)) < len(text):
        key, start, alone = _key(text, at)
        if " " in key:
            raise _unfit(text, at)
        if alone:
            found.setdefault(key, None)
            at = start
        else:
            found[key], at = _value(text, start)
    return found


def _unfit(text: str, at: int) -> Refused:
    return Refused(
        _("{program} cannot read this line, and so nothing of the file").format(program=_TITLE),
        line=line_of(text, at),
        cure=_("make it KEY=value, or put # before it"),
    )


def _skip(text: str, at: int, chars: str) -> int:
    while at < len(text) and text[at] in chars:
        at += 1
    return at


def _statement(text: str, at: int) -> int:
    """Where the next assignment begins: behind white space and comments."""
    at = _skip(text, at, _SPACE)
    while text.startswith("#", at):
        end = text.find("\n", at)
        at = len(text) if end < 0 else _skip(text, end, _SPACE)
    return at


def _key(text: str, at: int) -> tuple[str, int, bool]:
    """The key, where its value begins, and whether it stands alone."""
    if _EXPORT.match(text, at):
        at = _skip(text, at + len("export"), _BLANK)
    if at == len(text):
        raise _unfit(text, at - 1)
    for place in range(at, len(text)):
        char = text[place]
        if char in "=:\n":
            return text[at:place].rstrip(_SPACE), _skip(text, place + 1, _BLANK), char == "\n"
        if char not in _BLANK and char not in "_.-[]" and unicodedata.category(char)[0] not in "LN":
            raise _unfit(text, place)
    return "", _skip(text, at, _BLANK), False  # the text ends: it takes the key for a value without one


def _value(text: str, at: int) -> tuple[Node, int]:
    """A value, and where the text goes on."""
    mark = text[at : at + 1]
    if mark not in ("'", '"'):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        source = text[at:end].partition(" #")[0].rstrip(_SPACE)
        return _filled(source, text, at), end + 1
    inside: list[str] = []
    place = at + 1
    while place < len(text) and text[place] != mark:
        if text[place] == "\\" and place + 1 < len(text):
            inside.append(mark if text[place + 1] == mark else text[place : place + 2])
            place += 1
        else:
            inside.append(text[place])
        place += 1
    if place >= len(text):
        raise Refused(
            _("the quote that opens here does not close"),
            line=line_of(text, at),
            cure=_("close it, or take it away"),
        )
    value = "".join(inside)
    meant: Node = value if mark == "'" else _filled(_ESCAPE.sub(_escaped, value), text, at)
    return meant, place + 1


def _escaped(found: re.Match[str]) -> str:
    r"""What a sequence stands for: `\0` takes three digits that are octal; `\c` stays."""
    code = found[0][1:]
    if code[0] != "0":
        return _ESCAPES.get(code, found[0])
    digits = code[1:]
    known = len(digits) == 3 and not digits.strip("01234567") and int(digits, 8) < 256
    return chr(int(digits, 8)) if known else found[0]


def _filled(value: str, text: str, at: int) -> str | Raw:
    """The value with `$$` as one sign; `Raw` with a variable in it. Raises `Refused` for no variable."""
    parts: list[str] = []
    filled = False
    end = eol = last = 0
    while found := _VARIABLE.search(value, end):
        parts.append(value[end : found.start()])
        end = found.end()
        if found["escaped"]:
            parts.append("$")
            continue
        if found["more"] and end >= eol:  # the last brace of this line closes it, whatever is inside
            eol = value.find("\n", end) if "\n" in value[end:] else len(value)
            last = value.rfind("}", end, eol)
        if not found["named"] and (not found["braced"] or (found["more"] and last < end)):
            raise Refused(
                _("{program} takes this for a variable without a name or an end").format(program=_TITLE),
                line=line_of(text, at),
                cure=_("write $$ for a dollar sign"),
            )
        filled = True
        if found["more"]:
            end = _brace(value, found.start(), last + 1)
    return Raw(value) if filled else "".join([*parts, value[end:]])


def _brace(value: str, start: int, end: int) -> int:
    """Behind the brace that closes the one behind `start`, where a default holds more of them."""
    depth = 0
    place = start
    while place < end:
        if value[place] == "}":
            depth -= 1
            if depth == 0:
                return place + 1
        elif value[place] == "{":
            depth += 1
            place += 1
        place += 1
    return end
