"""What rules are made of: each finding is one thing that does not go to VseGPT, or not with its key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.planning.realfiles.syntax import KEY, is_key, is_ours

Rule = Iterator[str]


def wrong(name: str, value: Any, *right: Any) -> Rule:
    """A setting that has to be one of these."""
    if value not in right:
        yield f"{name} is {value!r}"


def entry(name: str, url: Any, key: Any) -> Rule:
    """An entry of a service: its address and its key."""
    if not is_ours(url):
        yield f"{name} is at {url!r}"
    if not is_key(key):
        yield f"{name} has another key"


def headers(name: str, value: Any) -> Rule:
    """Headers in which a key of somebody's goes along, as a map or as text."""
    for line in value.items() if isinstance(value, dict) else str(value or "").split("\n"):
        text = str(line).casefold()
        if ("authorization" in text or "api-key" in text) and KEY not in str(line):
            yield f"{name} has a key of its own"


def slot(name: str, value: Any, ours: str, *harmless: Any) -> Rule:
    """A second model, which may be left out."""
    if value not in (None, "", [], {}, *harmless) and not str(value).startswith(ours):
        yield f"{name} is {value!r}"
