"""One operation on a TOML text as splices."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from patcher.cures import BY_HAND
from patcher.errors import Refused
from patcher.formats.linewise import line_of
from patcher.formats.ops import Add, Drop, Insert, NodePath, Op, Put, shown
from patcher.formats.text import Splice
from patcher.formats.toml import add as statements
from patcher.formats.toml.brackets import Inline
from patcher.formats.toml.drop import drop
from patcher.formats.toml.layout import TomlLayout
from patcher.formats.toml.scan import (
    Brackets,
    Node,
    Table,
    TableArray,
    TomlDocument,
    TomlEntry,
    below,
    brackets_of,
)
from patcher.formats.toml.scan import Value as Written
from patcher.formats.toml.write import TomlStyle
from patcher.i18n import _


class Planner:
    """A text that was scanned, to plan operations on it; `eol` is for a text that has none."""

    def __init__(self, text: str, eol: str = "\n") -> None:
        self.text = text
        self.layout = TomlLayout(TomlDocument(text), eol)
        self._brackets: dict[int, Brackets | None] = {}

    def splices(self, op: Op) -> list[Splice]:
        """One operation that needs no `steps`. Raises `Refused` for what cannot surely be right."""
        node = self._node(op.place)
        if self.is_inside(op):
            return self.inside([op])
        if isinstance(op, Put):
            raise self._unfit(op, _("is a table, which no value can replace"))
        if isinstance(op, Drop):
            return self._drop(node, op)
        if isinstance(op, Add):
            if not isinstance(node, Table):
                raise self._unfit(op, _("is no table"))
            return [statements.add(self.layout, node, op.key, op.value)]
        if not isinstance(node, TableArray):
            raise self._unfit(op, _("is no list"))
        if not isinstance(op.value, dict):
            raise self._unfit(op, _("is an array of tables, which holds nothing but maps"))
        return [statements.insert(self.layout, node, op.index, op.value)]

    def steps(self, op: Op) -> list[Op]:
        """The smaller operations that make up `op`, one after the other, where it needs them."""
        node = self._node(op.place)
        if isinstance(op, Put) and isinstance(op.value, dict) and isinstance(node, Table):
            if node is self.layout.document.root and not node.children:
                return [Add((), key, value) for key, value in op.value.items()]
            if op.place and isinstance(index := op.place[-1], int):  # of an array of tables
                return [Insert(op.place[:-1], index, op.value), Drop((*op.place[:-1], index + 1))]
        if isinstance(op, Drop) and op.place:
            above = self._node(op.place[:-1])
            if isinstance(above, TableArray) and len(above.items) == 1 and isinstance(op.place[-2], str):
                # The list has to stay, empty; only a key can say that.
                return [Drop(op.place[:-1]), Add(op.place[:-2], op.place[-2], [])]
        return []

    def is_inside(self, op: Op) -> bool:
        """Whether it concerns one value as it is written: is that, or a member of its brackets."""
        if isinstance(op, Put):
            return isinstance(self._node(op.place), Written)
        return self._around(op) is not None

    def is_dotted(self, op: Op) -> bool:
        """Whether what `is_inside` concerns a table that dotted keys make: that has no brackets of its
        own, and changes with all its members.
        """
        if isinstance(op, Put):
            return False
        nodes = [self._node(op.place), *([self._node(op.place[:-1])] if isinstance(op, Drop) else ())]
        return any(isinstance(node, Table) and node.dotted for node in nodes)

    def inside(self, ops: Sequence[Op]) -> list[Splice]:
        """Operations of which each `is_inside`, of dotted ones just one."""
        found: list[Splice] = []
        inlines: dict[int, Inline] = {}
        for op in ops:
            node, brackets = self._node(op.place), self._around(op)
            if isinstance(op, Put):
                assert isinstance(node, Written)  # see is_inside()
                found.append(self._put(node, op))
                continue
            assert brackets is not None  # see is_inside()
            inline = inlines.setdefault(brackets.open, Inline(self.text, brackets, self.layout.style))
            if isinstance(op, Drop):
                found += self._drop_inside(node, op, inline)
            elif isinstance(op, Add):
                index, new = self._new_entry(node, op, brackets)
                inline.new.setdefault(index, []).append(new)
            else:
                inline.new.setdefault(op.index, []).append(self._new_item(op, brackets))
        return found + [splice for inline in inlines.values() for splice in inline.splices()]

    def _around(self, op: Op) -> Brackets | None:
        """The brackets that a member is put into or taken out of."""
        if not op.place and isinstance(op, Drop):
            return None
        node = self._node(op.place[:-1] if isinstance(op, Drop) else op.place)
        if isinstance(node, Table):
            return node.brackets
        brackets = self._brackets_of(node) if isinstance(node, Written) else None
        keyed = isinstance(op, Add) or (isinstance(op, Drop) and isinstance(op.place[-1], str))
        return brackets if brackets and (brackets.table is not None) is keyed else None

    def _commented(self, node: Written) -> bool:
        """Whether a comment stands between the items of a list or in one of them."""
        brackets = self._brackets_of(node)
        if brackets is None:
            return False
        at = brackets.open + 1
        for member in brackets.members:
            if "#" in self.text[at : member.first] or self._commented(member):
                return True
            at = member.end
        return "#" in self.text[at : brackets.close]

    def _put(self, node: Written, op: Put) -> Splice:
        if self._commented(node):
            raise self._unfit(op, _("has a comment in what has to go"))
        style = self.layout.style.like(self.text[node.start : node.end])
        return Splice(node.start, node.end, style.value(op.value))

    def _new_entry(self, node: Node, op: Add, brackets: Brackets) -> tuple[int, str]:
        """Before which member of an inline table a new key goes, and its text."""
        members = [member for member in brackets.members if isinstance(member, TomlEntry)]
        near, prefix, index = (members[-1] if members else None), "", len(members)
        if isinstance(node, Table) and node.dotted:
            near = node.dotted[-1]
            prefix = self.text[near.first : near.key[node.level - 1].end] + "."
            index = members.index(near) + 1
        key = prefix + self.layout.style.key(op.key, self.layout.key_raw(near))
        return index, key + self.layout.equals(near) + self._style(near).value(op.value)

    def _new_item(self, op: Insert, brackets: Brackets) -> str:
        members = brackets.members
        return self._style(members[min(op.index, len(members) - 1)] if members else None).value(op.value)

    def _style(self, near: Written | None) -> TomlStyle:
        """The file's style with the habits of a value."""
        style = self.layout.style
        return style.like(self.text[near.start : near.end]) if near else style

    def _drop_inside(self, node: Node, op: Drop, inline: Inline) -> list[Splice]:
        """A member, or all whose dotted keys lead through a table."""
        if isinstance(op.place[-1], int):
            inline.dropped.add(op.place[-1])
            return []
        entries = [part for part in below(node) if isinstance(part, TomlEntry)]
        first = min(entries, key=attrgetter("first"))
        parent = self._node(op.place[:-1])
        gone = {entry.first for entry in entries}
        empty: list[Splice] = []
        if isinstance(parent, Table) and parent.dotted and len(parent.children) == 1:
            start = first.key[parent.level - 1].end  # the parent stays, empty
            empty = [Splice(start, first.end, self.layout.equals(first) + "{}")]
            gone.remove(first.first)
        inline.dropped |= {index for index, part in enumerate(inline.members) if part.start in gone}
        return empty

    def _drop(self, node: Node, op: Drop) -> list[Splice]:
        parent = self._node(op.place[:-1])
        if not (
            op.place
            and isinstance(node, (TomlEntry, Table, TableArray))
            and isinstance(parent, (Table, TableArray))
        ):
            raise self._unfit(op, _("cannot be taken away"))
        return drop(self.layout, node, parent)

    def _node(self, place: NodePath) -> Node:
        """What is written at a place."""
        node: Node = self.layout.document.root
        for done, step in enumerate(place):
            brackets = self._brackets_of(node) if isinstance(node, Written) else None
            table = brackets.table if brackets else node
            try:
                if isinstance(table, Table) and isinstance(step, str):
                    node = table.children[step]
                elif isinstance(table, TableArray) and isinstance(step, int):
                    node = table.items[step]
                elif brackets and isinstance(step, int):
                    node = brackets.members[step]
                else:
                    raise KeyError(step)
            except LookupError:
                raise Refused(
                    _("{place} cannot be found").format(place=shown(place[: done + 1])), cure=_(BY_HAND)
                ) from None
        return node

    def _brackets_of(self, value: Written) -> Brackets | None:
        if value.start not in self._brackets:
            self._brackets[value.start] = brackets_of(self.text, value)
        return self._brackets[value.start]

    def _unfit(self, op: Op, why: str) -> Refused:
        node = self._node(op.place)
        section = node.section if isinstance(node, Table) else None
        at = node.start if isinstance(node, Written) else section.start if section else -1
        return Refused(
            _("{key} {trouble}").format(key=shown(op.place), trouble=why),
            line=line_of(self.text, at) if at >= 0 else None,
            cure=_(BY_HAND),
        )
