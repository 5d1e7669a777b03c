"""Splices that replace one node."""

from __future__ import annotations

import re
from dataclasses import replace

from ruamel.yaml.events import ScalarEvent

from patcher.cures import BY_HAND, COLON, MOVE_COMMENT, NO_TABS
from patcher.errors import Refused
from patcher.formats.linewise import eol_near, indent_of, line_end, line_start, new_line
from patcher.formats.ops import Value
from patcher.formats.text import Splice
from patcher.formats.yaml.flow import Flow
from patcher.formats.yaml.lines import HEADER, below, check_below
from patcher.formats.yaml.nodes import Nodes, YamlEntry
from patcher.formats.yaml.render import YamlStyle, block, bracketed, by_indent, on_one_line
from patcher.formats.yaml.scalar import surely_text
from patcher.formats.yaml.walk import comment_within
from patcher.i18n import _

_BLANKS = re.compile(r"[ \t]*(?=[,}\]])")


def put_root(nodes: Nodes, value: Value, style: YamlStyle, *, comments_too: bool = False) -> list[Splice]:
    """The value of the whole document."""
    text = nodes.text
    node = nodes.roots[0] if nodes.roots else None
    if node is None or nodes.is_empty(node):
        return _first(nodes, value, style)
    start, end = nodes.start(node), _end(nodes, node)
    lines = by_indent(value, style)
    if (not comments_too and comment_within(nodes, node)) or (lines and not nodes.first_on_line(start)):
        raise Refused(
            _("the document's only value cannot be replaced"), line=nodes.line(node), cure=_(BY_HAND)
        )
    if nodes.is_block_scalar(node):
        raise Refused(_("the document is a block of text"), line=nodes.line(node), cure=_(BY_HAND))
    if not lines:
        return [Splice(start, end, on_one_line(value, style, flow=False))]
    return [Splice(start, end, block(value, style, nodes.column(start), eol_near(text, start)))]


def _first(nodes: Nodes, value: Value, style: YamlStyle) -> list[Splice]:
    """The first value of an empty document: behind its comments, before its `...`."""
    text = nodes.text
    if nodes.roots and (nodes.events[nodes.roots[0]].anchor is not None or len(nodes.roots) > 1):
        raise Refused(
            _("the document is empty, but not only that"), line=nodes.line(nodes.roots[0]), cure=_(BY_HAND)
        )
    at = len(text)
    ending = nodes.document_end
    if ending is not None and ending.explicit:
        at = text.rfind("...", 0, ending.end_mark.index)
    elif not text[line_start(text, at) :].strip():
        at = line_start(text, at)
    new = on_one_line(value, style, flow=False)
    if by_indent(value, style):
        new = block(value, style, 0, eol_near(text, at))
    return [new_line(text, at, new) if text else Splice(0, 0, new + "\n")]


def put(
    nodes: Nodes, entry: YamlEntry, value: Value, style: YamlStyle, *, comments_too: bool = False
) -> list[Splice]:
    """The value of one entry."""
    # In brackets the colon may stand anywhere, as long as there is a value to replace.
    if entry.key is not None and entry.indicator_end < 0 and (entry.block or nodes.is_empty(entry.value)):
        raise Refused(
            _("its key is written with `?`, or without a colon"), line=nodes.line(entry.value), cure=_(COLON)
        )
    if nodes.is_block(entry.value):
        _check_block(nodes, entry)
    if not entry.block:
        return _in_brackets(nodes, entry, value, style)
    check_below(nodes, nodes.entry_end(entry))
    if not comments_too and comment_within(nodes, entry.value):
        raise Refused(
            _("there is a comment in what has to go"), line=nodes.line(entry.value), cure=_(MOVE_COMMENT)
        )
    if by_indent(value, style):
        return under(nodes, entry, value, style)
    return _inline(nodes, entry, on_one_line(value, _like_old(nodes, entry, style), flow=False))


def _check_block(nodes: Nodes, entry: YamlEntry) -> None:
    """A collection by indent gives way only where its bounds are sure."""
    node, text = entry.value, nodes.text
    start = nodes.events[node].start_mark.index
    if nodes.start(node) != start:
        raise Refused(
            _("it has an anchor or a tag, which would lose what it names"),
            line=nodes.line(node),
            cure=_(BY_HAND),
        )
    if any(each.key is not None and each.indicator_end < 0 for each in nodes.entries(node)):
        raise Refused(_("a key in it is written with `?`"), line=nodes.line(node), cure=_(COLON))
    if "\t" in text[entry.indicator_end : start]:
        raise Refused(_("there is a tab in the indent"), line=nodes.line(node), cure=_(NO_TABS))


def _like_old(nodes: Nodes, entry: YamlEntry, style: YamlStyle) -> YamlStyle:
    """A string in quotes stays in such quotes."""
    event = nodes.events[entry.value]
    if type(event) is not ScalarEvent or nodes.is_empty(entry.value):
        return style
    if event.style in ('"', "'"):
        return replace(style, quote=event.style)
    return style if event.style or not surely_text(event.value) else replace(style, quote="")


