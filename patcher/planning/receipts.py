"""Our values out of a text that was changed since they were put in; nothing of anybody else's."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from patcher.disk.manifest import Receipt, RunEntry, digest, value_digest
from patcher.errors import Refused
from patcher.formats import editing
from patcher.formats.merge import unspliced
from patcher.formats.ops import ABSENT, Absent, Change, Decode, Item, KeyPath, Value, same, shown
from patcher.i18n import _
from patcher.planning.settings import RequestedChange
from patcher.registry.condition import Each
from patcher.registry.correction import as_it_was, listed
from patcher.registry.profile import FileSpec

MEMBERS = frozenset({"member", "nonmember"})
"""Roles of what went into a list, or out of it: their hash is that of the item."""
WATCH = "watch"
"""The role of a setting of a store that was not there, and into which the program may copy ours."""


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
    receipts = [receipt for receipt in entry.receipts if receipt.role != WATCH]
    ours = [receipt for receipt in receipts if _is_there(receipt, now)]
    left = [
        _("{place} was changed since").format(place=shown(r.path))
        for r in receipts
        if r not in ours and now.has(r.path) and r.role not in MEMBERS
    ]
    after = None if left else textual(entry, before or b"", data, old, now)
    if after is None:
        changes, stays = _changes(ours, entry, old, now)
        left += stays
        # A map does not become null in one edit: it goes, and null comes.
        nulls = [change for change in changes if change.value is None]
        first = [change for change in changes if change.value is not None]
        after = editing.edit(entry.format, editing.edit(entry.format, data, first).after, nulls).after
    after, stays = strays_taken_out(entry, old, after)
    left += stays
    if before is None and after.removeprefix(b"\xef\xbb\xbf").strip() in {b"", b"{}", b"[]", b"null"}:
        return TakenBack(None, left)
    return TakenBack(after, left)


def _is_there(receipt: Receipt, now: editing.Document) -> bool:
    """Whether what was done is still so."""
    if receipt.role in MEMBERS:
        items = listed(now.get(receipt.path))
        holds = any(value_digest(item) == receipt.digest for item in items or ())
        return items is not None and holds is (receipt.role == "member")
    return value_digest(now.get(receipt.path)) == receipt.digest


def textual(
    entry: RunEntry, before: bytes, data: bytes, old: editing.Document, now: editing.Document
) -> bytes | None:
    """Undo as a three-way merge of texts: our splices out, everything else as it is now.

    None where that is not surely right: our text is not to be found whole, or what would come
    out does not hold the old values.
    """
    with contextlib.suppress(Refused):
        receipts = [receipt for receipt in entry.receipts if receipt.role != WATCH]
        again = [Change(receipt.path, now.get(receipt.path)) for receipt in receipts]
        edited = editing.edit(entry.format, before, again)
        if digest(edited.after) != entry.text_after:
            return None
        merged = unspliced(before, edited, data)
        if merged is not None:
            document = editing.Document.read(entry.format, merged)
            if all(same(document.get(r.path), old.get(r.path)) for r in receipts):
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
    changes += _members(ours, old, now)
    nulls: dict[KeyPath, list[KeyPath]] = {}
    for receipt in ours:
        value = old.get(receipt.path)
        null = _null_above(receipt.path, old)
        if receipt.role in MEMBERS:
            continue
        if null:
            nulls.setdefault(null, []).append(receipt.path[len(null) :])
            continue
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
    for place, inside in nulls.items():  # where there was nothing, there is nothing again, in the same words
        if _rest(now.outline(place), inside) in ABSENT_OR_EMPTY:
            changes += [Change(place, ABSENT), Change(place, None)]
        else:
            added += [(*place, *rest) for rest in inside]
    return changes + [Change(path, ABSENT) for path in _emptied(added, old, now)], left


def _null_above(path: KeyPath, old: editing.Document) -> KeyPath:
    """The place on the way to a value at which there was null; nothing if there was none."""
    if old.has(path):
        return ()
    above = (path[:length] for length in range(1, len(path)))
    return next((place for place in above if old.has(place) and old.get(place) is None), ())


def _members(ours: Sequence[Receipt], old: editing.Document, now: editing.Document) -> Iterable[Change]:
    """Lists without the items that we put in, and with those that we took out."""
    lists: dict[KeyPath, list[Receipt]] = {}
    for receipt in ours:
        if receipt.role in MEMBERS:
            lists.setdefault(receipt.path, []).append(receipt)
    for path, receipts in lists.items():
        there = now.get(path)
        held = listed(there) or []
        for receipt in receipts:
            if receipt.role == "member":
                held = [item for item in held if value_digest(item) != receipt.digest]
            else:
                before = listed(old.get(path)) or []
                held = held + [item for item in before if value_digest(item) == receipt.digest][:1]
        yield Change(path, as_it_was(held, there))


def strays_taken_out(entry: RunEntry, old: editing.Document, data: bytes) -> tuple[bytes, list[str]]:
    """Our key out of wherever else a program has copied or moved it, with our address beside it.

    Only where nothing stood before; what stood there before is not ours to bring back, and is named.
    """
    left: list[str] = []
    now = editing.Document.read(entry.format, data)
    places = stray_keys(entry, now)
    addresses = {r.digest for r in entry.receipts if r.role == "url"}
    gone: list[KeyPath] = []
    for place in places:
        if old.has(place):
            left.append(_("{place} still has the key").format(place=shown(place)))
            continue
        gone.append(place)
        beside = now.outline(place[:-1])
        for name, value in beside.items() if isinstance(beside, dict) else ():
            if value_digest(value) in addresses and not old.has((*place[:-1], name)):
                gone.append((*place[:-1], name))
    if not gone:
        return data, left
    changes = [Change(path, ABSENT) for path in _emptied(gone, old, now)]
    return editing.edit(entry.format, data, changes).after, left


def stray_keys(entry: RunEntry, now: editing.Document) -> list[KeyPath]:
    """Where else in a document the key stands that a run has written, by its hash."""
    digests = {receipt.digest for receipt in entry.receipts if receipt.role == "key"}
    known = {now.place(receipt.path) for receipt in entry.receipts if receipt.role == "key"}
    found = (path for path, value in _leaves((), now.outline(())) if value_digest(value) in digests)
    return [path for path in found if now.place(path) not in known] if digests else []


def _leaves(at: KeyPath, value: Value | Absent) -> Iterator[tuple[KeyPath, Value]]:
    """The texts of a document; those in list items are found by the values beside them."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(key, str):  # what stands at another cannot be named
                yield from _leaves((*at, key), inner)
    elif isinstance(value, list):
        for item in [item for item in value if isinstance(item, dict)]:
            for key, inner in item.items():
                known = {k: v for k, v in item.items() if k != key and not isinstance(v, (dict, list))}
                yield from _leaves((*at, Item.of(known), key), inner)
    elif isinstance(value, str):
        yield at, value


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


