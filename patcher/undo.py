"""Taking it back: exactly our values, and nothing that was changed since. Pure, like the plan.

Where a file still holds the bytes that were written, the old bytes come back. Where it does not,
its receipts say which values were ours: those that still are go back, the rest stay and are named.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from patcher import formats
from patcher.errors import PatchError, Refused
from patcher.formats.merge import unspliced
from patcher.formats.ops import ABSENT, Absent, Change, Decode, Item, Segment, Value, same, shown
from patcher.manifest import Entry, Receipt, Run, digest, load_backup, taken_back, value_digest
from patcher.runs import Store
from patcher.secret import is_secret
from patcher.snapshot import Snapshot, read
from patcher.transaction import Write


@dataclass(frozen=True)
class Step:
    """One entry of one run that is still in force, and where its old bytes are."""

    order: tuple[int, int]
    """Number of the run, place in the run."""
    mark: str
    entry: Entry
    backup: Path

    @property
    def run(self) -> int:
        return self.order[0]


@dataclass(frozen=True)
class FileUndo:
    """One file: what to write (None: nothing is left to take back), what was left, or why not."""

    tool: str
    path: Path
    write: Write | None = None
    left: tuple[str, ...] = ()
    problem: PatchError | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Keys of before and now, which must not be shown."""


def in_force(store: Store) -> list[Step]:
    """Everything that was written and not taken back yet, newest first.

    Of files whose first run is no longer kept, the pinned original stands in for it.
    """
    runs = store.runs()
    undone = taken_back(runs)
    steps = [
        Step((run.number, index), run.mark(index), entry, run.backup(index))
        for run in runs
        if run.kind == "patch"
        for index, entry in enumerate(run.entries)
    ]
    kept = {(step.run, step.entry.real) for step in steps}
    for run, backup in store.originals():
        entry = run.entries[0]
        if (run.number, entry.real) not in kept:
            steps.append(
                Step((run.number, 0), f"{run.number}.first.{digest(entry.real.encode())[:8]}", entry, backup)
            )
    return sorted(
        (step for step in steps if step.mark not in undone), key=lambda step: step.order, reverse=True
    )


def select(
    steps: Sequence[Step], tools: Iterable[str], numbers: Iterable[int], *, everything: bool
) -> list[Step]:
    """The steps of these tools and these runs; with none of either those of the newest run."""
    names, runs = set(tools), set(numbers)
    if everything:
        return list(steps)
    if not names and not runs:
        runs = {step.run for step in steps[:1]}
    return [step for step in steps if step.entry.tool in names or step.run in runs]


def make(steps: Sequence[Step], *, exact: bool, owner: int | None = None) -> list[FileUndo]:
    """Plan for each file by itself, newest step first. `exact` gives back old bytes or refuses."""
    by_file: dict[str, list[Step]] = {}
    for step in steps:
        by_file.setdefault(step.entry.real, []).append(step)
    plans = []
    for real, its in by_file.items():
        entry = its[0].entry
        try:
            if os.path.realpath(entry.path) != real:
                raise Refused("a link on the way leads elsewhere now", cure=f"the file is {real}")
            snapshot = read(Path(entry.path), owner)
            plans.append(_file(its, snapshot, exact=exact))
        except PatchError as problem:
            plans.append(FileUndo(entry.tool, Path(entry.path), problem=problem))
    return plans


def _file(steps: Sequence[Step], snapshot: Snapshot | None, *, exact: bool) -> FileUndo:
    first = steps[0].entry
    data = current = snapshot.data if snapshot else None
    left: list[str] = []
    for step in steps:
        now = None if data is None else digest(data)
        if now == step.entry.before:
            continue
        if now == step.entry.after:
            data = load_backup(step.backup, step.entry)
        elif exact:
            raise Refused(
                "it was changed since, and the old bytes would overwrite that",
                cure=f"undo without --exact takes back our values alone; the old bytes are in {step.backup}",
            )
        elif data is None:
            left.append("the file is gone")
        else:
            data, spared = take_back(step.entry, load_backup(step.backup, step.entry), data)
            left += spared
    mode = _mode(steps, snapshot, left) if snapshot and data is not None else None
    write = Write(
        tool=first.tool,
        path=Path(first.path),
        format=first.format,
        before=current,
        after=data,
        undoes=tuple(step.mark for step in steps),
        folders=steps[-1].entry.folders if data is None else (),
        mode=mode,
    )
    hidden = tuple(_secrets(steps, current))
    return FileUndo(first.tool, write.path, write if write.changes else None, tuple(left), secrets=hidden)


def _mode(steps: Sequence[Step], snapshot: Snapshot, left: list[str]) -> tuple[int, int] | None:
    """The permission bits now and as they were, where these steps changed them; `left` hears why not."""
    now = then = stat.S_IMODE(snapshot.info.st_mode)
    for step in steps:
        old, new = step.entry.mode or (then, then)
        if then == new:
            then = old
        elif then != old:
            left.append("its mode was changed since")
    return (now, then) if then != now else None


