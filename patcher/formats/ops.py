"""What is asked of a document, and the few primitive operations that bring it about.

`Change` says what a person wants ("this path holds this value"). `ops_for` compares that with
the document's tree and gives the operations on places that exist; the editors turn these
into splices, and the proof applies the very same operations to the tree.

A tree is what a syntax's own reader made of a text: `dict` (string keys, in order), `list`, or
a leaf of whatever type that syntax uses. `Marked` wraps a node that carries something more
(YAML's anchor or tag).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from enum import Enum
from typing import Any, Final, Literal, TypeAlias, Union, cast

from patcher.dataclass import dataclass
from patcher.errors import Refused
from patcher.i18n import _

Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = Union[Scalar, "list[Value]", "dict[str, Value]"]
Node: TypeAlias = object


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT
"""Nothing there; as the value of a `Change`: take away what is there."""


Position: TypeAlias = Literal["first", "last", "sorted"]


_NAMES = frozenset("id name title displayName label tag pattern alias".split())
"""Fields by which people know an item."""


@dataclass(frozen=True)
class Item:
    """The list item that is a map with these fields.

    Where there is none, a new one with these fields goes first or last in the list, or, `sorted`,
    to where the first field's value belongs, if the list is in order of it (else last). Where nothing
    may stand behind the last item, it goes before that.
    """

    fields: tuple[tuple[str, Scalar], ...]
    place: Position = field(default="first", compare=False)

    @classmethod
    def of(cls, fields: Mapping[str, Scalar], *, place: Position = "first") -> Item:
        return cls(tuple(fields.items()), place)

    def __str__(self) -> str:
        named = [field for field in self.fields if field[0] in _NAMES] if len(self.fields) > 2 else []
        words = (f"{name}={str(value)[:40]}" for name, value in named[:1] or self.fields[:3])
        return "[" + ", ".join("".join(filter(str.isprintable, word)) for word in words) + "]"


@dataclass(frozen=True)
class Decode:
    """Step into text that holds a document of its own, such as JSON in a JSON string."""

    format: str

    def __str__(self) -> str:
        return f"<{self.format}>"


Segment: TypeAlias = str | Item | Decode
KeyPath: TypeAlias = tuple[Segment, ...]


def segment(data: str | Mapping[str, Any], *, place: Position = "first") -> Segment:
    """A step as profiles and manifests write it: a key, `{ decode = "json" }`, or an item's fields."""
    if isinstance(data, str):
        return data
    return Decode(data["decode"]) if data.keys() == {"decode"} else Item.of(data, place=place)


def written(step: Segment) -> str | dict[str, Scalar]:
    """A step as manifests write it."""
    if isinstance(step, Decode):
        return {"decode": step.format}
    return step if isinstance(step, str) else dict(step.fields)


NodePath: TypeAlias = tuple[str | int, ...]
"""A path whose list items are resolved to their index."""


@dataclass(frozen=True)
class Change:
    """`path` shall hold `value` (`ABSENT`: nothing); with `if_absent` only where nothing is."""

    path: KeyPath
    value: Value | Absent
    if_absent: bool = False


@dataclass(frozen=True)
class Put:
    """Replace the node at `place`, which exists, by `value`."""

    place: NodePath
    value: Value


@dataclass(frozen=True)
class Add:
    """Add `key` with `value` to the map at `place`, which has no such key: last, or before `before`.

    In an `Unordered` map the editor itself knows where it goes.
    """

    place: NodePath
    key: str
    value: Value
    before: str | None = None


@dataclass(frozen=True)
class Insert:
    """Insert `value` into the list at `place`, before the item that is at `index` now."""

    place: NodePath
    index: int
    value: Value


@dataclass(frozen=True)
class Drop:
    """Take away the map entry or list item at `place`, which exists."""

    place: NodePath


Op: TypeAlias = Put | Add | Insert | Drop


def added(node: Mapping[str, Node], op: Add, value: Node) -> dict[str, Node]:
    """The map with the new key of `op` in it, at its place."""
    if op.before is None:
        return {**node, op.key: value}
    found: dict[str, Node] = {}
    for key, old in node.items():
        if key == op.before:
            found[op.key] = value
        found[key] = old
    return found


