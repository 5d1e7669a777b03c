"""Settings that are in no text file: shown as one JSON document, changed by writing one whole file.

An extension's settings are a LevelDB folder (Chromium's family) or an SQLite file (Firefox); other
programs keep theirs in rows of an SQLite table. A `Store` is what was read of one; it answers what
its settings are as JSON, and which one file makes a changed document come true. So stores are
planned, proved, backed up, written and taken back by the very same code as text files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, Protocol

from patcher.cures import IN_PROGRAM
from patcher.dataclass import dataclass
from patcher.errors import Refused
from patcher.i18n import _

FORMATS = frozenset({"extension", "sqlite"})
"""The formats of a profile that are stores."""


class Rows(NamedTuple):
    """Which rows of an SQLite database are settings: the table, and its columns of keys and values."""

    table: str
    key: str
    value: str


class Source(NamedTuple):
    """Where a store is: a folder or a file, and, of an SQLite database, which rows of it."""

    place: Path
    rows: Rows | None = None


class FileChange(NamedTuple):
    """The one file that a change writes: its bytes before (None: there is none) and after."""

    path: Path
    before: bytes | None
    after: bytes


class Store(Protocol):
    """What a store holds, as it was read. Reading changes nothing on disk."""

    stamp: str
    """Says of the files that were read whether they are still the same."""

    def texts(self, is_wanted: Callable[[str], bool]) -> dict[str, str]:
        """The settings whose keys are wanted, as JSON texts. Raises `Refused` for what is none."""

    def part(self, changes: Mapping[str, str | None]) -> FileChange:
        """What to write so that these settings are these JSON texts; None takes one away."""


def read(source: Source, image: bytes | None = None) -> Store:
    """Read a store; of an SQLite file the bytes `image`, where a run has changed them already.

    Raises `Refused` where there is none that is understood.
    """
    found: Store
    with _cured():
        if source.place.is_dir():
            found = import_module("patcher.stores.leveldb.store").LevelDbStore(source.place)
        elif source.rows:
            found = import_module("patcher.stores.sqlite.store").SqliteStore(source, image)
        else:
            found = import_module("patcher.stores.firefox.store").FirefoxStore(source, image)
    return found


@contextmanager
def _cured() -> Iterator[None]:
    """Where nothing else is known to do about a refusal, there is still the program itself."""
    try:
        yield
    except Refused as refusal:
        refusal.cure = refusal.cure or _(IN_PROGRAM)
        raise


@dataclass(frozen=True)
class StoreDocument:
    """Some of a store's settings as a JSON document, one on a line, in order of their keys."""

    source: Source
    store: Store
    document: bytes

    @classmethod
    def of(
        cls, source: Source, is_wanted: Callable[[str], bool], image: bytes | None = None
    ) -> StoreDocument:
        """Those whose keys are wanted. Raises `Refused` as `read` does."""
        store = read(source, image)
        with _cured():
            return cls(source, store, _document(store.texts(is_wanted)))

    def edited(self, after: bytes) -> tuple[bytes, FileChange]:
        """The document as it will read if it is made to be `after`, and what to write for that."""
        old, new = _members(self.document), _members(after)
        texts = {
            key: text if old.get(key) == text else _laid_out(text, old.get(key)) for key, text in new.items()
        }
        changes: dict[str, str | None] = {key: text for key, text in texts.items() if old.get(key) != text}
        with _cured():
            return _document(texts), self.store.part(changes | dict.fromkeys(old.keys() - new.keys()))


def _document(texts: Mapping[str, str]) -> bytes:
    lines = [f"  {json.dumps(key, ensure_ascii=False)}: {text}" for key, text in sorted(texts.items())]
    return ("{\n" + ",\n".join(lines) + "\n}\n" if lines else "{}\n").encode()


def keys(document: bytes) -> Collection[str]:
    """The keys of a document's settings."""
    return _members(document).keys()


def _members(document: bytes) -> dict[str, str]:
    found: dict[str, str] = import_module("patcher.formats.json.plan").members(document.decode())
    return found


_GAP = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*")|\s+')


def _laid_out(text: str, old: str | None) -> str:
    """Without the blanks that the document was laid out with, unless the setting had some before."""
    return text if old is not None and _dense(old) != old else _dense(text)


def _dense(text: str) -> str:
    return _GAP.sub(lambda found: found[1] or "", text)


def is_last(source: Source, paths: Collection[Path]) -> bool:
    """Whether nothing was written to a store after these files of it."""
    if not source.place.is_dir():
        return True
    found: bool = import_module("patcher.stores.leveldb.store").is_last(
        source.place, [path.name for path in paths]
    )
    return found


def is_in_use(source: Source) -> bool:
    """Whether the program whose store it is runs now, so that it would not see a change, or lose it."""
    running = import_module("patcher.stores.running")
    return bool(running.uses(source.place, database=source.rows is not None))


def check(source: Source, stamp: str) -> None:
    """Raises `Refused` where the store is in use, or is not any more what was read."""
    if is_in_use(source):
        raise Refused(_("the program that it belongs to is running"), cure=_("close it and run again"))
    if not source.place.is_dir():
        import_module("patcher.stores.sqlite.store").settled(source.place)
    if read(source).stamp != stamp:
        raise Refused(_("it has changed meanwhile"), cure=_("run again"))
