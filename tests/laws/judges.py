"""Independent readers, one per syntax, none of them the one that the editor's own proof uses.

A judge reads a text to a tree of the same shape as the editor's: `dict`, `list`, and leaves that
are plain data or something opaque that compares. It raises `Unreadable` for what it cannot read.
"""

from __future__ import annotations

import configparser
import io
import logging
import re
import tomllib
from collections.abc import Callable, Hashable
from typing import Any, TypeAlias, cast
from xml.dom import Node as Dom
from xml.dom import minidom

import dotenv
import json5
import pyjson5
import tomlkit
import yaml

logging.getLogger("dotenv.main").setLevel(logging.ERROR)  # it warns of every line that is no assignment

Tree: TypeAlias = object
Judge: TypeAlias = Callable[[str], Tree]


class Unreadable(Exception):  # read as a word, like Refused
    """This judge cannot read the text, which says nothing about the text."""


def judge(name: str) -> Judge:
    """The judge of a format; of a dialect `tests.laws.programs` has them. It expects no byte order mark."""
    if ":" in name:
        return _unjudged
    reader = _JUDGES[name]

    def read(text: str) -> Tree:
        try:
            return reader(text)
        except Exception as error:  # each library has exceptions of its own, and some of them crash
            raise Unreadable(f"{type(error).__name__}: {error}") from error

    return read


def _unjudged(_text: str) -> Tree:
    raise Unreadable("the fuzz has the programs that judge it")


ORDERED = {"json", "jsonc", "json5", "yaml", "dotenv", "prefs"}
"""The formats whose judge sees the order of keys as it is in the text."""


def _json(text: str) -> Tree:
    try:
        return pyjson5.loads(text)
    except pyjson5.Json5Exception:
        if pyjson5.loads(f"[{text}\n]") == []:
            return None  # nothing but comments
        return json5.loads(text)  # slower, and knows more of what may be a key


def _toml(text: str) -> Tree:
    """By tomlkit, which the editor's proof does not use for TOML 1.0.

    Where tomlkit and the standard library differ the file is left to the latter.
    """
    known = tomllib.loads(text)
    try:
        found = tomlkit.parse(text).unwrap()
    except Exception:  # noqa: BLE001  # tomlkit raises more than it names
        return known
    return found if repr(_sorted(found)) == repr(_sorted(known)) else known


def _sorted(node: Tree) -> Tree:
    if isinstance(node, dict):
        return [(key, _sorted(node[key])) for key in sorted(node)]
    return [_sorted(item) for item in node] if isinstance(node, list) else node


_RESOLVER = yaml.SafeLoader("")
_TAG = "tag:yaml.org,2002:"


def _yaml(text: str) -> Tree:
    """Nodes as PyYAML composes them: YAML 1.1, aliases are what they stand for, tags are opaque."""
    documents = [_yaml_node(node, {}) for node in yaml.compose_all(text, yaml.CSafeLoader)]
    if any(node is not None for node in documents[1:]):
        return documents
    return documents[0] if documents else None


def _yaml_node(node: Any, seen: dict[int, Tree]) -> Tree:
    if node is None:
        return None
    if id(node) in seen:
        return seen[id(node)]
    if isinstance(node, yaml.ScalarNode):
        found = _yaml_scalar(node)
        seen[id(node)] = found
        return found
    if isinstance(node, yaml.SequenceNode):
        items = seen[id(node)] = list[Tree]()
        items += [_yaml_node(item, seen) for item in node.value]
        return items
    pairs = seen[id(node)] = dict[Hashable, Tree]()
    for key, value in node.value:
        pairs[_yaml_key(key)] = _yaml_node(value, seen)
    return pairs


def _yaml_key(node: Any) -> Hashable:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value) if node.tag == _TAG + "str" else (str(node.tag), str(node.value))
    return ("key", yaml.serialize(node))


def _yaml_scalar(node: Any) -> Tree:
    kind = node.tag.removeprefix(_TAG)
    if kind == "str":
        return node.value
    if kind in ("null", "bool", "int", "float"):
        try:
            return getattr(_RESOLVER, f"construct_yaml_{kind}")(node)
        except (ValueError, IndexError, KeyError):
            pass
    return (node.tag, node.value)


