"""Windows' profile functions as a reader: what `GetPrivateProfileString` finds.

After Microsoft's documentation of it and Wine's kernelbase/kernel32 `profile.c`. Blanks at both ends
of a line, a key and a value do not count. A header reaches to the last `]` of its line, the rest of the
line is nothing. `=` ends a key; a line without one, or with `;` in front, is nothing. One pair of quotes
round a value goes. Names are the same in any case; of two equal sections or keys the first counts.
"""

from __future__ import annotations

from patcher.errors import Refused
from patcher.formats.ops import Folded, Node
from patcher.i18n import _

_BLANKS = "\t\n\v\f\r \x1a"


def read(text: str) -> dict[str, Node]:
    """Raises `Refused` for a key before the first section, which nobody can ask for."""
    tree = Folded()
    here: Folded | None = None
    for number, line in enumerate(text.split("\n"), 1):
        body = line.strip(_BLANKS)
        if body[:1] in ("", ";"):
            continue
        if body[0] == "[" and "]" in body:
            name = body[1 : body.rindex("]")].strip(_BLANKS)
            here = Folded()
            if tree.spelling(name) not in tree:
                tree[name] = here
            continue
        name, sign, value = body.partition("=")
        name = name.rstrip(_BLANKS)
        if not sign or not name:
            continue
        if here is None:
            raise Refused(
                _("Windows reads no key before the first section"),
                line=number,
                cure=_("put the key below a section header"),
            )
        if here.spelling(name) not in here:
            here[name] = _unquoted(value.lstrip(_BLANKS))
    return tree


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]
    return value[1:-1] if quoted else value
