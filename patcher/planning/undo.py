"""Taking it back: exactly our values, and nothing that was changed since. Pure, like the plan.

Where a file still holds the bytes that were written, the old bytes come back. Where it does not,
its receipts say which values were ours: those that still are go back, the rest stay and are named.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import NamedTuple

from patcher.dataclass import dataclass
from patcher.disk.manifest import Run, RunEntry, digest, load_backup, load_document, taken_back
from patcher.disk.runs import Journal
from patcher.disk.snapshot import Snapshot, read
from patcher.disk.write import StoreChange, Write
from patcher.errors import PatchError, Refused
from patcher.formats import editing
from patcher.i18n import _
from patcher.planning.receipts import take_back
from patcher.planning.target import InStore, Target, TextFile
from patcher.secrets.secret import is_secret
from patcher.stores import access
from patcher.stores.access import Source, StoreDocument


@dataclass(frozen=True)
class Step:
    """One entry of one run that is still in force, and where its old bytes are."""

    order: tuple[int, int]
    """Number of the run, place in the run."""
    entry_id: str
    entry: RunEntry
    backup: Path

    @property
    def run(self) -> int:
        return self.order[0]


@dataclass(frozen=True)
class FileEdit:
    """One file that runs have written: what to write (None: nothing), what was left, or why not."""

    tool: str
    path: Path
    write: Write | None = None
    left: tuple[str, ...] = ()
    problem: PatchError | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """Keys of before and now, which must not be shown."""


def undoable_steps(store: Journal) -> list[Step]:
    """Everything that was written and not taken back yet, newest first.

    Of files whose first run is no longer kept, the pinned original stands in for it.
    """
    runs = store.runs()
    undone = taken_back(runs)
    steps = [
        Step((run.number, index), run.entry_id(index), entry, run.backup(index))
        for run in runs
        if run.undoable
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
        (step for step in steps if step.entry_id not in undone), key=lambda step: step.order, reverse=True
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


def make(steps: Sequence[Step], *, exact: bool) -> list[FileEdit]:
    """Plan for each file by itself, newest step first. `exact` gives back old bytes or refuses."""
    plans = []
    for group in by_place(steps).values():
        entry = group[0].entry
        try:
            if entry.stored:
                plans += _store(group, entry.stored.source, exact=exact)
            else:
                plans.append(_file(group, target_of(group).snapshot, exact=exact))
        except PatchError as problem:
            plans.append(FileEdit(entry.tool, Path(entry.path), problem=problem))
    return plans


def by_place(steps: Sequence[Step]) -> dict[str, list[Step]]:
    """The steps of each file, or of each store, in their order."""
    places: dict[str, list[Step]] = {}
    for step in steps:
        places.setdefault(step.entry.stored.place if step.entry.stored else step.entry.real, []).append(step)
    return places


def target_of(steps: Sequence[Step]) -> Target:
    """What these steps wrote, as it is now; of a store the settings that they set.

    Raises `Refused` where a file's path leads to another one than it did.
    """
    entry = steps[0].entry
    if entry.stored:
        return InStore(entry.stored.source, entry.format, _names(steps).__contains__)
    if os.path.realpath(entry.path) != entry.real:
        raise Refused(
            _("a link on the way leads elsewhere now"), cure=_("the file is {real}").format(real=entry.real)
        )
    return TextFile(Path(entry.path), entry.format)


def _names(steps: Sequence[Step]) -> set[str]:
    """The settings of a store that these steps set."""
    return {str(receipt.path[0]) for step in steps for receipt in step.entry.receipts}


def _file(steps: Sequence[Step], snapshot: Snapshot | None, *, exact: bool) -> FileEdit:
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
                _("it was changed since, and the old bytes would overwrite that"),
                cure=_(
                    "undo without --exact takes back our values alone; the old bytes are in {backup}"
                ).format(backup=step.backup),
            )
        elif data is None:
            left.append(_("the file is gone"))
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
        undoes=tuple(step.entry_id for step in steps),
        folders=steps[-1].entry.folders if data is None else (),
        mode=mode,
    )
    hidden = tuple(_secrets(steps, current))
    return FileEdit(first.tool, write.path, write if write.changes else None, tuple(left), secrets=hidden)


def _store(steps: Sequence[Step], source: Source, *, exact: bool) -> list[FileEdit]:
    """A store: its old files come back where nothing has changed since, else its old values."""
    entry = steps[0].entry
    target = target_of(steps)
    if target.gone:
        return [FileEdit(entry.tool, target.path, left=(target.gone,))]
    old = [_old_document(step, source) for step in steps]
    keys = _names(steps).union(*map(access.keys, old))
    target = InStore(source, entry.format, keys.__contains__)
    now = target.document
    snapshots = {step.entry.real: read(Path(step.entry.path)) for step in steps}
    if _untouched(steps, snapshots, source):
        change = StoreChange(source, target.view.store.stamp, now, old[-1])
        plans = [
            _file([step for step in steps if step.entry.real == real], snapshot, exact=exact)
            for real, snapshot in snapshots.items()
        ]
        return [
            replace(plan, path=target.path, write=plan.write and replace(plan.write, stored=change))
            for plan in plans
        ]
    if exact:
        raise Refused(
            _("it was changed since, and the old state would overwrite that"),
            cure=_("undo without --exact takes back our values alone"),
        )
    data, left = now, list[str]()
    for step, document in zip(steps, old, strict=True):
        after, spared = take_back(step.entry, document, data)
        data = after or data
        left += spared
    write = target.write(entry.tool, data, undoes=tuple(step.entry_id for step in steps))
    hidden = tuple(keys_in(steps, (now, *old)))
    return [FileEdit(entry.tool, target.path, write if write.changes else None, tuple(left), secrets=hidden)]


def _old_document(step: Step, source: Source) -> bytes:
    """A store's document before a step."""
    document = load_document(step.backup, step.entry)
    if document is not None:
        return document
    before = load_backup(step.backup, step.entry)
    return StoreDocument.of(source, _names([step]).__contains__, before).document


