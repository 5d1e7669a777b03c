"""LevelDB: agreement both ways with a second implementation, and nothing but a refusal for damage."""

from __future__ import annotations

import contextlib
import random
import shutil
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from patcher.errors import Refused
from patcher.stores.cursor import Budget
from patcher.stores.leveldb import crc32c, manifest, records, table
from patcher.stores.leveldb import store as leveldb
from tests.stores.prints import prints

plyvel = pytest.importorskip(
    "plyvel", reason="NOT TESTED: plyvel, the second opinion, has no wheel for this Python or system"
)
from tests.stores import levels  # noqa: E402 - needs plyvel, which may be missing

SEEDS = range(6)
OPERATIONS = 2000


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small database with tables, a manifest of several edits, and a log."""
    folder = tmp_path_factory.mktemp("small") / "db"
    levels.fill(folder, 1, 120)
    levels.fill(folder, 2, 120)
    with plyvel.DB(str(folder)) as db:
        for number in range(30):
            db.put(b"last %d" % (number % 20), b"value %d" % number)
        db.put(b"long", b"long " * 14_000)
        db.delete(b"last 3")
    assert {path.suffix for path in folder.iterdir()} >= {".ldb", ".log"}
    return folder


def copied(folder: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    return shutil.copytree(folder, to)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_read_is_what_the_other_reads(seed: int, tmp_path: Path) -> None:
    levels.fill(tmp_path / "db", seed, OPERATIONS)
    ours = leveldb.read(tmp_path / "db").values
    assert ours == levels.held(tmp_path / "db")
    assert len(ours) > 50


@pytest.mark.parametrize("seed", SEEDS)
def test_the_new_log_changes_what_it_says_and_nothing_else(seed: int, tmp_path: Path) -> None:
    folder = tmp_path / "db"
    levels.fill(folder, seed, OPERATIONS // 5)
    for turn in range(3):
        rng = random.Random(f"{seed} {turn}")
        level = leveldb.read(folder)
        changes = changed(rng, level)
        expected = {**level.values, **changes}
        name, data = leveldb.next_log(level, changes)
        (folder / name).write_bytes(data)
        wanted = {key: value for key, value in expected.items() if value is not None}
        assert leveldb.read(folder).values == wanted
        assert levels.held(copied(folder, tmp_path / "copy")) == wanted
        if turn % 2:  # the other takes it over and writes on; else our next log follows this one
            levels.fill(folder, seed * 10 + turn, OPERATIONS // 10)
            assert leveldb.read(folder).values == levels.held(copied(folder, tmp_path / "copy"))


def changed(rng: random.Random, level: leveldb.Contents) -> dict[bytes, bytes | None]:
    changes: dict[bytes, bytes | None] = {}
    for key in rng.sample(sorted(level.values), min(10, len(level.values))):
        changes[key] = rng.choice([None, rng.randbytes(rng.randrange(300)), b""])
    changes[b"not there"] = None
    changes[f"new {rng.random()}".encode()] = rng.randbytes(rng.choice([10, 32_700, 65_536, 300_000]))
    return changes


def test_changes_are_numbered_after_the_last_one(small: Path, tmp_path: Path) -> None:
    folder = copied(small, tmp_path / "db")
    level = leveldb.read(folder)
    name, data = leveldb.next_log(level, {b"a": b"b", b"c": None})
    (folder / name).write_bytes(data)
    after = leveldb.read(folder)
    assert (after.sequence, after.number) == (level.sequence + 2, level.number + 1)


@pytest.mark.parametrize("packing", ["snappy", None])
def test_a_value_of_300_kb_is_read_from_a_table(packing: str | None, tmp_path: Path) -> None:
    db = plyvel.DB(str(tmp_path / "db"), create_if_missing=True, compression=packing)
    value = b"a" * 100_000 + random.Random(1).randbytes(100_000) + b"abc" * 33_334
    db.put(b"large", value)
    db.compact_range()
    db.close()
    assert leveldb.read(tmp_path / "db").values == {b"large": value}


def test_reading_changes_nothing(small: Path, tmp_path: Path) -> None:
    folder = copied(small, tmp_path / "db")
    (folder / "LOCK").unlink()
    before = prints(folder)
    level = leveldb.read(folder)
    leveldb.next_log(level, {b"key": b"value"})
    assert prints(folder) == before


def test_a_torn_log_is_read_as_the_other_reads_it(small: Path, tmp_path: Path) -> None:
    (log,) = small.glob("*.log")
    size = log.stat().st_size
    assert size > 1000
    for cut in [*range(1, 40), *range(40, size, size // 40), size]:
        folder = copied(small, tmp_path / "db")
        with (folder / log.name).open("r+b") as file:
            file.truncate(size - cut)
        assert leveldb.read(folder).values == levels.held(folder), cut


def test_room_that_was_set_aside_after_the_last_record_is_no_damage(small: Path, tmp_path: Path) -> None:
    folder = copied(small, tmp_path / "db")
    (log,) = folder.glob("*.log")
    with log.open("ab") as file:
        file.write(bytes(100_000))
    assert leveldb.read(folder).values == leveldb.read(small).values


damage = st.tuples(st.integers(0, 1 << 30), st.integers(0, 1 << 30), st.integers(1, 255))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=damage, cut=st.booleans())
def test_damage_is_refused_or_does_no_harm(
    small: Path, tmp_path: Path, at: tuple[int, int, int], *, cut: bool
) -> None:
    folder = copied(small, tmp_path / "db")
    broken(folder, at, cut=cut)
    with contextlib.suppress(Refused):
        ours = leveldb.read(folder).values
        with contextlib.suppress(plyvel.Error):  # it is stricter: it looks also at what holds no values
            assert ours == levels.held(folder)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=damage, cut=st.booleans())
def test_damage_behind_a_right_checksum_is_read_or_refused(
    small: Path, tmp_path: Path, at: tuple[int, int, int], *, cut: bool
) -> None:
    folder = copied(small, tmp_path / "db")
    broken(folder, at, cut=cut)
    with (
        mock.patch.object(records, "masked", return_value=mock.ANY),
        mock.patch.object(table, "masked", return_value=mock.ANY),
        contextlib.suppress(Refused),
    ):
        leveldb.read(folder)


def broken(folder: Path, at: tuple[int, int, int], *, cut: bool) -> None:
    files = sorted(path for path in folder.iterdir() if path.name not in {"LOCK", "LOG", "LOG.old"})
    path = files[at[0] % len(files)]
    data = bytearray(path.read_bytes())
    if not data:
        return
    place = at[1] % len(data)
    if cut:
        del data[place:]
    else:
        data[place] ^= at[2]
    path.write_bytes(data)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
@example(b"")
def test_bytes_that_are_no_table_are_refused(data: bytes) -> None:
    magic = (0xDB4775248B80FB57).to_bytes(8, "little")
    with pytest.raises(Refused), mock.patch.object(table, "masked", return_value=mock.ANY):
        list(table.entries(data.ljust(40, b"\xff")[:40] + magic, Budget(1 << 20)))


def test_a_wrong_checksum_in_a_table_is_refused(small: Path, tmp_path: Path) -> None:
    folder = copied(small, tmp_path / "db")
    table = min(folder.glob("*.ldb"))
    table.write_bytes(b"\xff" + table.read_bytes()[1:])
    with pytest.raises(Refused, match=f"{table.name}: the checksum"):
        leveldb.read(folder)


def test_a_wrong_checksum_in_a_log_is_refused(small: Path, tmp_path: Path) -> None:
    folder = copied(small, tmp_path / "db")
    (log,) = folder.glob("*.log")
    log.write_bytes(b"\xff\xff" + log.read_bytes()[2:])
    with pytest.raises(Refused, match=f"{log.name}: the checksum"):
        leveldb.read(folder)


def test_a_table_that_was_cut_short_is_refused(small: Path, tmp_path: Path) -> None:
    folder = copied(small, tmp_path / "db")
    table = min(folder.glob("*.ldb"))
    table.write_bytes(table.read_bytes()[:-1])
    with pytest.raises(Refused, match=f"{table.name}: it has "):
        leveldb.read(folder)


@pytest.mark.parametrize(
    "batch",
    [
        b"",
        bytes(8) + b"\2\0\0\0" + b"\1\1a\1b",  # says two changes
        bytes(8) + b"\1\0\0\0" + b"\2\1a\1b",  # a change of a kind that there is not
        bytes(8) + b"\1\0\0\0" + b"\1\1a\2b",
        b"\xff" * 8 + b"\1\0\0\0" + b"\0\1a",
    ],
)
def test_a_damaged_change_in_a_log_is_refused(batch: bytes, small: Path, tmp_path: Path) -> None:
    folder = copied(small, tmp_path / "db")
    name, _ = leveldb.next_log(leveldb.read(folder), {b"a": b"b"})
    (folder / name).write_bytes(records.write(batch))
    with pytest.raises(Refused, match=f"{name}: "):
        leveldb.read(folder)


@pytest.mark.parametrize("pattern", ["CURRENT", "MANIFEST-*", "*.ldb"])
def test_a_missing_file_is_named(pattern: str, small: Path, tmp_path: Path) -> None:
    folder = copied(small, tmp_path / "db")
    live = {
        f"{number:06d}.ldb" for _, number in manifest.read(max(folder.glob("MANIFEST-*")).read_bytes()).tables
    }
    path = max(path for path in folder.glob(pattern) if path.suffix != ".ldb" or path.name in live)
    path.unlink()
    with pytest.raises(Refused, match="there is no such file; start the browser"):
        leveldb.read(folder)


def test_a_missing_folder_says_to_open_the_extension(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="open the extension once"):
        leveldb.read(tmp_path / "none")


def test_another_order_of_keys_is_refused(tmp_path: Path) -> None:
    name = "idb_cmp1"
    db = plyvel.DB(
        str(tmp_path / "db"),
        create_if_missing=True,
        comparator=lambda a, b: (a > b) - (a < b),
        comparator_name=name.encode(),
    )
    db.close()
    with pytest.raises(Refused, match=name):
        leveldb.read(tmp_path / "db")


@pytest.mark.parametrize(("packing", "named"), [(2, "zstd"), (7, "number 7")])
def test_unknown_packing_is_refused_by_name(packing: int, named: str) -> None:
    block = bytes(4) + bytes([packing])
    footer = bytes([0, 0, 0, 4]).ljust(40, b"\0") + (0xDB4775248B80FB57).to_bytes(8, "little")
    data = block + crc32c.masked(block).to_bytes(4, "little") + footer
    with pytest.raises(Refused, match=f"packed with a method .*{named}"):
        list(table.entries(data, Budget(1000)))


def test_a_database_over_the_limit_is_refused(small: Path) -> None:
    with (
        mock.patch.object(leveldb, "LARGEST", 5000),
        pytest.raises(Refused, match="more than the limit of 5,000 bytes; set the values"),
    ):
        leveldb.read(small)


def test_values_do_not_show_in_what_is_printed() -> None:
    assert "sk-or-vv" not in repr(leveldb.Contents({b"apiKey": b"sk-or-vv-0000"}, 1, 1))


def test_a_log_without_changes_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="without changes"):
        leveldb.next_log(leveldb.Contents({}, 1, 1), {})


@pytest.mark.parametrize(("sequence", "number"), [((1 << 56) - 1, 1), (1, (1 << 63) - 1)])
def test_numbers_that_are_used_up_are_refused(sequence: int, number: int) -> None:
    with pytest.raises(Refused, match="no numbers left"):
        leveldb.next_log(leveldb.Contents({}, sequence, number), {b"a": b"b"})


def test_a_damaged_name_of_the_manifest_leads_nowhere_else(small: Path, tmp_path: Path) -> None:
    folder = copied(small, tmp_path / "db")
    (folder / "CURRENT").write_bytes(b"../MANIFEST-000001\n")
    with pytest.raises(Refused, match="CURRENT: it names no manifest"):
        leveldb.read(folder)
