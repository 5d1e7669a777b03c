"""Databases of another implementation of LevelDB, filled at random, to read ours against."""

from __future__ import annotations

import random
from pathlib import Path

import plyvel

SMALL = {"write_buffer_size": 64 << 10, "max_file_size": 64 << 10, "block_size": 1024}
"""So small that compaction happens all the time."""


def options(rng: random.Random) -> dict[str, object]:
    packing = rng.choice(["snappy", None])
    return {"compression": packing, **(SMALL if rng.random() < 0.7 else {})}


def fill(folder: Path, seed: int, count: int) -> None:
    """Put, delete and batch at random; close, open again and compact in between."""
    rng = random.Random(seed)
    db = plyvel.DB(str(folder), create_if_missing=True, **options(rng))
    for _ in range(count):
        dice = rng.random()
        if dice < 0.70:
            db.put(key(rng), value(rng))
        elif dice < 0.94:
            db.delete(key(rng))
        elif dice < 0.99:
            with db.write_batch(transaction=True) as batch:
                for _ in range(rng.randrange(8)):
                    batch.put(key(rng), value(rng))
                    batch.delete(key(rng))
        elif dice < 0.997:
            db.close()
            db = plyvel.DB(str(folder), **options(rng))
        else:
            db.compact_range()
    db.close()


def key(rng: random.Random) -> bytes:
    name = f"setting-{rng.randrange(300)}"
    return rng.choice([name, f"{name}-ключ", name * 20, ""] if rng.random() < 0.1 else [name]).encode()


def value(rng: random.Random) -> bytes:
    size = rng.choice([0, 1, 20, 100, 1000]) if rng.random() < 0.995 else rng.randrange(300_000)
    piece = rng.randbytes(min(size, 50))
    return (piece * (size // 50 + 1))[:size] if rng.random() < 0.5 else rng.randbytes(size)


def held(folder: Path) -> dict[bytes, bytes]:
    """What the other implementation reads. It rewrites files: give it a copy."""
    db = plyvel.DB(str(folder), paranoid_checks=True)
    try:
        return dict(db.iterator(verify_checksums=True))
    finally:
        db.close()
