"""The only way to disk: all files of a run change, or none.

1. The old bytes and a manifest are on disk, privately, before anything changes (`prepared`).
2. Every new file lies ready beside its target, so that nothing later needs space.
3. Each is swapped in; what comes out must be the bytes that were planned on, or it goes back.
4. Renaming one marker commits the run (`committed`); what is left is tidying up (`done`).

Before 4 every failure is rolled back: here if the program lives, else by `recover` at the next
start. Sources: the atomic-commit protocol of SQLite, lock files of git, rename rules of ALICE
(Pillai et al., OSDI 2014): sync a file before its rename and the directory after it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from patcher.errors import Refused
from patcher.runs import COMMITTED, DONE, PREPARED, Entry, Receipt, Run, Store, digest
from patcher.safefile import (
    Folder,
    Snapshot,
    explained,
    make_folders,
    read,
    remove_folder,
    temporary,
    writable,
)


@dataclass(frozen=True)
class Write:
    """One file that shall hold `after` where it holds `before` now; None is no file."""

    tool: str
    path: Path
    format: str
    before: bytes | None
    after: bytes | None
    receipts: tuple[Receipt, ...] = field(default=(), repr=False)
    undoes: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    """Directories to remove afterwards if they are empty: an undo of having made them."""


_OLD = ".old"
"""The second name of the old file, where two files cannot be exchanged."""


class FileRefused(Refused):
    """One file could not be written; the run was rolled back."""

    def __init__(self, write: Write, refusal: Refused) -> None:
        super().__init__(refusal.reason, line=refusal.line, cure=refusal.cure)
        self.write = write


@dataclass
class _Job:
    """A write on its way: its entry in the manifest, and the file as it was just read."""

    write: Write
    entry: Entry
    snapshot: Snapshot | None

    @property
    def name(self) -> str:
        return Path(self.entry.real).name

    def folder(self) -> Folder:
        return Folder(Path(self.entry.real).parent)


def apply(
    writes: Sequence[Write], store: Store, kind: str, owner: tuple[int, int] | None = None
) -> Run | None:
    """Bring all the writes about, or none; None where there is nothing to write.

    `owner` is the user and group of the home where root works for somebody else. Raises
    `FileRefused` for a file that cannot be written or has changed since it was read, `PatchError`
    for a failing disk; all files are as they were then.
    """
    if not writes:
        return None
    with store.locked(), _undisturbed():
        recover(store)
        jobs = [_job(write, owner) for write in writes]
        with explained("the backup cannot be written"):
            run = store.prepare(
                kind, [(job.entry, job.snapshot.data if job.snapshot else None) for job in jobs]
            )
        try:
            for job in jobs:
                with _blamed(job.write):
                    _stage(job, owner)
            for job in jobs:
                with _blamed(job.write):
                    _swap(job)
            with explained("the run cannot be recorded"):
                store.mark(run, PREPARED, COMMITTED)
        except BaseException:
            with contextlib.suppress(OSError):  # a disk that fails now as well: the next start tries again
                _roll_back(run, store)
            raise
        _finish(run, store)
    return run


def _job(write: Write, owner: tuple[int, int] | None) -> _Job:
    with _blamed(write):
        snapshot = read(write.path, owner and owner[0])
        if (snapshot.data if snapshot else None) != write.before:
            raise Refused("it has changed meanwhile", cure="run again")
        writable(write.path)
        real = snapshot.path if snapshot else Path(os.path.realpath(write.path))
        missing = []
        folder = real.parent
        while not folder.exists():
            missing.append(str(folder))
            folder = folder.parent
    entry = Entry(
        tool=write.tool,
        path=str(write.path),
        real=str(real),
        format=write.format,
        before=None if write.before is None else digest(write.before),
        after=None if write.after is None else digest(write.after),
        temporary=temporary(real.name),
        folders=tuple(reversed(missing)) or write.folders,
        receipts=write.receipts,
        undoes=write.undoes,
    )
    return _Job(write, entry, snapshot)


def _stage(job: _Job, owner: tuple[int, int] | None) -> None:
    """Put the new bytes beside the target, durably."""
    if job.write.after is None:
        return
    make_folders(Path(job.entry.real).parent, like=owner)
    with job.folder() as folder:
        if job.snapshot is not None:
            folder.write_new(job.entry.temporary, job.write.after, job.snapshot.info, job.name)
        else:
            folder.write_new(job.entry.temporary, job.write.after)
            if owner is not None:
                folder.own(job.entry.temporary, *owner)
        folder.sync()


def _swap(job: _Job) -> None:
    """Put the new file in its place; what it displaces lies under the temporary name then."""
    name, temporary_name = job.name, job.entry.temporary
    with job.folder() as folder:
        if job.write.before is None:
            folder.link(temporary_name, name)  # never over a file that has come up meanwhile
            folder.unlink(temporary_name)
        elif job.write.after is None:
            folder.rename(name, temporary_name)
            _look(folder, job)
        elif folder.exchange(name, temporary_name):
            _look(folder, job)
        else:
            _swap_without_exchange(folder, job)
        folder.sync()


def _look(folder: Folder, job: _Job) -> None:
    """What came out must be what was planned on: else another program wrote in the last moment."""
    if _digest(folder, job.entry.temporary) != job.entry.before:
        raise Refused("another program changed it just now; its change was kept", cure="run again")


def _swap_without_exchange(folder: Folder, job: _Job) -> None:
    """The fallback: look as late as possible, and keep the old file under a second name."""
    old = job.entry.temporary + _OLD
    folder.link(job.name, old)
    if _digest(folder, old) != job.entry.before:
        folder.unlink(old)
        raise Refused("another program changed it just now; its change was kept", cure="run again")
    folder.rename(job.entry.temporary, job.name)


def recover(store: Store) -> list[Entry]:
    """Finish or take back what a killed run left; answers with the files it had to leave as they are.

    The lock must be held.
    """
    left: list[Entry] = []
    for run in store.runs(unfinished=True):
        if (run.folder / COMMITTED).exists():
            _finish(run, store)
        else:
            left += _roll_back(run, store)
    return left


def _roll_back(run: Run, store: Store) -> list[Entry]:
    """Every file of a run as it was, from what lies on disk alone; needs no space.

    A file that somebody has edited on top of our change stays. Then the run counts as made, so
    that `undo` can take our values out of it.
    """
    left = [entry for entry in reversed(run.entries) if not _restore(entry)]
    if left:
        store.mark(run, PREPARED, COMMITTED)
        _finish(run, store)
    else:
        store.remove(run)
    return left


def _restore(entry: Entry) -> bool:
    """One file as it was; False where it had to be left with an edit made on top of ours."""
    real = Path(entry.real)
    restored = True
    with contextlib.suppress(FileNotFoundError), Folder(real.parent) as folder:
        if entry.before is None:
            _unmake(folder, real.name, entry)
        else:
            restored = _put_back(folder, real.name, entry)
        folder.unlink(entry.temporary)
        folder.unlink(entry.temporary + _OLD)
        folder.sync()
    if entry.before is None:
        for made in reversed(entry.folders):
            remove_folder(Path(made))
    return restored


def _unmake(folder: Folder, name: str, entry: Entry) -> None:
    """Remove a file that was made, unless it is somebody else's by now."""
    if _digest(folder, name) != entry.after:
        return
    if not folder.exists(entry.temporary) or folder.same(name, entry.temporary):
        folder.unlink(name)


