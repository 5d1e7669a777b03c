"""What holds for every edit of every document, as functions that raise `Broken` where it does not.

put-get     an independent reader sees what was asked, and nothing else changed
put-put     the same changes asked again change no byte; a Put of simple text over simple text, and
            back, gives the bytes that the first one gave
quotes      simple text put where simple text stands bare or in quotes stands there just so
put-back    where simple text stood so, putting the old text back gives the old bytes
undo        the inverse splices give the old bytes; taking away what was added gives the old tree
asked       what a profile would ask comes to the same bytes, also behind a byte order mark
crlf        the edit of a text with CRLF is the edit of the text with LF, with CRLF
refuse      nothing but `Refused` is ever raised, and never `Unproved`

Simple text is `SIMPLE`: letters, digits, `-` and `_`, no word or number that a syntax reads as more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from patcher.errors import Refused, Unproved
from patcher.formats import editing
from patcher.formats.merge import unspliced
from patcher.formats.ops import Add, Change, Drop, Insert, Node, NodePath, Op, Put
from patcher.formats.order import order_of
from patcher.formats.proof import prove
from patcher.formats.syntax import Syntax
from patcher.formats.text import BOM, Splice, apply
from tests.laws.asked import asked, in_items
from tests.laws.judges import ORDERED, Tree, Unreadable, equal, judge
from tests.laws.ops import done, node_at

SIMPLE = re.compile(
    r"(?!(?:true|false|null|none|yes|no|on|off|y|n|nan|inf|infinity)\Z)[a-z_][\w-]*", re.IGNORECASE | re.ASCII
)
_OTHER = "another-value"
T = TypeVar("T")
_SHORT = 200_000  # characters up to which a merge of texts is tried: it compares line by line


class Broken(AssertionError):
    """A law does not hold: which, and what is seen instead."""

    def __init__(self, law: str, detail: str) -> None:
        super().__init__(f"{law}: {detail}")
        self.law = law


class Edit(NamedTuple):
    """A text that was edited with proof."""

    text: str
    tree: Node
    splices: list[Splice]


@dataclass(frozen=True)
class Subject:
    """A text without a byte order mark, read once. `judged` is None where the judge cannot read it."""

    name: str
    text: str
    syntax: Syntax
    tree: Node
    judged: tuple[Tree] | None

    @classmethod
    def of(cls, name: str, text: str) -> Subject:
        """Raises `Refused` where the editor does."""
        syntax = editing.syntax_of(name)
        tree = _only_refused("read", syntax.tree, text)
        try:
            judged = (judge(name)(text),)
        except Unreadable:
            return cls(name, text, syntax, tree, None)
        return cls(name, text, syntax, tree, judged)

    def edit(self, ops: Sequence[Op]) -> Edit:
        """The edit, proved and judged. Raises `Refused` for what the editor refuses."""
        planned = [part for op in ops for part in in_items(self.tree, op, self.syntax.plain)]
        splices = _only_refused("plan", self.syntax.splices, self.text, planned)
        try:
            text = apply(self.text, splices)
            tree = _only_refused("read again", self.syntax.tree, text)
            prove(self.tree, tree, planned, [], self.syntax.plain)
        except Refused as refusal:
            raise Broken("refuse", f"{type(refusal).__name__}: {refusal}") from None
        if apply(text, inverse(self.text, splices)) != self.text:
            raise Broken("undo", "the inverse splices give other bytes")
        if self.judged is not None:
            self._judge(text, done(self.judged[0], ops))
        return Edit(text, tree, splices)

    def _judge(self, text: str, expected: Tree) -> None:
        try:
            found = judge(self.name)(text)
        except Unreadable as error:
            raise Broken("put-get", f"the judge cannot read it any more: {error}") from None
        if not equal(expected, found, ordered=self.name in ORDERED):
            raise Broken("put-get", f"the judge sees something else: {_difference(expected, found)}")


def _only_refused(step: str, call: Callable[..., T], *arguments: object) -> T:
    try:
        return call(*arguments)
    except Unproved as error:
        raise Broken("refuse", f"{step}: Unproved: {error}") from error
    except Refused:
        raise
    except Exception as error:
        raise Broken("refuse", f"{step}: {type(error).__name__}: {error}") from error


def inverse(text: str, splices: Sequence[Splice]) -> list[Splice]:
    """The splices that take these back."""
    found: list[Splice] = []
    shift = 0
    for start, end, new in sorted(splices, key=lambda splice: splice[:2]):
        found.append(Splice(start + shift, start + shift + len(new), text[start:end]))
        shift += len(new) - (end - start)
    return found


def check(subject: Subject, ops: Sequence[Op], edited: Edit) -> None:
    """The laws beyond those that `Subject.edit` holds."""
    check_asked(subject, ops, edited)
    if len(ops) == 1 and isinstance(ops[0], Put):
        check_put(subject, ops[0], edited)


def check_asked(subject: Subject, ops: Sequence[Op], edited: Edit) -> None:
    """The public door gives the same bytes, once, with and without a byte order mark."""
    changes: list[Change] = []
    added = [isinstance(op, (Add, Insert)) for op in ops]
    if added != sorted(added):
        return  # wishes come to operations in another order
    into = [op.place for op in ops if isinstance(op, Add)]
    if any(into.count(place) > 1 and order_of(_keys(subject, place)) for place in into):
        return  # and those of one map in order to its own
    for op in ops:
        wished = asked(subject.tree, op, subject.syntax.plain)
        one_of_several = isinstance(op, Insert) or any(isinstance(step, int) for step in op.place)
        if wished is None or (len(ops) > 1 and one_of_several):
            return  # one of several wishes may be for what an item is found by
        changes += wished
    before, after = subject.text.encode(), edited.text.encode()
    try:
        result = editing.edit(subject.name, before, changes)
        again = editing.edit(subject.name, result.after, changes)
        marked = editing.edit(subject.name, (BOM + subject.text).encode(), changes)
    except Refused as refusal:
        raise Broken("asked", f"{type(refusal).__name__}: {refusal}") from None
    if result.after != after:
        raise Broken("asked", f"other bytes: {result.after!r:.300}, not {after!r:.300}")
    if again.after != after or again.splices:
        raise Broken("put-put", "asked again, something changes")
    if marked.after != BOM.encode() + after:
        raise Broken("asked", "other bytes behind a byte order mark")
    if len(before) < _SHORT and after and unspliced(before, result, after) != before:
        raise Broken("undo", "the merge of texts gives other bytes")


def _keys(subject: Subject, place: NodePath) -> list[object]:
    node = node_at(subject.tree, place)
    return list(node) if isinstance(node, dict) else []


def check_put(subject: Subject, op: Put, edited: Edit) -> None:
    """There and back again."""
    if not isinstance(op.value, str) or not SIMPLE.fullmatch(op.value):
        return
    now = Subject(subject.name, edited.text, subject.syntax, edited.tree, None)
    try:
        there = now.edit([Put(op.place, _OTHER)])
        back = Subject(subject.name, there.text, subject.syntax, there.tree, None).edit([op])
    except Refused as refusal:
        raise Broken("put-put", f"there and back is refused: {refusal}") from None
    if back.text != edited.text:
        raise Broken("put-put", f"there and back gives other bytes: {_bytes(edited.text, back.text)}")
    old = node_at(subject.tree, op.place)
    try:
        value = None if isinstance(old, (dict, list)) else subject.syntax.plain(old)
    except Refused:
        return
    if not isinstance(value, str) or not SIMPLE.fullmatch(value) or len(edited.splices) != 1:
        return
    start, end, new = edited.splices[0]
    written = subject.text[start:end]
    if written not in (value, f'"{value}"', f"'{value}'"):
        return
    if written != value and subject.name.startswith(("ini", "keyvalue")):
        return  # quotes are a part of the value to some: none are written
    if new != written.replace(value, op.value):
        raise Broken("quotes", f"{written} became {new}")
    restored = now.edit([Put(op.place, value)]).text
    if restored != subject.text:
        raise Broken("put-back", f"other bytes: {_bytes(subject.text, restored)}")


def check_taken_away(subject: Subject, op: Add | Insert, edited: Edit) -> None:
    """Taking away what was added gives the old tree, to the editor and to the judge.

    Raises `Refused` where the editor refuses that.
    """
    judged = None
    if subject.judged is not None:
        judged = (done(subject.judged[0], [op]),)
    now = Subject(subject.name, edited.text, subject.syntax, edited.tree, judged)
    back = now.edit([Drop((*op.place, op.key if isinstance(op, Add) else op.index))])
    if back.tree != subject.tree:
        raise Broken("undo", f"another tree: {_bytes(subject.text, back.text)}")


def crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def variants(name: str, text: str) -> dict[str, str]:
    """The text in the other forms in which it means the same, or nearly."""
    found: dict[str, str] = {}
    if "\n" in text and "\r" not in text:
        found["CRLF"] = crlf(text)
    if text.endswith("\n") and text.strip():
        found["no final line end"] = text.removesuffix("\n").removesuffix("\r")
    if name != "yaml":
        tabbed = re.sub(r"(?m)^(?: {2})+", lambda found: "\t" * (len(found[0]) // 2), text)
        if tabbed != text:
            found["tabs"] = tabbed
    return found


def check_crlf(windows: Subject, ops: Sequence[Op], edited: Edit | None) -> None:
    """With CRLF the same comes out, with CRLF; `edited` is None where the edit was refused.

    Raises `Refused` where both are.
    """
    try:
        result = windows.edit(ops)
    except Refused as refusal:
        if edited is None:
            raise
        raise Broken("crlf", f"with CRLF it is refused: {refusal}") from None
    if edited is None:
        raise Broken("crlf", "with LF it is refused, with CRLF not")
    if result.text != crlf(edited.text):
        raise Broken("crlf", f"another edit: {_bytes(crlf(edited.text), result.text)}")


def _bytes(expected: str, found: str) -> str:
    """Where two texts part."""
    at = next((i for i, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b), 0)
    at = at or min(len(expected), len(found))
    return f"{found[max(0, at - 40) : at + 60]!r}, not {expected[max(0, at - 40) : at + 60]!r}"


def _difference(expected: Tree, found: Tree) -> str:
    """Where two trees part, for a person; not for cyclic ones."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in expected.keys() | found.keys():
            if key not in expected or key not in found:
                return f"{key!r} is in one of them only"
            if not equal(expected[key], found[key], ordered=True):
                return f"{key}.{_difference(expected[key], found[key])}"
        return "the order of keys"
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, (one, other) in enumerate(zip(expected, found, strict=True)):
            if not equal(one, other, ordered=True):
                return f"[{index}].{_difference(one, other)}"
    return f"{found!r:.200}, not {expected!r:.200}"
