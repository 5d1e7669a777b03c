"""The one type that holds a key, and the one mask that everything shown goes through."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TypeGuard

from patcher.errors import UsageError
from patcher.i18n import _

_WORDS = r"(?i:key|token|secret|passw(?:or)?d|credential|authorization)"
_NAMES_ONE = re.compile(_WORDS)
# A setting whose name says that its value is secret: name, separator, value in quotes or bare.
_NAMED = re.compile(
    rf"""(?x)
    (?P<head> (?<![\w.@-]) [\w.@-]* {_WORDS} s? \d*
              \\?["'`]?
              \s* (?: [:=]>? | , ) \s* \[? \s* )
    (?: (?P<quote> \\?["'`]) (?P<quoted> (?: (?! (?P=quote) ) (?: \\. | . ) )+ )
      | (?P<plain> [^\s"'`,;\[\]{{}}<>\\]{{6,}} ) )
    """
)
# What looks like a key by itself: the well-known prefixes, bearer tokens, JSON web tokens, and
# long runs of mixed letters and digits.
_KNOWN = r"""
      \b (?: sk | pk | rk | gsk | xai | hf | ghp | gho | ghs | ghu | glpat | pplx | r8 | tgp )
         [-_] [A-Za-z0-9_-]{6,} (?![\w…-])
    | \b (?: AIza | AKIA | xox[abeoprs]-? | github_pat_ | eyJ ) [A-Za-z0-9_.-]{10,}
    | (?<= [Bb]earer\ ) [^\s"'`,]{6,}
"""
_OF_KNOWN_FORM = re.compile(rf"(?x){_KNOWN}")
_AMONG_BYTES = re.compile(rf"(?x){_KNOWN}".replace(r"\b", ""))  # where texts stand side by side
_SHAPED = re.compile(
    rf"""(?x) {_KNOWN}
    | (?<![\w-]) (?= [A-Za-z_-]* \d ) (?= [\d_-]* [A-Za-z] ) (?= [\w-]*? [A-Za-z0-9]{{16}} )
      [A-Za-z0-9_-]{{32,}} (?![\w-])
    """
)
_PREFIX = re.compile(r"sk-or-vv-|sk-or-v1-|sk-ant-|sk-proj-|sk-|gsk_|xai-|hf_|gh[posu]_|AIza")


_NAME = re.compile(r"(?i:key|token|secret|passw(?:or)?d|credential)s?\Z")


def names_secret(name: object) -> bool:
    """Whether a setting's name says that what is in it is secret (`apiKeys`, `providerSecrets`)."""
    return isinstance(name, str) and _NAME.search(name) is not None


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
            raise UsageError(_("the key is empty"))
        if not re.fullmatch(r"[!-~]+", value):
            raise UsageError(_("the key must be one word of plain letters, digits and signs; it is not"))
        if len(value) < 8:
            raise UsageError(_("the key is too short to be one"))
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
        words = sorted({word for word in [*known, stand_in] if word}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, words))) if words else None

    def __call__(self, text: str) -> str:
        if self._known:
            text = self._known.sub(self._named, text)
        return covered(text, masked)

    def _named(self, found: re.Match[str]) -> str:
        return "‹key›" if found.group() == self._stand_in else masked(found.group())


def covered(text: str, cover: Callable[[str], str]) -> str:
    """The text with `cover` put over whatever looks like a key in it, by its name or by itself."""
    if _NAMES_ONE.search(text):  # most lines do not, and to look for the whole takes twice as long
        text = _NAMED.sub(lambda found: _hide(found, cover), text)
    return _SHAPED.sub(lambda found: cover(found.group()), text)


def replaced(
    text: str, named: Callable[[str], str] | None, formed: Callable[[str], str], *, binary: bool = False
) -> str:
    """The text with other keys in the place of those with a secret's name, and of those of a known form.

    Unlike `covered` it leaves long runs of letters and digits, which may be anything that has to stay. In
    what is `binary` a key may begin right behind another text.
    """
    if named is not None:
        text = _NAMED.sub(lambda found: _hide(found, named), text)
    form = _AMONG_BYTES if binary else _OF_KNOWN_FORM
    return form.sub(lambda found: formed(found.group()), text)


def with_family(key: str) -> tuple[str, str]:
    """A key in two: how those of its service begin, if that is known, and the rest."""
    prefix = _PREFIX.match(key)
    return (prefix.group(), key[prefix.end() :]) if prefix else ("", key)


def _hide(found: re.Match[str], cover: Callable[[str], str]) -> str:
    value = found["quoted"] or found["plain"]
    if _is_harmless(value):
        return found.group()
    return f"{found['head']}{found['quote'] or ''}{cover(value)}"


def _is_harmless(value: str) -> bool:
    """References to a key (`${{ secrets.NAME }}`, `$NAME`, `NAME`), addresses, numbers, words."""
    reference = re.match(r"\$|\{|https?://|env:|os\.environ|.*[…‹]|[A-Z][A-Z0-9_]*\Z", value)
    return bool(reference) or value.isalpha() or value.isdigit() or value in {"true", "false", "null"}
