"""The only way to disk: all files of a run change, or none.

1. The old bytes and a manifest are on disk, privately, before anything changes (`prepared`).
2. Every new file lies ready beside its target, so that nothing later needs space.
3. Each is swapped in; what comes out must be the bytes that were planned on, or it goes back.
4. Renaming one marker commits the run (`committed`); what is left is tidying up (`done`).

Before 4 every failure is rolled back: here if the program lives, else by `recover` at the next
start. Sources: SQLite's atomic commit (sqlite.org/atomiccommit.html), lock files of git, and for what
must be synced before what ALICE (Pillai et al., "All File Systems Are Not Created Equal", OSDI '14):
a file before its rename, and the directory after it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from patcher.dataclass import dataclass
from patcher.disk.interrupts import undisturbed
from patcher.disk.manifest import Run, RunEntry, digest
from patcher.disk.recovery import OLD, files, finish, recover, roll_back, state_of
from patcher.disk.runs import COMMITTED, PREPARED, Journal
from patcher.disk.safefile import Folder, Like, explained, make_folders, temporary
from patcher.disk.snapshot import Snapshot, read, require_writable
from patcher.disk.write import Write
from patcher.errors import PatchError, Refused
from patcher.i18n import _
from patcher.stores import access

RECHECK_DELAY = 0.02
"""Seconds that another program gets to write over us before we look once more."""


class FileRefused(Refused):
    """One file could not be written; the run was rolled back."""

    def __init__(self, write: Write, refusal: Refused) -> None:
        super().__init__(refusal.reason, line=refusal.line, cure=refusal.cure)
        self.write = write


@dataclass(frozen=True)
class _Job:
    """One file on its way; of several tools' writes to it the first `before` and the last `after`."""

    write: Write
    entry: RunEntry
    snapshot: Snapshot | None

    @property
    def name(self) -> str:
        return Path(self.entry.real).name

    def folder(self) -> Folder:
        return Folder(Path(self.entry.real).parent)


@contextlib.contextmanager
def exclusive_run(store: Journal) -> Iterator[list[RunEntry]]:
    """Be the only run, from reading the files to having written them.

    What a killed run left is finished or taken back first, so that nobody plans on it. Yields the
    files that had to be left as they are.
    """
    with store.locked():
        with explained(_("what an earlier run left cannot be mended")), undisturbed():
            left = recover(store)
        yield left


def apply(
    writes: Sequence[Write],
    store: Journal,
    kind: str,
    watched: Callable[[Sequence[_Job]], Iterator[_Job]] = iter,
) -> Run | None:
    """Bring all the writes about, or none; None where there is nothing to write.

    `watched` says to a person how far the slow part is: what it is given, in its order. Raises
    `FileRefused` for a file that cannot be written or has changed since it was read, `PatchError`
    for a failing disk; all files are as they were then. To be called within `exclusive_run`.
    """
    if not writes:
        return None
    with undisturbed():
        entries = _entries(writes)
        jobs = [_job(write, entry) for write, entry in zip(_whole(writes), files(entries), strict=True)]
        with explained(_("the backup cannot be written")):
            run = store.prepare(kind, [(e, write.backup) for e, write in zip(entries, writes, strict=True)])
        try:
            for job in watched(jobs):
                with _blamed(job.write):
                    _stage(job)
            for job in jobs:
                with _blamed(job.write):
                    _swap(job)
            with explained(_("the run cannot be recorded")):
                durable = store.mark(run, PREPARED, COMMITTED)
        except BaseException as failure:
            _take_back(run, store, failure)
            raise
        if durable:  # else the way back stays open until the next start
            finish(run, store)
    return run


def overwritten(run: Run) -> list[RunEntry]:
    """The files that another program wrote over as soon as the run had written them.

    To be called within `exclusive_run`, where no other run of ours can have done it. What cannot be read
    is not counted: the run is done.
    """
    time.sleep(RECHECK_DELAY)
    found = []
    for entry in files(run.entries):
        with contextlib.suppress(OSError, PatchError):
            real = Path(entry.real)
            with Folder(real.parent) as folder:
                data = folder.read(real.name)
            if (None if data is None else digest(data)) != entry.after:
                found.append(entry)
    return found


