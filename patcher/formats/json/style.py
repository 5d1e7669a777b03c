"""The habits of a JSON, JSONC or JSON5 file, and new text written in them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from json import JSONEncoder
from json.encoder import encode_basestring

from patcher.cures import ANOTHER_VALUE
from patcher.dataclass import dataclass
from patcher.errors import Refused
from patcher.formats.brackets import gap_between, has_newline
from patcher.formats.json.spans import MemberSpan, Spans
from patcher.formats.linewise import eol_near, indent_of
from patcher.formats.ops import Value
from patcher.i18n import _

_NESTED = re.compile(r"^([ \t]*+)[^\n]*[\[{][ \t]*+\r?\n([ \t]++)", re.MULTILINE)
_FLAT_MAP = re.compile(r"""\{([ \t]*)["'\w$][^\n{}]*\}""")
_NAME = re.compile(r"[A-Za-z_$][\w$]*", re.ASCII)


@dataclass
class JsonStyle:
    """How new text is written at one place."""

    spans: Spans
    near: Sequence[int]
    """The containers around the place that are not empty, the nearest first."""
    unit: str
    """One step of indent."""
    eol: str
    colon: str
    """Between key and value, blanks and all."""
    quote: str
    key_quote: str
    """Empty where keys stand without quotes."""
    trailing: bool
    """Whether the last member on lines of its own has a comma."""

    @cached_property
    def gap(self) -> str:
        """Behind a comma on a line."""
        gap = gap_between(self.spans.text, self.spans.members(self.near[0])) if self.near else None
        return gap if gap is not None else "" if self._compact() else " "

    @cached_property
    def pad(self) -> str:
        """Inside the braces of a map on one line."""
        text = self.spans.text
        for open_ in self.near:
            if text[open_] == "{" and not multiline(self.spans, open_):
                return " " if text[open_ + 1] in " \t" else ""
        match = _FLAT_MAP.search(text)
        if match:
            return " " if match[1] else ""
        return "" if self._compact() else " "

    def _compact(self) -> bool:
        return self.colon.endswith(":") and not (self.near and multiline(self.spans, self.near[0]))

    def key(self, name: str) -> str:
        if not self.key_quote and _NAME.fullmatch(name):
            return name
        return quoted(name, self.key_quote or self.quote)

    def value(self, value: Value, indent: str | None) -> str:
        """New text; `indent` is that of its first line, None keeps it all on that line."""
        if isinstance(value, str):
            return quoted(value, self.quote)
        if isinstance(value, dict):
            inner = self.inner(indent)
            colon = self.colon
            members = [self.key(key) + colon + self.value(item, inner) for key, item in value.items()]
            return self.container("{}", members, indent)
        if isinstance(value, list):
            if not any(isinstance(item, (dict, list)) and item for item in value):
                indent = None
            inner = self.inner(indent)
            return self.container("[]", [self.value(item, inner) for item in value], indent)
        if isinstance(value, float) and not math.isfinite(value):
            raise Refused(_("a number that is not finite cannot be written"), cure=_(ANOTHER_VALUE))
        return _ENCODE(value)

    def member(self, key: str | None, value: Value, indent: str | None) -> str:
        """A map's entry, or a list's item where there is no key."""
        return ("" if key is None else self.key(key) + self.colon) + self.value(value, indent)

    def inner(self, indent: str | None) -> str | None:
        return None if indent is None else indent + self.unit

    def container(self, brackets: str, members: Sequence[str], indent: str | None) -> str:
        if not members:
            return brackets
        if indent is None:
            pad = self.pad if brackets == "{}" else ""
            return brackets[0] + pad + ("," + self.gap).join(members) + pad + brackets[1]
        line = self.eol + indent + self.unit
        end = ("," if self.trailing else "") + self.eol + indent
        return brackets[0] + line + ("," + line).join(members) + end + brackets[1]


_ENCODE = JSONEncoder(ensure_ascii=False).encode
_HALF = re.compile(r"[\ud800-\udfff]")
_DOUBLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff]")
_PART = re.compile(r"\\.|'")


def quoted(text: str, quote: str) -> str:
    """A string of JSON, or of JSON5 where `quote` is the single one."""
    double: str = encode_basestring(text)
    if quote == '"' and text.isascii() and "\x7f" not in text:
        return double
    if not text.isascii() or "\x7f" in text:
        if _HALF.search(text):
            raise Refused(_("text with half a character cannot be written"), cure=_(ANOTHER_VALUE))
        double = _DOUBLE.sub(lambda m: f"\\u{ord(m[0]):04x}", double)
    if quote != "'" or ("'" in text and '"' not in text):
        return double
    swap = {'\\"': '"', "'": "\\'"}
    return "'" + _PART.sub(lambda m: swap.get(m[0], m[0]), double[1:-1]) + "'"


def multiline(spans: Spans, open_: int) -> bool:
    if spans.text[open_ + 1] in "\r\n":  # most of them: spare them the way to the end
        return True
    close = spans.close(open_)
    return spans.text.find("\n", open_, close) >= 0 or spans.text.find("\r", open_, close) >= 0


def style_at(spans: Spans, opens: Sequence[int], at: int) -> JsonStyle:
    """The habits at `at`, inside the containers `opens`: those of the nearest that shows them."""
    text = spans.text
    near = [open_ for open_ in reversed(opens) if not spans.empty(open_)]
    maps = [open_ for open_ in near if text[open_] == "{"] or _maps(spans)
    key = next((spans.members(open_)[-1] for open_ in maps), None)
    key_quote = '"' if key is None else text[key.start] if text[key.start] in "\"'" else ""
    wide = next((spans.members(open_) for open_ in near if multiline(spans, open_)), None)
    return JsonStyle(
        spans,
        near,
        unit=_unit(spans, near),
        eol=eol_near(text, at),
        colon=": " if key is None else _colon(text, key),
        quote='"' if key_quote == '"' else next(_quotes(spans, near), '"'),
        key_quote=key_quote,
        trailing=wide is not None and wide[-1].comma >= 0,
    )


def _others(spans: Spans) -> Iterator[int]:
    """All containers, found only when they are asked for."""
    yield from spans.opened()


def _maps(spans: Spans) -> Iterator[int]:
    """All maps with something in them."""
    return (open_ for open_ in _others(spans) if spans.text[open_] == "{" and not spans.empty(open_))


def _colon(text: str, member: MemberSpan) -> str:
    before, _, after = text[member.colon : member.value].partition(":")
    return (" " if before[:1].isspace() else "") + ":" + (" " if after[:1].isspace() else "")


def _unit(spans: Spans, near: Sequence[int]) -> str:
    text = spans.text
    for open_ in near:
        member, base = spans.members(open_)[0], indent_of(text, open_)
        own = indent_of(text, member.start)
        if has_newline(text[open_ : member.start]) and own.startswith(base) and own != base:
            return own[len(base) :]
    for match in _NESTED.finditer(text):
        if match[2].startswith(match[1]) and match[2] != match[1]:
            return match[2][len(match[1]) :]
    return "  "


def _quotes(spans: Spans, near: Sequence[int]) -> Iterator[str]:
    """The quotes of the values nearby, the nearest first, of the keys nearby, of all values."""
    for where, opens in (("value", near), ("start", near), ("value", _others(spans))):
        for open_ in opens:
            for member in reversed(spans.members(open_)[-8:]):
                mark = spans.text[getattr(member, where)]
                if mark in "\"'":
                    yield mark
