"""What this program keeps of its own: lock, runs with their manifests and backups, first originals.

state/lock
state/runs/7/prepared | committed | done     how far the run came: one file, renamed on
state/runs/7/manifest.json                   paths, hashes, what was set (as hashes); no keys
state/runs/7/0.before                        the old bytes of the run's first file
state/runs/7.new | 7.old                     being made or unmade, being forgotten
state/originals/<hash of path>.{json,before} the very first old bytes of every file, for ever
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from patcher.errors import PatchError
from patcher.formats.ops import Absent, Segment, Value, segment, written
from patcher.safefile import Folder, Lock, explained, make_folders, private, remove_tree

KEEP = 10
"""How many runs are kept."""

PREPARED, COMMITTED, DONE = "prepared", "committed", "done"
_PATIENCE = 10.0  # seconds that a run waits for another one to end


@dataclass(frozen=True)
class Receipt:
    """One value that was set: where, in which role, and the hash of what it is now."""

    path: tuple[Segment, ...]
    role: str
    group: int
    """Settings of one edit stand together: a key goes back only beside its URL."""
    digest: str

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "path": [written(step) for step in self.path]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Receipt:
        path = tuple(segment(step) for step in data["path"])
        return cls(path, data["role"], data["group"], data["digest"])


@dataclass(frozen=True)
class Entry:
    """One file of a run, as its manifest keeps it; hashes are None where there was no file."""

    tool: str
    path: str
    real: str
    format: str
    before: str | None
    after: str | None
    temporary: str
    folders: tuple[str, ...] = ()
    """Directories that had to be made, outermost first."""
    receipts: tuple[Receipt, ...] = ()
    undoes: tuple[str, ...] = ()
    """The entries that were taken back, as `Run.mark` names them."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Entry:
        receipts = tuple(map(Receipt.from_json, data["receipts"]))
        return cls(**{**data, "receipts": receipts, **{k: tuple(data[k]) for k in ("folders", "undoes")}})

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "receipts": [receipt.as_json() for receipt in self.receipts]}


@dataclass(frozen=True)
class Run:
    """One run: its number, when (seconds since 1970), what kind, and its files."""

    number: int
    kind: str
    at: float
    entries: tuple[Entry, ...]
    folder: Path = field(compare=False)

    def mark(self, index: int) -> str:
        """The name of one entry: number of the run, place in the run."""
        return f"{self.number}.{index}"

    def backup(self, index: int) -> Path:
        """Where the old bytes of a file are."""
        return self.folder / f"{index}.before"


def taken_back(runs: Iterable[Run]) -> set[str]:
    """The entries that these runs took back, as `Run.mark` names them."""
    return {mark for run in runs for entry in run.entries for mark in entry.undoes}


def _pinned_name(entry: Entry) -> str:
    """What the first original of a file is kept as."""
    return digest(entry.real.encode())[:32]


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def value_digest(value: Value | Absent) -> str:
    """The hash of a plain value, by which it is known again without being kept."""
    return digest(json.dumps(value, sort_keys=True, default=str).encode())