def _take_back(run: Run, store: Journal, failure: BaseException) -> None:
    """Roll back after a failure. Raises `PatchError` where the disk fails now as well."""
    try:
        roll_back(run, store)
    except (OSError, PatchError) as error:
        raise PatchError(
            _("{failure}. {error}; the next run of vsegpt-patch tries it first").format(
                failure=failure, error=error
            )
        ) from None


def _entries(writes: Sequence[Write]) -> list[RunEntry]:
    """What the manifest says of each write. Those to one file share its temporary name."""
    temporaries: dict[str, str] = {}
    entries = []
    for write in writes:
        real = Path(os.path.realpath(write.path))
        entry = RunEntry(
            tool=write.tool,
            path=str(write.path),
            real=str(real),
            format=write.format,
            before=None if write.before is None else digest(write.before),
            after=None if write.after is None else digest(write.after),
            temporary=temporaries.setdefault(str(real), temporary(real.name)),
            folders=write.folders or tuple(_missing(real.parent)),
            receipts=write.receipts,
            undoes=write.undoes,
            mode=write.mode,
            stored=write.stored.record if write.stored else None,
        )
        entries.append(entry)
    return entries


def _missing(folder: Path) -> list[str]:
    """The directories that are still to be made, outermost first."""
    missing: list[str] = []
    while not folder.exists():
        missing.insert(0, str(folder))
        folder = folder.parent
    return missing


def _whole(writes: Sequence[Write]) -> list[Write]:
    """One write for each file, where several tools keep their settings in one."""
    whole: dict[str, Write] = {}
    for write in writes:
        real = os.path.realpath(write.path)
        first = whole.get(real, write)
        whole[real] = replace(write, before=first.before, mode=write.mode or first.mode)
    return list(whole.values())


def _job(write: Write, entry: RunEntry) -> _Job:
    """Look at the file once more. Raises `FileRefused` if it is not what was planned on."""
    with _blamed(write):
        snapshot = read(write.path)
        mode = snapshot and stat.S_IMODE(snapshot.info.st_mode)
        if (snapshot.data if snapshot else None) != write.before or (write.mode and mode != write.mode[0]):
            raise Refused(_("it has changed meanwhile"), cure=_("run again"))
        require_writable(write.path)
        if write.stored:
            access.check(write.stored.source, write.stored.stamp)
    return _Job(write, entry, snapshot)


def _stage(job: _Job) -> None:
    """Put the new bytes beside the target, durably."""
    if job.write.after is None:
        return
    make_folders(Path(job.entry.real).parent)
    with job.folder() as folder:
        if job.snapshot is not None:
            mode = job.write.mode and job.write.mode[1]
            folder.write_new(job.entry.temporary, job.write.after, Like(job.name, job.snapshot.info, mode))
        else:
            folder.write_new(job.entry.temporary, job.write.after)
        folder.sync()


def _swap(job: _Job) -> None:
    """Put the new file in its place; what it displaces lies under the temporary name then."""
    name, temporary_name = job.name, job.entry.temporary
    with job.folder() as folder:
        if job.write.before is None:
            try:
                folder.link(temporary_name, name)  # never over a file that has come up meanwhile
            except FileExistsError:
                raise _changed() from None
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
    if state_of(folder, job.entry.temporary, job.entry) != job.entry.was:
        raise _changed()


def _changed() -> Refused:
    return Refused(_("another program changed it just now; its change was kept"), cure=_("run again"))


def _swap_without_exchange(folder: Folder, job: _Job) -> None:
    """The fallback: look as late as possible, and keep the old file under a second name."""
    old = job.entry.temporary + OLD
    folder.link(job.name, old)
    if state_of(folder, old, job.entry) != job.entry.was:
        folder.unlink(old)
        raise _changed()
    folder.rename(job.entry.temporary, job.name)


@contextlib.contextmanager
def _blamed(write: Write) -> Iterator[None]:
    """Say whose fault it is: a refusal in here is about this file."""
    try:
        with explained(_("it cannot be written")):
            yield
    except FileRefused:
        raise
    except Refused as refusal:
        raise FileRefused(write, refusal) from None
