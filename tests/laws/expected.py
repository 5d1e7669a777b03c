"""What a judge has to see after an edit, and which bytes have to be there still.

Nothing here is shared with the editors or with their proof.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import cast

from patcher.formats.ops import ABSENT, Change, Item, KeyPath, Segment
from tests.laws.judges import Tree

LINES = {"ini", "dotenv", "keyvalue"}
"""The syntaxes whose entries have lines of their own."""
_KEEP = re.compile(r"keep[0-9]+\b")
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")
_VALUES = set("null true false nan infinity yes amp quot apos".split())
"""Words that are written for what reads otherwise."""
_EMPTY = re.compile(r"\{\s*\}|\[\s*\]")
_MARKS = " \t\r'\"`,;()[]{}<>/"
"""What may stand round a value, or a line of it."""


class Unfit(Exception):
    """The change has no meaning in what the judge sees."""


def changed(tree: Tree, path: KeyPath, change: Change) -> Tree:
    """The tree with the change made at `path`. Raises `Unfit`."""
    if not path:
        return tree if change.if_absent and tree is not None else cast("Tree", change.value)
    step, rest = path[0], path[1:]
    if isinstance(step, Item):
        return _in_list(tree, step, rest, change)
    if not isinstance(tree, dict | None) or (tree is None and change.value is ABSENT):
        if change.value is ABSENT:
            return tree
        raise Unfit(f"{_shown(tree)} where a map has to be")
    made = dict(tree or {})
    if not rest and change.value is ABSENT:
        made.pop(step, None)
    elif step in made and not rest and change.if_absent:
        pass
    elif step in made or change.value is not ABSENT:
        made[step] = changed(made.get(step), rest, change)
    return made


def _in_list(tree: Tree, item: Item, rest: KeyPath, change: Change) -> Tree:
    if not isinstance(tree, list | None):
        if change.value is ABSENT:
            return tree
        raise Unfit(f"{_shown(tree)} where a list has to be")
    items = list(tree or [])
    fields = dict(item.fields)
    found = [
        at
        for at, each in enumerate(items)
        if isinstance(each, dict) and fields.items() <= _plain(each).items()
    ]
    if len(found) > 1:
        raise Unfit("two items")
    if found:
        items[found[0]] = changed(items[found[0]], rest, change)
    elif change.value is not ABSENT:
        items.insert(0, changed(fields, rest, change))
    elif tree is None:
        return tree
    return items


def _plain(item: dict[str, Tree]) -> dict[str, Tree]:
    return {key: value for key, value in item.items() if isinstance(value, str)}


class Missing:
    """The type of `MISSING`."""


MISSING = Missing()
"""There is nothing, not even a null on the way."""


def at(tree: Tree, path: Sequence[Segment]) -> Tree:
    """What the judge sees there; None also where a null is in the way."""
    for step in path:
        if tree is None:
            return None
        if isinstance(step, Item) and isinstance(tree, list):
            fields = dict(step.fields).items()
            tree = next(
                (each for each in tree if isinstance(each, dict) and fields <= _plain(each).items()), MISSING
            )
        else:
            tree = tree.get(step, MISSING) if isinstance(tree, dict) else MISSING
        if tree is MISSING:
            return tree
    return tree


def lost(syntax: str, before: str, after: str, changes: Sequence[Change], values: Sequence[Tree]) -> str:
    """What of the old text is gone and was not asked for; `values` were seen where it was."""
    texts = [text for value in values for text in _texts(value)]
    gone = [change for change in changes if change.value is ABSENT]
    found = _comment_lost(syntax, before, after, gone, texts)
    if syntax not in LINES:
        if not gone and values and before.strip() and all(value is MISSING for value in values):
            found = found or (
                "" if _within(_EMPTY.sub("", before), after) else "something where nothing was to be replaced"
            )
        return found or _word_lost(before, after, texts) if values and not gone else ""
    if any(len(change.path) == 1 for change in gone) and syntax == "ini":
        return ""  # perhaps a whole section
    return found or _line_lost(before, after, {str(change.path[-1]).lower() for change in changes}, texts)


def _comment_lost(syntax: str, before: str, after: str, gone: Sequence[Change], texts: list[str]) -> str:
    names = {str(change.path[-1]).lower() for change in gone}
    for word in dict.fromkeys(_KEEP.findall(before)):
        if not re.search(rf"{word}\b", after) and not any(word in text for text in texts):
            line = next(line for line in before.split("\n") if re.search(rf"{word}\b", line))
            if syntax not in LINES or not any(name in line.lower() for name in names):
                return f"the comment in {line!r}"
    return ""


def _word_lost(before: str, after: str, texts: list[str]) -> str:
    left = Counter(_words(before)) - Counter(_words(after)) - Counter(_words(" ".join(texts)))
    return next((f"the word {word!r}" for word in left if word not in _VALUES), "")


def _words(text: str) -> list[str]:
    spelled = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    return re.findall(r"(?<!\w)[^\W\d_]{3,}", spelled.lower())


def _line_lost(before: str, after: str, names: set[str], texts: list[str]) -> str:
    """A line without the asked names, and not of an old value."""
    for line in _lines_lost(before, after):
        if not any(name in line.lower() for name in names) and not any(
            line.strip(_MARKS) in text for text in texts
        ):
            return f"the line {line!r}"
    return ""


def _lines_lost(before: str, after: str) -> list[str]:
    """Old lines that are not in the new text, in order."""
    old, new = ([line.rstrip("\r") for line in text.split("\n")] for text in (before, after))
    same = next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    old, new = old[same:], new[same:]
    pairs = zip(reversed(old), reversed(new), strict=False)
    tail = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(old), len(new)))
    old, new = old[: len(old) - tail], new[: len(new) - tail]
    found: list[str] = []
    for kind, start, end, _first, _last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        found += old[start:end] if kind in ("replace", "delete") else []
    return [line for line in found if line.strip()]


def _within(text: str, other: str) -> bool:
    """Whether all letters of a text are in another, in order; blanks aside."""
    letters = iter(other)
    return all(letter in letters for letter in text if not (letter.isspace() or letter == "\ufeff"))


def _texts(value: Tree) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.items() for text in _texts(each)]
    if isinstance(value, (list, tuple)):
        return [text for each in value for text in _texts(each)]
    return [str(value), str(value).lower()] if isinstance(value, (str, int, float)) else []


def _shown(tree: Tree) -> str:
    return f"{tree!r:.40}"
