"""What is to be written: one file, and what it means to a person where it is a part of a store."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import field
from pathlib import Path
from typing import NamedTuple

from patcher.dataclass import dataclass
from patcher.disk.manifest import Receipt, StoreRecord, digest
from patcher.stores.access import Source


class StoreChange(NamedTuple):
    """A store's document before and after; `stamp` is what the store was when it was read."""

    source: Source
    stamp: str
    before: bytes
    after: bytes

    @property
    def record(self) -> StoreRecord:
        """What the manifest says of it."""
        place = os.path.realpath(self.source.place)
        return StoreRecord(place, self.source.rows, digest(self.before), digest(self.after))


@dataclass(frozen=True)
class Write:
    """One file that shall hold `after` where it holds `before` now; None is no file."""

    tool: str
    path: Path
    format: str
    before: bytes | None
    after: bytes | None
    make_receipts: Callable[[], tuple[Receipt, ...]] = field(default=tuple, repr=False, compare=False)
    """Makes the receipts: they are hashes, of which only a run that writes has any use."""
    undoes: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    """Directories to remove afterwards if they are empty: an undo of having made them."""
    mode: tuple[int, int] | None = None
    """Permission bits now and afterwards, where they shall change."""
    stored: StoreChange | None = field(default=None, repr=False)
    """What it means to the store that it is a part of."""

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        return self.make_receipts()

    @property
    def place(self) -> Path:
        """What a person calls it: the file, or the store that it is a part of."""
        return self.stored.source.place if self.stored else self.path

    @property
    def texts(self) -> tuple[bytes | None, bytes | None]:
        """What a person reads of it, before and after."""
        return (self.stored.before, self.stored.after) if self.stored else (self.before, self.after)

    @property
    def backup(self) -> bytes | None:
        """What a backup has to keep."""
        return self.stored.before if self.stored and self.before is None else self.before

    @property
    def changes(self) -> bool:
        return self.before != self.after or self.mode is not None
