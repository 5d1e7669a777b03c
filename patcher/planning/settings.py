"""What a profile asks of one file: every setting as a change at a path, with its role."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from patcher.dataclass import dataclass
from patcher.endpoint import belongs
from patcher.formats.editing import Document, format_of
from patcher.formats.ops import ABSENT, Absent, Change, Decode, Item, KeyPath, Scalar, Segment, Value, same
from patcher.planning.request import Request
from patcher.registry.condition import Each, expand, is_filled, is_something
from patcher.registry.correction import Correction, above, unwanted
from patcher.registry.profile import Edit, FileSpec

_FLAT = frozenset({"dotenv", "keyvalue", "ini", "text", "xml"})
"""Formats whose values are all text."""


@dataclass(frozen=True, eq=False, repr=False)
class RequestedChange:
    """One change that a profile asks for, with the role it plays and the edit it belongs to."""

    change: Change
    role: str
    group: int
    slot: bool = False
    """Whether it is about a second model."""
    items: tuple[Scalar, ...] = ()
    """What goes into a list, or out of it."""
    accepts: tuple[str, ...] = ()
    """Other values that are right as well, as patterns."""

    @property
    def path(self) -> KeyPath:
        return self.change.path

    @property
    def value(self) -> Value | Absent:
        return self.change.value


CHOOSING = frozenset({"model", "url", "handler", "set"})
"""Roles that say by themselves where a second model leads."""


class _Source(NamedTuple):
    """A document, and the syntax that it is in."""

    syntax: str
    document: Document


def requested_changes(spec: FileSpec, request: Request, document: Document) -> Iterator[RequestedChange]:
    """What a profile asks of one file, in the profile's order, second models included."""
    source, group = _Source(spec.format, document), 0
    for edit in spec.edits:
        for at in _places(edit, request, document):
            if _is_anothers(edit, at, request, document, spec):
                continue
            yield from _edit_changes(edit, at, group, request, source)
            group += 1
            if request.repoint and at:
                for sibling in _siblings(edit, at, request, document, spec.format):
                    roles = {role: edit.roles[role] for role in ("key", "url", "set") if role in edit.roles}
                    yield from _edit_changes(Edit(edit.at, roles), sibling, group, request, source)
                    group += 1


def _places(edit: Edit, request: Request, document: Document) -> Iterator[KeyPath]:
    """The paths that an edit's way stands for: one, or one for each entry that is there."""
    ours = {name for role in edit.roles.values() for name in role}
    at = tuple(each if isinstance(each, Each) else _segment(each, request) for each in edit.at)
    return expand(document, at, lambda item: _known_by(item, ours))


def _is_anothers(edit: Edit, at: KeyPath, request: Request, document: Document, spec: FileSpec) -> bool:
    """Whether an entry that was there before leads to a service of somebody else, which it keeps.

    Only where an edit goes over whatever is there: one that names its place has that place to itself.
    """
    goes_over = any(isinstance(each, Each) for each in edit.at) or _is_one_of_many(spec)
    if not goes_over or document.outline(at) is ABSENT:
        return False
    urls = leaves(at, edit.roles.get("url", {}), request, spec.format, url=True)
    texts = [text for change in urls for text in texts_in(document.get(change.path))]
    return any(text and belongs(text) == "other" for text in texts)


def _is_one_of_many(spec: FileSpec) -> bool:
    templates = [text for each in spec.path for text in ([each] if isinstance(each, str) else each.values())]
    return any("*" in template.rpartition("/")[2] for template in templates)


