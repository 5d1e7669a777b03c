"""What may stand in an XML file, and how it is written there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from patcher.cures import ANOTHER_VALUE, PROFILE
from patcher.errors import Refused
from patcher.formats.ops import Value, shown
from patcher.i18n import _, quoted

IDENTIFYING = ("@name", "@key", "@id")
"""Attributes that make an element an item of a list."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?")
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_IN_ATTRIBUTE = _ESCAPES | {'"': "&quot;", "'": "&apos;", "\n": "&#10;", "\t": "&#9;"}


def named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Refused(_("{name} cannot be a name in XML").format(name=quoted(name)), cure=_(PROFILE))
    return name


def elements_of(tag: str, value: Value) -> list[tuple[str, Value]]:
    """The elements of one tag. Raises `Refused` for a map or list that would not read as such."""
    items = value if isinstance(value, list) else [value]
    listed = len(items) > 1 or any(
        name in item for item in items if isinstance(item, dict) for name in IDENTIFYING
    )
    if listed is not isinstance(value, list):
        raise Refused(
            (
                _("<{tag}> has to be in a list")
                if listed
                else _("<{tag}> has to be a map, or several in a list")
            ).format(tag=tag),
            cure=_("elements with an attribute name, key or id are in a list"),
        )
    return [(tag, item) for item in items]


def text_of(place: Sequence[str | int], value: Value) -> str:
    if not isinstance(value, str):
        raise Refused(
            _("{place} cannot be set: XML holds nothing but text").format(place=shown(place)),
            cure=_(ANOTHER_VALUE),
        )
    if _ILLEGAL.search(value):
        raise Refused(
            _("{place} cannot be set: the value holds a character that XML forbids").format(
                place=shown(place)
            ),
            cure=_(ANOTHER_VALUE),
        )
    return value


def in_attribute(value: str, quote: str) -> str:
    other = "'" if quote == '"' else '"'
    return "".join(char if char == other else _IN_ATTRIBUTE.get(char, char) for char in value)


def escaped(value: str) -> str:
    return "".join(_ESCAPES.get(char, char) for char in value)
