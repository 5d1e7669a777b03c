"""The one type that holds a key, and the one mask that everything shown goes through."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeGuard

from patcher.errors import UsageError

# A setting whose name says that its value is secret: name, separator, value in quotes or bare.
_NAMED = r"""
    (?P<head> [\w.@-]* (?i:key|token|secret|passw(?:or)?d|credential|authorization) s? \d* \\?["'`]?
              \s* (?: [:=]>? | , ) \s* \[? \s* )
    (?: (?P<quote> \\?["'`]) (?P<quoted> (?: \\. | (?! (?P=quote) ) . )+ )
      | (?P<plain> [^\s"'`,;\[\]{}<>\\]{6,} ) )
"""
# What looks like a key by itself: the well-known prefixes, bearer tokens, JSON web tokens, and
# long runs of mixed letters and digits.
_SHAPED = r"""
    (?P<shaped>
      \b (?: sk | pk | rk | gsk | xai | hf | ghp | gho | ghs | ghu | glpat | pplx | r8 | tgp )
         [-_] [A-Za-z0-9_-]{6,} (?![\w…-])
    | \b (?: AIza | AKIA | xox[abeoprs]-? | github_pat_ | eyJ ) [A-Za-z0-9_.-]{10,}
    | (?<= [Bb]earer\ ) [^\s"'`,]{6,}
    | \b (?= [A-Za-z_-]* \d ) (?= [\d_-]* [A-Za-z] ) [A-Za-z0-9_-]{32,} \b )
"""
_PREFIX = re.compile(r"sk-or-vv-|sk-or-v1-|sk-ant-|sk-proj-|[A-Za-z0-9]{2,4}[-_]")


class Secret:
    """A key. Shown it is `sk-or-vv-…a1b2`; `reveal()` is the only way to the whole of it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    @classmethod
    def parse(cls, text: str) -> Secret:
        """A key as a person hands it over. Raises `UsageError`, which never repeats it."""
        value = text.strip()
        if not value:
            raise UsageError("the key is empty")
        if not re.fullmatch(r"[!-~]+", value):
            raise UsageError("the key must be one word of plain letters, digits and signs; it is not")
        if len(value) < 8:
            raise UsageError("the key is too short to be one")
        return cls(value)

    def reveal(self) -> str:
        return self._value

    def __str__(self) -> str:
        return masked(self._value)

    __repr__ = __str__

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a Secret is not to be stored")


def masked(value: str) -> str:
    """A key as it may be shown: its family and its last four characters, of short ones nothing."""
    prefix = _PREFIX.match(value)
    if len(value) < 16:
        return "…"
    return f"{prefix.group() if prefix else ''}…{value[-4:]}"


def is_secret(value: object) -> TypeGuard[str]:
    """Whether the value of a key's setting is long enough to be a key and not `none` or the like."""
    return isinstance(value, str) and len(value) >= 6


class Mask:
    """Takes known keys, and whatever looks like one, out of a text that is to be shown."""

    def __init__(self, known: Iterable[str] = (), stand_in: str = "") -> None:
        """`stand_in` stands for a key that is not known yet; it is shown as `‹key›`."""
        self._stand_in = stand_in
        known = [*known, stand_in]
        words = sorted({word for word in known if len(word) >= 4}, key=len, reverse=True)
        # One pass over the text, so that nothing is masked twice.
        self._pattern = re.compile(
            "|".join([*[rf"(?P<known>{'|'.join(map(re.escape, words))})"][: bool(words)], _NAMED, _SHAPED]),
            re.VERBOSE,
        )
        self._known = re.compile("|".join(map(re.escape, words))) if words else None

    def __call__(self, text: str) -> str:
        return self._pattern.sub(self._hide, text)

    def _hide(self, found: re.Match[str]) -> str:
        if not found["head"]:
            return self._masked(found.group())
        value = found["quoted"] or found["plain"]
        if _is_harmless(value) and not (self._known and self._known.search(value)):
            return found.group()
        return f"{found['head']}{found['quote'] or ''}{self._masked(value)}"

    def _masked(self, value: str) -> str:
        if self._stand_in and self._stand_in in value:
            return value.replace(self._stand_in, "‹key›")
        return masked(value)


def _is_harmless(value: str) -> bool:
    """References to a key (`${{ secrets.NAME }}`, `$NAME`), addresses, numbers, plain words."""
    reference = re.match(r"\$|\{|https?://|env:|os\.environ|.*[…‹]", value)
    return bool(reference) or value.isalpha() or value.isdigit() or value in {"true", "false", "null"}