def texts_in(value: Value | Absent) -> list[str]:
    """The texts that a setting holds, which may be a list of them."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _known_by(item: Mapping[str, Value], ours: Collection[object]) -> Item:
    """A list item by what it keeps: its single values but those that are to be changed."""
    return Item.of({k: v for k, v in item.items() if k not in ours and not isinstance(v, (dict, list))})


def _edit_changes(
    edit: Edit, at: KeyPath, group: int, request: Request, source: _Source
) -> Iterator[RequestedChange]:
    document, made = source.document, list[RequestedChange]()
    for role, values in edit.roles.items():
        for change in leaves(at, values, request, source.syntax, url=role == "url"):
            if edit.if_present and not is_something(document, change.path):
                continue
            accepts = edit.accepts.get(str(change.path[-1]), ()) if role == "handler" else ()
            asked = replace(change, if_absent=True) if role == "default" else change
            made.append(RequestedChange(asked, role, group, edit.slot, accepts=accepts))
    chooses = [each.path for each in made if each.role in CHOOSING]
    if not edit.slot or any(is_filled(document, path) for path in chooses):  # a second model that is there
        yield from made
    for each in _corrections(edit, at, request, source.document):
        yield RequestedChange(Change(each.path, each.value), each.role, group, edit.slot, each.items)


def _corrections(edit: Edit, at: KeyPath, request: Request, document: Document) -> Iterator[Correction]:
    """What becomes of settings that are there already."""

    def fill(value: Scalar) -> Scalar:
        return request.fill(value) if isinstance(value, str) else value

    for each in edit.unset:
        for path in expand(document, (*at, *each.path)):
            if document.has(path) and each.fits(document.get(path)):
                yield Correction(path, ABSENT, "unset")
    for members in edit.contains:
        yield from members.missing(document, at, fill)
    for name, items in edit.without.items():
        yield from unwanted(document, at, name, items, fill)
    for name, most in edit.cap.items():
        yield from above(document, (*at, name), most)
    for name, (place, otherwise) in edit.same_as.items():
        there = document.get(tuple(_segment(each, request) for each in place))
        if not edit.if_present or document.has((*at, name)):
            yield Correction((*at, name), fill(otherwise) if there is ABSENT else there, "set")


def _segment(step: Segment, request: Request) -> Segment:
    if isinstance(step, str):
        return str(request.fill(step)) if "{" in step else step
    if not isinstance(step, Item):
        return step
    fields = tuple((n, request.fill(v) if isinstance(v, str) else v) for n, v in step.fields)
    return Item(fields, step.place)


def leaves(
    at: tuple[Segment, ...], values: Mapping[str, Value], request: Request, syntax: str, *, url: bool = False
) -> Iterator[Change]:
    """Nested values as one change a leaf; lists and empty maps are leaves."""
    for name, value in values.items():
        path = (*at, str(request.fill(name)) if "{" in name else name)
        if isinstance(value, dict) and value:
            yield from leaves(path, value, request, syntax, url=url)
        else:
            syntax_here = next((step.format for step in reversed(path) if isinstance(step, Decode)), syntax)
            yield Change(path, _filled(value, request, url=url, text=format_of(syntax_here) in _FLAT))


def _filled(value: Value, request: Request, *, url: bool, text: bool) -> Value:
    if isinstance(value, dict):
        return {key: _filled(each, request, url=url, text=text) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, request, url=url, text=text) for each in value]
    if isinstance(value, str):
        plain = value.startswith("{") and value.endswith("}")
        filled = request.endpoint.rewrite(value) if url and not plain else request.fill(value)
        return str(filled) if text else filled
    return str(value) if text and not isinstance(value, (str, bool)) else value


def _siblings(
    edit: Edit, at: tuple[Segment, ...], request: Request, document: Document, syntax: str
) -> Iterator[tuple[Segment, ...]]:
    """Other entries beside `at` of the same handler that use OpenAI's own host."""
    handler = list(leaves((), edit.roles.get("handler", {}), request, syntax))
    urls = list(leaves((), edit.roles.get("url", {}), request, syntax, url=True))
    keys = list(leaves((), edit.roles.get("key", {}), request, syntax))
    ours = {change.path[0] for change in urls + keys}
    entries = document.outline(at[:-1])
    if not urls or not isinstance(entries, (dict, list)):
        return
    pairs = entries.items() if isinstance(entries, dict) else ((None, entry) for entry in entries)
    for name, entry in pairs:
        if not isinstance(entry, dict) or not isinstance(name, (str, type(None))):
            continue  # an entry whose key cannot be named
        if _is_it(name, entry, at[-1]):
            continue
        if not all(same(_inner(entry, each.path), each.value) for each in handler):
            continue
        hosts = [_inner(entry, each.path) for each in urls]
        # Where nothing says which protocol an entry speaks, only one that names OpenAI's host is of it.
        known = [ABSENT] if handler else []
        if not all(host in known or (isinstance(host, str) and belongs(host) == "openai") for host in hosts):
            continue
        if name is not None:
            yield (*at[:-1], name)
        else:
            yield (*at[:-1], _known_by(entry, ours))


def _is_it(name: str | None, entry: Mapping[str, Value], segment: Segment) -> bool:
    if isinstance(segment, str):
        return name == segment
    return isinstance(segment, Item) and all(
        same(entry.get(key, ABSENT), value) for key, value in segment.fields
    )


def _inner(value: Value | Absent, path: Sequence[Segment]) -> Value | Absent:
    for step in path:
        if not isinstance(value, dict) or not isinstance(step, str):
            return ABSENT
        value = value.get(step, ABSENT)
    return value
