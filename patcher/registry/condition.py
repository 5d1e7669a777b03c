"""What a profile says of a value in a file: a test that tells shapes, deciders and refusals apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Self

from patcher.dataclass import dataclass
from patcher.endpoint import belongs, is_private
from patcher.formats.ops import ABSENT, Absent, Item, KeyPath, Scalar, Segment, Value, same, segment

if TYPE_CHECKING:
    from patcher.formats.editing import Document


@dataclass(frozen=True, eq=False, repr=False)
class Each:
    """Every entry that is there: of a map those with a key like `pattern`, of a list those with `fields`."""

    pattern: str | None
    fields: tuple[tuple[str, Scalar], ...] = ()

    @classmethod
    def of(cls, raw: str | Mapping[str, Scalar]) -> Self:
        return cls(raw) if isinstance(raw, str) else cls(None, tuple(raw.items()))

    @property
    def is_literal(self) -> bool:
        """Whether it is one key, by name."""
        return self.pattern is not None and not re.search(r"[*?\[]", self.pattern)


Step = Segment | Each


def step(raw: Any, **place: Any) -> Step:
    """A step of a path as profiles write it: one of `formats.ops.segment`, or `{ each = ... }`."""
    if isinstance(raw, dict) and raw.keys() == {"each"}:
        return Each.of(raw["each"])
    return segment(raw, **place)


def expand(
    document: Document, path: Sequence[Step], known_by: Callable[[Mapping[str, Value]], Item] | None = None
) -> Iterator[KeyPath]:
    """The paths that one with `Each` in it stands for in this document.

    `known_by` says by which fields a list item is found again: by default by all that are single values.
    """
    done: tuple[Segment, ...] = ()
    for index, each in enumerate(path):
        if isinstance(each, Each):
            for entry in _entries(document.outline(done), each, known_by or _by_all):
                yield from expand(document, (*done, entry, *path[index + 1 :]), known_by)
            return
        done = (*done, each)
    yield done


def _entries(
    container: Value | Absent, each: Each, known_by: Callable[[Mapping[str, Value]], Item]
) -> Iterator[Segment]:
    if isinstance(container, dict):
        yield from (
            key for key in container if isinstance(key, str) and fnmatchcase(key, each.pattern or "*")
        )
    for item in container if isinstance(container, list) and each.pattern is None else ():
        if isinstance(item, dict) and all(same(item.get(name, ABSENT), value) for name, value in each.fields):
            yield known_by(item)


def _by_all(item: Mapping[str, Value]) -> Item:
    return Item.of({key: value for key, value in item.items() if not isinstance(value, (dict, list))})


@dataclass(frozen=True, eq=False, repr=False)
class Condition:
    """One test of what is at `path`; without any of the others: that there is something.

    A text is compared whole, with `*` as in file names where `like` is given. `at_least` and `below` are
    about numbers, also those that a syntax without numbers writes as text, and about versions (`4.0.1`).
    """

    path: tuple[Step, ...]
    there: bool = True
    """Whether there has to be something, or nothing (`lacks`)."""
    equal: tuple[Scalar, ...] = ()
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    at_least: float | None = None
    below: float | None = None
    address: str = ""
    """`other`: an address that is neither VseGPT's nor OpenAI's; `elsewhere`: one that is not VseGPT's;
    `local`: one on this machine or in a private network."""

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        def listed(name: str) -> tuple[Any, ...]:
            value = raw.get(name, ())
            return tuple(value) if isinstance(value, (list, tuple)) else (value,)

        return cls(
            path=tuple(step(each) for each in raw.get("has", raw.get("lacks", ()))),
            there="lacks" not in raw,
            equal=listed("is"),
            like=listed("like"),
            unlike=listed("unlike"),
            at_least=raw.get("at_least"),
            below=raw.get("below"),
            address=raw.get("address", ""),
        )

    def holds(self, document: Document) -> bool:
        return bool(self.found(document)) is self.there

    def found(self, document: Document) -> list[tuple[KeyPath, Value | Absent]]:
        """Where there is what the test asks for, and what it is; `ABSENT` for what is no plain value."""
        places = expand(document, self.path)
        return [
            (place, value)
            for place in places
            if is_something(document, place) and self.fits(value := document.get(place))
        ]

    def fits(self, value: Value | Absent) -> bool:
        """Whether a value is what the test asks for."""
        text = value if isinstance(value, str) else "" if value in (ABSENT, None) else str(value)
        if self.equal and not any(same(value, each) for each in self.equal):
            return False
        if self.like and not any(fnmatchcase(text, each) for each in self.like):
            return False
        if any(fnmatchcase(text, each) for each in self.unlike):
            return False
        if self.at_least is not None or self.below is not None:
            number = number_of(value)
            if number is None:
                return False
            if number < (self.at_least or number) or (self.below is not None and number >= self.below):
                return False
        return not self.address or is_address(text, self.address)


def is_something(document: Document, place: KeyPath) -> bool:
    """Whether there is anything but null at a place."""
    return document.has(place) and document.get(place) is not None


def is_filled(document: Document, place: KeyPath) -> bool:
    """Whether what is there can decide anything: it is neither null nor empty."""
    return is_something(document, place) and document.get(place) not in ("", [], {})


def number_of(value: Value | Absent) -> float | None:
    """A number, also one that is written as text or begins a version; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    found = re.match(r"\s*v?(\d+(?:\.\d+)?)", value) if isinstance(value, str) else None
    return float(found[1]) if found else None


def is_address(text: str, kind: str) -> bool:
    """Whether a text is an address of this kind, one of `Condition.address`'s."""
    if not text:
        return False
    whose = belongs(text)
    if kind == "local":
        return is_private(text)
    return whose != "vsegpt" and not (kind == "other" and whose == "openai")
