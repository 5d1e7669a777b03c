"""Our values out of a text that was changed since they were put in; nothing of anybody else's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from patcher.disk.manifest import Receipt, RunEntry, digest, value_digest
from patcher.errors import Refused
from patcher.formats import editing
from patcher.formats.merge import unspliced
from patcher.formats.ops import ABSENT, Absent, Change, Decode, Item, KeyPath, Value, same, shown
from patcher.i18n import _


class TakenBack(NamedTuple):
    """A text without our values, and why some of them had to stay.

    The text is None where there was no file before, and nothing of anybody else's is in it now.
    """

    after: bytes | None
    left: list[str]


def take_back(entry: RunEntry, before: bytes | None, data: bytes) -> TakenBack:
    """Our values out of a text that was changed since. Raises `Refused`."""
    old = editing.Document.read(entry.format, before or b"")
    now = editing.Document.read(entry.format, data)
    ours = [receipt for receipt in entry.receipts if value_digest(now.get(receipt.path)) == receipt.digest]
    left = [
        _("{place} was changed since").format(place=shown(r.path))
        for r in entry.receipts
        if r not in ours and now.has(r.path)
    ]
    after = None if left else textual(entry, before or b"", data, old, now)
    if after is None:
        changes, stays = _changes(ours, entry, old, now)
        left += stays
        after = editing.edit(entry.format, data, changes).after
    if before is None and after.removeprefix(b"\xef\xbb\xbf").strip() in {b"", b"{}", b"[]", b"null"}:
        return TakenBack(None, left)
    return TakenBack(after, left)


def textual(
    entry: RunEntry, before: bytes, data: bytes, old: editing.Document, now: editing.Document
) -> bytes | None:
    """Undo as a three-way merge of texts: our splices out, everything else as it is now.

    None where that is not surely right: our text is not to be found whole, or what would come
    out does not hold the old values.
    """
    with contextlib.suppress(Refused):
        again = [Change(receipt.path, now.get(receipt.path)) for receipt in entry.receipts]
        edited = editing.edit(entry.format, before, again)
        if digest(edited.after) != entry.text_after:
            return None
        merged = unspliced(before, edited, data)
        if merged is not None:
            document = editing.Document.read(entry.format, merged)
            if all(same(document.get(r.path), old.get(r.path)) for r in entry.receipts):
                return merged
    return None


def _changes(
    ours: Sequence[Receipt], entry: RunEntry, old: editing.Document, now: editing.Document
) -> tuple[list[Change], list[str]]:
    """What puts our values back one by one, and which of them have to stay."""
    changes: list[Change] = []
    left: list[str] = []
    added: list[KeyPath] = []
    moved = {r.group for r in entry.receipts if r.role == "url" and r not in ours}
    for receipt in ours:
        value = old.get(receipt.path)
        if not old.has(receipt.path):
            added.append(receipt.path)
        elif receipt.role == "key" and receipt.group in moved:
            left.append(
                _("{place}: the old key belongs to an address that is not there any more").format(
                    place=shown(receipt.path)
                )
            )
        elif value is ABSENT:
            left.append(
                _("{place}: the old value is no plain one; it is in the backup").format(
                    place=shown(receipt.path)
                )
            )
        else:
            changes.append(Change(receipt.path, value))
    return changes + [Change(path, ABSENT) for path in _emptied(added, old, now)], left


def _emptied(removed: Sequence[KeyPath], old: editing.Document, now: editing.Document) -> Iterable[KeyPath]:
    """What to remove: of each value that was added the outermost place that holds nothing else."""
    whole: dict[KeyPath, None] = {}
    for path in removed:
        for length in range(1, len(path) + 1):
            place = path[:length]
            if isinstance(place[-1], Decode):
                continue  # not a place of its own
            inside = [other[length:] for other in removed if other[:length] == place]
            if length == len(path) or (
                not old.has(place) and _rest(now.outline(place), inside) in ABSENT_OR_EMPTY
            ):
                whole[place] = None
                break
    return whole


ABSENT_OR_EMPTY: tuple[Value | Absent, ...] = (ABSENT, {}, [])


def _rest(value: Value | Absent, paths: Sequence[KeyPath]) -> Value | Absent:
    """What is left of a nested value without these paths, and without what they empty."""
    if () in paths:
        return ABSENT
    if isinstance(value, dict):
        left = {}
        for key, member in value.items():
            below = [path[1:] for path in paths if path[0] == key]
            rest = _rest(member, below) if below else member
            if not below or rest not in ABSENT_OR_EMPTY:
                left[key] = rest if rest is not ABSENT else None
        return left
    if isinstance(value, list):
        items: list[Value] = []
        for item in value:
            below = [path[1:] for path in paths if isinstance(path[0], Item) and _is(item, path[0])]
            rest = _rest(item, below) if below else item
            if not below or rest not in ABSENT_OR_EMPTY:
                items.append(item)
        return items
    return value


def _is(value: Value, item: Item) -> bool:
    return isinstance(value, dict) and all(same(value.get(name, ABSENT), want) for name, want in item.fields)
