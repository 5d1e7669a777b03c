"""Maps whose keys someone keeps in order: where a new key belongs in them."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Collection
from operator import lt
from typing import cast

from patcher.formats.ops import LastStays

ENOUGH = 5
"""So many keys stand in order by chance in less than one map of a hundred; four in one of 24."""


def order_of(keys: Collection[object]) -> Callable[[str], str] | None:
    """What the keys are strictly ordered by: themselves or, else, without regard to case."""
    if len(keys) < ENOUGH or set(map(type, keys)) != {str}:
        return None
    texts = cast("Collection[str]", keys)
    for by in (str, str.casefold):
        compared = list(map(by, texts))
        if all(map(lt, compared, compared[1:])):
            return by
    return None


def successor(keys: Collection[object], key: str) -> str | None:
    """The key that a new one goes before; None where it goes last, in whatever order they are."""
    by = order_of(keys)
    if by is not None:
        texts = list(cast("Collection[str]", keys))
        at = bisect(texts, by(key), key=by)
        if at < len(texts):
            return texts[at]
    last = next(reversed(keys)) if isinstance(keys, LastStays) else None
    return last if isinstance(last, str) else None
