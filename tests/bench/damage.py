"""What an edit left behind: lines changed that need not have been, comments lost."""

from __future__ import annotations

from difflib import SequenceMatcher

from tests.bench.samples import Sample


def collateral(sample: Sample, after: str) -> int:
    """Lines changed beyond those that the edits need."""
    old, new = sample.text.splitlines(), after.splitlines()
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    kept = sum(block.size for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
    return max(0, len(old) - kept - sample.removed) + max(0, len(new) - kept - sample.added)


def _common(one: list[str], other: list[str]) -> int:
    """How many lines at the start of both are the same."""
    count = 0
    for mine, yours in zip(one, other, strict=False):
        if mine != yours:
            break
        count += 1
    return count
