"""One operation on a TOML text as splices."""

from __future__ import annotations

import tomllib
from difflib import SequenceMatcher

from patcher.errors import Refused
from patcher.formats.linewise import line_of
from patcher.formats.ops import Add, Drop, Insert, NodePath, Op, Put, Value, shown
from patcher.formats.text import Splice
from patcher.formats.toml import add as statements
from patcher.formats.toml import brackets as boxes
from patcher.formats.toml.drop import drop
from patcher.formats.toml.layout import Layout
from patcher.formats.toml.scan import Box, Document, Entry, Node, Table, Tables, box_of
from patcher.formats.toml.scan import Value as Written
from patcher.i18n import _

_SINGLE = (str, int, float)
_ITEMS, _STEPS = 1000, 64
"""Of a longer list, or with more changes, all is written anew: each step reads the text again."""


class Planner:
    """A text that was scanned, to plan operations on it; `eol` is for a text that has none."""

    def __init__(self, text: str, eol: str = "\n") -> None:
        self.text = text
        self.layout = Layout(Document(text), eol)
        self._boxes: dict[int, Box | None] = {}

    def splices(self, op: Op) -> list[Splice]:
        """One operation that needs no `steps`. Raises `Refused` for what cannot surely be right."""
        node = self._node(op.place)
        if isinstance(op, Put):
            return [self._put(node, op)]
        if isinstance(op, Add):
            return self._add(node, op)
        if isinstance(op, Insert):
            return self._insert(node, op)
        return self._drop(node, op)

    def steps(self, op: Op) -> list[Op]:
        """The smaller operations that make up `op`, one after the other, where it needs them."""
        node = self._node(op.place)
        if isinstance(op, Put):
            if node is self.layout.document.root and isinstance(op.value, dict) and not node.children:
                return [Add((), key, value) for key, value in op.value.items()]
            if isinstance(node, Tables) and isinstance(op.place[-1], str):
                return [Drop(op.place), Add(op.place[:-1], op.place[-1], op.value)]
            if isinstance(node, Written) and isinstance(op.value, list) and op.value:
                return self._item_by_item(node, op.place, op.value)
        if isinstance(op, Drop):
            return self._drop_steps(node, op.place)
        return []

    def _drop_steps(self, node: Node, place: NodePath) -> list[Op]:
        if isinstance(node, Table) and node.box and len(node.dotted) > 1:  # several members
            keys = list(node.children)
            return [*(Drop((*place, key)) for key in keys[1:] or keys), Drop(place)]
        above = self._node(place[:-1])
        if isinstance(above, Tables) and len(above.items) == 1 and isinstance(place[-2], str):
            # The list has to stay, empty; only a key can say that.
            return [Drop(place[:-1]), Add(place[:-2], place[-2], [])]
        return []

    def _item_by_item(self, node: Written, place: NodePath, value: list[Value]) -> list[Op]:
        """A list over several lines changes where its items differ, so that comments stay."""
        box = self._box(node)
        if box is None or not self._is_long(box) or max(len(box.members), len(value)) > _ITEMS:
            return []
        # Items that are no single values are taken for different ones.
        old = [self._plain(member) or (None, at) for at, member in enumerate(box.members)]
        new = [
            (type(item), item) if isinstance(item, _SINGLE) else (None, -at - 1)
            for at, item in enumerate(value)
        ]
        steps: list[Op] = []
        # From the end to the start, so that no index moves before it is used.
        opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        for _kind, a, a_end, b, b_end in reversed(opcodes):
            if old[a:a_end] != new[b:b_end]:
                both = min(a_end - a, b_end - b)
                steps += [Drop((*place, at)) for at in reversed(range(a + both, a_end))]
                steps += [Insert(place, a + at, value[b + at]) for at in range(both, b_end - b)]
                steps += [Put((*place, a + at), value[b + at]) for at in range(both)]
        return steps if len(steps) <= _STEPS else []

    def _commented(self, node: Written) -> bool:
        """Whether a comment stands between the items of a list or in one of them."""
        box = self._box(node)
        if box is None:
            return False
        at = box.open + 1
        for member in box.members:
            if "#" in self.text[at : member.first] or self._commented(member):
                return True
            at = member.end
        return "#" in self.text[at : box.close]

    def _is_long(self, box: Box) -> bool:
        """Whether it is a list over several lines."""
        return not box.table and bool(box.members) and "\n" in self.text[box.open : box.close]

    def _plain(self, member: Written) -> tuple[type, Value] | None:
        """A single value with its type (`1` is not `1.0`); `None` for anything else."""
        written = self.text[member.start : member.end]
        if written[0] in "[{":
            return None
        try:
            value = tomllib.loads(f"x = {written}")["x"]
        except ValueError:
            return None
        return (type(value), value) if isinstance(value, _SINGLE) else None

    def _put(self, node: Node, op: Put) -> Splice:
        if not isinstance(node, Written):
            raise self._unfit(op, _("is a table, which no value can replace"))
        style = self.layout.style.like(self.text[node.start : node.end])
        box = self._box(node) if isinstance(op.value, list) and op.value else None
        if self._commented(node):
            raise self._unfit(op, _("has a comment in what has to go"))
        if box and isinstance(op.value, list) and self._is_long(box):
            new = boxes.lines(self.text, box, [style.value(item) for item in op.value])
            return Splice(node.start, node.end, new)
        return Splice(node.start, node.end, style.value(op.value))

    def _add(self, node: Node, op: Add) -> list[Splice]:
        box = self._box(node) if isinstance(node, Written) else None
        table = box.table if box else node
        if not isinstance(table, Table):
            raise self._unfit(op, _("is no table"))
        if table.box is None:
            return [statements.add(self.layout, table, op.key, op.value)]
        box = table.box
        members = [member for member in box.members if isinstance(member, Entry)]
        near, prefix, index = (members[-1] if members else None), "", len(members)
        if table.dotted:
            near = table.dotted[-1]
            prefix = self.text[near.first : near.key[table.level - 1][2]] + "."
            index = members.index(near) + 1
        style = self.layout.style
        if near:
            style = style.like(self.text[near.start : near.end])
        key = prefix + style.key(op.key, self.layout.key_raw(near))
        new = key + self.layout.equals(near) + style.value(op.value)
        return boxes.insert(self.text, box, index, new, self.layout.style)

    def _insert(self, node: Node, op: Insert) -> list[Splice]:
        if isinstance(node, Tables):
            if not isinstance(op.value, dict):
                raise self._unfit(op, _("is an array of tables, which holds nothing but maps"))
            return [statements.insert(self.layout, node, op.index, op.value)]
        box = self._box(node) if isinstance(node, Written) else None
        if box is None or box.table:
            raise self._unfit(op, _("is no list"))
        style = self.layout.style
        if box.members:
            near = box.members[min(op.index, len(box.members) - 1)]
            style = style.like(self.text[near.start : near.end])
        return boxes.insert(self.text, box, op.index, style.value(op.value), self.layout.style)

    def _drop(self, node: Node, op: Drop) -> list[Splice]:
        if not op.place:
            raise self._unfit(op, _("cannot be taken away"))
        parent = self._node(op.place[:-1])
        box = self._box(parent) if isinstance(parent, Written) else None
        if box and box.table is None and isinstance(op.place[-1], int):
            return boxes.drop(self.text, box, op.place[-1])
        if box and box.table:
            parent = box.table
        if isinstance(parent, Table) and parent.box:
            return self._drop_inline(node, parent, parent.box)
        if not isinstance(node, (Entry, Table, Tables)) or not isinstance(parent, (Table, Tables)):
            raise self._unfit(op, _("cannot be taken away"))
        return drop(self.layout, node, parent)

    def _drop_inline(self, node: Node, parent: Table, box: Box) -> list[Splice]:
        entry = node.dotted[0] if isinstance(node, Table) else node
        if parent.dotted and len(parent.children) == 1 and isinstance(entry, Entry):
            start = entry.key[parent.level - 1][2]  # the parent stays, empty
            return [Splice(start, entry.end, self.layout.equals(entry) + "{}")]
        index = next(index for index, member in enumerate(box.members) if member is entry)
        return boxes.drop(self.text, box, index)

    def _node(self, place: NodePath) -> Node:
        """What is written at a place."""
        node: Node = self.layout.document.root
        for done, step in enumerate(place):
            box = self._box(node) if isinstance(node, Written) else None
            table = box.table if box else node
            try:
                if isinstance(table, Table) and isinstance(step, str):
                    node = table.children[step]
                elif isinstance(table, Tables) and isinstance(step, int):
                    node = table.items[step]
                elif box and isinstance(step, int):
                    node = box.members[step]
                else:
                    raise KeyError(step)
            except LookupError:
                raise Refused(_("{place} cannot be found").format(place=shown(place[: done + 1]))) from None
        return node

    def _box(self, value: Written) -> Box | None:
        if value.start not in self._boxes:
            self._boxes[value.start] = box_of(self.text, value)
        return self._boxes[value.start]

    def _unfit(self, op: Op, why: str) -> Refused:
        node = self._node(op.place)
        section = node.section if isinstance(node, Table) else None
        at = node.start if isinstance(node, Written) else section.start if section else -1
        return Refused(
            _("{key} {trouble}").format(key=shown(op.place), trouble=why),
            line=line_of(self.text, at) if at >= 0 else None,
        )
