"""Our `dataclass` is the standard library's in all that a reader of a class relies on."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError, field, replace
from typing import Any

import pytest

from patcher.dataclass import dataclass


@dataclass(frozen=True)
class Ours:
    """A value."""

    name: str
    count: int = 3
    items: list[int] = field(default_factory=list, compare=False)
    secret: str = field(default="", repr=False)


@dataclasses.dataclass(frozen=True)
class Theirs:
    """A value."""

    name: str
    count: int = 3
    items: list[int] = field(default_factory=list, compare=False)
    secret: str = field(default="", repr=False)


@dataclass
class Open:
    """Its values may change."""

    name: str = "a"


@dataclass(frozen=True, eq=False, repr=False)
class Bare:
    """Nobody compares or prints it."""

    name: str


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (("a",), {}),
        (("a", 4), {}),
        (("a",), {"secret": "s", "items": [1]}),
        ((), {"name": "a", "count": 5}),
        (("a", 1, [2], "s"), {}),
    ],
)
def test_it_holds_and_shows_and_compares_what_the_standard_one_does(
    values: tuple[Any, ...], named: dict[str, Any]
) -> None:
    ours, theirs = Ours(*values, **named), Theirs(*values, **named)
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    for other in ({"name": "b"}, {"count": 9}, {"items": [9]}, {"secret": "9"}):
        assert (replace(ours, **other) == ours) is (replace(theirs, **other) == theirs)
        assert (hash(replace(ours, **other)) == hash(ours)) is (
            hash(replace(theirs, **other)) == hash(theirs)
        )


@pytest.mark.parametrize(
    ("values", "named"), [((), {}), (("a", 1, [], "", 5), {}), (("a",), {"nome": 1}), ((), {"count": 1})]
)
def test_it_takes_neither_more_nor_less(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    for its in (Ours, Theirs):
        with pytest.raises(TypeError):
            its(*values, **named)


def test_what_is_frozen_stays_as_it_is() -> None:
    ours: Any = Ours("a")
    with pytest.raises(FrozenInstanceError):
        ours.name = "b"
    with pytest.raises(FrozenInstanceError):
        del ours.name
    thing: Any = Open()
    thing.name = "b"
    assert thing == Open("b")
    with pytest.raises(TypeError):
        hash(thing)


def test_each_has_a_list_of_its_own() -> None:
    Ours("a").items.append(1)
    assert Ours("a").items == []


def test_what_nobody_compares_is_known_by_itself() -> None:
    one, other = Bare("a"), Bare("a")
    assert one != other
    assert len({one, other}) == 2
    assert "name" not in repr(one)


def test_it_is_copied_matched_and_sent_to_another_process() -> None:
    ours = Ours("a", secret="s")
    assert copy.deepcopy(ours) == pickle.loads(pickle.dumps(ours)) == ours
    match ours:
        case Ours(name, count):
            assert (name, count) == ("a", 3)
