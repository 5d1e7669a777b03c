"""Where the elements of an XML text stand, for planning an edit."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from patcher.errors import Refused
from patcher.formats.text import line_of
from patcher.i18n import _

# A `>` or `/` in a quoted value ends no tag, so that quotes are stepped over as a whole.
_TOKEN = re.compile(
    r"""<!--.*?--> | <!\[CDATA\[.*?\]\]> | <\?.*?\?>
      | <!DOCTYPE(?>(?:[^"'>]++|"[^"]*"|'[^']*')*)>
      | </[^>]*>
      | <(?P<tag>[^\s/>!?]++)(?P<attributes>(?>(?:[^"'>/]++|"[^"]*"|'[^']*'|/(?!>))*))(?P<empty>/?)>""",
    re.VERBOSE | re.DOTALL,
)
_MARKUP = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
"""What an element may hold beside text and elements."""
_ATTRIBUTE = re.compile(
    r"""(?P<gap>\s+)(?P<name>[^\s=]+)\s*=\s*(?P<quote>["'])(?P<value>.*?)(?P=quote)""", re.DOTALL
)


@dataclass(slots=True)
class Attribute:
    """An attribute: `start:end` with name and quotes (and the blank before), and its value."""

    start: int
    value_start: int
    value_end: int
    end: int
    quote: str
    gap: str


@dataclass(slots=True, eq=False)
class Element:
    """An element: `start:end` all of it, `inside:close` its content, `lead` with comments above it.

    An element written as `<tag/>` has `inside == close == end`, and `empty` says so. `markup`
    counts comments, processing instructions and CDATA sections directly in it, `mixed` says that
    there is text too.
    """

    tag: str
    start: int
    lead: int
    named: int
    inside: int
    empty: bool
    close: int = 0
    end: int = 0
    markup: int = 0
    mixed: bool = False
    children: list[Element] = field(default_factory=list)

    def attributes(self, text: str) -> dict[str, Attribute]:
        """Its attributes by name, in order."""
        return {
            found["name"]: Attribute(
                found.start(), *found.span("value"), found.end(), found["quote"], found["gap"]
            )
            for found in _ATTRIBUTE.finditer(text, self.named, self.inside)
        }

    def texts(self, text: str) -> list[tuple[int, int]]:
        """The pieces of its text before, between and behind its comments, blank and empty ones, too."""
        pieces: list[tuple[int, int]] = []
        at = self.inside
        for found in _MARKUP.finditer(text, self.inside, self.close):
            if found[0].startswith("<!["):
                raise Refused(
                    _("<{tag}> has a CDATA section beside other text").format(tag=self.tag),
                    line=line_of(text, self.start),
                    cure=_("make it one piece of text and run again"),
                )
            pieces.append((at, found.start()))
            at = found.end()
        return [*pieces, (at, self.close)]

    def tagged(self, tag: str) -> list[Element]:
        """Its children of that tag."""
        return [child for child in self.children if child.tag == tag]


def scan(text: str) -> Element:
    """The document, as an element without a tag, of a text that the reader has accepted."""
    top = Element("", 0, 0, 0, 0, empty=False, close=len(text), end=len(text))
    stack = [top]
    lead, last = -1, 0  # where the comments above begin; where the last token ended
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        between = text[last:start]
        if between.strip():
            stack[-1].mixed = True
            lead = -1
        elif between.count("\n") > 1:
            lead = -1
        last = end
        tag = found["tag"]
        if tag is not None:
            element = Element(
                tag, start, lead if lead >= 0 else start, found.end("tag"), end, empty=found["empty"] != ""
            )
            stack[-1].children.append(element)
            lead = -1
            if element.empty:
                element.close = element.end = end
            else:
                stack.append(element)
        elif text.startswith("</", start):
            closed = stack.pop()
            closed.close, closed.end = start, end
            lead = -1
        else:
            stack[-1].markup += 1
            stack[-1].mixed = stack[-1].mixed or text.startswith("<![", start)
            if not text.startswith("<!--", start):
                lead = -1
            elif lead < 0 and not between.rpartition("\n")[2].strip() and ("\n" in between or start == 0):
                lead = start
    return top
