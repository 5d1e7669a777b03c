"""Dialects: a file of lines is what the program that reads it makes of it.

INI, dotenv and KEY=VALUE have no standard. A profile says whose rules its file is read by; where it
says none, or several programs read the file, an edit has to mean the same to all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from patcher.dataclass import dataclass
from patcher.errors import Refused, Unproved
from patcher.formats.lines.flat import in_another_case, plain
from patcher.formats.linewise import refuse_lone_cr
from patcher.formats.ops import ABSENT, Add, Folded, Marked, Node, Op, Scalar, Unordered, bare
from patcher.formats.proof import prove
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice, apply
from patcher.i18n import _


@dataclass(frozen=True)
class Reader:
    """A program that reads such files: how people know it, and what it sees in a text.

    `tree` gives a map of keys and texts, in sections where there are such; `None` is a key without a
    value. It raises `Refused` where that program fails, and shares no code with what plans edits.
    """

    title: str
    tree: Callable[[str], dict[str, Node]]


@dataclass(frozen=True)
class Disputed:
    """What is at a place where readers differ: for each of them what it sees there, `ABSENT` for nothing."""

    seen: tuple[tuple[str, Node], ...]

    def refusal(self, key: str = "") -> Refused:
        """Names two of the readers, and the key, which has to be one that was asked for."""
        one, seen = self.seen[0]
        other = next(title for title, node in self.seen if not _alike(node, seen))
        said = (
            _("{one} and {other} read {key} differently in this file").format(one=one, other=other, key=key)
            if key
            else _("{one} and {other} read this file differently").format(one=one, other=other)
        )
        return Refused(
            said,
            cure=_(
                "write each setting as key=value on a line of its own, or name the program that reads"
                " the file in the profile (dialect)"
            ),
        )


def agreed(readers: Sequence[Reader]) -> Callable[[str], Node]:
    """The tree of a text to all the readers that can read it; `Disputed` where they differ.

    Which of them can is a mark of the tree. Raises `Refused` where none can.
    """

    def tree(text: str) -> Node:
        refuse_lone_cr(text)
        trees: dict[str, Node] = {}
        failed: list[Refused] = []
        for reader in readers:
            try:
                trees[reader.title] = reader.tree(text)
            except Refused as refusal:
                failed.append(refusal)
        if not trees:
            raise failed[0]
        return Marked(tuple(trees), _together(trees)) if len(readers) > 1 else _together(trees)

    return tree


def _together(nodes: Mapping[str, Node]) -> Node:
    first = next(iter(nodes.values()))
    if len(nodes) == 1 or all(_alike(node, first) for node in nodes.values()):
        return first
    if all(isinstance(node, dict) or node is ABSENT for node in nodes.values()):
        maps = {title: node if isinstance(node, dict) else {} for title, node in nodes.items()}
        keys = dict.fromkeys(key for node in maps.values() for key in node)
        kind = _Unsure if any(isinstance(node, Folded) for node in maps.values()) else Unordered
        return kind(
            (key, _together({title: node.get(key, ABSENT) for title, node in maps.items()})) for key in keys
        )
    return Disputed(tuple(nodes.items()))


class _Unsure(Folded):
    """A map whose keys are the same in any case to some readers, and others to the rest."""

    def spelling(self, key: str) -> str:
        """Raises `Refused` where the key is there in another case."""
        found = super().spelling(key)
        if found != key:
            raise in_another_case(key, found)
        return key


def _alike(one: Node, other: Node) -> bool:
    return type(one) is type(other) and one == other


def dialect_syntax(
    readers: Sequence[Reader], plan: Callable[[str, Sequence[Op]], list[Splice]], *, windows: bool = False
) -> Syntax:
    """The syntax that these programs read; `plan` knows their rules, and nothing of the readers."""
    tree = lru_cache(maxsize=2)(agreed(readers))  # of a text before and after its edit

    def splices(text: str, ops: Sequence[Op]) -> list[Splice]:
        made = plan(text, ops)
        if len(readers) > 1:
            before, after = tree(text), tree(apply(text, made))
            _require_agreement(before, after, ops)
            _require_proof(before, after, ops)
        return made

    return Syntax(tree, _plain, splices, windows=windows)


def _require_agreement(before: Node, after: Node, ops: Sequence[Op]) -> None:
    """Raises `Refused` where the edit would be read differently, or not at all by one of the readers."""
    assert isinstance(before, Marked)
    assert isinstance(after, Marked)
    if before.mark != after.mark:
        had, has = (set(tree.mark) for tree in (before, after) if isinstance(tree.mark, tuple))
        title = min(had ^ has)
        raise Refused(
            _("{reader} could not read the file any more").format(reader=title)
            if title in had
            else _("{reader} cannot read the file as it is, and others can").format(reader=title),
            cure=_("say in the profile which program reads this file (dialect)"),
        )
    asked = {place for op in ops for place in _places(op)}
    known, now = dict(_disputes(before, ())), dict(_disputes(after, ()))
    for place in sorted({*known, *now}, key=lambda place: place not in asked):
        if (place in asked and place in now) or (place not in asked and known.get(place) != now.get(place)):
            leaf = now.get(place) or known[place]
            raise leaf.refusal(place[-1] if place in asked else "")


def _require_proof(before: Node, after: Node, ops: Sequence[Op]) -> None:
    """What is planned for all readers may be wrong for the only one of them that can read the text."""
    try:
        prove(before, after, ops, (), _plain)
    except Unproved:
        raise Refused(
            _("no edit is surely read as it is meant here by every program"),
            cure=_("name the program that reads the file in the profile (dialect)"),
        ) from None


def _places(op: Op) -> Iterator[tuple[object, ...]]:
    """Where the values of an operation stand."""
    if isinstance(op, Add):
        place = (*op.place, op.key)
        yield from ((*place, key) for key in op.value) if isinstance(op.value, dict) else [place]
    else:
        yield op.place


def _disputes(node: Node, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Disputed]]:
    inner = bare(node)
    if isinstance(inner, Disputed):
        yield place, inner
    elif isinstance(inner, dict):
        for key, below in inner.items():
            yield from _disputes(below, (*place, key))


def _plain(leaf: Node) -> Scalar:
    if isinstance(leaf, Disputed):
        raise leaf.refusal()
    return plain(leaf)
