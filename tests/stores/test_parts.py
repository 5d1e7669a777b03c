"""The small parts of the stores, each by its own definition."""

from __future__ import annotations

import contextlib
import random
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patcher.errors import Refused
from patcher.stores import snappy
from patcher.stores.cursor import Cursor, varint
from patcher.stores.leveldb import records
from patcher.stores.leveldb.crc32c import crc32c, masked

BLOCK = 32 * 1024


@pytest.mark.parametrize(
    ("data", "checksum"),  # RFC 3720, appendix B.4, and the usual check value
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
)
def test_the_checksum_is_that_of_the_rfc(data: bytes, checksum: int) -> None:
    assert crc32c(data) == checksum


@pytest.mark.parametrize("end", range(-16, 17))
@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_a_record_is_read_back_wherever_it_ends_in_a_block(end: int, blocks: int) -> None:
    record = random.Random(end).randbytes(blocks * BLOCK + end)
    assert list(records.read(records.write(record))) == [record]


def test_an_empty_record_is_read_back() -> None:
    assert list(records.read(records.write(b""))) == [b""]


def fragment(kind: int, data: bytes) -> bytes:
    body = bytes([kind]) + data
    return masked(body).to_bytes(4, "little") + len(data).to_bytes(2, "little") + body


FULL, FIRST, MIDDLE, LAST = range(1, 5)


@pytest.mark.parametrize(
    "data",
    [
        fragment(FIRST, b"a") + fragment(FULL, b"b"),
        fragment(FIRST, b"a") + fragment(FIRST, b"b"),
        fragment(FIRST, b"a") + bytes(7),
        fragment(MIDDLE, b"a"),
        fragment(LAST, b"a"),
        fragment(5, b"a"),
        fragment(FULL, b"a")[:-1] + b"b",
        (fragment(FULL, b"")[:4] + b"\xff\xff\x01").ljust(BLOCK, b"\0"),
    ],
)
def test_damaged_records_are_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        list(records.read(data))


def test_an_empty_beginning_of_a_record_is_forgiven() -> None:
    assert list(records.read(fragment(FIRST, b"") + fragment(FULL, b"a"))) == [b"a"]


def test_every_torn_end_of_a_record_leaves_it_out() -> None:
    data = records.write(bytes(BLOCK + 100))
    for size in [*range(20), *range(BLOCK - 20, BLOCK), *range(BLOCK + 1, len(data))]:
        assert list(records.read(data[:size])) == []


@given(st.binary(max_size=300) | st.binary(max_size=20).map(lambda data: data * 9000))
def test_what_is_packed_is_unpacked(data: bytes) -> None:
    assert snappy.unpack(snappy.pack(data), 1 << 20) == data


@pytest.mark.parametrize(
    ("packed", "data"),
    [
        (b"\x00", b""),
        (b"\x03\x08abc", b"abc"),
        (b"\x09\x08abc\x09\x03", b"abcabcabc"),  # a copy that overlaps itself
        (b"\x07\x08abc\x01\x03", b"abcabca"),
        (b"\x08\x0cabcd\x0e\x04\x00", b"abcdabcd"),
        (b"\x08\x0cabcd\x0f\x04\x00\x00\x00", b"abcdabcd"),
        (b"\x03\xf0\x02abc", b"abc"),
        (b"\x03\xfc\x02\x00\x00\x00abc", b"abc"),
    ],
)
def test_every_element_of_snappy_is_understood(packed: bytes, data: bytes) -> None:
    assert snappy.unpack(packed, 100) == data


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"\x04\x08abc",
        b"\x02\x08abc",
        b"\x09\x08abc\x09\x00",
        b"\x09\x08abc\x09\x04",
        b"\x05\x10abc",
        b"\xff\xff\xff\xff\x0f\x08abc",
        b"\xff\xff\xff\xff\xff",
    ],
)
def test_damaged_snappy_is_refused(packed: bytes) -> None:
    with pytest.raises(Refused):
        snappy.unpack(packed, 1 << 20)


def test_snappy_does_not_unpack_more_than_it_announces() -> None:
    bomb = b"\x04\x00a" + b"\xfe\x01\x00" * 100_000
    tracemalloc.start()
    try:
        with pytest.raises(Refused):
            snappy.unpack(bomb, 1 << 20)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@settings(max_examples=300)
@given(st.binary(max_size=60))
def test_any_bytes_unpack_or_are_refused(data: bytes) -> None:
    with contextlib.suppress(Refused):
        assert len(snappy.unpack(data, 1000)) <= 1000


@given(st.integers(0, (1 << 64) - 1))
def test_a_varint_is_read_back(number: int) -> None:
    assert Cursor(varint(number)).varint() == number


@pytest.mark.parametrize("data", [b"\xff" * 10, b"\xff" * 9 + b"\x02", b"\x80"])
def test_a_varint_beyond_its_bits_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        Cursor(data).varint()