def _put_back(folder: Folder, name: str, entry: Entry) -> bool:
    """Swap the old file in again, which lies beside it if it was ever displaced."""
    now = _digest(folder, name)
    beside = entry.temporary + _OLD if folder.exists(entry.temporary + _OLD) else entry.temporary
    old = _digest(folder, beside)
    if old is None or old == entry.after:
        return True  # never displaced: what lies beside, if anything, is the new file
    if now == entry.after:
        # Also where the old file is not `before`: another program's edit that came out goes back.
        folder.rename(beside, name)
        return True
    return old != entry.before or now == entry.before


def _finish(run: Run, store: Store) -> None:
    """Tidy up after the commit. Nothing here can undo it, so a failure waits for the next start."""
    with contextlib.suppress(OSError):
        for entry in run.entries:
            with contextlib.suppress(FileNotFoundError), Folder(Path(entry.real).parent) as folder:
                folder.unlink(entry.temporary)
                folder.unlink(entry.temporary + _OLD)
                folder.sync()
            if entry.after is None:
                for made in reversed(entry.folders):
                    remove_folder(Path(made))
        store.mark(run, COMMITTED, DONE)
        store.prune()


def _digest(folder: Folder, name: str) -> str | None:
    data = folder.read(name)
    return None if data is None else digest(data)


@contextlib.contextmanager
def _blamed(write: Write) -> Iterator[None]:
    """Say whose fault it is: a refusal in here is about this file."""
    try:
        with explained("it cannot be written"):
            yield
    except FileRefused:
        raise
    except Refused as refusal:
        raise FileRefused(write, refusal) from None


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let Ctrl-C and a polite kill wait until the run has come to its end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []

    def later(number: int, _: FrameType | None) -> None:
        caught.append(number)

    before = {int(number): signal.signal(number, later) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in caught:
            signal.raise_signal(number)
