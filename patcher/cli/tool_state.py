"""What a tool keeps in the home besides the files that are planned: read for a copy of it.

A tool may well remember a choice there that counts more than its settings do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from patcher.dataclass import dataclass
from patcher.disk.snapshot import read_untrusted
from patcher.machine.places import Machine, is_relative
from patcher.registry.profile import Profile

MOST_BYTES, MOST_FILES, LARGEST = 20_000_000, 5000, 4_000_000
"""As much as can be gone through for keys in some seconds; what a tool chose is in the smallest files."""
_MOST_SEEN = 50_000
"""Entries of directories that are looked at."""
_NO_STATE = frozenset(
    "node_modules .git cache caches .cache cacheddata gpucache log logs __pycache__ .venv venv"
    " tmp temp".split()
)


@dataclass(frozen=True)
class ToolState:
    """Its files by their place in the home, and how many were left out as too large, or too many."""

    roots: tuple[Path, ...]
    files: dict[Path, bytes]
    left_out: int


def read(profile: Profile, machine: Machine) -> ToolState:
    """The ordinary files that the marks of a profile, and what counts more than its files, lead to.

    The smallest come first, as settings and choices are small; no link is followed out of such a place.
    """
    roots = tuple(_roots(profile, machine))
    sizes: dict[Path, tuple[int, Path]] = {}
    for root in roots:
        for place, real in _files(root, machine):
            with suppress(OSError):
                sizes[place] = (real.stat().st_size, real)
    files: dict[Path, bytes] = {}
    total = left_out = 0
    for place, (size, real) in sorted(sizes.items(), key=lambda each: each[1][0]):
        if size > LARGEST or total + size > MOST_BYTES or len(files) == MOST_FILES:
            left_out += 1
        elif (data := read_untrusted(real)) is not None:
            files[place] = data
            total += len(data)
    return ToolState(roots, files, left_out)


def _roots(profile: Profile, machine: Machine) -> Iterator[Path]:
    marks = [mark for mark in profile.found_by if not isinstance(mark, str) or re.match(r"[~${]", mark)]
    over = [override.file for override in profile.overridden_by if override.file]
    for template in [*marks, *over]:
        chosen = machine.chosen(template)
        if chosen and is_relative(chosen):
            # Those of the directory where it is run are there, unless that is the home itself.
            yield from [machine.home / chosen] if machine.work == machine.home else []
            continue
        for path in machine.expand(template):
            if not machine.home.is_relative_to(path) and path.parent.name != "extensions":
                yield path


def _files(root: Path, machine: Machine) -> Iterator[tuple[Path, Path]]:
    """The files at or below a place: where they are, and the file itself, which may be behind a link."""
    real = Path(os.path.realpath(root))
    if root.is_symlink() and not real.is_relative_to(os.path.realpath(machine.home)):
        return
    folders, seen = [root], 0
    if real.is_file():
        yield root, real
    while folders and seen < _MOST_SEEN:
        with suppress(OSError):  # of what is no directory, may not be read, or is gone by now
            for path in sorted(folders.pop().iterdir()):
                seen += 1
                target = Path(os.path.realpath(path))
                if path.is_dir() and not path.is_symlink() and path.name.lower() not in _NO_STATE:
                    folders.append(path)
                if path.is_file() and target.is_relative_to(real) and path.suffix != ".log":
                    yield path, target
