"""What a run leaves written about itself: its files, and what was set in them, as hashes; no keys."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, field
from pathlib import Path
from typing import Any, TypeAlias

from patcher.dataclass import dataclass
from patcher.errors import PatchError
from patcher.formats.ops import Absent, Segment, Value, segment, written
from patcher.i18n import _
from patcher.os_errors import why
from patcher.stores.access import Rows, Source

FileState: TypeAlias = tuple[str, int | None]
"""What a file is at a look: the hash of its bytes; its permission bits where a run is about them too."""


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
class StoreRecord:
    """A store that a file was written for: where, and the hashes of its document before and after."""

    place: str
    rows: Rows | None
    before: str
    after: str

    @property
    def source(self) -> Source:
        return Source(Path(self.place), self.rows)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> StoreRecord:
        return cls(**{**data, "rows": Rows(*data["rows"]) if data["rows"] else None})


@dataclass(frozen=True)
class RunEntry:
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
    """The entries that were taken back, as `Run.entry_id` names them."""
    mode: tuple[int, int] | None = None
    """Permission bits before and after, where they were changed."""
    stored: StoreRecord | None = None
    """Of which store the file is a part, where it is no settings file by itself."""

    @property
    def place(self) -> str:
        """What a person calls it: the file, or the store that it is a part of."""
        return self.stored.place if self.stored else self.path

    @property
    def text_after(self) -> str | None:
        """The hash of what a person reads of it after the run."""
        return self.stored.after if self.stored else self.after

    @property
    def was(self) -> FileState | None:
        """What the file was before the run."""
        return None if self.before is None else (self.before, self.mode and self.mode[0])

    @property
    def becomes(self) -> FileState | None:
        """What the run makes of it."""
        return None if self.after is None else (self.after, self.mode and self.mode[1])

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RunEntry:
        receipts = tuple(map(Receipt.from_json, data["receipts"]))
        lists = {name: tuple(data[name]) for name in ("folders", "undoes")}
        mode, stored = data.get("mode"), data.get("stored")
        more = {
            "mode": (mode[0], mode[1]) if mode else None,
            "stored": StoreRecord.from_json(stored) if stored else None,
        }
        return cls(**{**data, "receipts": receipts, **lists, **more})

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "receipts": [receipt.as_json() for receipt in self.receipts]}


@dataclass(frozen=True)
class Run:
    """One run: its number, when (seconds since 1970), what kind, and its files."""

    number: int
    kind: str
    at: float
    entries: tuple[RunEntry, ...]
    folder: Path = field(compare=False)

    @property
    def undoable(self) -> bool:
        """Whether it put values in, which can be taken back; `undo` alone does not."""
        return self.kind != "undo"

    def entry_id(self, index: int) -> str:
        """The name of one entry: number of the run, place in the run."""
        return f"{self.number}.{index}"

    def backup(self, index: int) -> Path:
        """Where the old bytes of a file are."""
        return self.folder / f"{index}.before"


def taken_back(runs: Iterable[Run]) -> set[str]:
    """The entries that these runs took back, as `Run.entry_id` names them."""
    return {mark for run in runs for entry in run.entries for mark in entry.undoes}


def pinned_name(entry: RunEntry) -> str:
    """What the first original of a file is kept as."""
    return digest(entry.real.encode())[:32]


def digest(data: bytes) -> str:
    import hashlib  # noqa: PLC0415 - OpenSSL, which a dry run need not load

    return hashlib.sha256(data).hexdigest()


def value_digest(value: Value | Absent) -> str:
    """The hash of a plain value, by which it is known again without being kept."""
    return digest(json.dumps(value, sort_keys=True, default=str).encode())


def dump(run: Run) -> bytes:
    entries = [entry.as_json() for entry in run.entries]
    data = {"version": 1, "number": run.number, "kind": run.kind, "at": run.at, "files": entries}
    return json.dumps(data, ensure_ascii=False, indent=1).encode() + b"\n"


def load(folder: Path) -> Run:
    return load_file(folder / "manifest.json", folder)


def load_file(path: Path, folder: Path) -> Run:
    try:
        data = json.loads(path.read_bytes())
        entries = tuple(map(RunEntry.from_json, data["files"]))
        return Run(data["number"], data["kind"], data["at"], entries, folder)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PatchError(
            _("{path} cannot be read ({kind}); move it away to go on").format(
                path=path, kind=type(error).__name__
            )
        ) from None


def load_backup(path: Path, entry: RunEntry) -> bytes | None:
    """The old bytes of a file, None where there was none.

    Raises `PatchError` where the backup is gone or is not what was put there.
    """
    return None if entry.before is None else _backup(path, entry.before)


def load_document(path: Path, entry: RunEntry) -> bytes | None:
    """The document before of the store that a new file was written for; None of any other file.

    Raises `PatchError` as `load_backup` does.
    """
    return _backup(path, entry.stored.before) if entry.stored and entry.before is None else None


def _backup(path: Path, expected: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PatchError(
            _("the backup {path} cannot be read ({why})").format(path=path, why=why(error))
        ) from None
    if digest(data) != expected:
        raise PatchError(_("the backup {path} is not what was put there; it is not used").format(path=path))
    return data
