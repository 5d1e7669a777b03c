"""What python-decouple sees: `RepositoryEnv` of decouple.py 3.8.

https://github.com/HBNetwork/python-decouple. A line is stripped and parted at its first `=`; quotes round
the value go, all else is literal: there are no comments behind a value, no escapes, no `export`.
"""

from __future__ import annotations

import re

from patcher.formats.ops import Node


def read(text: str) -> dict[str, Node]:
    """The last value of each key; lines without a sign are passed over."""
    found: dict[str, Node] = {}
    for line in re.sub("\r\n?", "\n", text).split("\n"):
        body = line.strip()
        key, sign, value = body.partition("=")
        if not sign or body.startswith("#"):
            continue
        value = value.strip()
        quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
        found[key.strip()] = value[1:-1] if quoted else value
    return found
