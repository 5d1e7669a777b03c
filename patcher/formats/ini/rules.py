"""What a dialect of INI allows, for planning an edit. The readers know the same by themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from patcher.dataclass import dataclass

_OUTER = re.compile(r"[\s\ufeff]|.*[\s\ufeff]\Z", re.DOTALL)
"""A blank at one of the ends."""


@dataclass(frozen=True)
class Rules:
    """How a program reads an INI file."""

    written: Callable[[str], str | None]
    """A value as it is written; None where it has no form that this program reads as just that."""
    separators: str = "="
    """The first of these in a line ends its key."""
    separator: str = " = "
    """What a new key gets where there is none to imitate."""
    comments: str = "#;"
    """What begins a line that is a comment."""
    glued: bool = False
    """Whether a comment begins behind a value without a blank between, too."""
    blanks: bool = True
    """Whether blanks at the ends of keys and values do not count."""
    continued: bool = False
    """Whether a line goes on with the value of the one above where it is indented deeper."""
    sections: bool = True
    indented: bool = True
    """Whether a header may be indented."""
    last_bracket: bool = False
    """Whether a header reaches to the last `]` of its line, not to the first."""
    open_header: bool = False
    """Whether a header without its `]` is one."""
    dots: bool = True
    """Whether a key with dots may be `null`: npm ini takes that for a section in a section."""
    tail: bool = True
    """Whether anything may stand behind a header."""
    trimmed: bool = True
    """Whether blanks at the ends of a section's name do not count."""
    top: bool = False
    """Whether keys may stand before the first header."""
    folded: Literal["", "keys", "names"] = ""
    """Which names are the same in any case: none, those of keys, those of sections, too."""
    trailing: bool = False
    """Whether blanks behind a value are a part of it."""
    quoted_lines: bool = False
    """Whether a value goes on in the next line behind a backslash or in a quote that is open."""
    counts: Literal["first", "last", ""] = "last"
    """Which of equal keys; "" where the program may fail on them."""
    careful: bool = False
    """Whether these rules are of several programs: what they read differently is refused."""


def _bare(pattern: str) -> Callable[[str], str | None]:
    whole = re.compile(pattern)

    def written(value: str) -> str | None:
        return value if whole.fullmatch(value) and not _OUTER.match(value) else None

    return written


def _npm(value: str) -> str:
    plain = re.fullmatch(r"(?![\"'])[^;#\\\n\u2028\u2029]*", value) and not _OUTER.match(value)
    return value if plain else json.dumps(value)


def _windows(value: str) -> str | None:
    if not value.isascii() or "\n" in value:
        return None
    quoted = len(value) > 1 and value[0] in "\"'" and value[0] == value[-1]
    return f'"{value}"' if quoted or _OUTER.match(value) else value


def _glib(value: str) -> str:
    text = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    return re.sub(r"\A | \Z", r"\\s", text)


def _qt(value: str) -> str | None:
    if not value.isascii():
        return None  # Latin-1 up to Qt 5, UTF-8 from then on
    text = "@" + value if value.startswith("@") else value
    if re.fullmatch(r"[^;,=\"\\\n]*", text) and not _OUTER.match(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


# Where a program fills something in (`%`, `${`), or takes comments behind values, by an option of its own.
_CONFIGPARSER = _bare(r"(?![#;])(?:[^%\n$;#]|\$(?!\{)|(?<=\S)[;#])*")

_CASED = Rules(_CONFIGPARSER, separators="=:", continued=True, last_bracket=True, trimmed=False, counts="")
RULES = {
    "npm-ini": Rules(_npm, comments=";#", glued=True, indented=False, tail=False, dots=False, top=True),
    "configparser": replace(_CASED, folded="keys"),
    "configparser-cased": _CASED,
    "windows": Rules(_windows, comments=";", last_bracket=True, folded="names", counts="first"),
    "glib": Rules(_glib, comments="#", tail=False, trailing=True, trimmed=False),
    "qt": Rules(_qt, comments=";", glued=True, open_header=True, quoted_lines=True),
}
"""By the dialects of INI, in order of how common they are."""

COMMON = Rules(
    # To some `${` and `%` begin a variable, a comma a list, `@` no text; outer blanks and quotes are lost.
    _bare(r"(?!@)(?:[^\"'`;#%\\\n\u2028\u2029$,]|\$(?!\{))*"),
    separators="=:",
    continued=True,
    top=True,
    dots=False,
    trailing=True,
    glued=True,
    folded="names",
    quoted_lines=True,
    counts="",
    careful=True,
)
"""For what several programs read alike."""

LINES = {
    "shell-gpt": Rules(_bare(r"[^\n]*"), separator="=", comments="#", blanks=False, sections=False, top=True),
    "tgpt": Rules(
        _bare(r"(?![\"'])[^\n]*(?<![\"'])"),
        separator="=",
        comments="#",
        sections=False,
        top=True,
        counts="",
    ),
    "npm-ini": replace(RULES["npm-ini"], separator="="),
}
"""By the dialects of KEY=VALUE."""
COMMON_LINES = Rules(
    _bare(r"(?![\"'`])[^;#\\\n\u2028\u2029]*(?<![\"'`])"),
    separator="=",
    comments="#;",
    top=True,
    glued=True,
    dots=False,
    counts="",
    careful=True,
)


def rules_of(name: str, dialects: Sequence[str]) -> Rules:
    """Those of one dialect of INI or KEY=VALUE; what all have in common, for several."""
    if len(dialects) > 1:
        return COMMON if name == "ini" else COMMON_LINES
    return (RULES if name == "ini" else LINES)[dialects[0]]