def receipts_for(asked: Sequence[RequestedChange], document: editing.Document) -> Iterator[Receipt]:
    """One for every value that is new or other than it was, and for the fields of new list items."""
    made: set[KeyPath] = set()
    last = {each.path: each for each in asked if not _is_moot(each, document)}
    for path, each in last.items():
        for length in range(1, len(path) + 1):
            item = path[:length]
            if isinstance(item[-1], Item) and item not in made and not document.has(item):
                made.add(item)
                for name, field_value in item[-1].fields:
                    if (*item, name) not in last:
                        made_by = value_digest(field_value)
                        yield Receipt((*item, name), "item", each.group, made_by)
        value = each.value
        old = document.get(path)
        for member in each.items:
            yield Receipt(path, each.role, each.group, value_digest(member))
        taken_out = value is ABSENT and document.has(path)  # also of what has no plain value
        if not each.items and (taken_out or not same(old, value)):
            yield Receipt(path, each.role, each.group, value_digest(value))


def watched(spec: FileSpec, document: editing.Document) -> Iterator[Receipt]:
    """Settings of a store that are edited only where they are there, and are not."""
    for edit in spec.edits if spec.in_store else ():
        first = edit.at[0] if edit.at else None
        if isinstance(first, Each) and first.is_literal and not document.has((first.pattern or "",)):
            yield Receipt((first.pattern or "",), WATCH, -1, value_digest(ABSENT))


def _is_moot(asked: RequestedChange, document: editing.Document) -> bool:
    return asked.change.if_absent and document.has(asked.path)
