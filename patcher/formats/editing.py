"""Editing a file of some syntax: splice, then prove."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import field, replace
from functools import cache
from importlib import import_module
from json import dumps
from typing import NamedTuple

from patcher.cures import BY_HAND, REPORT
from patcher.dataclass import dataclass
from patcher.errors import Refused, Unproved
from patcher.formats.changes import ops_for
from patcher.formats.lookup import find, get
from patcher.formats.ops import (
    ABSENT,
    Absent,
    Change,
    Decode,
    Item,
    KeyPath,
    Node,
    NodePath,
    Op,
    Scalar,
    Value,
    shown,
)
from patcher.formats.proof import prove
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice, Text, apply
from patcher.i18n import _, number

SYNTAXES = {
    "json": "json.editor",
    "jsonc": "json.editor",
    "json5": "json.editor",
    "yaml": "yaml.editor",
    "toml": "toml.editor",
    "dotenv": "dotenv.editor",
    "ini": "ini.editor",
    "keyvalue": "ini.editor",
    "prefs": "lines.prefs",
    "text": "lines.plain",
    "xml": "xml.editor",
    "extension": "json.editor",
    "sqlite": "json.editor",
}
"""A profile's format -> the module with its `SYNTAX`, imported only when it is needed."""


class Edited(NamedTuple):
    """An edit that is proved: the bytes before and after, and what was spliced."""

    before: bytes
    after: bytes
    ops: tuple[Op, ...]
    splices: tuple[Splice, ...]


def format_of(name: str) -> str:
    """The format of a syntax's name, without its dialects."""
    return name.partition(":")[0]


@cache
def syntax_of(name: str) -> Syntax:
    """The syntax of that name, such as `ini`, or `ini:npm-ini` in a dialect (several: `a+b`).

    Raises `KeyError` for a name not in `SYNTAXES`, and for an unknown dialect.
    """
    plain, _colon, dialects = name.partition(":")
    module = import_module(f"patcher.formats.{SYNTAXES[plain]}")
    found: Syntax = module.in_dialects(plain, tuple(dialects.split("+"))) if dialects else module.SYNTAX[name]
    return found


class _Uncollected:
    """Without garbage collection: new trees hold no garbage, and looking for it doubles the time."""

    def __enter__(self) -> None:
        self.collects = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if self.collects:
            gc.enable()


def edit(name: str, data: bytes, changes: Sequence[Change]) -> Edited:
    """Make the changes in a file's bytes, and prove them.

    A path may lead on into text that holds a document of its own (`Decode`); such a document is
    edited, and proved, in the same way. Raises `Refused` where the file cannot be read, the
    changes do not fit it, or the result could not be proved right.
    """
    return Document.read(name, data).edited(changes)


def _edited(document: Document, changes: Sequence[Change]) -> Edited:
    data, text, before, syntax = document.data, document.text, document.tree, document.syntax
    if any(Decode in map(type, change.path) for change in changes):
        changes = _outermost(document, changes)
    ops = ops_for(before, changes, syntax.plain)
    if not ops:
        return Edited(data, data, (), ())
    splices = syntax.splices(text.body, ops)
    body = apply(text.body, splices)
    try:
        after = (syntax.reread or syntax.tree)(body)
    except Refused as refusal:
        raise Unproved(
            _("the edited file could not be read again: {reason}").format(reason=refusal.reason),
            cure=_(REPORT),
        ) from None
    prove(before, after, ops, changes, syntax.plain)
    return Edited(data, text._replace(body=body).encode(), tuple(ops), tuple(splices))