class Unordered(dict[str, Node]):
    """A map of a tree whose syntax gives the order of keys no meaning: it is not compared.

    A TOML key has to stand before the tables of its map, so it cannot always come last.
    """


class Folded(Unordered):
    """A map whose keys are the same in any case."""

    def spelling(self, key: str) -> str:
        """The key as it stands in the map, or as it is given."""
        if key in self:
            return key
        return next((there for there in self if there.lower() == key.lower()), key)


@dataclass(frozen=True)
class Earlier:
    """The key of an entry whose key a later one of its map has again: the later one counts.

    So a tree keeps all pairs of such a map, and `key` leads to what the tool reads.
    """

    key: object
    number: int
    """Which of the earlier ones, from 0."""

    def __str__(self) -> str:
        return str(self.key)


def every_pair(pairs: Iterable[tuple[Any, Node]]) -> dict[Any, Node]:
    """A map of all pairs, in order, those that do not count under an `Earlier` key."""
    pairs = list(pairs)
    last = {key: index for index, (key, _value) in enumerate(pairs)}
    seen: Counter[object] = Counter()
    made: dict[Any, Node] = {}
    for index, (key, value) in enumerate(pairs):
        made[key if last[key] == index else Earlier(key, seen[key])] = value
        seen[key] += 1
    return made


class LastStays(dict[str, Node]):
    """A map whose last entry stays the last: nothing may stand behind it, so that new keys go before it."""


class LastItemStays(list[Node]):
    """A list whose last item stays the last, for the same reason."""


class Documents(list[Node]):
    """The documents of one text, where several of them have content: to a path, a list."""


@dataclass(frozen=True)
class Marked:
    """A node with properties of its own: `mark` takes part in comparisons."""

    mark: object
    node: Node


def bare(node: Node) -> Node:
    """The node without its marks."""
    while isinstance(node, Marked):
        node = node.node
    return node


def shown(path: Sequence[object]) -> str:
    """A path for people: `models[name=VseGPT].apiBase`, the whole document as `the top level`."""
    text = ""
    for segment in path:
        if isinstance(segment, int):
            text += f"[{segment + 1}]"
        elif isinstance(segment, (Item, Decode)):
            text += str(segment)
        else:
            text += f".{segment}" if text else str(segment)
    return text or _("the top level")


LeafReader: TypeAlias = Callable[[Node], Scalar]
"""A syntax's reading of one of its leaves as plain data; raises `Refused` where it cannot be."""


def as_plain(node: Node, plain: LeafReader) -> Value:
    """A whole subtree as plain data. Raises `Refused` where a part of it is not plain.

    A key that is no text to every reader, or that comes again, is no text here either.
    """
    inner = bare(node)
    if isinstance(inner, dict):
        made = {key: as_plain(value, plain) for key, value in inner.items()}
        return cast("Value", Unordered(made)) if isinstance(inner, Unordered) else made
    if isinstance(inner, list):
        return [as_plain(value, plain) for value in inner]
    return plain(inner)


def kind(node: Node, plain: LeafReader) -> str:
    """What a node is, in words for a message; never its value, which may be a key."""
    inner = bare(node)
    if isinstance(inner, dict):
        return _("a map")
    if isinstance(inner, Documents):
        return _("a list of documents")
    if isinstance(inner, list):
        return _("a list")
    try:
        value = plain(inner)
    except Refused:
        return _("something special")
    if value is None:
        return _("empty")
    if isinstance(value, bool):
        return _("true or false")
    return _("text") if isinstance(value, str) else _("a number")


def same(one: Value | Absent, other: Value | Absent) -> bool:
    """Equality that tells `1`, `1.0`, `True` and `"1"` apart."""
    if isinstance(one, dict) and isinstance(other, dict):
        return same_keys(one, other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def same_keys(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Whether two maps have the same keys, in the same order where order means something."""
    if isinstance(one, Unordered) or isinstance(other, Unordered):
        return one.keys() == other.keys()
    return list(one) == list(other)
