"""How to write a YAML scalar so that all readers of YAML 1.1 and 1.2 take it for what it is."""

from __future__ import annotations

import re
from math import isfinite
from typing import Final

from patcher.cures import ANOTHER_VALUE
from patcher.errors import Refused
from patcher.formats.ops import Scalar
from patcher.i18n import _

_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that are, in some spelling, no text to some reader."""
_CAUTIOUS = re.compile(
    r"[-+]?(?:\.[0-9_]|[0-9])[-+0-9_.:,a-fox tz]*|[0-9]{4}-.*|[-+]?\.(?:inf|nan)", re.IGNORECASE | re.DOTALL
)
# No character that can be an indicator at the start; none that a reader could stumble over.
_SAFE = re.compile(
    r"[^\W\d_](?:[^\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff]*[^\s:])?|[\w./][^\x00-\x20\x7f-\xa0\u2028\u2029\ufeff:#]*"
)
_FLOW_UNSAFE = re.compile(r"[\[\]{},:?]")
# What is not printable is told rather than what is: a set of few ranges takes a fifth of the time to compile.
_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]*")
_ESCAPE = re.compile('[\\x00-\\x1f"\\\\\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]')
_NAMED: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def surely_text(text: str) -> bool:
    """Whether plain `text` is text to any reader, whatever it takes for a number or a date."""
    first = text[:1]
    if first.isalpha():
        return text.lower() not in _WORDS
    return first not in "~<=" and not _CAUTIOUS.fullmatch(text)


def plain_safe(text: str, *, flow: bool) -> bool:
    """Whether `text` may be written without quotes."""
    return (
        _SAFE.fullmatch(text) is not None
        and surely_text(text)
        and ": " not in text
        and " #" not in text
        and not text.startswith("...")
        and not (flow and _FLOW_UNSAFE.search(text))
    )


def written(value: Scalar, quote: str, spare: str, *, flow: bool) -> str:
    """A scalar as YAML text on one line.

    `quote` is the quote to use (empty: none where it can do without), `spare` the one to use
    where a string needs quotes. Raises `Refused` for a number that YAML cannot tell.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if not isfinite(value):
            raise Refused(
                _("the profile asks for a number that not all YAML readers know"), cure=_(ANOTHER_VALUE)
            )
        digits, _e, power = repr(value).partition("e")
        digits = digits if "." in digits else digits + ".0"
        return f"{digits}e{power if power[0] in '+-' else '+' + power}" if power else digits
    if not quote and plain_safe(value, flow=flow):
        return value
    if (quote or spare) == "'" and _PRINTABLE.fullmatch(value):
        return "'" + value.replace("'", "''") + "'"
    return '"' + _ESCAPE.sub(_escaped, value) + '"'


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    return _NAMED.get(char) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
