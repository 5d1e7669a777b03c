"""What a profile wants of settings that are there already: lists, limits, and what is taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from patcher.dataclass import dataclass
from patcher.formats.ops import ABSENT, Absent, KeyPath, Scalar, Value, same
from patcher.registry.condition import number_of

if TYPE_CHECKING:
    from patcher.formats.editing import Document

Fill = Callable[[Scalar], Scalar]
"""Fills in the placeholders of a profile's value."""


class Correction(NamedTuple):
    """One value that has to be another one; `role` is `member`, `nonmember`, `cap`, `unset` or `set`.

    `items` are what goes into a list, or out of it.
    """

    path: KeyPath
    value: Value | Absent
    role: str
    items: tuple[Scalar, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Members:
    """What a list at `name` has to hold. Text that is a list, its items parted by commas, counts as one."""

    name: str
    items: tuple[Scalar, ...]
    unless_empty: bool = False
    globs: bool = False
    make: bool = False

    @classmethod
    def of(cls, name: str, raw: Any) -> Self:
        if isinstance(raw, Mapping):
            flags = {flag: raw.get(flag, False) for flag in ("unless_empty", "globs", "make")}
            return cls(name, tuple(raw["items"]), **flags)
        return cls(name, tuple(raw))

    def missing(self, document: Document, at: KeyPath, fill: Fill) -> Iterator[Correction]:
        path = (*at, self.name)
        there = document.get(path)
        if there is ABSENT and not document.has(path):
            items: list[Value] = [fill(item) for item in self.items] if self.make else []
            yield from (Correction(path, items, "set") for _ in items[:1])
            return
        held = listed(there)
        if held is None or (self.unless_empty and not held):
            return
        missing = tuple(item for item in map(fill, self.items) if not self._covers(held, item))
        if missing:
            yield Correction(path, as_it_was([*held, *missing], there), "member", missing)

    def _covers(self, held: Sequence[Value], item: Scalar) -> bool:
        if self.globs and any(fnmatchcase(str(item), str(each)) for each in held):
            return True
        return any(same(item, each) for each in held)


def unwanted(
    document: Document, at: KeyPath, name: str, items: tuple[Scalar, ...], fill: Fill
) -> Iterator[Correction]:
    """What has to leave a list that is there."""
    path = (*at, name)
    there = document.get(path)
    held = listed(there) or []
    leaving = tuple(item for item in map(fill, items) if any(same(item, each) for each in held))
    if leaving:
        rest = [each for each in held if not any(same(item, each) for item in leaving)]
        yield Correction(path, as_it_was(rest, there), "nonmember", leaving)


def above(document: Document, path: KeyPath, most: float) -> Iterator[Correction]:
    """A number that is above its limit; one that is written as text stays text."""
    there = document.get(path)
    number = number_of(there)
    if number is not None and number > most:
        limit = int(most) if most == int(most) else most
        yield Correction(path, str(limit) if isinstance(there, str) else limit, "cap")


def listed(value: Value | Absent) -> list[Value] | None:
    """The items of a list, or of text that is one; None for what is neither."""
    if isinstance(value, str):
        return [part for each in value.split(",") if (part := each.strip())]
    return value if isinstance(value, list) else None


def as_it_was(held: list[Value], there: Value | Absent) -> Value:
    """The list, as text again where it was text."""
    if not isinstance(there, str):
        return held
    return (", " if ", " in there else ",").join(map(str, held))
