"""GLib as a reader: what `GKeyFile` and `g_key_file_get_string` give (glib/gkeyfile.c of 2.74).

A line is blank, a comment (`#`, nothing else), a `[group]` with blanks alone behind it, or has `=` in
it; any other line, and a key before the first group, makes the whole file fail. White space round a key and
before a value does not count, behind it it does. A value escapes
with a backslash: s, n, t, r and the backslash. Of two equal keys the last counts; two equal groups are one.
"""

from __future__ import annotations

import re

from patcher.dataclass import dataclass
from patcher.errors import Refused
from patcher.formats.ops import Node, Unordered
from patcher.i18n import _

_BLANKS = " \t\n\f\r"
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_MEANS = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}


@dataclass(frozen=True)
class Unescapable:
    """A value that `g_key_file_get_string` fails on, as it is written."""

    text: str


def read(text: str) -> dict[str, Node]:
    """Raises `Refused`, with the line, for what makes GLib fail."""
    tree = Unordered()
    here: dict[str, Node] | None = None
    for number, whole in enumerate(text.split("\n"), 1):
        line = whole.removesuffix("\r").lstrip(_BLANKS)
        if line[:1] in ("", "#"):
            continue
        if line[0] == "[" and (end := line.find("]")) > 0 and not line[end + 1 :].strip(" \t"):
            name = line[1:end]
            if not name or "[" in name or any(ord(char) < 32 or char == "\x7f" for char in name):
                raise _failure(number)
            here = tree.setdefault(name, Unordered())  # type: ignore[assignment]  # groups alone are in it
            continue
        name, sign, value = line.partition("=")
        name = name.rstrip(_BLANKS)
        if not sign or not _is_key(name) or here is None:
            raise _failure(number)
        here[name] = _unescaped(value.lstrip(_BLANKS))
    return tree


def _is_key(name: str) -> bool:
    plain, bracket, locale = name.partition("[")
    if bracket and not (locale.endswith("]") and re.fullmatch(r"[\w.@-]*", locale[:-1])):
        return False
    return plain != "" and plain == plain.strip(" ") and "]" not in plain


def _failure(number: int) -> Refused:
    return Refused(
        _("GLib cannot read the line, and so not the file"),
        line=number,
        cure=_("make it key=value below a [group], or a comment with #"),
    )


def _unescaped(value: str) -> Node:
    if all(found[1] in _MEANS for found in _ESCAPE.finditer(value)):
        return _ESCAPE.sub(lambda found: _MEANS[found[1]], value)
    return Unescapable(value)
