"""TOML 1.1 for a reader of TOML 1.0, as `tomllib` is before Python 3.15.

What 1.1 adds: line ends, comments and a last comma in inline tables, the escapes `\\e` and
`\\xHH`, times without seconds (https://toml.io/en/v1.1.0).
"""

from __future__ import annotations

import re
import tomllib

from patcher.formats.ops import Node

LIMIT = 128 << 10
"""The longest text that is read: `tomlkit` takes five seconds for a megabyte."""

_TOKEN = re.compile(
    r"""(?P<basic>"{3}(?>(?:[^"\\]++|\\[\s\S]|"{1,2}(?!"))*)"{3,5}|"(?>(?:[^"\\\n]++|\\[^\n])*)")"""
    r"""|(?P<literal>'{3}(?>(?:[^']++|'{1,2}(?!'))*)'{3,5}|'[^'\n]*+')"""
    r"""|(?P<comment>\#[^\n]*+)|(?P<eol>\r?\n)|(?P<blank>[ \t]++)"""
    r"""|(?P<last>,(?=(?>(?:[ \t\r\n]++|\#[^\n]*+)*)\}))|(?P<word>[^\s\[\]{},="'\#]++)|(?P<sign>.)"""
)
_ESCAPE = re.compile(r"\\(?:(e)|x([0-9a-fA-F]{2})|[\s\S])")
_NO_SECONDS = re.compile(r"(?:\d{4}-\d\d-\d\d[Tt])?\d\d:\d\d(?=$|[Zz+-])")


def as_1_0(text: str) -> str:
    """The same document without what TOML 1.1 adds. What is no TOML at all does not become any."""
    out: list[str] = []
    inside: list[str] = []
    before = ""
    for found in _TOKEN.finditer(text):
        kind, written = found.lastgroup, found[0]
        in_table = inside[-1:] == ["{"]
        if kind == "basic":
            out.append(_ESCAPE.sub(_old_escape, written))
        elif kind == "word":
            out.append(_NO_SECONDS.sub(r"\g<0>:00", written, count=1))
        elif in_table and (kind in ("comment", "eol") or (kind == "last" and before not in ("{", ","))):
            out.append(" ")
        else:
            out.append(written)
        if kind == "sign" and written in "[{":
            inside.append(written)
        elif kind == "sign" and written in "]}" and inside:
            inside.pop()
        if kind not in ("comment", "eol", "blank"):
            before = written
    return "".join(out)


def _old_escape(found: re.Match[str]) -> str:
    if found[1]:
        return "\\u001b"
    return f"\\u00{found[2]}" if found[2] else found[0]


def read(text: str, float_type: type[str]) -> Node | None:
    """The tree of a TOML 1.1 text; `None` unless `tomllib` and `tomlkit` read it alike."""
    if len(text) > LIMIT:
        return None
    import tomlkit  # noqa: PLC0415 - only the few texts in TOML 1.1 need it

    try:
        tree = tomllib.loads(as_1_0(text), parse_float=float_type)
        other = tomlkit.parse(text).unwrap()
    except Exception:  # noqa: BLE001 - whatever a reader stumbles over, the text is not read
        return None
    return tree if _alike(tree, other, float_type) else None


def _alike(one: Node, other: Node, float_type: type[str]) -> bool:
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(_alike(one[key], other[key], float_type) for key in one)
        )
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(_alike(*pair, float_type) for pair in zip(one, other, strict=True))
        )
    if isinstance(one, float_type):
        return isinstance(other, float) and repr(float(one)) == repr(other)
    return type(one) is type(other) and one == other
