"""LevelDB's manifest: which table files are live, and from which log on (db/version_edit.cc)."""

from __future__ import annotations

from dataclasses import field

from patcher.cures import IN_PROGRAM
from patcher.dataclass import dataclass
from patcher.errors import Refused
from patcher.i18n import _, quoted
from patcher.stores.cursor import Cursor
from patcher.stores.leveldb import records

_LEVELS = 7
_COMPARATOR = b"leveldb.BytewiseComparator"


@dataclass
class Version:
    """What the manifest says. `tables`: (level, number) -> size in bytes."""

    tables: dict[tuple[int, int], int] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)

    @property
    def log(self) -> int:
        """The first log that is not in the tables."""
        return self.numbers[_LOG]

    @property
    def previous_log(self) -> int:
        """One log more that is not, in databases of old; 0: none."""
        return self.numbers.get(_PREVIOUS_LOG, 0)

    @property
    def next_file(self) -> int:
        return self.numbers[_NEXT_FILE]

    @property
    def sequence(self) -> int:
        return self.numbers[_SEQUENCE]


# Tags of numbers; the others are comparator 1, compaction pointer 5, deleted file 6, new file 7.
_LOG, _NEXT_FILE, _SEQUENCE, _PREVIOUS_LOG = 2, 3, 4, 9


def read(data: bytes) -> Version:
    """Raises `Refused` for damage, and for a database that is ordered in a way of its own."""
    version = Version()
    for record in records.read(data):
        _apply(version, Cursor(record))
    if not {_LOG, _NEXT_FILE, _SEQUENCE} <= version.numbers.keys():
        raise Refused(_("it does not say which files are in use"))
    return version


def _apply(version: Version, edit: Cursor) -> None:
    new: dict[tuple[int, int], int] = {}
    while not edit.done:
        match edit.varint(32):
            case (2 | 3 | 4 | 9) as tag:
                version.numbers[tag] = edit.varint()
            case 1:
                if (name := edit.counted()) != _COMPARATOR:
                    raise Refused(
                        _("its order is not known here ({name})").format(
                            name=quoted(name.decode("ascii", "replace"))
                        ),
                        cure=_(IN_PROGRAM),
                    )
            case 5:
                _level(edit)
                edit.counted()
            case 6:
                version.tables.pop((_level(edit), edit.varint()), None)
            case 7:
                table = _level(edit), edit.varint()
                new[table] = edit.varint()
                edit.counted()  # the smallest key
                edit.counted()  # the largest
            case tag:
                raise Refused(
                    _("it holds something that is not known here (tag {tag})").format(tag=tag),
                    cure=_(IN_PROGRAM),
                )
    version.tables |= new  # an edit may delete and add one table: adding wins


def _level(edit: Cursor) -> int:
    level = edit.varint(32)
    if level >= _LEVELS:
        raise Refused(_("it names a level that there is not"))
    return level
