"""`store`: a kill before every call of a patch and of an undo of a browser's store (LevelDB).

After each, before anything is mended, the store has to open for us and for plyvel, where that is
installed, with all old or all new values; then the next start mends it.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.crash import program, traced
from tests.crash.program import KEY
from tests.crash.traced import CHANGES, LOOKS, tracing
from tests.crash.world import dirt, outside

PATCH, UNDO = ("box", "--strict"), ("undo", "--all", "--strict")


def cases(base: Path) -> Iterator[tuple[str, list[str]]]:
    """Every point, with all that was wrong after it."""
    from tests.support import made_up_stores  # noqa: PLC0415 - imports the program, whose copy has to be loaded first

    profiles = Path(importlib.util.find_spec("patcher").origin or "").parent / "profiles"  # type: ignore[union-attr] # it is loaded
    made_up_stores.profiles(profiles)
    home, scratch = base / "box", base / "box-notes"
    scratch.mkdir()
    kind = made_up_stores.Chromium()
    home.mkdir()
    kind.make(home)
    original = _Template(home, base / "box-original", kind.values(home))
    _must(home, PATCH)
    patched = _Template(home, base / "box-patched", kind.values(home))
    for words, before, after in ((PATCH, original, patched), (UNDO, patched, original)):
        before.restore(home)
        clean = traced.run(lambda words=words: _main(home, words), scratch, tracing([*LOOKS, *CHANGES]))  # type: ignore[misc] # mypy wants no default in a lambda
        assert clean.code == 0, clean.err
        for call in list(traced.calls(clean, home)):
            before.restore(home)
            strace = [*tracing([call.name]), "-e", f"inject={call.name}:signal=SIGKILL:when={call.nth}"]
            ran = traced.run(lambda words=words: _main(home, words), scratch, strace)  # type: ignore[misc] # as above
            told = [] if ran.code == -9 else ["the fault did not fire"]
            told += _wrong(home / kind.place, scratch, (original.values, patched.values))
            told += _mended(home, original, (before, after))
            yield f"{words[0]}: before {call.name} {call.nth}: {call.text}", told


class _Template:
    """A home as it was at one time."""

    def __init__(self, home: Path, at: Path, values: Mapping[str, object]) -> None:
        self.at, self.values = at, values
        shutil.copytree(home, at)
        self.files = outside(program.files(home))

    def restore(self, home: Path) -> None:
        shutil.rmtree(home)
        shutil.copytree(self.at, home)


def _main(home: Path, words: Sequence[str]) -> int:
    return program.main(["--home", str(home), "--lang", "en", *words], KEY)


def _must(home: Path, words: Sequence[str]) -> None:
    code, told = program.quiet(["--home", str(home), "--lang", "en", *words])
    assert code == 0, told


def _wrong(store: Path, scratch: Path, allowed: Sequence[Mapping[str, object]]) -> list[str]:
    """What the readers say of a store right after the kill."""
    from patcher.stores.leveldb import store as leveldb  # noqa: PLC0415 - the copy has to be loaded first

    told = []
    if _parsed(leveldb.read(store).values) not in allowed:
        told.append("ours reads neither the old nor the new values")
    if importlib.util.find_spec("plyvel"):
        from tests.stores.levels import held  # noqa: PLC0415 - not installed everywhere

        copy = scratch / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(store, copy)
        if _parsed(held(copy)) not in allowed:
            told.append("plyvel reads neither the old nor the new values")
    return told


def _parsed(values: Mapping[bytes, bytes]) -> dict[str, object]:
    return {key.decode(): json.loads(value) for key, value in values.items()}


def _mended(home: Path, original: _Template, allowed: Sequence[_Template]) -> list[str]:
    """What is wrong after the next start, and after taking all back."""
    program.recover(home)
    now = outside(program.files(home))
    told = [] if now in [each.files for each in allowed] else ["recovery: neither the old nor the new files"]
    told += dirt(program.files(home))
    code, said = program.quiet(["--home", str(home), "--lang", "en", *UNDO])
    if code != 0 or outside(program.files(home)) != original.files:
        told.append(f"undo: not the first files: {said}")
    return told
