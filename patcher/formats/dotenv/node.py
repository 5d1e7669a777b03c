"""What npm dotenv sees: `parse` of lib/main.js, the same pattern from 16.0 to 18.0.

https://github.com/motdotla/dotenv. White space is JavaScript's, and may hold line ends around the
sign and before a quote. A quote that does not close, or closes where more follows, is a part of the
value. Nothing fails: what is no assignment is passed over, a key alone too. `expanded` is what
dotenv-expand makes of it, as Next.js and Vite do.
"""

from __future__ import annotations

import re

from patcher.formats.lines.flat import Raw
from patcher.formats.ops import Node

_SPACE = "\t\n\v\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_ENDS = "\n\r\u2028\u2029"
_GAP = re.compile(f"[{_SPACE}]*+")
_BLANKS = re.compile(f"(?>(?:(?![{_ENDS}])[{_SPACE}])*)")
_END = re.compile(f"[{_ENDS}]")
_KEY = re.compile(r"[A-Za-z0-9_.-]++")
_EXPORT = re.compile(f"export[{_SPACE}]++")
_TRIMMED = re.compile(rf"\A[{_SPACE}]*+|(?<![{_SPACE}])[{_SPACE}]++\Z")
_BARE = re.compile(r"[^#\n]*+")
_QUOTES = "'\"`"
_OPENING = re.compile(rf"(?:\A|(?<=[{_ENDS}]))[{_QUOTES}]")


def read(text: str) -> dict[str, Node]:
    """The keys in the order in which they first come; the last value of each."""
    text = re.sub("\r\n?", "\n", text)
    found: dict[str, Node] = {}
    at = 0
    while at < len(text):
        at = _after(_GAP, text, at)
        head = _head(text, at)
        if head is not None:
            key, start = head
            found[key], at = _value(text, start)
            found.pop("__proto__", None)  # no key of an object in JavaScript
        end = _END.search(text, at)
        at = end.end() if end else len(text)
    return found


def expanded(text: str) -> dict[str, Node]:
    """Each value with a dollar sign depends on more than its line."""
    return {key: Raw(str(value)) if "$" in str(value) else value for key, value in read(text).items()}


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _head(text: str, at: int) -> tuple[str, int] | None:
    """The key of an assignment, and where its value begins; `export` may be a key itself."""
    for start in dict.fromkeys((_after(_EXPORT, text, at), at)):
        key = _KEY.match(text, start)
        if not key:
            continue
        sign = _after(_GAP, text, key.end())
        if text.startswith("=", sign):
            return key[0], sign + 1
        if text.startswith(":", key.end()) and _after(_GAP, text, key.end() + 1) > key.end() + 1:
            return key[0], key.end() + 2
    return None


def _value(text: str, start: int) -> tuple[str, int]:
    """A value, and where the rest of its line begins."""
    opening = _after(_GAP, text, start)
    if opening < len(text) and text[opening] in _QUOTES:
        closing = _closing(text, opening)
        if closing:
            return _meant(text[opening : closing + 1]), closing + 1
    end = _after(_BARE, text, start)
    return _meant(text[start:end]), end


def _closing(text: str, opening: int) -> int:
    """The last quote, up to one without a backslash, with nothing or a comment after it; 0 for none."""
    best, at = 0, text.find(text[opening], opening + 1)
    while at > 0:
        rest = _after(_BLANKS, text, at + 1)
        if rest == len(text) or text[rest] in _ENDS or text[rest] == "#":
            best = at
        if text[at - 1] != "\\":
            break
        at = text.find(text[opening], at + 1)
    return best


def _meant(source: str) -> str:
    value = _TRIMMED.sub("", source)
    bare = _unquoted(value)
    return bare.replace("\\n", "\n").replace("\\r", "\r") if value.startswith('"') else bare


def _unquoted(value: str) -> str:
    """Without the quotes that begin a line and those that end one, of which there may be more lines."""
    lasts = {mark: _last(value, mark) for mark in _QUOTES if mark in value}
    parts: list[str] = []
    at = 0
    for opening in _OPENING.finditer(value):
        last = lasts[opening[0]]
        if at <= opening.start() < last:
            parts += value[at : opening.start()], value[opening.end() : last]
            at = last + 1
    return "".join([*parts, value[at:]])


def _last(value: str, mark: str) -> int:
    """The last of these quotes that ends a line; -1 for none."""
    at = value.rfind(mark)
    while at >= 0 and at + 1 < len(value) and value[at + 1] not in _ENDS:
        at = value.rfind(mark, 0, at)
    return at
