"""The habits of an XML file, and new elements and text written in them."""

from __future__ import annotations

import re

from patcher.cures import PROFILE
from patcher.errors import Refused
from patcher.formats.linewise import begins_line, eol_near, indent_of
from patcher.formats.ops import Value
from patcher.formats.xml.scan import Element
from patcher.formats.xml.text import elements_of, escaped, in_attribute, named, text_of
from patcher.i18n import _

_ENCODING = re.compile(r"""<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"']*)""")


class XmlStyle:
    """How new text is written; `top` is the document as `scan` found it."""

    def __init__(self, text: str, top: Element) -> None:
        self.text = text
        self.top = top
        self.eol = eol_near(text, len(text))
        self.closing = " />" if text.count(" />") * 2 >= text.count("/>") else "/>"
        self.quote = "'" if text.count("='") > text.count('="') else '"'
        self.unit = self.sniffed_unit()
        declared = _ENCODING.match(text)
        self.ascii_only = declared is not None and declared[1].lower() not in ("utf-8", "utf8")
        """Whether the file says to be in an encoding that has only ASCII in common with ours."""

    def rendered(self, tag: str, value: Value, indent: str, eol: str) -> str:
        """An element from its map: attributes, then text or children."""
        if not isinstance(value, dict):
            raise Refused(
                _("<{tag}> is an element; its text is #text, its attributes begin with @").format(tag=tag),
                cure=_(PROFILE),
            )
        attributes = [key for key in value if key.startswith("@")]
        others = [key for key in value if key not in attributes]
        if list(value) != attributes + others or ("#text" in others and len(others) > 1):
            raise Refused(
                _("<{tag}> has to be given its attributes, then its text or its elements").format(tag=tag),
                cure=_(PROFILE),
            )
        head, body = "<" + named(tag), ""
        for key in attributes:
            text = self.in_attribute(text_of((tag, key), value[key]), self.quote)
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
        return self.encoded(escaped(value).replace("\n", self.eol))

    def in_attribute(self, value: str, quote: str) -> str:
        return self.encoded(in_attribute(value, quote))

    def encoded(self, new: str) -> str:
        """New text or a new value, in the letters that the file's encoding shares with UTF-8."""
        return new.encode("ascii", "xmlcharrefreplace").decode() if self.ascii_only else new

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
