"""How programs take a dotenv file apart, as far as an edit depends on it: data, by dialect."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, replace
from re import Pattern
from typing import Literal

from patcher.dataclass import dataclass

_JS = "\t\n\v\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_GO = "\t\v\f\r \x85\xa0"
_GO_SIGN = f"[{_GO}]*[=:]"
_GO_LEAD = rf"(?P<lead>[{_GO}\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*(?:export[{_GO}]+)?)"


def _quoted(quotes: str, inside: str, after: str = "") -> Mapping[str, Pattern[str]]:
    """By the quote, a value in it; `@` stands for the quote."""
    return {mark: re.compile(f"@{inside}@{after}".replace("@", mark), re.DOTALL) for mark in quotes}


_NEVER = re.compile(r"(?!)")
_TAIL = r"(?=[^\S\n]*(?:\#[^\n]*)?(?:\n|\Z))"
_UP_TO_PLAIN = r"(?>(?:[^@\\]++|\\@?)*)"
"""Up to a quote without a backslash."""
_BACK_TO_ESCAPED = r"(?:\\@|[^@\\]++|\\)*"
"""The same; where that leads nowhere, back to one with it."""
_IN_PAIRS = r"(?>(?:[^@\\]++|\\.)*)"
"""A backslash goes with what follows."""


@dataclass(frozen=True)
class Grammar:
    """One program; patterns match where the scanner stands, and the sign with the ASCII blanks behind it."""

    title: str
    head: Pattern[str]
    """What may stand before a key, and the `key`, or an `inner` one in quotes."""
    sign: Pattern[str]
    gap: Pattern[str]
    """What may stand between the sign and a quote."""
    quoted: Mapping[str, Pattern[str]]
    unclosed: Literal["text", "line", "file"]
    """What a quote that does not close spoils; `text`: nothing, it is a part of the value."""
    after_quote: Literal["text", "line", "next"]
    """What more text behind a closing quote makes of it; `next`: the next assignment."""
    hash: Pattern[str] = re.compile(r"(?<=[^\S\n])\#")
    """Where a comment begins behind a value without quotes, to a person or to the program."""
    commented: Pattern[str] = re.compile(r"[ \t]+\#")
    """A comment behind a value without quotes that the program takes for one."""
    commented_quoted: Pattern[str] = re.compile(r"[^\S\n]*\#")
    commented_empty: Pattern[str] = _NEVER
    """The same behind a value in quotes, and behind none."""
    alone: bool = True
    """Whether a key without a sign is one, as it is where the environment may have its value."""
    strict: bool = False
    """Whether a line that is no assignment makes the program fail on the whole file."""
    name: Pattern[str] = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
    safe: Mapping[str, Pattern[str]] = field(default_factory=dict)
    """What is taken literally, by the quote round it."""


_SAFE = {
    "": re.compile(r"[A-Za-z0-9_./:@+,-]*"),
    "'": re.compile(r"(?:[^'\\\n]|\\(?![\\']|\Z))*"),
    '"': re.compile(r'[^"\\$`]*'),
}
"""In double quotes `\\n` is the one escape that all know."""
_PYTHON_SAFE = _SAFE | {"'": re.compile(r"(?:[^'\\\n$]|\\(?![\\']|\Z)|\$(?!\{))*")}
"""`${` is a variable to python-dotenv in single quotes, too."""
_PYTHON_HEAD = re.compile(
    r"(?P<lead>[^\S\n]*(?:export[^\S\n]+)?)(?:'(?P<inner>[^']+)'|(?P<key>[^=\#\s'][^=\#\s]*+))"
)

NODE = Grammar(
    title="npm dotenv",
    head=re.compile(rf"(?P<lead>[{_JS}]*?(?:export[{_JS}]+)?)(?P<key>[A-Za-z0-9_.-]++)"),
    sign=re.compile(rf"(?:[{_JS}]*+=|:(?:\r\n|[{_JS}]))[ \t]*"),
    gap=re.compile(rf"[{_JS}]*+"),
    quoted=_quoted("'\"`", _BACK_TO_ESCAPED, _TAIL),
    unclosed="text",
    after_quote="text",
    hash=re.compile(r"\#"),
    commented_empty=re.compile(r"[ \t]*\#"),
    alone=False,
    name=re.compile(r"(?!__proto__\Z)[A-Za-z_][A-Za-z0-9_.-]*"),
    safe=_SAFE | {'"': re.compile(r'[^"\\`]*'), "`": re.compile(r"[^`\\\n]*")},
)
NODE_EXPAND = replace(
    NODE,
    title="npm dotenv-expand",
    safe={mark: re.compile(rf"(?!.*\$){safe.pattern}", re.DOTALL) for mark, safe in NODE.safe.items()},
)
PYTHON = Grammar(
    title="python-dotenv",
    head=_PYTHON_HEAD,
    sign=re.compile(r"[^\S\n]*=[ \t]*"),
    gap=re.compile(r"[^\S\n]*"),
    quoted=_quoted("'\"", _IN_PAIRS),
    unclosed="line",
    after_quote="line",
    commented_empty=re.compile(r"[ \t]+\#"),
    safe=_PYTHON_SAFE,
)
PYTHON_OLD = replace(
    PYTHON, title="python-dotenv 1.2.2", quoted=_quoted("'\"", _BACK_TO_ESCAPED), commented_empty=_NEVER
)
COMPOSE = Grammar(
    title="docker compose",
    head=re.compile(rf"{_GO_LEAD}(?P<key>[\w.\[\]-]*+(?>(?:[\t\v\f\x85\xa0]++[\w.\[\]-]++)*))"),
    sign=re.compile(rf"{_GO_SIGN}[ \t]*"),
    gap=re.compile(rf"[{_GO}]*"),
    quoted=_quoted("'\"", _IN_PAIRS),
    unclosed="file",
    after_quote="next",
    commented=re.compile(r"[ \t]* \#"),
    strict=True,
    safe=_SAFE,
)
GO = replace(
    COMPOSE,
    title="godotenv",
    head=re.compile(rf"{_GO_LEAD}(?P<key>[\w.]*+(?>(?:[{_GO}]++[\w.]++)*))"),
    quoted=_quoted("'\"", _UP_TO_PLAIN),
    commented=re.compile(rf"[ \t]+\#(?![^\n]*[{_GO}]\#)"),  # its last # counts
    alone=False,
    name=re.compile(r"[A-Za-z_][A-Za-z0-9_.]*"),
)
DECOUPLE = Grammar(
    title="python-decouple",
    head=re.compile(r"(?P<lead>[^\S\n]*)(?P<key>[^=\#\s][^=\n]*?)(?=[^\S\n]*(?:=|\n|\Z))"),
    sign=re.compile(r"[^\S\n]*=[ \t]*"),
    gap=re.compile(r"[^\S\n]*"),
    quoted=_quoted("'\"", r"[^\n]*", r"(?=[^\S\n]*(?:\n|\Z))"),
    unclosed="text",
    after_quote="text",
    commented=_NEVER,
    commented_quoted=_NEVER,
    alone=False,
    safe={"": _SAFE[""], "'": re.compile(r"[^'\n]*"), '"': re.compile(r'[^"\n]*')},
)
