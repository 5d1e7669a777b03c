"""The reader of TOML: `tomllib`, which plans no edit; for TOML 1.1 `tomlkit` has to agree."""

from __future__ import annotations

import re
import tomllib

from patcher.cures import BY_HAND, CORRECT
from patcher.errors import Refused
from patcher.formats.linewise import line_of
from patcher.formats.ops import Node, Unordered
from patcher.formats.toml import toml_1_1
from patcher.i18n import _, with_foreign

DEPTH = 64

# Everything up to the next bracket, strings and comments skipped.
_BRACKET = re.compile(
    r"""(?>(?:[^\[\]{}"'#]++|"{3}(?>(?:[^"\\]++|\\[\s\S]|"{1,2}(?!"))*)"{3,5}"""
    r"""|'{3}(?>(?:[^']++|'{1,2}(?!'))*)'{3,5}|"(?>(?:[^"\\\n]++|\\[^\n])*)"|'[^'\n]*+'|\#[^\n]*+|["'])*)([\[\]{}])"""
)
_LONG_KEY = re.compile(
    r"""(?:^|[\[{,])[ \t]*+(?:(?:[A-Za-z0-9_-]++|"(?>(?:[^"\\\n]++|\\[^\n])*)"|'[^'\n]*+')[ \t]*+\.[ \t]*+)"""
    f"{{{DEPTH}}}"
)
_WHERE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


class Float(str):
    """A float as it is written: `1.0` and `1.00` are told apart, and NaN equals itself."""

    __slots__ = ()


def read(text: str) -> Node:
    """The tree of a text. Raises `Refused`, with the line, for what is not TOML or too deep."""
    _check_depth(text)
    tree: Node
    try:
        tree = tomllib.loads(text, parse_float=Float)
    except ValueError as error:
        newer = toml_1_1.read(text, Float)
        if newer is None:
            raise _invalid(text, error) from None
        tree = newer
    return _unordered(tree, 0)


def _invalid(text: str, error: ValueError) -> Refused:
    reason = str(error)
    if not isinstance(error, tomllib.TOMLDecodeError):  # an integer of thousands of digits
        return Refused(_("a number in it is too long to be read"), cure=_(BY_HAND))
    where = _WHERE.search(reason)
    if where is None:
        return Refused(with_foreign(_("this is not valid TOML"), reason), cure=_(CORRECT))
    line = int(where[1]) if where[1] else line_of(text, len(text.rstrip()))
    return Refused(
        with_foreign(_("this is not valid TOML"), reason[: where.start()]), line=line, cure=_(CORRECT)
    )


def _check_depth(text: str) -> None:
    """Refuse what the parser would take too long for, or not survive."""
    depth = at = 0
    while found := _BRACKET.match(text, at):
        at = found.end()
        if found[1] in "[{":
            depth += 1
            if depth > DEPTH:
                raise _too_deep(line_of(text, at))
        elif depth:
            depth -= 1
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") >= DEPTH and _LONG_KEY.search(line):
            raise _too_deep(number)


def _too_deep(line: int | None) -> Refused:
    return Refused(
        _("it is nested deeper than {depth} levels").format(depth=DEPTH), line=line, cure=_(BY_HAND)
    )


def _unordered(node: Node, depth: int) -> Node:
    """The tree with maps whose order does not count."""
    if depth > DEPTH:
        raise _too_deep(None)
    if isinstance(node, dict):
        return Unordered((key, _unordered(value, depth + 1)) for key, value in node.items())
    if isinstance(node, list):
        return [_unordered(value, depth + 1) for value in node]
    return node
