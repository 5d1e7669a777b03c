"""npm's `ini` as a reader: what its `parse` sees (lib/ini.js of versions 4 to 7).

Lines end at CR or LF. A header fills its line from the first column on; nothing but blanks stands
behind it (in version 3 no blank either). `=` alone ends a key; a line without it is a key too, one that
begins with it is nothing.
`;` and `#` begin a comment anywhere but in quotes and behind a backslash. A value in double quotes is
JSON; single quotes go. `key[]` is a list. Of two equal keys the last counts.
"""

from __future__ import annotations

import json

from patcher.errors import Refused
from patcher.formats.ops import Node, Unordered
from patcher.i18n import _

_BLANKS = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""What JavaScript's `trim` takes off."""


def read(text: str, *, old: bool = False) -> dict[str, Node]:
    """Raises `Refused` where a section has the name of a key before it, or none that is sure.

    With `old`, also where version 3 and later ones differ.
    """
    tree = Unordered()
    here: dict[str, Node] = tree
    for number, whole in enumerate(text.split("\n"), 1):
        line = whole.rstrip("\r")
        body = line.strip(_BLANKS)
        if not body or body[0] in ";#":
            continue
        if line[0] == "[" and "]" in line and not line[line.index("]") + 1 :].strip(_BLANKS):
            name = _value(line[1 : line.index("]")])
            _require_sure(line, name, number, old=old)
            inner = Unordered() if name == "__proto__" else tree.setdefault(name, Unordered())
            if not isinstance(inner, dict):
                raise Refused(
                    _("{name} is both a key and a section").format(name=name),
                    line=number,
                    cure=_("give the key another name"),
                )
            here = inner
            continue
        name, sign, value = line.partition("=")
        key = _value(name)
        # Its pattern stops at these line ends.
        if not name or key == "__proto__" or "\u2028" in value or "\u2029" in value:
            continue
        if here is not tree or "." not in key or _value(value) != "null":  # null is taken for a section there
            _put(here, key, _value(value) if sign else None)
    return tree


def _require_sure(line: str, name: str, number: int, *, old: bool) -> None:
    if "\\" in name:
        raise Refused(_("there is a backslash in the name of a section"), line=number, cure=_("take it away"))
    if old and not line.endswith("]"):
        raise Refused(
            _("there is a blank behind the header, which not every version of the program takes"),
            line=number,
            cure=_("take it away"),
        )


def _put(here: dict[str, Node], key: str, value: str | None) -> None:
    if len(key) > 2 and key.endswith("[]"):
        key = key[:-2]
        there = here.get(key, [])
        here[key] = there if isinstance(there, list) else [there]
    there = here.get(key)
    if isinstance(there, list):
        there.append(value)
    else:
        here[key] = value


def _value(written: str) -> str:
    text = written.strip(_BLANKS)
    for mark in "\"'":
        if text.startswith(mark) and text.endswith(mark):
            inner = text[1:-1] if mark == "'" else text
            try:
                found = json.loads(inner)
            except ValueError:
                return inner
            return found if isinstance(found, str) else inner
    found, escaped = "", False
    for char in text:
        if escaped:
            found += char if char in "\\;#" else "\\" + char
            escaped = False
        elif char in ";#":
            break
        elif char == "\\":
            escaped = True
        else:
            found += char
    return (found + "\\" * escaped).strip(_BLANKS)
