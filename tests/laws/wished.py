"""What profiles ask for, at random: values in one map, something taken out, now and then a nasty value."""

from __future__ import annotations

from random import Random

from patcher.formats.ops import ABSENT, Absent, Change, Item, KeyPath, Node, Scalar, Segment, Value, bare
from tests.laws.lines_of import KEYS, SECTIONS, WORDS
from tests.laws.ops import KEY, NEW, URL
from tests.laws.trees_of import MAPS

TEXTS = [KEY, URL, "openai/gpt-4o-mini", "true", "16000", "openai", ""]
_PREFS = ["a.b", "c", "d", "e f", "ключ", "vsegpt.url", "A"]
_NASTY = [
    *WORDS["odd_values"],
    "a\nb",
    "a # b",
    "a: b",
    " x ",
    "- a",
    "yes",
    "0123",
    "1e3",
    "a\rb",
    "\x7f",
    "</a>",
    "&amp;",
]
_LINES = {"ini", "dotenv", "keyvalue", "prefs"}


def wished(syntax: str, tree: Node, rng: Random) -> list[Change]:
    """The changes of one edit; for trees, mostly where there is something."""
    if syntax in _LINES:
        return _of_lines(syntax, rng)
    path = _way(syntax, tree, rng)
    known = [name for step in path[-1:] if isinstance(step, Item) for name, _ in step.fields]  # it stays
    names = [name for name in _names(syntax, tree, path) if name not in known]
    keys = dict.fromkeys(rng.choices(names, k=rng.choice((1, 1, 2, 3))))
    return [_change((*path, key), _value(syntax, rng), rng) for key in keys]


def _of_lines(syntax: str, rng: Random) -> list[Change]:
    path: KeyPath = ()
    if syntax == "ini" and rng.random() < 0.8:
        path = (rng.choice([*SECTIONS[:4], "VSEGPT"]) if rng.random() < 0.9 else rng.choice(SECTIONS),)
        if rng.random() < 0.03 and path[0] != "u.v":  # to npm ini that is one in another
            return [Change(path, ABSENT)]
    known = _PREFS if syntax == "prefs" else KEYS
    keys = {key.lower(): key for key in rng.sample(known, rng.choice((1, 1, 1, 2, 3)))}.values()
    return [_change((*path, key), _value(syntax, rng), rng) for key in keys]


def _change(path: KeyPath, value: Value, rng: Random) -> Change:
    draw = rng.random()
    wanted: Value | Absent = ABSENT if draw < 0.15 else value
    return Change(path, wanted, if_absent=draw > 0.93)


def _value(syntax: str, rng: Random) -> Value:
    draw = rng.random()
    if draw < 0.1:
        return rng.choice(_NASTY)
    if draw < 0.25 and syntax not in ("ini", "dotenv", "keyvalue", "xml"):
        others: list[Scalar] = [True, False, 7, 16000]
        return rng.choice(others)
    if draw < 0.3 and syntax not in (*_LINES, "xml"):
        return [rng.choice(TEXTS), "b"]
    return rng.choice(TEXTS)


def _way(syntax: str, tree: Node, rng: Random) -> KeyPath:
    """To a map that is there, or nearly."""
    path: list[Segment] = []
    node = bare(tree)
    if syntax == "xml":
        path, node = ["application"], _below(node, "application")
    while rng.random() < 0.65:
        if isinstance(node, list):
            step: Segment = _item(syntax, node, rng)
        else:
            inner = [key for key, value in _entries(node) if isinstance(bare(value), (dict, list))]
            step = rng.choice(inner) if inner and rng.random() < 0.8 else rng.choice(MAPS)
        if syntax == "xml" and isinstance(step, str) and step not in ("option", "component", "entry"):
            break
        path.append(step)
        node = _below(node, step)
    if isinstance(node, list) or path[-1:] == ["models"]:
        path.append(_item(syntax, node, rng))
    return tuple(path)


def _item(syntax: str, node: Node, rng: Random) -> Item:
    name = "@name" if syntax == "xml" else "name"
    found = [
        value
        for item in (node if isinstance(node, list) else [])
        for key, value in _entries(item)
        if key == name
    ]
    texts = [value for value in found if type(value) is str]  # not those that are a syntax's own
    return Item.of({name: rng.choice(texts) if texts and rng.random() < 0.6 else NEW})


def _entries(node: Node) -> list[tuple[str, Node]]:
    inner = bare(node)
    return (
        [(key, value) for key, value in inner.items() if isinstance(key, str)]
        if isinstance(inner, dict)
        else []
    )


def _below(node: Node, step: Segment) -> Node:
    if isinstance(step, Item) and isinstance(node, list):
        field, wanted = step.fields[0]
        return next((bare(item) for item in node if dict(_entries(item)).get(field) == wanted), None)
    return bare(dict(_entries(node)).get(str(step)))


def _names(syntax: str, tree: Node, path: KeyPath) -> list[str]:
    """Of the values that are there, and others."""
    if syntax == "xml":
        return ["@value", "@value", "@key", "@key", "@x", "#text"]
    node = bare(tree)
    for step in path:
        node = _below(node, step)
    there = [key for key, value in _entries(node) if not isinstance(bare(value), (dict, list))]
    return [*there * 2, *KEYS[:3], "vsegpt"]
