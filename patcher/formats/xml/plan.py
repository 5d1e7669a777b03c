"""Splices for XML files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from patcher.errors import Refused
from patcher.formats.linewise import (
    begins_line,
    ends_line,
    eol_near,
    indent_of,
    line_of,
    line_start,
    next_line,
)
from patcher.formats.ops import Add, Drop, Insert, NodePath, Op, Put, Value, shown
from patcher.formats.text import Splice
from patcher.formats.xml.scan import Element, scan
from patcher.formats.xml.text import IDENTIFYING, elements_of, escaped, in_attribute, named, text_of
from patcher.i18n import _

# A comment on one line, and the last thing on it.
_COMMENT_AFTER = re.compile(r"[ \t]*<!--[^\n]*?-->(?=[ \t\r]*(?:\n|\Z))")


def plan(text: str, ops: Sequence[Op]) -> list[Splice]:
    """Raises `Refused` for what would make a list of a single element, or the reverse."""
    return _Planner(text).plan(ops)


class _Planner:
    """Turns operations into splices; `scan` says where the elements stand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.top = scan(text)
        self.eol = eol_near(text, len(text))
        self.closing = " />" if text.count(" />") * 2 >= text.count("/>") else "/>"
        self.quote = "'" if text.count("='") > text.count('="') else '"'
        self.unit = self.sniffed_unit()

    def plan(self, ops: Sequence[Op]) -> list[Splice]:
        splices: list[Splice] = []
        grown: dict[Element, list[tuple[str, Value]]] = {}
        dropped: dict[Element, list[Element]] = {}
        for op in ops:
            if isinstance(op, Put):
                splices.append(self.put(op.place, op.value))
            elif isinstance(op, Insert):
                splices.append(self.insert(op))
            elif isinstance(op, Drop):
                splices += self.drop(op.place, dropped)
            elif op.key.startswith("@"):
                splices.append(self.new_attribute(op))
            elif op.key == "#text":
                splices.append(self.new_text(op))
            else:
                grown.setdefault(self.element(op.place), []).append((op.key, op.value))
        for parent, gone in dropped.items():
            self.check_left(parent, gone)
        return splices + [self.new_children(element, values) for element, values in grown.items()]

    def element(self, place: NodePath) -> Element:
        found = self.top
        for step, index in pairwise([*place, None]):
            if isinstance(step, str):
                found = found.tagged(step)[index if isinstance(index, int) else 0]
        return found

    def put(self, place: NodePath, value: Value) -> Splice:
        name = place[-1] if place else ""
        if isinstance(name, int) or name[:1] not in ("@", "#") or name == "#mixed":
            raise Refused(
                _("{place} is an element; its text is #text, its attributes begin with @").format(
                    place=shown(place)
                )
            )
        element = self.element(place[:-1])
        if name == "#text":
            return self.new_content(element, text_of(place, value))
        attribute = element.attributes(self.text)[name[1:]]
        new = in_attribute(text_of(place, value), attribute.quote)
        return Splice(attribute.value_start, attribute.value_end, new)

    def new_content(self, element: Element, value: str) -> Splice:
        if not value.strip():
            raise Refused(_("the text of an element cannot be blank"))
        content = self.text[element.inside : element.close]
        if element.markup:
            whole = content.strip()
            if element.markup > 1 or not whole.startswith("<![CDATA[") or not whole.endswith("]]>"):
                return self.beside_comments(element, self.escaped(value))
            if "]]>" in value or "\r" in value:
                raise Refused(
                    _("the value cannot stand in the CDATA section of <{tag}>").format(tag=element.tag)
                )
            return Splice(element.inside, element.close, f"<![CDATA[{value.replace(chr(10), self.eol)}]]>")
        new = self.escaped(value)
        if element.empty:
            return Splice(self.attributes_end(element), element.end, f">{new}</{element.tag}>")
        return Splice(element.inside, element.close, new)

    def beside_comments(self, element: Element, new: str) -> Splice:
        """A new text where comments stand before or behind the old one."""
        piece = element.only_text(self.text)
        if piece is None:
            raise Refused(
                _("<{tag}> has a comment or the like in its text").format(tag=element.tag),
                line=self.line(element),
            )
        return Splice(*piece, new)

    def new_text(self, op: Add) -> Splice:
        element = self.element(op.place)
        if element.children:
            raise Refused(_("<{tag}> holds elements, so it cannot hold text").format(tag=element.tag))
        return self.new_content(element, text_of((*op.place, "#text"), op.value))

    def new_attribute(self, op: Add) -> Splice:
        element = self.element(op.place)
        if element is self.top:
            raise Refused(_("an XML file has one root element"))
        if op.key in IDENTIFYING and not isinstance(op.place[-1], int):
            raise Refused(
                _("{key} cannot be added to <{tag}>, which is no item of a list").format(
                    key=op.key, tag=element.tag
                )
            )
        gap, quote = " ", self.quote
        for attribute in element.attributes(self.text).values():
            gap, quote = attribute.gap if "\n" in attribute.gap else " ", attribute.quote
        at = self.attributes_end(element)
        value = in_attribute(text_of((*op.place, op.key), op.value), quote)
        return Splice(at, at, f"{gap}{named(op.key[1:])}={quote}{value}{quote}")

    def attributes_end(self, element: Element) -> int:
        return max((one.end for one in element.attributes(self.text).values()), default=element.named)

    def insert(self, op: Insert) -> Splice:
        parent, tag = self.element(op.place[:-1]), str(op.place[-1])
        items = parent.tagged(tag)
        before = items[op.index] if op.index < len(items) else None
        if parent.mixed:  # among text every blank counts
            at = before.start if before else items[-1].end
            return Splice(at, at, self.rendered(tag, op.value, "", ""))
        if before is None:
            return self.after(items[-1], [(tag, op.value)])
        if begins_line(self.text, before.lead):
            indent, at = indent_of(self.text, before.lead), line_start(self.text, before.lead)
            eol = eol_near(self.text, at)
            return Splice(at, at, indent + self.rendered(tag, op.value, indent, eol) + eol)
        return Splice(before.start, before.start, self.rendered(tag, op.value, "", ""))

    def after(self, last: Element, values: Sequence[tuple[str, Value]]) -> Splice:
        """New siblings behind an element, and behind a comment that ends its line."""
        if not begins_line(self.text, last.start):
            new = "".join(self.rendered(tag, value, "", "") for tag, value in values)
            return Splice(last.end, last.end, new)
        comment = _COMMENT_AFTER.match(self.text, last.end)
        at = comment.end() if comment else last.end
        indent, eol = indent_of(self.text, last.start), eol_near(self.text, at)
        lines = [indent + self.rendered(tag, value, indent, eol) for tag, value in values]
        if ends_line(self.text, at):
            at = next_line(self.text, at)
            return Splice(at, at, "".join(line + eol for line in lines))
        return Splice(at, at, "".join(eol + line for line in lines))

    def new_children(self, parent: Element, values: Sequence[tuple[str, Value]]) -> Splice:
        """The new children of one element, at its end."""
        if parent is self.top:
            if parent.children or len(values) != 1:
                raise Refused(_("an XML file has one root element"))
            return Splice(0, len(self.text), self.rendered(*values[0], "", self.eol) + self.eol)
        flat = [child for tag, value in values for child in elements_of(tag, value)]
        self.no_text(parent)
        if parent.children:
            return self.after(parent.children[-1], flat)
        content = self.text[parent.inside : parent.close]
        outer, eol = indent_of(self.text, parent.start), eol_near(self.text, parent.start)
        root = self.top.children[0]
        if not begins_line(self.text, parent.start) or (
            parent is not root and "\n" not in self.text[root.start : root.end]
        ):
            outer = eol = unit = ""
        else:
            unit = self.unit
        new = "".join(
            eol + outer + unit + self.rendered(tag, value, outer + unit, eol) for tag, value in flat
        )
        if parent.empty:
            return Splice(self.attributes_end(parent), parent.end, f">{new}{eol}{outer}</{parent.tag}>")
        return Splice(parent.inside + len(content.rstrip()), parent.close, f"{new}{eol}{outer}")

    def drop(self, place: NodePath, dropped: dict[Element, list[Element]]) -> list[Splice]:
        last = place[-1] if place else ""
        if isinstance(last, str) and last.startswith(("@", "#")):
            return [self.drop_part(place, last)]
        if len(place) < 2:
            raise Refused(_("the root element cannot be taken away"))
        if isinstance(last, str):
            parent = self.element(place[:-1])
            return [self.cut(parent, child) for child in parent.tagged(last)]
        parent, tag = self.element(place[:-2]), str(place[-2])
        item = parent.tagged(tag)[last]
        dropped.setdefault(parent, []).append(item)
        return [self.cut(parent, item)]

    def check_left(self, parent: Element, gone: Sequence[Element]) -> None:
        """What is left has to read as the same lists."""
        without = set(gone)
        left = [child for child in parent.children if child not in without]
        for tag in {item.tag for item in gone}:
            items = [child for child in left if child.tag == tag]
            if len(items) < 2 and not any(self.identified(item) for item in items):
                raise Refused(
                    _("too few <{tag}> would be left for a list").format(tag=tag), line=self.line(gone[0])
                )

    def identified(self, item: Element) -> bool:
        return any(f"@{name}" in IDENTIFYING for name in item.attributes(self.text))

    def line(self, element: Element) -> int:
        return line_of(self.text, element.start)

    def drop_part(self, place: NodePath, name: str) -> Splice:
        element = self.element(place[:-1])
        if name == "#text":
            if element.markup:
                return self.beside_comments(element, "")
            return Splice(element.inside, element.close, "")
        attribute = element.attributes(self.text).get(name[1:])
        if attribute is None or name in IDENTIFYING:
            raise Refused(_("{name} of <{tag}> cannot be taken away").format(name=name, tag=element.tag))
        return Splice(attribute.start, attribute.end, "")

    def cut(self, parent: Element, element: Element) -> Splice:
        self.no_text(parent)
        if begins_line(self.text, element.start) and ends_line(self.text, element.end):
            return Splice(line_start(self.text, element.start), next_line(self.text, element.end), "")
        return Splice(element.start, element.end, "")

    def no_text(self, parent: Element) -> None:
        if parent.mixed:
            raise Refused(_("<{tag}> holds text").format(tag=parent.tag), line=self.line(parent))

    def rendered(self, tag: str, value: Value, indent: str, eol: str) -> str:
        """An element from its map: attributes, then text or children."""
        if not isinstance(value, dict):
            raise Refused(
                _("<{tag}> is an element; its text is #text, its attributes begin with @").format(tag=tag)
            )
        attributes = [key for key in value if key.startswith("@")]
        others = [key for key in value if key not in attributes]
        if list(value) != attributes + others or ("#text" in others and len(others) > 1):
            raise Refused(
                _("<{tag}> has to be given its attributes, then its text or its elements").format(tag=tag)
            )
        head, body = "<" + named(tag), ""
        for key in attributes:
            text = in_attribute(text_of((tag, key), value[key]), self.quote)
            head += f" {named(key[1:])}={self.quote}{text}{self.quote}"
        children: list[tuple[str, Value]] = []
        for key in others:
            if key == "#text":
                body = self.escaped(text_of((tag, key), value[key]))
            else:
                children += elements_of(key, value[key])
        if children:
            unit = self.unit if eol else ""
            body = "".join(
                eol + indent + unit + self.rendered(name, inner, indent + unit, eol)
                for name, inner in children
            )
            body += eol + indent
        return f"{head}>{body}</{tag}>" if body else head + self.closing

    def escaped(self, value: str) -> str:
        return escaped(value).replace("\n", self.eol)

    def sniffed_unit(self) -> str:
        """How much deeper the first child that stands on its own line is than its parent."""
        level = self.top.children[:1]
        while level:
            parent = level[0]
            for child in parent.children[:8]:  # on one long line each look costs its length
                outer, inner = indent_of(self.text, parent.start), indent_of(self.text, child.start)
                if begins_line(self.text, child.start) and inner.startswith(outer) and inner != outer:
                    return inner[len(outer) :]
            level = [child for child in parent.children if child.children][:1]
        return "  "
