"""Random operations that fit a tree, and what they make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

from patcher.errors import Refused
from patcher.formats.ops import (
    Add,
    Documents,
    Drop,
    Insert,
    LeafReader,
    Node,
    NodePath,
    Op,
    Put,
    Scalar,
    Unordered,
    Value,
    bare,
)
from patcher.formats.order import successor

NEW = "VseGPT"
KEY = "sk-or-vv-" + 16 * "0"
URL = "https://api.vsegpt.ru:6070/v1"
SIMPLE: list[Scalar] = ["one", "two-2", "gpt-4o-mini"]
"""Text that every style of every syntax can hold as it is."""
_ODD = ['say "it"', "it's", "a # b", "a: b", " x ", "ключ", "C:\\new", "yes", "0123", "1e3", "", "- a", "{a}"]
_SAFE_ODD = ["a b", "ключ", "a=b", "-1"]
_LINES = "first\nsecond"
FLAT = {"dotenv", "prefs"}
"""The formats that are one list of keys and values."""


def scalars(name: str) -> list[Scalar]:
    """Values that the format can hold."""
    if name == "ini":
        return [*SIMPLE, KEY, URL, *_SAFE_ODD]
    if name == "dotenv":
        return [*SIMPLE, KEY, URL, *_SAFE_ODD, "a # b", "", "it's", _LINES]
    if name == "xml":
        return [*SIMPLE, KEY, URL, *_SAFE_ODD, 'say "it" & <go>', "it's", _LINES]
    if name == "prefs":
        return [*SIMPLE, KEY, URL, *_ODD, 7, True, False]
    null: list[Scalar] = [] if name == "toml" else [None]
    return [*SIMPLE, KEY, URL, *_ODD, _LINES, 7, -1.5, True, False, *null]


def values(name: str, rng: Random) -> tuple[Value, Value, Value]:
    """A list, a map and a list of maps for the format."""
    pick = scalars(name)
    plain: list[Value] = [rng.choice(pick) for _ in range(rng.randint(1, 6))]
    if name == "xml":
        entry: dict[str, Value] = {"@name": NEW, "@value": rng.choice(pick)}
        return plain, {"option": [entry]}, [entry]
    item: dict[str, Value] = {"name": NEW, "apiBase": URL, "apiKey": KEY, "model": rng.choice(pick)}
    if name == "ini":
        return plain, item, [item]
    return plain, {"nested": {"deep": rng.choice(pick)}, "api": URL}, [item | {"roles": ["chat", "edit"]}]


def nodes(tree: Node, place: NodePath = ()) -> Iterator[tuple[NodePath, Node]]:
    """Every node that a place can name, with its place, from the root down."""
    inner = bare(tree)
    yield place, inner
    if isinstance(inner, dict):
        for key, value in inner.items():
            if isinstance(key, str):
                yield from nodes(value, (*place, key))
    elif isinstance(inner, list):
        for index, value in enumerate(inner):
            yield from nodes(value, (*place, index))


class Wishes:
    """Draws operations that make sense somewhere in one tree."""

    def __init__(self, name: str, tree: Node, plain: LeafReader) -> None:
        self.name = name
        self.maps: list[tuple[NodePath, dict[str, Node]]] = []
        self.lists: list[tuple[NodePath, list[Node]]] = []
        self.plain_lists: list[NodePath] = []
        self.leaves: list[NodePath] = []
        self.nulls: list[NodePath] = []
        self.gone: list[NodePath] = []
        for place, node in nodes(tree):
            if isinstance(node, Documents):
                continue  # none is added
            if isinstance(node, dict):
                self.maps.append((place, node))
            elif isinstance(node, list):
                self.lists.append((place, node))
                if not any(isinstance(bare(item), (dict, list)) for item in node):
                    self.plain_lists.append(place)
            elif _is_null(node, plain):
                self.nulls.append(place)
            elif place and not str(place[-1]).startswith(("#mixed", "@xmlns")):
                self.leaves.append(place)
            if place and not _stays(name, tree, place):
                self.gone.append(place)

    def kinds(self) -> list[Callable[[Random], Op]]:
        """What can be asked of this tree at all."""
        deep = self.name not in FLAT
        found: list[tuple[Sequence[object], Callable[[Random], Op]]] = [
            ([place for place in self.leaves + self.nulls if place], self.put),
            (self.nulls if self.name in ("json", "jsonc", "json5", "yaml") else [], self.fill),
            (self.leaves if deep and self.name not in ("ini", "xml") else [], self.put_list),
            (self.plain_lists if self.name != "xml" else [], self.put_over_list),
            (self.maps if self.name != "xml" else self.maps[1:], self.add),
            (self.maps if deep and self.name != "xml" else [], self.add_nested),
            (self.lists, self.insert),
            (self.gone, self.drop),
        ]
        return [kind for places, kind in found if places]

    def one(self, rng: Random) -> Op | None:
        kinds = self.kinds()
        return rng.choice(kinds)(rng) if kinds else None

    def single(self, rng: Random) -> list[Op]:
        """One operation, where the tree has a place for any."""
        op = self.one(rng)
        return [] if op is None else [op]

    def several(self, rng: Random) -> list[Op]:
        """Up to four operations of which none lies in what another replaces or takes away."""
        found: list[Op] = []
        for _ in range(rng.randint(2, 4)):
            op = self.one(rng)
            if op is not None and not any(_meet(op, other) for other in found):
                found.append(op)
        return found

    def put(self, rng: Random) -> Op:
        place = rng.choice([place for place in self.leaves + self.nulls if place])
        pick = SIMPLE if rng.random() < 0.5 else scalars(self.name)  # of simple text more is promised
        return Put(place, rng.choice(pick))

    def fill(self, rng: Random) -> Op:
        place = rng.choice(self.nulls)
        return Put(place, rng.choice(values(self.name, rng)[1:]) if place else values(self.name, rng)[1])

    def put_list(self, rng: Random) -> Op:
        return Put(rng.choice(self.leaves), values(self.name, rng)[0])

    def put_over_list(self, rng: Random) -> Op:
        return Put(rng.choice(self.plain_lists), values(self.name, rng)[0])

    def add(self, rng: Random) -> Op:
        place, node = rng.choice(self.maps if self.name != "xml" else self.maps[1:])
        key = _unused(node, rng)
        if self.name == "dotenv":
            key = key.replace("-", "_")  # no name of a variable to godotenv
        if self.name == "ini" and not place and all(isinstance(value, dict) for value in node.values()):
            return Add(place, key, values(self.name, rng)[1])  # before the first section stands nothing
        new = f"@{key}" if self.name == "xml" else key
        return Add(place, new, rng.choice(scalars(self.name)), _before(node, key, rng))

    def add_nested(self, rng: Random) -> Op:
        place, node = rng.choice(self.maps) if self.name != "ini" else self.maps[0]
        new = values(self.name, rng)
        key = _unused(node, rng)
        return Add(place, key, new[1] if self.name == "ini" else rng.choice(new), _before(node, key, rng))

    def insert(self, rng: Random) -> Op:
        place, node = rng.choice(self.lists)
        index = rng.choice([0, len(node), rng.randint(0, len(node))])
        plain, _, maps = values(self.name, rng)
        assert isinstance(plain, list)
        assert isinstance(maps, list)
        text = self.name != "xml" and node and not isinstance(bare(node[0]), dict)
        return Insert(place, index, plain[0] if text else maps[0])

    def drop(self, rng: Random) -> Op:
        return Drop(rng.choice(self.gone))


def _stays(name: str, tree: Node, place: NodePath) -> bool:
    """Whether it cannot be taken away."""
    return (name == "xml" and _needed(tree, place)) or (isinstance(tree, Documents) and len(place) == 1)


def _needed(tree: Node, place: NodePath) -> bool:
    """Whether an XML list would read as no list without the element, or a list item as another."""
    above = node_at(tree, place[:-1])
    last = str(place[-1])
    said = last in ("@name", "@key", "@id", "#mixed") or last.startswith("@xmlns")
    return len(place) < 2 or said or (isinstance(above, list) and len(above) < 3)


def _before(node: dict[str, Node], key: str, rng: Random) -> str | None:
    """Where a new key goes: mostly as a wish has it, else anywhere."""
    if isinstance(node, Unordered):
        return None
    keys = [each for each in node if isinstance(each, str)]
    return successor(node, key) if rng.random() < 0.7 or not keys else rng.choice(keys)


def _unused(node: dict[str, Node], rng: Random) -> str:
    names = [name for name in ("api_base", "vsegpt", "OPENAI_KEY", "zz-top", "x1") if name not in node]
    names = [name for name in names if name.lower() not in {str(key).lower() for key in node}]
    return rng.choice(names or ["unheard_of"])


def _is_null(node: Node, plain: LeafReader) -> bool:
    try:
        return plain(node) is None
    except Refused:
        return False


def node_at(tree: Node, place: NodePath) -> Node:
    """The node that stands at a place, without its marks."""
    node = bare(tree)
    for step in place:
        node = bare(node[step])  # type: ignore[index]  # the place leads here
    return node


def _meet(one: Op, other: Op) -> bool:
    if isinstance(one, Add) and isinstance(other, Add) and one.place == other.place:
        return one.key == other.key
    return _covers(one, other) or _covers(other, one)


def _covers(one: Op, other: Op) -> bool:
    if not isinstance(one, (Put, Drop)):
        return False
    return other.place[: len(one.place)] == one.place


def done(tree: Node, ops: Sequence[Op], place: NodePath = ()) -> Node:
    """The tree that the operations shall make of `tree`: from the root down, all at once."""
    for op in ops:
        if isinstance(op, Put) and op.place == place:
            return op.value
    below = [op for op in ops if op.place[: len(place)] == place]
    if not below:
        return tree
    dropped = {op.place for op in below if isinstance(op, Drop)}
    if isinstance(tree, dict):
        kept = {
            key: None if (*place, key) in dropped else done(value, below, (*place, key))
            for key, value in tree.items()
        }
        keys = list(kept)
        for op in below:
            if isinstance(op, Add) and op.place == place:
                keys.insert(len(keys) if op.before is None else keys.index(op.before), op.key)
                kept[op.key] = op.value
        return {key: kept[key] for key in keys if (*place, key) not in dropped}
    if not isinstance(tree, list):
        raise AssertionError(f"{place} is no container to the judge")  # noqa: TRY004  # a broken law
    found: list[Node] = []
    for index in range(len(tree) + 1):
        found += [
            op.value for op in below if isinstance(op, Insert) and op.place == place and op.index == index
        ]
        if index < len(tree) and (*place, index) not in dropped:
            found.append(done(tree[index], below, (*place, index)))
    return found
