"""What settings are kept in: a text file, or a store, which shows them as one JSON document.

The rest of planning reads a target's document, edits it, and asks for the write that brings the
edit about. So it need not know which of the two it has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from patcher.dataclass import dataclass
from patcher.disk.manifest import Receipt
from patcher.disk.snapshot import Snapshot, read
from patcher.disk.write import StoreChange, Write
from patcher.errors import Refused
from patcher.i18n import _
from patcher.registry.condition import Each
from patcher.registry.profile import FileSpec
from patcher.stores import access
from patcher.stores.access import Source, StoreDocument

Receipts: TypeAlias = Callable[[], tuple[Receipt, ...]]


@dataclass(frozen=True, eq=False, repr=False)
class TextFile:
    """A file that is its own document; `ahead` is what another tool of this run makes of it before."""

    path: Path
    syntax: str
    ahead: bytes | None = None

    @cached_property
    def snapshot(self) -> Snapshot | None:
        """The file as it is on disk, None where there is none. Raises `Refused`."""
        return read(self.path)

    @property
    def document(self) -> bytes | None:
        """The text that is edited, None where there is no file. Raises `Refused`."""
        return self.snapshot.data if self.snapshot and self.ahead is None else self.ahead

    @property
    def in_use(self) -> bool:
        """Whether the program runs whose it is, so that it would not see a change, or lose it."""
        return False

    @property
    def gone(self) -> str:
        """What is said where it is not there any more, else nothing."""
        return "" if self.snapshot else _("the file is gone")

    def write(
        self, tool: str, after: bytes, receipts: Receipts = tuple, undoes: tuple[str, ...] = ()
    ) -> Write:
        """What makes the document read `after`; it `changes` nothing where it reads so now."""
        return Write(tool, self.path, self.syntax, self.document, after, receipts, undoes)


@dataclass(frozen=True, eq=False, repr=False)
class InStore:
    """Those settings of a store whose keys are wanted. Writing them writes one of the store's files."""

    source: Source
    syntax: str
    is_wanted: Callable[[str], bool]

    @property
    def path(self) -> Path:
        return self.source.place

    @cached_property
    def snapshot(self) -> Snapshot | None:
        return None if self.path.is_dir() else read(self.path)

    @cached_property
    def view(self) -> StoreDocument:
        return StoreDocument.of(self.source, self.is_wanted)

    @property
    def document(self) -> bytes:
        return self.view.document

    @property
    def in_use(self) -> bool:
        return access.is_in_use(self.source)

    @property
    def gone(self) -> str:
        return "" if self.path.exists() else _("its settings are gone")

    def write(
        self, tool: str, after: bytes, receipts: Receipts = tuple, undoes: tuple[str, ...] = ()
    ) -> Write:
        before = self.document
        if after == before:
            return Write(tool, self.path, self.syntax, before, before)
        document, file = self.view.edited(after)
        change = StoreChange(self.source, self.view.store.stamp, before, document)
        return Write(tool, file.path, self.syntax, file.before, file.after, receipts, undoes, stored=change)


Target: TypeAlias = TextFile | InStore


def target_of(spec: FileSpec, path: Path, ahead: bytes | None = None, keeps: Sequence[str] = ()) -> Target:
    """What a profile's entry is about at `path`; of a store also the settings that it `keeps` as they are.

    Raises `Refused` for a store that another tool of this run changes, too: what lies beside its
    files counts, so it is read from disk alone.
    """
    if not spec.in_store:
        return TextFile(path, spec.format, ahead)
    if ahead is not None:
        raise Refused(
            _("another tool of this run changes the same settings"),
            cure=_("run for one, then for the other"),
        )
    source = Source(path, spec.rows)
    return InStore(source, spec.format, lambda key: key in keeps or _is_about(spec, key))


def _is_about(spec: FileSpec, key: str) -> bool:
    """Whether a profile says anything of a store's setting."""
    objections = [each for objection in (*spec.refuse, *spec.warn) for each in objection.conditions]
    first: list[object] = [each.path[0] for each in (*spec.when, *objections)]
    for edit in spec.edits:
        named = [
            name for values in (*edit.roles.values(), edit.without, edit.cap, edit.same_as) for name in values
        ]
        taken = [each.path[0] for each in edit.unset] + [each.name for each in edit.contains]
        first += edit.at[:1] or [*named, *taken]
    return any(
        fnmatchcase(key, each.pattern or "*") if isinstance(each, Each) else key == each for each in first
    )
