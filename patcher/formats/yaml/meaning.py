"""What plain text means to readers of YAML 1.1 and 1.2, for the proof: both have to agree on it."""

from __future__ import annotations

import re
from typing import Final

from patcher.errors import Refused
from patcher.formats.ops import Scalar
from patcher.i18n import _

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that are, in some spelling, no text to some reader."""
_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,999})")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+][0-9]+)?")
_UNCLEAR = re.compile(
    r"""(?xi)
      <<|=                                                 # merge and value in YAML 1.1
    | [-+]?\.(?:inf|nan)
    | [-+]?0b[01_]+ | [-+]?0o[0-7_]+ | [-+]?0x[0-9a-f_]+   # other bases
    | [-+]?[0-9][0-9_,]*                                   # leading zeros, digit groups
    | [-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9_]+)(?:e[-+]?[0-9]+)?
    | [-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?     # sexagesimal
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:t|\s).*)?        # dates
    """,
)


def meaning(text: str) -> Scalar:
    """What plain `text` is to every reader of YAML 1.1 and 1.2.

    Raises `Refused` where they differ (`yes`, `0123`, `1e3`, `12:30`), and for dates and the like.
    """
    if text[:1].isalpha() and len(text) > 5:
        return text
    if text in _NULLS:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if not is_text(text):
        raise Refused(_("a value in it means different things to different YAML readers"), cure=_("quote it"))
    return text


def is_text(text: str) -> bool:
    """Whether plain `text` is a string to every reader."""
    first = text[:1]
    if first.isalpha():  # what begins with a letter is text, but for a few words
        return len(text) > 5 or text.lower() not in _WORDS
    if first and first not in "-+.<=~0123456789":
        return True
    return not (text in _NULLS or _UNCLEAR.fullmatch(text))
