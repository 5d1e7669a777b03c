"""Where the files of a tool name a host that no profile explains, and the line that a profile would need."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from patcher.dataclass import dataclass
from patcher.endpoint import host_of
from patcher.formats.ops import Absent, KeyPath, Value, segment, shown
from patcher.i18n import _
from patcher.planning.documents import document_of, syntax_of

_NAMES = ("id", "name", "title")
"""The fields of a list's item that it is known by."""
_MOST = 3
_LARGEST = 1_000_000
"""Bytes of a file that is read as settings."""
_Step = str | dict[str, str]


@dataclass(frozen=True)
class Place:
    """Where it stands: in a file, in which line, and at which setting, where that can be told."""

    path: Path
    line: int
    what: str
    """The role: `url`, or `handler` where it is the service's name."""
    steps: tuple[_Step, ...] = ()

    def told(self, show: Callable[[Path], str]) -> str:
        """For people: `~/.tool/state.json: last.url`."""
        at: KeyPath = tuple(map(segment, self.steps))
        if at:
            return f"{show(self.path)}: {shown(at)}"
        return f"{show(self.path)}:{self.line}" if self.line else show(self.path)

    def line_of_profile(self, show: Callable[[Path], str], own: bool) -> str:
        """As a profile would say that it counts more; `own` if the file is one that it edits."""
        at = f"at = {_toml(list(self.steps))}" if self.steps else ""
        file = "" if own and at else f"file = {_toml(show(self.path))}"
        return _override(file, at, f'what = "{self.what}"')


def of_variable(name: str) -> str:
    """As a profile would say that a variable counts more."""
    return _override(f"env = {_toml(name)}", 'what = "url"')


def places(host: str, names: Sequence[str], files: Mapping[Path, bytes]) -> list[Place]:
    """Where these files name a host; where none does, those that name the service, the best known first."""
    found = [
        place for path, data in files.items() if host.encode() in data for place in _of_host(host, path, data)
    ]
    if not found:
        found = [
            Place(path, 0, "handler", steps)
            for path, data in files.items()
            if any(name.encode() in data.lower() for name in names)
            for steps in _steps(path, data, lambda text: text.lower() in names)
        ]
    # A setting that is an address tells more than a text, such as a chat, that has one somewhere in it.
    return ([place for place in found if place.steps] or found)[:_MOST]


def advice(host: str, found: Sequence[Place], own: set[Path], show: Callable[[Path], str]) -> Iterator[str]:
    """What a person reads of these places."""
    for place in found:
        yield _("{host} is named in {place}; a profile would need:").format(host=host, place=place.told(show))
        yield place.line_of_profile(show, place.path in own)


def _of_host(host: str, path: Path, data: bytes) -> list[Place]:
    line = 0 if b"\0" in data else data[: data.index(host.encode())].count(b"\n") + 1
    at = [Place(path, line, "url", steps) for steps in _steps(path, data, lambda text: host_of(text) == host)]
    return at or [Place(path, line, "url")]


def _steps(path: Path, data: bytes, wanted: Callable[[str], bool]) -> Iterator[tuple[_Step, ...]]:
    if len(data) > _LARGEST:
        return
    with suppress(ValueError, RecursionError):
        document = document_of(syntax_of(path), data)
        yield from _leaves(document.outline(()), (), wanted) if document else ()


def _leaves(
    node: Value | Absent, at: tuple[_Step, ...], wanted: Callable[[str], bool]
) -> Iterator[tuple[_Step, ...]]:
    if isinstance(node, str) and wanted(node) and at:
        yield at
    elif isinstance(node, dict):
        for key, each in node.items():
            if isinstance(key, str):  # in YAML not all are
                yield from _leaves(each, (*at, key), wanted)
    elif isinstance(node, list):
        for item in node:
            fields = item if isinstance(item, dict) else {}
            known = next((name for name in _NAMES if isinstance(fields.get(name), str)), None)
            if known:
                yield from _leaves(item, (*at, {known: str(fields[known])}), wanted)


def _override(*parts: str) -> str:
    return f"overridden_by = [{{ {', '.join(filter(None, parts))} }}]"


def _toml(value: object) -> str:
    """A string, a list or a table on one line; their strings are written as JSON's are."""
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name} = {_toml(each)}' for name, each in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)