def _outermost(document: Document, changes: Sequence[Change]) -> list[Change]:
    """Changes inside text as changes of the text."""
    outer: list[Change] = []
    inner: dict[tuple[KeyPath, Decode], list[Change]] = {}
    for change in changes:
        split = _split(change.path)
        if split is None:
            outer.append(change)
        else:
            inner.setdefault((split.path, split.step), []).append(replace(change, path=split.inner))
    for (path, step), inside in inner.items():
        held = document.get(path)
        if not isinstance(held, str) and document.has(path) and held is not None:
            raise Refused(
                _("{place} is not text with {format} in it").format(
                    place=shown(path), format=step.format.upper()
                ),
                cure=_(BY_HAND),
            )
        if not isinstance(held, str) and all(change.value is ABSENT for change in inside):
            continue
        text = (
            held if isinstance(held, str) and held else "[]" if isinstance(inside[0].path[0], Item) else "{}"
        )
        edited = edit(step.format, text.encode(), inside)
        if edited.ops:
            after = edited.after.decode()
            if not held or held is ABSENT:  # new text is put on one line
                after = dumps(Document.read(step.format, edited.after).outline(()), ensure_ascii=False)
            outer.append(Change(path, after))
    return outer


class _Split(NamedTuple):
    """A path up to its first `Decode`, that step, and what follows."""

    path: KeyPath
    step: Decode
    inner: KeyPath


def _split(path: KeyPath) -> _Split | None:
    for index, step in enumerate(path):
        if isinstance(step, Decode):
            return _Split(path[:index], step, path[index + 1 :])
    return None


@dataclass(frozen=True)
class Document:
    """A file that was read, to look values up in, and to be edited."""

    data: bytes = field(repr=False)
    text: Text = field(repr=False)
    tree: Node
    syntax: Syntax

    @classmethod
    def read(cls, name: str, data: bytes) -> Document:
        """Raises `Refused` as `edit` does."""
        syntax = syntax_of(name)
        with _Uncollected():
            return cls(data, *_read(syntax, data), syntax)

    def edited(self, changes: Sequence[Change]) -> Edited:
        """What `edit` makes of its bytes."""
        with _Uncollected():
            return _edited(self, changes)

    def get(self, path: KeyPath) -> Value | Absent:
        """What is at `path`, as plain data; `ABSENT` where there is nothing, or nothing plain."""
        with suppress(Refused):
            document, path = self._inside(path)
            return get(document.tree, path, document.syntax.plain)
        return ABSENT

    def outline(self, path: KeyPath) -> Value | Absent:
        """What is at `path`, with null for whatever is not plain in it."""
        with suppress(Refused):
            document, path = self._inside(path)
            return get(document.tree, path, document._lenient)  # noqa: SLF001 - of the same class
        return ABSENT

    def has(self, path: KeyPath) -> bool:
        """Whether there is anything at `path`."""
        return self.place(path) is not None

    def place(self, path: KeyPath) -> NodePath | None:
        """Where `path` leads, with list items by their index; None if nowhere."""
        with suppress(Refused):
            document, inner = self._inside(path)
            place, node, rest = find(document.tree, inner, document.syntax.plain)
            before = tuple(map(str, path[: len(path) - len(inner)]))
            return None if rest or node is ABSENT else (*before, *place)
        return None

    def _inside(self, path: KeyPath) -> tuple[Document, KeyPath]:
        """The document that the end of `path` is in, and the path there. Raises `Refused`."""
        split = _split(path)
        if split is None:
            return self, path
        text = get(self.tree, split.path, self.syntax.plain)
        if not isinstance(text, str):
            raise Refused(_("{place} is not text").format(place=shown(split.path)), cure=_(BY_HAND))
        inner = Document.read(split.step.format, text.encode())
        return inner._inside(split.inner)  # noqa: SLF001 - of the same class

    def _lenient(self, leaf: Node) -> Scalar:
        try:
            return self.syntax.plain(leaf)
        except Refused:
            return None


def _read(syntax: Syntax, data: bytes) -> tuple[Text, Node]:
    if len(data) > syntax.limit:
        raise Refused(
            _("the file has {size} bytes, more than the limit of {limit}").format(
                size=number(len(data)), limit=number(syntax.limit)
            ),
            cure=_(BY_HAND),
        )
    text = Text.decode(data, windows=syntax.windows)
    return text, syntax.tree(text.body)
