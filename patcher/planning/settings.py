"""What a profile asks of one file: every setting as a change at a path, with its role."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from patcher.endpoint import DEFAULT_MODEL, Endpoint, belongs
from patcher.formats.editing import Document
from patcher.formats.ops import ABSENT, Absent, Change, Decode, Item, KeyPath, Scalar, Segment, Value, same
from patcher.registry.profile import Each, Edit, FileSpec
from patcher.secrets.key_format import FAMILY
from patcher.secrets.secret import Secret

_PLACEHOLDER = re.compile(r"\{(key|model|scheme|host|port)\}")
_FLAT = frozenset({"dotenv", "keyvalue", "ini", "text", "xml"})
"""Formats whose values are all text."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the tools shall be set to. Without a key a stand-in is planned with, to be shown only."""

    endpoint: Endpoint
    key: Secret | None
    model: str = DEFAULT_MODEL
    repoint: bool = False
    tighten: bool = False
    """Whether a file that holds a key loses the rights of others."""
    stand_in: str = FAMILY + "5" * 8 + "0" * 48 + "5" * 8

    @property
    def key_text(self) -> str:
        return self.key.reveal() if self.key else self.stand_in

    def fill(self, text: str) -> Scalar:
        """A profile's text with its placeholders filled in; a lone {port} is a number."""
        if text == "{port}":
            return self.endpoint.effective_port
        words = {
            "key": self.key_text,
            "model": self.model,
            "scheme": self.endpoint.scheme,
            "host": self.endpoint.host,
            "port": str(self.endpoint.effective_port),
        }
        return _PLACEHOLDER.sub(lambda found: words[found[1]], text)

    def guide(self, text: str) -> str:
        """A guide with {model} filled in, and {url:https://api.openai.com/...} at the gateway."""
        text = re.sub(r"\{url:([^{}]+)\}", lambda found: self.endpoint.rewrite(found[1]), text)
        return text.replace("{model}", self.model)


@dataclass(frozen=True, slots=True)
class RequestedChange:
    """One change that a profile asks for, with the role it plays and the edit it belongs to."""

    change: Change
    role: str
    group: int

    @property
    def path(self) -> KeyPath:
        return self.change.path

    @property
    def value(self) -> Value | Absent:
        return self.change.value


def requested_changes(spec: FileSpec, request: Request, document: Document) -> Iterator[RequestedChange]:
    """What a profile asks of one file, in the profile's order."""
    group = 0
    for edit in spec.edits:
        for at in _places((), edit.at, edit, request, document):
            yield from _edit_changes(edit, at, group, request, spec.format)
            group += 1
            if request.repoint and at:
                for sibling in _siblings(edit, at, request, document, spec.format):
                    roles = {role: edit.roles[role] for role in ("key", "url", "set") if role in edit.roles}
                    yield from _edit_changes(Edit(edit.at, roles), sibling, group, request, spec.format)
                    group += 1


def _places(
    done: KeyPath, rest: Sequence[Segment | Each], edit: Edit, request: Request, document: Document
) -> Iterator[KeyPath]:
    """The paths that an edit's way stands for: one, or one for each entry that is there."""
    if not rest:
        yield done
    elif isinstance(rest[0], Each):
        for step in _entries(document.outline(done), rest[0], edit):
            yield from _places((*done, step), rest[1:], edit, request, document)
    else:
        yield from _places((*done, _segment(rest[0], request)), rest[1:], edit, request, document)


def _entries(container: Value | Absent, selector: Each, edit: Edit) -> Iterator[Segment]:
    if isinstance(container, dict):
        yield from (key for key in container if fnmatchcase(key, selector.pattern or "*"))
    for item in container if isinstance(container, list) and selector.pattern is None else ():
        if isinstance(item, dict) and all(
            same(item.get(name, ABSENT), value) for name, value in selector.fields
        ):
            yield _known_by(item, {name for role in edit.roles.values() for name in role})


def _known_by(item: Mapping[str, Value], ours: Collection[object]) -> Item:
    """A list item by what it keeps: its single values but those that are to be changed."""
    return Item.of({k: v for k, v in item.items() if k not in ours and not isinstance(v, (dict, list))})


def _edit_changes(
    edit: Edit, at: KeyPath, group: int, request: Request, syntax: str
) -> Iterator[RequestedChange]:
    for role, values in edit.roles.items():
        for change in leaves(at, values, request, syntax, url=role == "url"):
            yield RequestedChange(replace(change, if_absent=role == "default"), role, group)


def _segment(step: Segment, request: Request) -> Segment:
    if isinstance(step, str):
        return str(request.fill(step)) if "{" in step else step
    if not isinstance(step, Item):
        return step
    fields = tuple((n, request.fill(v) if isinstance(v, str) else v) for n, v in step.fields)
    return Item(fields, step.place)


def leaves(
    at: KeyPath, values: Mapping[str, Value], request: Request, syntax: str, *, url: bool = False
) -> Iterator[Change]:
    """Nested values as one change a leaf; lists and empty maps are leaves."""
    for name, value in values.items():
        path = (*at, str(request.fill(name)) if "{" in name else name)
        if isinstance(value, dict) and value:
            yield from leaves(path, value, request, syntax, url=url)
        else:
            syntax_here = next((step.format for step in reversed(path) if isinstance(step, Decode)), syntax)
            yield Change(path, _filled(value, request, url=url, text=syntax_here in _FLAT))


def _filled(value: Value, request: Request, *, url: bool, text: bool) -> Value:
    if isinstance(value, dict):
        return {key: _filled(member, request, url=url, text=text) for key, member in value.items()}
    if isinstance(value, list):
        return [_filled(member, request, url=url, text=text) for member in value]
    if isinstance(value, str):
        plain = value.startswith("{") and value.endswith("}")
        filled = request.endpoint.rewrite(value) if url and not plain else request.fill(value)
        return str(filled) if text else filled
    return str(value) if text and not isinstance(value, (str, bool)) else value


def _siblings(
    edit: Edit, at: KeyPath, request: Request, document: Document, syntax: str
) -> Iterator[KeyPath]:
    """Other entries beside `at` of the same handler that use OpenAI's own host."""
    handler = list(leaves((), edit.roles.get("handler", {}), request, syntax))
    urls = list(leaves((), edit.roles.get("url", {}), request, syntax, url=True))
    keys = list(leaves((), edit.roles.get("key", {}), request, syntax))
    ours = {change.path[0] for change in urls + keys}
    entries = document.outline(at[:-1])
    if not handler or not urls or not isinstance(entries, (dict, list)):
        return
    pairs = entries.items() if isinstance(entries, dict) else ((None, entry) for entry in entries)
    for name, entry in pairs:
        if not isinstance(entry, dict) or _is_it(name, entry, at[-1]):
            continue
        if not all(same(_inner(entry, change.path), change.value) for change in handler):
            continue
        hosts = [_inner(entry, change.path) for change in urls]
        if not all(host is ABSENT or (isinstance(host, str) and belongs(host) == "openai") for host in hosts):
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