class Store:
    """The state directory of one home."""

    def __init__(self, folder: Path, owner: tuple[int, int] | None = None) -> None:
        self.folder = folder
        self._runs = folder / "runs"
        self._originals = folder / "originals"
        self._owner = owner
        """Whose home it is, where root works for somebody else."""

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of this home; a second run waits, then raises `PatchError` that says who has it."""
        with explained(f"the backup directory {self.folder} cannot be used"):
            for folder in (self._runs, self._originals):
                make_folders(folder, like=self._owner)
                private(folder, self._owner and self._owner[0])
            private(self.folder, self._owner and self._owner[0])
            lock = Lock(self.folder / "lock", self._owner)
        with lock:
            end = time.monotonic() + _PATIENCE
            while not self._taken(lock):
                if time.monotonic() > end:
                    raise PatchError(
                        f"another run (process {lock.holder}) is still at work; wait until it ends"
                    )
                time.sleep(0.05)
            yield

    def _taken(self, lock: Lock) -> bool:
        with explained(f"the lock in {self.folder} cannot be used"):
            return lock.taken()

    def runs(self, *, unfinished: bool = False) -> list[Run]:
        """The runs that came to their end, newest first; or those that did not."""
        found = []
        for folder in self._runs.iterdir() if self._runs.is_dir() else ():
            if folder.name.isdecimal() and (folder / DONE).exists() is not unfinished:
                with contextlib.suppress(FileNotFoundError):  # a crash left it before its manifest
                    found.append(_load(folder))
        return sorted(found, key=lambda run: -run.number)

    def prepare(self, kind: str, files: Sequence[tuple[Entry, bytes | None]]) -> Run:
        """Put a run's manifest and backups on disk, durably, before anything is changed."""
        number = max((int(f.name) for f in self._runs.iterdir() if f.name.isdecimal()), default=0) + 1
        entries = tuple(entry for entry, _ in files)
        run = Run(number, kind, time.time(), entries, self._runs / str(number))
        making = self._runs / f"{number}.new"
        remove_tree(making)  # of a run that died here
        make_folders(making, like=self._owner)
        with Folder(making, self._owner) as folder:
            for index, (_, data) in enumerate(files):
                if data is not None:
                    folder.write_new(f"{index}.before", data)
            folder.write_new("manifest.json", _dump(run))
            folder.write_new(PREPARED, b"")
            folder.sync()
        for index, (entry, data) in enumerate(files):
            self._pin(run, index, entry, data)
        with Folder(self._runs) as folder:
            folder.rename(making.name, str(number))
            folder.sync()
        return run

    def _pin(self, run: Run, index: int, entry: Entry, data: bytes | None) -> None:
        """Keep the very first old bytes of a file apart from the runs, which come and go."""
        name = _pinned_name(entry)
        if run.kind != "patch" or (self._originals / f"{name}.json").exists():
            return
        with Folder(self._originals, self._owner) as folder:
            folder.unlink(f"{name}.before")
            if data is not None:
                folder.write_new(f"{name}.before", data)
            _replace(folder, f"{name}.json", _dump(replace(run, entries=(run.entries[index],))))

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
        return [(_load_file(file, self._originals), file.with_suffix(".before")) for file in files]

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

    def tidy(self) -> None:
        """Remove what a killed run left here half made or half removed."""
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
        aside = [_load(folder) for folder in folders if (folder / "manifest.json").exists()]
        undone = taken_back((*aside, *self.runs()))
        for run in aside:
            for index, entry in enumerate(run.entries if run.kind == "patch" else ()):
                with contextlib.suppress(FileNotFoundError):  # somebody has removed the original
                    self._fold(run, entry, undone=run.mark(index) in undone)
            remove_tree(run.folder)
        for folder in folders:
            remove_tree(folder)

    def _fold(self, run: Run, entry: Entry, *, undone: bool) -> None:
        """Let the pinned original of a file say what is there now that a run is forgotten."""
        name = _pinned_name(entry)
        pinned = _load_file(self._originals / f"{name}.json", self._originals)
        (first,) = pinned.entries
        if undone and pinned.number == run.number:
            first = replace(first, after=first.before, receipts=())
        elif not undone:
            receipts = {receipt.path: receipt for receipt in (*first.receipts, *entry.receipts)}
            first = replace(first, after=entry.after, receipts=tuple(receipts.values()))
        with Folder(self._originals, self._owner) as folder:
            _replace(folder, f"{name}.json", _dump(replace(pinned, number=run.number, entries=(first,))))


def _replace(folder: Folder, name: str, data: bytes) -> None:
    """Put a file of our own in its place, whole."""
    folder.unlink(f"{name}.new")
    folder.write_new(f"{name}.new", data)
    folder.rename(f"{name}.new", name)
    folder.sync()


def _dump(run: Run) -> bytes:
    entries = [entry.as_json() for entry in run.entries]
    data = {"version": 1, "number": run.number, "kind": run.kind, "at": run.at, "files": entries}
    return json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n"


def _load(folder: Path) -> Run:
    return _load_file(folder / "manifest.json", folder)


def _load_file(path: Path, folder: Path) -> Run:
    try:
        data = json.loads(path.read_bytes())
        entries = tuple(map(Entry.from_json, data["files"]))
        return Run(data["number"], data["kind"], data["at"], entries, folder)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PatchError(f"{path} cannot be read ({type(error).__name__}); move it away to go on") from None


def load_backup(path: Path, entry: Entry) -> bytes | None:
    """The old bytes of a file, None where there was none.

    Raises `PatchError` where the backup is gone or is not what was put there.
    """
    if entry.before is None:
        return None
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PatchError(f"the backup {path} cannot be read ({error.strerror})") from None
    if digest(data) != entry.before:
        raise PatchError(f"the backup {path} is not what was put there; it is not used")
    return data