def _untouched(steps: Sequence[Step], snapshots: Mapping[str, Snapshot | None], source: Source) -> bool:
    """Whether all files that were written are as each run left them, and none has come up after them."""
    now = {real: snapshot and digest(snapshot.data) for real, snapshot in snapshots.items()}
    for step in steps:
        if now[step.entry.real] != step.entry.after:
            return False
        now[step.entry.real] = step.entry.before
    return access.is_last(source, [Path(real) for real in snapshots])


def _mode(steps: Sequence[Step], snapshot: Snapshot, left: list[str]) -> tuple[int, int] | None:
    """The permission bits now and as they were, where these steps changed them; `left` hears why not."""
    now = then = stat.S_IMODE(snapshot.info.st_mode)
    for step in steps:
        old, new = step.entry.mode or (then, then)
        if then == new:
            then = old
        elif then != old:
            left.append(_("its mode was changed since"))
    return (now, then) if then != now else None


def _secrets(steps: Sequence[Step], current: bytes | None) -> Iterable[str]:
    for step in steps:
        yield from keys_in([step], (current, load_backup(step.backup, step.entry)))


def keys_in(steps: Sequence[Step], texts: Iterable[bytes | None]) -> Iterable[str]:
    """The keys in these texts, where the steps have put some."""
    for data in texts:
        for step in steps:
            with contextlib.suppress(Refused):
                document = editing.Document.read(step.entry.format, data or b"")
                for receipt in step.entry.receipts:
                    value = document.get(receipt.path) if receipt.role == "key" else None
                    yield from (
                        one for one in (value if isinstance(value, list) else [value]) if is_secret(one)
                    )


class PastRun(NamedTuple):
    """A run, and whether all of it has been taken back."""

    run: Run
    undone: bool


def runs_of(store: Journal) -> list[PastRun]:
    """All runs, newest first."""
    runs = store.runs()
    undone = taken_back(runs)
    return [
        PastRun(run, run.undoable and all(run.entry_id(index) in undone for index in range(len(run.entries))))
        for run in runs
    ]
