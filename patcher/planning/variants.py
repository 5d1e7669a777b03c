"""Which files of a tool count on this machine: of those that stand in for each other just one.

What stands in for what is said by a profile's order. A tool that changed the shape of its file from
one version to the next has an entry for each shape, and the file's own content tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from patcher.errors import PatchError
from patcher.formats.editing import Document
from patcher.machine.places import Machine, Places, locate, locate_all
from patcher.planning.target import target_of
from patcher.registry.profile import FileSpec, Profile

_Candidate: TypeAlias = tuple[FileSpec, Places]


def chosen(profile: Profile, machine: Machine) -> Iterator[_Candidate]:
    """The files of a tool on this machine."""
    chains: list[list[_Candidate]] = []
    for spec in profile.files:
        candidate = (spec, (locate_all if spec.every else locate)(spec.path, machine))
        if spec.instead and chains:
            chains[-1].append(candidate)
        else:
            chains.append([candidate])
    for chain in chains:
        there = [candidate for candidate in chain if candidate[1].exist]
        makeable = [candidate for candidate in chain if candidate[0].create is not None]
        first = (there or makeable or chain)[0]
        if there and any(spec.when for spec, _ in there):
            yield from _by_shape(there)
        else:
            yield first


def _by_shape(there: Sequence[_Candidate]) -> Iterator[_Candidate]:
    """For each file that the first has, the entry that fits it; where none does, the first counts."""
    for path in there[0][1].paths:
        entries = [spec for spec, places in there if path in places.paths]
        fitting = (spec for spec in entries if not spec.when or _fits(spec, path))
        yield next(fitting, entries[0]), Places((path,), exist=True)


def _fits(spec: FileSpec, path: Path) -> bool:
    """Whether the file has what `when` asks for. One that cannot be read has nothing; a plan says why."""
    try:
        document = Document.read(spec.format, target_of(spec, path).document or b"")
    except PatchError:
        return False
    return all(each.holds(document) for each in spec.when)
