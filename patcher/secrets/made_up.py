"""Made-up keys in the place of real ones: of the same form and length, and the same one for the same."""

from __future__ import annotations

import re
import secrets
import string

from patcher.secrets.key_format import FAMILY
from patcher.secrets.secret import replaced, with_family

_SHORTEST = 16
"""Letters; no service's key is shorter."""
_KEYSTROKE = re.compile(r"(?i)(?:ctrl|control|cmd|command|meta|alt|option|shift|super|leader)\b.*")


class MadeUp:
    """Puts made-up keys into texts. `kept` are values that only look like one; VseGPT's keys stay, too."""

    def __init__(self, kept: frozenset[str] = frozenset()) -> None:
        self._kept = kept
        self._made: dict[str, str] = {}
        self._ours: set[str] = set()

    def __call__(self, text: str, *, named: bool = True, binary: bool = False) -> str:
        """The text without known forms of keys, and, if `named`, without what has a secret's name."""
        return replaced(text, self._of_name if named else None, self._of_form, binary=binary)

    def _of_name(self, value: str) -> str:
        return value if _KEYSTROKE.fullmatch(value) else self._instead(value)

    def _of_form(self, value: str) -> str:
        is_long = len(value) >= _SHORTEST and any(letter.isdigit() for letter in value)
        return self._instead(value) if is_long else value

    def _instead(self, value: str) -> str:
        if value.startswith(FAMILY) or value in self._kept or value in self._ours:
            return value
        if value not in self._made:
            family, rest = with_family(value)
            self._made[value] = family + "".join(map(_other, rest))
            self._ours.add(self._made[value])
        return self._made[value]


def _other(letter: str) -> str:
    """Another letter of its kind: what has to be a number, or a word, is still one."""
    for kind in (string.digits, string.ascii_lowercase, string.ascii_uppercase):
        if letter in kind:
            return secrets.choice(kind)
    return letter
