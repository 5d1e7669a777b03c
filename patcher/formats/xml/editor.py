"""XML files: attribute values and the text of elements, reached by tags.

The tree is a map with the root element under its tag. An element is a map: `@name` for each
attribute, `#text` for its text if it has no elements inside, and its children under their tags.
Children are in a list where their tag occurs several times, or where one of them has an attribute
`name`, `key` or `id`; a single one without these is a map of its own. So both of these are paths:

    Settings, Tools, ChatGptUrl, #text
    application, component, {@name = "X"}, option, {@name = "url"}, @value

Tags keep their prefix. Text that is nothing but blanks, comments and processing instructions are
not in the tree. Text between elements is kept as `#mixed`, which is no value.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from patcher.cures import BY_HAND, CORRECT
from patcher.errors import Refused
from patcher.formats.ops import Node, Op, Scalar, Unordered
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice
from patcher.formats.xml.text import IDENTIFYING
from patcher.i18n import _, with_foreign

_DEPTH = 64


@dataclass(frozen=True)
class Mixed:
    """The text between the elements of an element that has both."""

    text: str


@dataclass(slots=True)
class _Open:
    node: dict[str, Node]
    texts: list[str] = field(default_factory=list)
    children: dict[str, list[Node]] = field(default_factory=dict)


def _tree(text: str) -> Node:
    """Raises `Refused` for what is not well-formed, declares entities or another encoding
    than UTF-8 (but for a text in ASCII), or is nested more than 64 deep.
    """
    return _Reader().read(text) if text.strip() else {}


def _plain(leaf: Node) -> Scalar:
    """Raises `Refused` for text between elements."""
    if isinstance(leaf, str):
        return leaf
    raise Refused(_("this element holds both text and elements"), cure=_(BY_HAND))


class _Reader:
    """Reads by expat, which plans nothing: https://docs.python.org/3/library/pyexpat.html"""

    def __init__(self) -> None:
        self.stack = [_Open({})]
        self.ascii = False
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.ordered_attributes = True
        self.parser.XmlDeclHandler = self.declaration
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.SkippedEntityHandler = self.entity
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters

    def read(self, text: str) -> Node:
        self.ascii = text.isascii()
        try:
            self.parser.Parse(text.encode(), True)
        except expat.ExpatError as error:
            what = expat.ErrorString(error.code)
            raise Refused(
                with_foreign(_("this is not well-formed XML"), what), line=error.lineno, cure=_(CORRECT)
            ) from None
        ((tag, [root]),) = self.stack[0].children.items()
        return {tag: root}

    def refuse(self, reason: str) -> Refused:
        return Refused(reason, line=self.parser.CurrentLineNumber, cure=_(BY_HAND))

    def declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        del version, standalone  # any will do
        if encoding is not None and not _is_utf_8(encoding) and not (self.ascii and _has_ascii(encoding)):
            raise Refused(
                _("the file declares its encoding as {encoding}, not UTF-8").format(encoding=encoding),
                line=self.parser.CurrentLineNumber,
                cure=_("save it as UTF-8, declare that, and run again"),
            )

    def doctype(self, name: str, system: str | None, public: str | None, subset: int) -> None:
        del name, system, public  # nothing outside the file is read
        if subset:
            raise self.refuse(_("the file has a DOCTYPE with declarations of its own"))

    def entity(self, name: str, parameter: bool) -> None:
        del parameter  # without an internal subset there are none of that kind
        raise self.refuse(_("the entity &{name}; is declared outside the file").format(name=name))

    def start(self, tag: str, attributes: list[str]) -> None:
        del tag  # comes again at the end
        if len(self.stack) > _DEPTH:
            raise self.refuse(_("elements are nested more than {depth} deep").format(depth=_DEPTH))
        pairs = zip(attributes[::2], attributes[1::2], strict=True)
        self.stack.append(_Open(Unordered((f"@{name}", value) for name, value in pairs)))

    def end(self, tag: str) -> None:
        done = self.stack.pop()
        text = "".join(done.texts)
        if text.strip():
            done.node["#mixed" if done.children else "#text"] = Mixed(text) if done.children else text
        for name, nodes in done.children.items():
            done.node[name] = nodes if len(nodes) > 1 or _identified(nodes[0]) else nodes[0]
        self.stack[-1].children.setdefault(tag, []).append(done.node)

    def characters(self, data: str) -> None:
        self.stack[-1].texts.append(data)


def _is_utf_8(encoding: str) -> bool:
    """Also under the names that are not registered but used: `UTF8`, `utf_8`."""
    return encoding.lower().replace("-", "").replace("_", "") == "utf8"


def _has_ascii(encoding: str) -> bool:
    """Whether it is known to write ASCII as ASCII, so that a file of nothing else is what it is in UTF-8."""
    printable = string.printable.encode()
    try:
        return printable.decode(encoding) == string.printable
    except (LookupError, ValueError):
        return False


def _identified(node: Node) -> bool:
    return isinstance(node, dict) and any(name in node for name in IDENTIFYING)


def _splices(text: str, ops: Sequence[Op]) -> list[Splice]:
    from patcher.formats.xml.plan import plan  # noqa: PLC0415 - who only reads plans nothing

    return plan(text, ops)


SYNTAX: dict[str, Syntax] = {"xml": Syntax(_tree, _plain, _splices, limit=8 << 20)}