def _dotenv(text: str) -> Tree:
    """As from a file, of which CRLF is LF to Python."""
    return dict(dotenv.dotenv_values(stream=io.StringIO(text, newline=None), interpolate=False))


_TOP = "\x01before the first header"


def _ini(text: str) -> Tree:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True, default_section="\x01none")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as the documentation does
    parser.read_file(io.StringIO(f"[{_TOP}]\n{text}", newline=None))
    # Most programs take the blanks off a section's name; configparser alone tells such sections apart.
    if any(name != name.strip() for name in parser.sections()):
        raise Unreadable("blanks in the name of a section")
    found: dict[str, Tree] = {name: dict(parser[name]) for name in parser.sections()}
    top = cast("dict[str, Tree]", found.pop(_TOP))
    if top.keys() & found.keys():
        raise Unreadable("one name for a key and a section")
    return top | found


def _xml(text: str) -> Tree:
    """By the DOM, which keeps the prefixes of tags, as ElementTree does not."""
    if not text.strip():
        return {}
    root = minidom.parseString(text.encode()).documentElement
    assert root is not None  # it would not have been well-formed
    return {root.tagName: _element(root)}


def _element(element: Any) -> Tree:
    found: dict[str, Any] = {f"@{name}": value for name, value in element.attributes.items()}
    children: dict[str, list[Any]] = {}
    text = ""
    for child in element.childNodes:
        if child.nodeType == Dom.ELEMENT_NODE:
            children.setdefault(child.tagName, []).append(_element(child))
        elif child.nodeType in (Dom.TEXT_NODE, Dom.CDATA_SECTION_NODE):
            text += child.data
    if text.strip():
        found["#mixed" if children else "#text"] = text
    for tag, items in children.items():
        single = len(items) == 1 and not items[0].keys() & {"@name", "@key", "@id"}
        found[tag] = items[0] if single else items
    return found


_PREF = re.compile(r"^user_pref[ \t]*\((.*)\);[ \t]*(?://.*|#.*)?$")


def _prefs(text: str) -> Tree:
    """Line by line, the arguments as a JSON5 list; statements on several lines are not read."""
    found: dict[str, Tree] = {}
    for line in text.split("\n"):
        if "pref" not in line or line.lstrip().startswith(("//", "#", "pref", "sticky_pref")):
            if "/*" in line:
                raise Unreadable("a block comment")
            if ";" in line and "user_pref" in line:
                raise Unreadable("two statements on a line")
            continue
        parts = _PREF.match(line.strip())
        if not parts:
            raise Unreadable("a statement of another form")
        key, value = pyjson5.loads(f"[{parts[1]}]")
        found[key] = value
    return found


_JUDGES: dict[str, Judge] = {
    "json": _json,
    "jsonc": _json,
    "json5": _json,
    "yaml": _yaml,
    "toml": _toml,
    "dotenv": _dotenv,
    "ini": _ini,
    "xml": _xml,
    "prefs": _prefs,
}


def equal(one: Tree, other: Tree, *, ordered: bool) -> bool:
    """Whether two trees are the same, down to the types of leaves; shared and cyclic nodes are fine."""
    seen: set[tuple[int, int]] = set()
    todo = [(one, other)]
    while todo:
        left, right = todo.pop()
        if left is right or (id(left), id(right)) in seen:
            continue
        if type(left) is not type(right):
            return False
        if isinstance(left, dict) and isinstance(right, dict):
            seen.add((id(left), id(right)))
            if left.keys() != right.keys() or (ordered and list(left) != list(right)):
                return False
            todo += [(left[key], right[key]) for key in left]
        elif isinstance(left, list) and isinstance(right, list):
            seen.add((id(left), id(right)))
            if len(left) != len(right):
                return False
            todo += zip(left, right, strict=True)
        elif left != right and repr(left) != repr(right):  # NaN is not equal to itself
            return False
    return True
