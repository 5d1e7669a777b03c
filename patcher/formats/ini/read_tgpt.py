"""tgpt as a reader of its `config.conf`: `loadConfig` in main.go, version 2.13.

A line with `=` sets a variable of the environment, unless one of that name has a value already: of equal
keys the first with a value counts. Blanks round key and value go, then quotes at the ends of the value,
paired or not. A key that begins with `#` is a comment; nothing else is.
"""

from __future__ import annotations

from patcher.formats.ops import Node, Unordered

_BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""White space to Go's unicode.IsSpace."""


def read(text: str) -> dict[str, Node]:
    """Never refuses."""
    tree = Unordered()
    for line in text.split("\n"):
        name, sign, value = line.partition("=")
        key = name.strip(_BLANKS)
        if sign and key and key[0] != "#" and not tree.get(key):
            tree[key] = value.strip(_BLANKS).strip("\"'")
    return tree
