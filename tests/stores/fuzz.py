"""Fuzzed databases, read by ours and by plyvel: `python -m tests.stores.fuzz [COUNT]`.

Each is filled at random (both compressions, deletes, large values, compaction, reopening); ours
has to read what plyvel reads, and plyvel what ours writes.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from pathlib import Path

from patcher.stores.leveldb import store as leveldb
from tests.stores import levels


def differences(folder: Path, seed: int) -> list[str]:
    """What the two do not agree about in one database."""
    rng = random.Random(seed)
    database, copy = folder / "db", folder / "copy"
    for each in (database, copy):
        shutil.rmtree(each, ignore_errors=True)
    levels.fill(database, seed, rng.randrange(10, 400))
    level = leveldb.read(database)
    shutil.copytree(database, copy)
    told = [] if level.values == levels.held(copy) else [f"{seed}: read otherwise"]
    changes = {levels.key(rng): rng.choice([levels.value(rng), None]) for _ in range(rng.randrange(1, 20))}
    name, data = leveldb.next_log(level, changes)
    (database / name).write_bytes(data)
    wanted = {key: value for key, value in (level.values | changes).items() if value is not None}
    told += [] if leveldb.read(database).values == wanted else [f"{seed}: ours reads its own otherwise"]
    return told + ([] if levels.held(database) == wanted else [f"{seed}: plyvel reads ours otherwise"])


def main(count: int) -> int:
    """Exit code 1 where there was any difference."""
    told = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(count):
            told += differences(Path(folder), seed)
    print(f"{count} databases, {len(told)} differences", *told[:20], sep="\n")
    return 1 if told else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else 1000))