def _secrets(steps: Sequence[Step], current: bytes | None) -> Iterable[str]:
    for step in steps:
        for data in (current, load_backup(step.backup, step.entry)):
            with contextlib.suppress(Refused):
                document = formats.Document.read(step.entry.format, data or b"")
                for receipt in step.entry.receipts:
                    value = document.get(receipt.path) if receipt.role == "key" else None
                    yield from (
                        one for one in (value if isinstance(value, list) else [value]) if is_secret(one)
                    )


def take_back(entry: Entry, before: bytes | None, data: bytes) -> tuple[bytes | None, list[str]]:
    """Our values out of a file that was changed since; answers with what had to stay, and why.

    None instead of bytes: there was no file before, and nothing of anybody else's is in it now.
    """
    old = formats.Document.read(entry.format, before or b"")
    now = formats.Document.read(entry.format, data)
    ours = [receipt for receipt in entry.receipts if value_digest(now.get(receipt.path)) == receipt.digest]
    left = [f"{shown(r.path)} was changed since" for r in entry.receipts if r not in ours and now.has(r.path)]
    after = None if left else textual(entry, before or b"", data, old, now)
    if after is None:
        changes, stays = _changes(ours, entry, old, now)
        left += stays
        after = formats.edit(entry.format, data, changes).after
    if before is None and after.removeprefix(b"\xef\xbb\xbf").strip() in {b"", b"{}", b"[]", b"null"}:
        return None, left
    return after, left


def textual(
    entry: Entry, before: bytes, data: bytes, old: formats.Document, now: formats.Document
) -> bytes | None:
    """Undo as a three-way merge of texts: our splices out, everything else as it is now.

    None where that is not surely right: our text is not to be found whole, or what would come
    out does not hold the old values.
    """
    with contextlib.suppress(Refused):
        again = [Change(receipt.path, now.get(receipt.path)) for receipt in entry.receipts]
        edited = formats.edit(entry.format, before, again)
        if digest(edited.after) != entry.after:
            return None
        merged = unspliced(before, edited, data)
        if merged is not None:
            document = formats.Document.read(entry.format, merged)
            if all(same(document.get(r.path), old.get(r.path)) for r in entry.receipts):
                return merged
    return None


def _changes(
    ours: Sequence[Receipt], entry: Entry, old: formats.Document, now: formats.Document
) -> tuple[list[Change], list[str]]:
    """What puts our values back one by one, and which of them have to stay."""
    changes: list[Change] = []
    left: list[str] = []
    added: list[tuple[Segment, ...]] = []
    moved = {r.group for r in entry.receipts if r.role == "url" and r not in ours}
    for receipt in ours:
        value = old.get(receipt.path)
        if not old.has(receipt.path):
            added.append(receipt.path)
        elif receipt.role == "key" and receipt.group in moved:
            left.append(
                f"{shown(receipt.path)}: the old key belongs to an address that is not there any more"
            )
        elif value is ABSENT:
            left.append(f"{shown(receipt.path)}: the old value is no plain one; it is in the backup")
        else:
            changes.append(Change(receipt.path, value))
    return changes + [Change(path, ABSENT) for path in _emptied(added, old, now)], left


def _emptied(
    removed: Sequence[tuple[Segment, ...]], old: formats.Document, now: formats.Document
) -> Iterable[tuple[Segment, ...]]:
    """What to remove: of each value that was added the outermost place that holds nothing else."""
    whole: dict[tuple[Segment, ...], None] = {}
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


def _rest(value: Value | Absent, paths: Sequence[tuple[Segment, ...]]) -> Value | Absent:
    """What is left of a nested value without these paths, and without what they empty."""
    if () in paths:
        return ABSENT
    if isinstance(value, dict):
        left = {}
        for key, each in value.items():
            below = [path[1:] for path in paths if path[0] == key]
            rest = _rest(each, below) if below else each
            if not below or rest not in ABSENT_OR_EMPTY:
                left[key] = rest if rest is not ABSENT else None
        return left
    if isinstance(value, list):
        items: list[Value] = []
        for each in value:
            below = [path[1:] for path in paths if isinstance(path[0], Item) and _is(each, path[0])]
            rest = _rest(each, below) if below else each
            if not below or rest not in ABSENT_OR_EMPTY:
                items.append(each)
        return items
    return value


def _is(value: Value, item: Item) -> bool:
    return isinstance(value, dict) and all(same(value.get(name, ABSENT), want) for name, want in item.fields)


def runs_of(store: Store) -> list[tuple[Run, bool]]:
    """All runs, newest first, each with whether all of it has been taken back."""
    runs = store.runs()
    undone = taken_back(runs)
    return [
        (run, run.kind == "patch" and all(run.mark(index) in undone for index in range(len(run.entries))))
        for run in runs
    ]
