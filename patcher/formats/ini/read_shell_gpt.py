"""shell-gpt as a reader of its `.sgptrc`: sgpt/config.py, version 1.5.

Each line that is not blank and has no `#` in the first column is parted at its first `=`. Blanks go at the
ends of the line alone: those beside the sign are of the key and of the value. A line without the sign stops
the program.
"""

from __future__ import annotations

from patcher.errors import Refused
from patcher.formats.ops import Node, Unordered
from patcher.i18n import _


def read(text: str) -> dict[str, Node]:
    """Raises `Refused`, with the line, for one that stops the program."""
    tree = Unordered()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        key, sign, value = line.strip().partition("=")
        if not sign:
            raise Refused(
                _("there is no = in the line, expected nothing but KEY=VALUE"),
                line=number,
                cure=_("begin a comment with # in the first column"),
            )
        tree[key] = value
    return tree
