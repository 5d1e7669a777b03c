"""A new key wherever runs of this program have put one. Pure; planned from receipts alone.

What is ours is told as `undo` tells it: by the hash of the value. So neither the profile nor the
tool has to be there any more, and a key that somebody has put there since stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from patcher.dataclass import dataclass
from patcher.disk.manifest import Receipt, value_digest
from patcher.endpoint import belongs
from patcher.errors import PatchError
from patcher.formats import editing
from patcher.formats.ops import Change, KeyPath, Value, shown
from patcher.i18n import _
from patcher.planning.receipts import WATCH, stray_keys
from patcher.planning.target import Target
from patcher.planning.undo import FileEdit, Step, by_place, keys_in, target_of
from patcher.secrets.key_format import FAMILY
from patcher.secrets.secret import Secret

_OURS = re.compile(rf"{FAMILY}[\w-]+", re.ASCII)
_PLAIN = re.compile(r"(?<=\ABearer )[\w.-]+\Z|\A[\w.-]+\Z", re.ASCII)
"""A key of another form, where it can be told for sure: alone, or as a header."""


def make(steps: Sequence[Step], key: Secret) -> list[FileEdit]:
    """Plan for each file by itself; `steps` are those in force, newest first."""
    plans = []
    for group in by_place(steps).values():
        if not any(receipt.role == "key" for step in group for receipt in step.entry.receipts):
            continue
        entry = group[0].entry
        try:
            plans.append(_planned(group, target_of(group), key))
        except PatchError as problem:
            plans.append(FileEdit(entry.tool, Path(entry.place), problem=problem))
    return plans


def _planned(steps: Sequence[Step], target: Target, key: Secret) -> FileEdit:
    """The new key in one file, or in one store."""
    entry = steps[0].entry
    if target.gone:
        return FileEdit(entry.tool, target.path, left=(target.gone,))
    data = target.document or b""
    document = editing.Document.read(entry.format, data)
    placed = list(_placed(steps, document))
    left = [
        f"{shown(placed_key.receipt.path)}: {placed_key.why_not}"
        for placed_key in placed
        if placed_key.why_not
    ]
    changes, receipts = [], []
    for placed_key in placed:
        value = None if placed_key.why_not else _with(document.get(placed_key.receipt.path), key)
        if value is None and not placed_key.why_not:
            left.append(
                _("{place}: the key in it cannot be told from the rest").format(
                    place=shown(placed_key.receipt.path)
                )
            )
        elif value is not None and value_digest(value) != placed_key.receipt.digest:
            changes.append(Change(placed_key.receipt.path, value))
            receipts.append(replace(placed_key.receipt, digest=value_digest(value)))
    for step in steps:  # wherever a program has copied it to since
        for path in stray_keys(step.entry, document):
            if _has_another_address(document.outline(path[:-1])):
                left.append(_("{place} still has the key").format(place=shown(path)))
            elif path not in {change.path for change in changes} and (
                value := _with(document.get(path), key)
            ):
                changes.append(Change(path, value))
                receipts.append(Receipt(path, "key", -1, value_digest(value)))
    # A program may copy the new key to where it might have copied the old one.
    receipts += {r.path: r for step in steps for r in step.entry.receipts if r.role == WATCH}.values()
    after = editing.edit(entry.format, data, changes).after if changes else data
    write = target.write(entry.tool, after, lambda: tuple(receipts))
    hidden = tuple(keys_in(steps, (data,)))
    return FileEdit(entry.tool, target.path, write if write.changes else None, tuple(left), secrets=hidden)


@dataclass(frozen=True)
class _Placed:
    """One key that was put into a file, and why it is left alone, if it is."""

    receipt: Receipt
    why_not: str = ""


def _placed(steps: Sequence[Step], document: editing.Document) -> Iterator[_Placed]:
    """The keys that runs have put into a document and that are still there, ours or not."""
    last: dict[KeyPath, tuple[Step, Receipt]] = {
        receipt.path: (step, receipt) for step in reversed(steps) for receipt in step.entry.receipts
    }
    for path, (step, receipt) in last.items():
        if receipt.role != "key" or not document.has(path):
            continue
        beside = [
            other.path
            for other in step.entry.receipts
            if other.role == "url" and other.group == receipt.group and document.has(other.path)
        ]
        if value_digest(document.get(path)) != receipt.digest:
            yield _Placed(receipt, _("it was changed since"))
        elif any(_leads_elsewhere(document.get(url), last[url][1]) for url in beside):
            yield _Placed(receipt, _("the address that it goes to was changed since"))
        else:
            yield _Placed(receipt)


def _leads_elsewhere(value: object, receipt: Receipt) -> bool:
    """Whether an address is neither what we wrote nor VseGPT's: the new key is none of its business."""
    if value_digest(value) == receipt.digest:  # type: ignore[arg-type] # what a document has at a path
        return False
    return not (isinstance(value, str) and belongs(value) == "vsegpt")


def _has_another_address(beside: object) -> bool:
    """Whether a map that a key stands in names an address that is not VseGPT's."""
    values = beside.values() if isinstance(beside, dict) else ()
    texts = [value for value in values if isinstance(value, str) and "://" in value]
    return any(belongs(text) != "vsegpt" for text in texts)


def _with(value: object, key: Secret) -> Value | None:
    """The value with the new key where the old one is; None where that cannot be told."""
    if isinstance(value, list):
        items = [_with(item, key) for item in value]
        return None if None in items or not items else items
    form = _OURS if isinstance(value, str) and FAMILY in value else _PLAIN
    if not isinstance(value, str) or not form.search(value):
        return None
    return form.sub(lambda _found: key.reveal(), value)
