"""LevelDB, where the Chromium family keeps the settings of extensions: read, and one log more.

Our own code rather than a package: none covers Python 3.11 to 3.14 on all systems, and those that
open a database rewrite its files even for reading. Here reading opens files for reading and makes
none, not even LOCK. A change is one new log file, which LevelDB replays when it opens the
database: no existing file is touched, and taking the file away before that takes the change back.
Formats: doc/log_format.md, doc/table_format.md and doc/impl.md in github.com/google/leveldb, and there
db/db_impl.cc for what counts on recovery.

Nobody may have the database open meanwhile: see `running`.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path

from patcher.dataclass import dataclass
from patcher.errors import Refused
from patcher.i18n import N_, _, number
from patcher.os_errors import why
from patcher.stores.access import FileChange
from patcher.stores.cursor import Budget, Cursor, counted, json_text, within
from patcher.stores.cursor import read as read_file
from patcher.stores.leveldb import manifest, records, table

LARGEST = 256 << 20
"""Bytes read and unpacked together; a larger database is refused."""

_CURE = N_("start the browser, open the extension, quit the browser, and try again")
_FILE = re.compile(r"(?:MANIFEST-(\d{1,19})|(\d{1,19})\.(log|ldb|sst|dbtmp))", re.ASCII)
_CURRENT = re.compile(rb"(MANIFEST-\d{1,19})\n")
_LAST_SEQUENCE = (1 << 56) - 1
_LAST_NUMBER = (1 << 63) - 1
_DELETE, _PUT = 0, 1
_BATCH = struct.Struct("<QI")  # the first sequence number, how many changes


@dataclass(frozen=True)
class Contents:
    """What a database holds now.

    `sequence` is the number of its last change, `number` the highest number that a file has or
    that the manifest has given away.
    """

    values: dict[bytes, bytes] = field(repr=False)  # keys of a person are among them
    sequence: int
    number: int


_Entry = tuple[bytes, int, bytes | None]
"""A key, the sequence number of its change, and the new value (None: deleted)."""


def read(folder: Path) -> Contents:
    """The newest value of every key that is not deleted. Changes nothing on disk.

    What a crash tore off the end of a log is left out, as LevelDB leaves it out. Raises `Refused`,
    with the file's name, for whatever is damaged, missing, too large or not known here.
    """
    names = _names(folder)
    budget = Budget(LARGEST)
    name = _current(folder, budget)
    with within(name, _(_CURE)):
        version = manifest.read(_bytes(folder, name, budget))
    newest: dict[bytes, tuple[int, bytes | None]] = {}
    last = version.sequence
    for key, sequence, value in _entries(folder, version, names, budget):
        last = max(last, sequence)
        if key not in newest or sequence >= newest[key][0]:
            newest[key] = sequence, value
    number = max(version.next_file, version.log, version.previous_log, *(number for number, _ in names))
    values = {key: value for key, (_, value) in newest.items() if value is not None}
    return Contents(values, last, number)


class LevelDbStore:
    """An extension's settings: each key's value is a JSON text (`Store`)."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.stamp = _stamp(place)
        self._contents = read(place)

    def texts(self, is_wanted: Callable[[str], bool]) -> dict[str, str]:
        found = {}
        for raw, value in self._contents.values.items():
            key = raw.decode("utf-8", "replace")
            if is_wanted(key):
                with within(key, _(_CURE)):
                    found[key] = json_text(value)
        return found

    def part(self, changes: Mapping[str, str | None]) -> FileChange:
        encoded = {key.encode(): None if text is None else text.encode() for key, text in changes.items()}
        name, data = next_log(self._contents, encoded)
        return FileChange(self._place / name, None, data)


def is_last(folder: Path, names: Collection[str]) -> bool:
    """Whether no file of the database has a higher number than these."""
    numbers = [number for number, _ in _names(folder)]
    ours = [number for number, _ in _numbered(names)]
    return max(numbers, default=0) == max(ours, default=-1)