def _in_brackets(nodes: Nodes, entry: YamlEntry, value: Value, style: YamlStyle) -> list[Splice]:
    node = entry.value
    style = _like_old(nodes, entry, style)
    if nodes.is_empty(node):
        end = nodes.entry_end(entry)
        blanks = _BLANKS.match(nodes.text, end)
        return [Splice(end, blanks.end() if blanks else end, " " + on_one_line(value, style))]
    if comment_within(nodes, node):
        raise Refused(_("there is a comment in what has to go"), line=nodes.line(node), cure=_(MOVE_COMMENT))
    start, end = nodes.start(node), nodes.end(node)
    return [Splice(start, end, _shaped(nodes, node, value, style))]


def _shaped(nodes: Nodes, node: int, value: Value, style: YamlStyle) -> str:
    """A value in brackets, on as many lines as the one before."""
    if node not in nodes.close or not nodes.is_flow(node):
        return on_one_line(value, style)
    flow = Flow(nodes, node, style)
    if not flow.lines:
        return on_one_line(value, flow.style)
    column = len(indent_of(nodes.text, flow.open))
    return bracketed(value, flow.style, column, eol_near(nodes.text, flow.open + 1))


def _end(nodes: Nodes, node: int) -> int:
    """The end of what gives way: the line end after it stays, also where it is content (`|+`)."""
    start = nodes.start(node)
    return start + len(nodes.text[start : nodes.end(node)].rstrip("\r\n"))


def _inline(nodes: Nodes, entry: YamlEntry, new: str) -> list[Splice]:
    """The value on the line of its key or dash."""
    node, text = entry.value, nodes.text
    if nodes.is_empty(node):
        end = nodes.entry_end(entry)
        stop = line_end(text, end)
        return [Splice(end, stop if not text[end:stop].strip() else end, " " + new)]
    start, end = nodes.start(node), _end(nodes, node)
    if nodes.is_block_scalar(node):
        gone, header = _text_gone(nodes, node)
        return [Splice(start, header, new), *gone]
    if nodes.is_block(node) and line_start(text, start) > entry.indicator_end:
        stop = line_end(text, entry.indicator_end)
        return [Splice(entry.indicator_end, entry.indicator_end, " " + new), Splice(stop, end, "")]
    return [Splice(start, end, new)]


def _text_gone(nodes: Nodes, node: int) -> tuple[list[Splice], int]:
    """A block of text without its lines, and the end of its `|` or `>`; a comment there stays."""
    text, start = nodes.text, nodes.start(node)
    header = HEADER.match(text, start)
    assert header is not None  # that is how it begins
    stop = line_end(text, start)
    last = start + len(text[start : nodes.end(node)].rstrip("\r\n"))
    return [Splice(stop, max(stop, last), "")], header.end()


def under(nodes: Nodes, entry: YamlEntry, value: Value, style: YamlStyle) -> list[Splice]:
    """The value on lines of its own, under its key or behind its dash."""
    node, text = entry.value, nodes.text
    empty = nodes.is_empty(node)
    end = nodes.entry_end(entry)
    if entry.key is None and empty and nodes.events[node].anchor is not None:
        raise Refused(
            _("it has an anchor, and no place for lines behind it"), line=nodes.line(node), cure=_(BY_HAND)
        )
    if entry.key is None:
        start = end if empty else nodes.start(node)
        if start != nodes.events[node].start_mark.index and not empty:
            raise Refused(
                _("it has an anchor, and no place for lines behind it"),
                line=nodes.line(node),
                cure=_(BY_HAND),
            )
        end = end if empty else _end(nodes, node)
        column = nodes.column(entry.indicator_end) + 1 if empty else nodes.column(start)
        new = block(value, style, column, eol_near(text, start))
        return [Splice(start, end, " " + new if empty else new)]
    column = nodes.column(entry.begin) + (style.map_indent if isinstance(value, dict) else style.list_indent)
    if nodes.is_block(node):
        raise Refused(
            _("a map cannot give way to something of another kind"), line=nodes.line(node), cure=_(BY_HAND)
        )
    start = end if empty else nodes.start(node)
    block_text: list[Splice] = []
    if nodes.is_block_scalar(node):
        block_text, end = _text_gone(nodes, node)
    if not empty:
        start = len(text[:start].rstrip(" \t\r\n"))
        if start < entry.indicator_end or "#" in text[entry.indicator_end : start]:
            raise Refused(
                _("there is a comment in what has to go"), line=nodes.line(node), cure=_(MOVE_COMMENT)
            )
    at = below(nodes, nodes.entry_end(entry))
    lines = " " * column + block(value, style, column, eol_near(text, at))
    gone = [Splice(start, end, "")] if end > start else []
    return [*gone, *block_text, new_line(text, at, lines)]
