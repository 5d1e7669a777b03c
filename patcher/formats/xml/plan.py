"""Splices for XML files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from patcher.cures import ANOTHER_VALUE, BY_HAND, PROFILE
from patcher.errors import Refused
from patcher.formats.linewise import (
    begins_line,
    ends_line,
    eol_near,
    indent_of,
    line_start,
    next_line,
)
from patcher.formats.ops import Add, Drop, Insert, NodePath, Op, Put, Value, shown
from patcher.formats.text import Splice, line_of
from patcher.formats.xml.scan import Element, scan
from patcher.formats.xml.style import XmlStyle
from patcher.formats.xml.text import IDENTIFYING, elements_of, named, text_of
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
        self.style = XmlStyle(text, self.top)
        self.cuts: Counter[Element] = Counter()
        """How many children are taken out of an element."""

    def plan(self, ops: Sequence[Op]) -> list[Splice]:
        splices: list[Splice] = []
        grown: dict[Element, list[tuple[str, Value]]] = {}
        dropped: dict[Element, list[Element]] = {}
        for op in ops:
            if isinstance(op, Put):
                splices += self.put(op.place, op.value)
            elif isinstance(op, Insert):
                splices.append(self.insert(op))
            elif isinstance(op, Drop):
                splices += self.drop(op.place, dropped)
            elif op.key.startswith("@"):
                splices.append(self.new_attribute(op))
            elif op.key == "#text":
                splices += self.new_text(op)
            else:
                grown.setdefault(self.element(op.place), []).append((op.key, op.value))
        for parent, gone in dropped.items():
            self.check_left(parent, gone)
        for parent, count in self.cuts.items():
            if count == len(parent.children):  # what is text between elements now would be its text
                self.no_text(parent)
        return splices + [self.new_children(element, values) for element, values in grown.items()]

    def element(self, place: NodePath) -> Element:
        found = self.top
        for step, index in pairwise([*place, None]):
            if isinstance(step, str):
                found = found.tagged(step)[index if isinstance(index, int) else 0]
        return found

    def put(self, place: NodePath, value: Value) -> list[Splice]:
        name = place[-1] if place else ""
        if isinstance(name, int) or name[:1] not in ("@", "#") or name == "#mixed":
            raise Refused(
                _("{place} is an element; its text is #text, its attributes begin with @").format(
                    place=shown(place)
                ),
                cure=_(PROFILE),
            )
        element = self.element(place[:-1])
        if name == "#text":
            return self.new_content(element, text_of(place, value))
        attribute = element.attributes(self.text)[name[1:]]
        new = self.style.in_attribute(text_of(place, value), attribute.quote)
        return [Splice(attribute.value_start, attribute.value_end, new)]

    def new_content(self, element: Element, value: str) -> list[Splice]:
        if not value.strip():
            raise Refused(_("the text of an element cannot be blank"), cure=_(PROFILE))
        content = self.text[element.inside : element.close]
        if element.markup:
            whole = content.strip()
            if element.markup > 1 or not whole.startswith("<![CDATA[") or not whole.endswith("]]>"):
                return self.between_comments(element, self.style.escaped(value))
            if "]]>" in value or "\r" in value or (self.style.ascii_only and not value.isascii()):
                raise Refused(
                    _("the value cannot stand in the CDATA section of <{tag}>").format(tag=element.tag),
                    cure=_(ANOTHER_VALUE),
                )
            new = f"<![CDATA[{value.replace(chr(10), self.style.eol)}]]>"
            return [Splice(element.inside, element.close, new)]
        new = self.style.escaped(value)
        if element.empty:
            return [Splice(self.attributes_end(element), element.end, f">{new}</{element.tag}>")]
        return [Splice(element.inside, element.close, new)]

    def between_comments(self, element: Element, new: str) -> list[Splice]:
        """A new text in the place of the old one, or behind the comments where there is none."""
        pieces = element.texts(self.text)
        filled = [piece for piece in pieces if self.text[slice(*piece)].strip()]
        at = (filled or pieces[-1:])[0]
        return [Splice(*piece, new if piece == at else "") for piece in pieces]

    def new_text(self, op: Add) -> list[Splice]:
        element = self.element(op.place)
        if element.children:
            raise Refused(
                _("<{tag}> holds elements, so it cannot hold text").format(tag=element.tag), cure=_(PROFILE)
            )
        return self.new_content(element, text_of((*op.place, "#text"), op.value))

    def new_attribute(self, op: Add) -> Splice:
        element = self.element(op.place)
        if element is self.top:
            raise Refused(_("an XML file has one root element"), cure=_(PROFILE))
        if op.key in IDENTIFYING and not isinstance(op.place[-1], int):
            raise Refused(
                _("{key} cannot be added to <{tag}>, which is no item of a list").format(
                    key=op.key, tag=element.tag
                ),
                cure=_(PROFILE),
            )
        gap, quote = " ", self.style.quote
        for attribute in element.attributes(self.text).values():
            gap, quote = attribute.gap if "\n" in attribute.gap else " ", attribute.quote
        at = self.attributes_end(element)
        value = self.style.in_attribute(text_of((*op.place, op.key), op.value), quote)
        return Splice(at, at, f"{gap}{named(op.key[1:])}={quote}{value}{quote}")

    def attributes_end(self, element: Element) -> int:
        return max((one.end for one in element.attributes(self.text).values()), default=element.named)

    def insert(self, op: Insert) -> Splice:
        parent, tag = self.element(op.place[:-1]), str(op.place[-1])
        items = parent.tagged(tag)
        before = items[op.index] if op.index < len(items) else None
        if parent.mixed:  # among text every blank counts
            at = before.start if before else items[-1].end
            return Splice(at, at, self.style.rendered(tag, op.value, "", ""))
        if before is None:
            return self.after(items[-1], [(tag, op.value)])
        if begins_line(self.text, before.lead):
            indent, at = indent_of(self.text, before.lead), line_start(self.text, before.lead)
            eol = eol_near(self.text, at)
            return Splice(at, at, indent + self.style.rendered(tag, op.value, indent, eol) + eol)
        return Splice(before.start, before.start, self.style.rendered(tag, op.value, "", ""))

    def after(self, last: Element, values: Sequence[tuple[str, Value]]) -> Splice:
        """New siblings behind an element, and behind a comment that ends its line."""
        if not begins_line(self.text, last.start):
            new = "".join(self.style.rendered(tag, value, "", "") for tag, value in values)
            return Splice(last.end, last.end, new)
        comment = _COMMENT_AFTER.match(self.text, last.end)
        at = comment.end() if comment else last.end
        indent, eol = indent_of(self.text, last.start), eol_near(self.text, at)
        lines = [indent + self.style.rendered(tag, value, indent, eol) for tag, value in values]
        if ends_line(self.text, at):
            at = next_line(self.text, at)
            return Splice(at, at, "".join(line + eol for line in lines))
        return Splice(at, at, "".join(eol + line for line in lines))

    def new_children(self, parent: Element, values: Sequence[tuple[str, Value]]) -> Splice:
        """The new children of one element, at its end."""
        if parent is self.top:
            if parent.children or len(values) != 1:
                raise Refused(_("an XML file has one root element"), cure=_(PROFILE))
            eol = self.style.eol
            return Splice(0, len(self.text), self.style.rendered(*values[0], "", eol) + eol)
        flat = [child for tag, value in values for child in elements_of(tag, value)]
        if parent.mixed and parent.children:  # among text every blank counts
            at = parent.children[-1].end
            new = "".join(self.style.rendered(tag, value, "", "") for tag, value in flat)
            return Splice(at, at, new)
        if parent.children:
            return self.after(parent.children[-1], flat)
        self.no_text(parent)
        content = self.text[parent.inside : parent.close]
        outer, eol = indent_of(self.text, parent.start), eol_near(self.text, parent.start)
        root = self.top.children[0]
        if not begins_line(self.text, parent.start) or (
            parent is not root and "\n" not in self.text[root.start : root.end]
        ):
            outer = eol = unit = ""
        else:
            unit = self.style.unit
        new = "".join(
            eol + outer + unit + self.style.rendered(tag, value, outer + unit, eol) for tag, value in flat
        )
        if parent.empty:
            return Splice(self.attributes_end(parent), parent.end, f">{new}{eol}{outer}</{parent.tag}>")
        return Splice(parent.inside + len(content.rstrip()), parent.close, f"{new}{eol}{outer}")

    def drop(self, place: NodePath, dropped: dict[Element, list[Element]]) -> list[Splice]:
        last = place[-1] if place else ""
        if isinstance(last, str) and last.startswith(("@", "#")):
            return self.drop_part(place, last)
        if len(place) < 2:
            raise Refused(_("the root element cannot be taken away"), cure=_(PROFILE))
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
                    _("too few <{tag}> would be left for a list").format(tag=tag),
                    line=self.line(gone[0]),
                    cure=_(BY_HAND),
                )

    def identified(self, item: Element) -> bool:
        return any(f"@{name}" in IDENTIFYING for name in item.attributes(self.text))

    def line(self, element: Element) -> int:
        return line_of(self.text, element.start)

    def drop_part(self, place: NodePath, name: str) -> list[Splice]:
        element = self.element(place[:-1])
        if name == "#text":
            if element.markup:
                return self.between_comments(element, "")
            return [Splice(element.inside, element.close, "")]
        attribute = element.attributes(self.text).get(name[1:])
        if attribute is None or name in IDENTIFYING:
            raise Refused(
                _("{name} of <{tag}> cannot be taken away").format(name=name, tag=element.tag),
                cure=_(PROFILE),
            )
        return [Splice(attribute.start, attribute.end, "")]

    def cut(self, parent: Element, element: Element) -> Splice:
        self.cuts[parent] += 1
        alone = begins_line(self.text, element.start) and ends_line(self.text, element.end)
        if alone and not parent.mixed:  # among text every blank counts
            return Splice(line_start(self.text, element.start), next_line(self.text, element.end), "")
        return Splice(element.start, element.end, "")

    def no_text(self, parent: Element) -> None:
        if parent.mixed:
            raise Refused(
                _("<{tag}> holds text").format(tag=parent.tag), line=self.line(parent), cure=_(BY_HAND)
            )
