"""A reason of a refusal without what is only of one file."""

from __future__ import annotations

import re
from collections.abc import Sequence

from patcher.formats.ops import Change


def reason(text: str, changes: Sequence[Change]) -> str:
    """To count what is refused by its kind."""
    return without(text, {str(step) for change in changes for step in change.path})


def without(text: str, words: set[str]) -> str:
    """The text with `…` in the place of these words, `N` in that of numbers."""
    longest = sorted((re.escape(word) for word in words if word), key=len, reverse=True)
    text = re.sub(rf"(?<!\w)(?:{'|'.join(longest)})(?!\w)", "…", text) if longest else text
    return re.sub(r"\d+", "N", re.sub(r"…[….\[\]]*", "…", text))
