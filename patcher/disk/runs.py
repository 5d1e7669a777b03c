"""What this program keeps of its own: lock, runs with their manifests and backups, first originals.

state/lock
state/runs/7/prepared | committed | done     how far the run came: one file, renamed on
state/runs/7/manifest.json                   paths, hashes, what was set (as hashes); no keys
state/runs/7/0.before                        the old bytes of the run's first file
state/runs/7.new | 7.old                     being made or unmade, being forgotten
state/originals/<hash of path>.{json,before} the very first old bytes of every file, until a purge
state/{originals,runs}.purged                being removed
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from patcher.disk.lock import Lock
from patcher.disk.manifest import Run, RunEntry, dump, load, load_file, pinned_name, taken_back
from patcher.disk.safefile import Folder, explained, make_folders, remove_tree
from patcher.disk.snapshot import require_private
from patcher.errors import PatchError
from patcher.i18n import _

KEEP = 10
"""How many runs are kept."""

PREPARED, COMMITTED, DONE = "prepared", "committed", "done"
_PURGED = ".purged"
_PATIENCE = 10.0  # seconds that a run waits for another one to end


class Journal:
    """The state directory of one home."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runs = folder / "runs"
        self._originals = folder / "originals"

    @property
    def exists(self) -> bool:
        """Whether any run has ever needed it."""
        return self.folder.is_dir()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of this home; a second run waits, then raises `PatchError` that says who has it."""
        with explained(_("the backup directory {folder} cannot be used").format(folder=self.folder)):
            for folder in (self._runs, self._originals):
                make_folders(folder)
                require_private(folder)
            require_private(self.folder)
            lock = Lock(self.folder / "lock")
        with lock:
            end = time.monotonic() + _PATIENCE
            while not self._taken(lock):
                if time.monotonic() > end:
                    raise PatchError(
                        _("another run (process {holder}) is still at work; wait until it ends").format(
                            holder=lock.holder
                        )
                    )
                time.sleep(0.05)
            yield

    def _taken(self, lock: Lock) -> bool:
        with explained(_("the lock in {folder} cannot be used").format(folder=self.folder)):
            return lock.taken()

    def runs(self, *, unfinished: bool = False) -> list[Run]:
        """The runs that came to their end, newest first; or those that did not."""
        found = []
        for folder in self._runs.iterdir() if self._runs.is_dir() else ():
            if folder.name.isdecimal() and (folder / DONE).exists() is not unfinished:
                with contextlib.suppress(FileNotFoundError):  # a crash left it before its manifest
                    found.append(load(folder))
        return sorted(found, key=lambda run: -run.number)

    def prepare(self, kind: str, files: Sequence[tuple[RunEntry, bytes | None]]) -> Run:
        """Put a run's manifest and backups on disk, durably, before anything is changed."""
        number = max((int(f.name) for f in self._runs.iterdir() if f.name.isdecimal()), default=0) + 1
        entries = tuple(entry for entry, _ in files)
        run = Run(number, kind, time.time(), entries, self._runs / str(number))
        making = self._runs / f"{number}.new"
        remove_tree(making)  # of a run that died here
        make_folders(making)
        with Folder(making) as folder:
            for index, (_, data) in enumerate(files):
                if data is not None:
                    folder.write_new(f"{index}.before", data)
            folder.write_new("manifest.json", dump(run))
            folder.write_new(PREPARED, b"")
            folder.sync()
        for index, (entry, data) in enumerate(files):
            self._pin(run, index, entry, data)
        with Folder(self._runs) as folder:
            folder.rename(making.name, str(number))
            folder.sync()
        return run

    def _pin(self, run: Run, index: int, entry: RunEntry, data: bytes | None) -> None:
        """Keep the very first old bytes of a file apart from the runs, which come and go."""
        name = pinned_name(entry)
        if not run.undoable or (self._originals / f"{name}.json").exists():
            return
        with Folder(self._originals) as folder:
            folder.unlink(f"{name}.before")
            if data is not None:
                folder.write_new(f"{name}.before", data)
            _replace(folder, f"{name}.json", dump(replace(run, entries=(run.entries[index],))))

    def _unpin(self, number: int) -> None:
        """Forget the originals of a run that did not happen: the files may be others before the next."""
        with Folder(self._originals) as folder:
            for run, backup in self.originals():
                if run.number == number:
                    folder.unlink(f"{backup.stem}.json")
                    folder.unlink(backup.name)
            folder.sync()

    def originals(self) -> list[tuple[Run, Path]]:
        """For every file the run that first touched it (with that one entry), and its old bytes' place."""
        files = sorted(self._originals.glob("*.json")) if self._originals.is_dir() else []
        return [(load_file(file, self._originals), file.with_suffix(".before")) for file in files]

    def mark(self, run: Run, old: str, new: str) -> bool:
        """Say how far a run has come: one rename, which needs no space; answers whether it is durable.

        It counts from the rename on, also where the disk cannot sync it any more.
        """
        with Folder(run.folder) as folder:
            folder.rename(old, new)
            try:
                folder.sync()
            except OSError:
                return False
        return True

    def remove(self, run: Run) -> None:
        """Forget a run that did not happen."""
        aside = self._set_aside(run, "new")
        self._unpin(run.number)
        remove_tree(aside)

    def _set_aside(self, run: Run, why: str) -> Path:
        """Take a run off the list at once: half removed it would be taken for unfinished."""
        with Folder(self._runs) as folder:
            folder.rename(run.folder.name, f"{run.number}.{why}")
            folder.sync()
        return self._runs / f"{run.number}.{why}"

    def purge(self) -> tuple[int, int]:
        """Forget all runs and originals; answers with how many runs and how many old files that were.

        Raises `PatchError` where something cannot be removed. The originals go first: what is
        left of the runs after a crash can still be undone, or is no run any more.
        """
        if unfinished := self.runs(unfinished=True):
            raise PatchError(
                _("run {number} is half done and cannot be mended; see {folder}").format(
                    number=unfinished[0].number, folder=self.folder
                )
            )
        runs = len([folder for folder in self._runs.iterdir() if folder.name.isdecimal()])
        kept = sum(1 for _ in self.folder.rglob("*.before"))
        with Folder(self.folder) as folder:
            for part in (self._originals, self._runs):
                folder.rename(part.name, f"{part.name}{_PURGED}")
                folder.sync()
        self._finish_purge()
        if left := next(self.folder.glob(f"*{_PURGED}"), None):
            raise PatchError(
                _("{left} cannot be removed; nothing in it is used any more, remove it yourself").format(
                    left=left
                )
            )
        return runs, kept

    def _finish_purge(self) -> None:
        """Remove what was purged, also by a run that died over it."""
        for left in self.folder.glob(f"*{_PURGED}"):
            remove_tree(left)

    def tidy(self) -> None:
        """Remove what a killed run left here half made or half removed."""
        self._finish_purge()
        for left in self._runs.glob("*.new"):
            self._unpin(int(left.stem))
            remove_tree(left)
        self._forget()
        with Folder(self._originals) as folder:
            for left in (*self._originals.glob("*.new"), *self._originals.glob("*.before")):
                if left.suffix == ".new" or not left.with_suffix(".json").exists():
                    folder.unlink(left.name)

    def prune(self) -> None:
        """Forget all but the newest runs; what they did is kept with the first originals."""
        for run in reversed(self.runs()[KEEP:]):
            self._set_aside(run, "old")
        self._forget()

    def _forget(self) -> None:
        """Forget the runs that were set aside, the oldest first; a killed run left what is still there."""
        folders = sorted(self._runs.glob("*.old"), key=lambda folder: int(folder.stem))
        if not folders:
            return
        aside = [load(folder) for folder in folders if (folder / "manifest.json").exists()]
        undone = taken_back((*aside, *self.runs()))
        for run in aside:
            for index, entry in enumerate(run.entries if run.undoable else ()):
                with contextlib.suppress(FileNotFoundError):  # somebody has removed the original
                    self._fold(run, entry, undone=run.entry_id(index) in undone)
            remove_tree(run.folder)
        for folder in folders:
            remove_tree(folder)

    def _fold(self, run: Run, entry: RunEntry, *, undone: bool) -> None:
        """Let the pinned original of a file say what is there now that a run is forgotten."""
        name = pinned_name(entry)
        pinned = load_file(self._originals / f"{name}.json", self._originals)
        (first,) = pinned.entries
        if undone and pinned.number == run.number:
            first = replace(first, after=first.before, receipts=(), mode=None)
        elif not undone:
            receipts = {receipt.path: receipt for receipt in (*first.receipts, *entry.receipts)}
            mode = ((first.mode or entry.mode)[0], entry.mode[1]) if entry.mode else first.mode
            first = replace(first, after=entry.after, receipts=tuple(receipts.values()), mode=mode)
        with Folder(self._originals) as folder:
            _replace(folder, f"{name}.json", dump(replace(pinned, number=run.number, entries=(first,))))


def _replace(folder: Folder, name: str, data: bytes) -> None:
    """Put a file of our own in its place, whole."""
    folder.unlink(f"{name}.new")
    folder.write_new(f"{name}.new", data)
    folder.rename(f"{name}.new", name)
    folder.sync()
