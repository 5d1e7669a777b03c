"""Maps whose keys someone keeps in order: where a new key belongs in them."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Collection
from itertools import pairwise

ENOUGH = 5
"""So many keys stand in order by chance in less than one map of a hundred; four in one of 24."""


def order_of(keys: Collection[object]) -> Callable[[str], str] | None:
    """What the keys are strictly ordered by: themselves or, else, without regard to case."""
    texts = [key for key in keys if isinstance(key, str)]
    if len(texts) < ENOUGH or len(texts) < len(keys):
        return None
    for by in (str, str.casefold):
        if all(by(one) < by(other) for one, other in pairwise(texts)):
            return by
    return None


def successor(keys: Collection[object], key: str) -> str | None:
    """The key that a new one goes before; None where it goes last, in whatever order they are."""
    texts = [each for each in keys if isinstance(each, str)]
    by = order_of(keys)
    at = bisect(texts, by(key), key=by) if by else len(texts)
    return texts[at] if at < len(texts) else None
