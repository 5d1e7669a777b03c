"""A second opinion on JSON5, by the `json5` package: right, but slow and not for deep documents."""

from __future__ import annotations

import math
from importlib import import_module

from patcher.cures import BY_HAND
from patcher.errors import Refused
from patcher.formats.ops import Earlier, Node
from patcher.i18n import _

LARGEST = 32 * 1024
"""Characters; the package reads some fifty in a millisecond."""

DEEPEST = 40
"""Levels; it is recursive, and ends in a RecursionError at some sixty."""


def judge(text: str, tree: Node) -> None:
    """Raises `Refused` unless the package reads the text as the same tree.

    Longer and deeper documents are not judged, nor empty ones, which it does not read.
    """
    if tree is None or len(text) > LARGEST or _depth(tree) > DEEPEST:
        return
    # A map as its pairs: a key may come again.
    json5 = import_module("json5")
    if not hasattr(json5, "lib"):
        raise Refused(
            _("the Python package json-five stands in the place of json5, whose name it uses"),
            cure="pip uninstall json-five json5 && pip install json5",
        )
    try:
        read = json5.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as error:
        raise Refused(
            _("the json5 package does not read it ({name})").format(name=type(error).__name__),
            cure=_(BY_HAND),
        ) from None
    if not _same(tree, read):
        raise Refused(_("two readers of JSON5 do not agree about it"), cure=_(BY_HAND))


class _Pairs(list[tuple[str, object]]):
    pass


def _depth(tree: Node) -> int:
    children = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return 1 + max(map(_depth, children), default=0)


def _same(tree: Node, read: object) -> bool:
    if isinstance(tree, dict):
        if not isinstance(read, _Pairs) or len(tree) != len(read):
            return False
        keys = [str(key.key if isinstance(key, Earlier) else key) for key in tree]
        same_keys = all(_same_text(key, name) for key, (name, _value) in zip(keys, read, strict=True))
        return same_keys and all(map(_same, tree.values(), (value for _name, value in read)))
    if isinstance(tree, list):
        return type(read) is list and len(tree) == len(read) and all(map(_same, tree, read))
    if isinstance(tree, bytes):
        return isinstance(read, (int, float)) and _number(tree.decode(), read)
    if isinstance(tree, str):
        return isinstance(read, str) and _same_text(tree, read)
    return tree is read


def _number(spelt: str, read: float) -> bool:
    sign = -1 if spelt.startswith("-") else 1
    body = spelt.lstrip("+-")
    value = int(body, 16) if body[:2].lower() == "0x" else float(body)
    return (math.isnan(value) and math.isnan(read)) or sign * value == read


def _same_text(one: str, other: str) -> bool:
    """Also where the package leaves a surrogate pair as two halves."""
    return one == other or one == other.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
