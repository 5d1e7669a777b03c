"""What becomes of a run that did not come to its end: finished, or taken back, from disk alone."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from patcher.disk.manifest import FileState, Run, RunEntry, digest
from patcher.disk.runs import COMMITTED, DONE, PREPARED, Journal
from patcher.disk.safefile import Folder, explained, remove_folder
from patcher.errors import PatchError
from patcher.i18n import _

OLD = ".old"
"""The second name of the old file, where two files cannot be exchanged."""


def recover(store: Journal) -> list[RunEntry]:
    """Finish or take back what a killed run left; answers with the files it had to leave as they are.

    The lock must be held.
    """
    left: list[RunEntry] = []
    for run in store.runs(unfinished=True):
        if (run.folder / COMMITTED).exists():
            finish(run, store)
        else:
            left += roll_back(run, store)
    store.tidy()
    return left


def roll_back(run: Run, store: Journal) -> list[RunEntry]:
    """Every file of a run as it was, from what lies on disk alone; needs no space.

    A file that somebody has edited on top of our change stays. Then the run counts as made, so
    that `undo` can take our values out of it.
    """
    left = []
    for entry in reversed(files(run.entries)):
        with explained(_("what was begun at {path} cannot be taken back").format(path=entry.path)):
            if not _restore(entry):
                left.append(entry)
    if left:
        store.mark(run, PREPARED, COMMITTED)
        finish(run, store)
    else:
        store.remove(run)
    return left


def _restore(entry: RunEntry) -> bool:
    """One file as it was; False where it had to be left with an edit made on top of ours."""
    real = Path(entry.real)
    restored = True
    try:
        with Folder(real.parent) as folder:
            if entry.before is None:
                _unmake(folder, real.name, entry)
            else:
                restored = _put_back(folder, real.name, entry)
            folder.unlink(entry.temporary)
            folder.unlink(entry.temporary + OLD)
            folder.sync()
    except FileNotFoundError:
        pass  # the directory is gone, and our file with it
    except NotADirectoryError:
        return False  # somebody has put something else there
    if entry.before is None:
        for made in reversed(entry.folders):
            remove_folder(Path(made))
    return restored


def _unmake(folder: Folder, name: str, entry: RunEntry) -> None:
    """Remove a file that was made, unless it is somebody else's by now."""
    if state_of(folder, name, entry) != entry.becomes:
        return
    if not folder.exists(entry.temporary) or folder.same(name, entry.temporary):
        folder.unlink(name)


def _put_back(folder: Folder, name: str, entry: RunEntry) -> bool:
    """Swap the old file in again, which lies beside it if it was ever displaced."""
    now = state_of(folder, name, entry)
    beside = entry.temporary + OLD if folder.exists(entry.temporary + OLD) else entry.temporary
    old = state_of(folder, beside, entry)
    if old is None or old == entry.becomes:
        return True  # never displaced: what lies beside, if anything, is the new file
    if now == entry.becomes:
        # Also where the old file is not as it was: another program's edit that came out goes back.
        folder.rename(beside, name)
        return True
    return old != entry.was or now == entry.was


def finish(run: Run, store: Journal) -> None:
    """Tidy up after the commit. Nothing here can undo it, so a failure waits for the next start."""
    with contextlib.suppress(OSError, PatchError):
        for entry in files(run.entries):
            gone = contextlib.suppress(FileNotFoundError, NotADirectoryError)
            with gone, Folder(Path(entry.real).parent) as folder:
                folder.unlink(entry.temporary)
                folder.unlink(entry.temporary + OLD)
                folder.sync()
            if entry.after is None:
                for made in reversed(entry.folders):
                    remove_folder(Path(made))
        store.mark(run, COMMITTED, DONE)
        store.prune()


def state_of(folder: Folder, name: str, entry: RunEntry) -> FileState | None:
    """What a file is now, as far as a run's entry is about it; None where there is none."""
    data = folder.read(name)
    return None if data is None else (digest(data), folder.mode(name) if entry.mode else None)


def files(entries: Sequence[RunEntry]) -> list[RunEntry]:
    """One entry for each file, where several tools keep their settings in one."""
    whole: dict[str, RunEntry] = {}
    for entry in entries:
        first = whole.get(entry.real, entry)
        whole[entry.real] = replace(entry, before=first.before, mode=entry.mode or first.mode)
    return list(whole.values())