def _stamp(folder: Path) -> str:
    """The files of a database, their sizes and times."""
    looks = [(path.name, path.stat()) for path in sorted(folder.iterdir())]
    return repr([(name, info.st_size, info.st_mtime_ns) for name, info in looks])


def next_log(contents: Contents, changes: Mapping[bytes, bytes | None]) -> tuple[str, bytes]:
    """Name and content of the one new file that makes the changes; None deletes a key.

    Raises `ValueError` for no changes, and `Refused` where the database has used up its numbers.
    """
    if not changes:
        raise ValueError(_("a log without changes"))
    if contents.sequence + len(changes) > _LAST_SEQUENCE or contents.number >= _LAST_NUMBER:
        raise Refused(_("the database has no numbers left for a change"), cure=_(_CURE))
    batch = bytearray(_BATCH.pack(contents.sequence + 1, len(changes)))
    for key, value in changes.items():
        batch.append(_DELETE if value is None else _PUT)
        batch += counted(key)
        if value is not None:
            batch += counted(value)
    return f"{contents.number + 1:06d}.log", records.write(bytes(batch))


def _names(folder: Path) -> list[tuple[int, str]]:
    """(number, kind) of every file of the database; the kind of a manifest is empty."""
    try:
        return _numbered(path.name for path in folder.iterdir())
    except OSError as error:
        raise Refused(
            _("{name}: the directory cannot be read ({why})").format(name=folder.name, why=why(error)),
            cure=_("open the extension once, so that the browser makes it, then quit the browser"),
        ) from None


def _numbered(names: Iterable[str]) -> list[tuple[int, str]]:
    found = [_FILE.fullmatch(name) for name in names]
    return [(int(name[1] or name[2]), name[3] or "") for name in found if name]


def _current(folder: Path, budget: Budget) -> str:
    with within("CURRENT", _(_CURE)):
        found = _CURRENT.fullmatch(_bytes(folder, "CURRENT", budget))
        if not found:
            raise Refused(_("it names no manifest"))
    return found[1].decode()


def _bytes(folder: Path, name: str, budget: Budget) -> bytes:
    data = read_file(folder / name, budget)
    if data is None:
        raise Refused(_("there is no such file"))
    return data


def _entries(
    folder: Path, version: manifest.Version, names: list[tuple[int, str]], budget: Budget
) -> Iterator[_Entry]:
    for (_level, file), size in sorted(version.tables.items()):
        name = f"{file:06d}.{'sst' if (file, 'ldb') not in names else 'ldb'}"
        with within(name, _(_CURE)):
            data = _bytes(folder, name, budget)
            if len(data) < size:
                raise Refused(
                    _("it has {count} of {size} bytes").format(count=number(len(data)), size=number(size))
                )
            for key, value in table.entries(data[:size], budget):
                yield _of_table(key, value)
    for log in sorted({file for file, kind in names if kind == "log"}):
        if log >= version.log or log == version.previous_log:
            name = f"{log:06d}.log"
            with within(name, _(_CURE)):
                for record in records.read(_bytes(folder, name, budget)):
                    yield from _of_batch(record)


def _of_table(key: bytes, value: bytes) -> _Entry:
    if len(key) < 8:
        raise Refused(_("a key in it is damaged"))
    sequence, kind = divmod(int.from_bytes(key[-8:], "little"), 256)
    return key[:-8], sequence, _meant(kind, value)


def _meant(kind: int, value: bytes) -> bytes | None:
    if kind not in (_DELETE, _PUT):
        raise Refused(_("it holds a change of a kind that is not known here ({kind})").format(kind=kind))
    return value if kind == _PUT else None


def _of_batch(record: bytes) -> Iterator[_Entry]:
    source = Cursor(record)
    first, count = source.number(8), source.number(4)
    if first + count > _LAST_SEQUENCE:
        raise Refused(_("a change in it has an impossible number"))
    sequence = first
    while not source.done:
        kind, key = source.number(1), source.counted()
        yield key, sequence, _meant(kind, source.counted() if kind == _PUT else b"")
        sequence += 1
    if sequence - first != count:
        raise Refused(_("a record in it does not hold as many changes as it says"))
