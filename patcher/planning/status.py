"""Reading profiles backwards: what the files say now. Pure."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from patcher.disk.manifest import digest
from patcher.disk.snapshot import read
from patcher.endpoint import belongs, host_of
from patcher.errors import PatchError
from patcher.formats import editing
from patcher.formats.ops import ABSENT, Absent, Value, same, shown
from patcher.machine.places import Machine
from patcher.planning.overrides import ActiveOverride, active_overrides
from patcher.planning.plan import Problem
from patcher.planning.request import Request
from patcher.planning.settings import RequestedChange, in_store, requested_changes
from patcher.planning.variants import chosen
from patcher.registry.profile import FileSpec, Profile
from patcher.stores import access

State = Literal["vsegpt", "incomplete", "other", "unset", "refused", "guide"]
"""`incomplete`: the address is VseGPT's, but not all that must go with it is there."""


@dataclass(frozen=True)
class Setting:
    """One of the four settings of the mission, as the file has it now."""

    role: str
    at: str
    value: Value | Absent
    right: bool
    """Whether it is what a patch would set (any VseGPT address will do for a URL)."""
    models: tuple[str, ...] = ()
    """Of a model's setting the ids, without what the tool writes around them."""


@dataclass(frozen=True)
class FileStatus:
    path: Path
    exists: bool
    changed_since: bool
    """Whether it was changed after this program wrote it."""
    settings: tuple[Setting, ...] = ()
    problem: Problem | None = None
    in_store: bool = False


@dataclass(frozen=True)
class ToolStatus:
    profile: Profile
    files: tuple[FileStatus, ...]
    overrides: tuple[ActiveOverride, ...] = ()
    """What counts more than the files here, and is what counts."""

    @property
    def overridden(self) -> list[ActiveOverride]:
        """What takes the tool away from VseGPT though its files point there."""
        is_set = self.state in {"vsegpt", "incomplete"}
        return [each for each in self.overrides if is_set and not each.harmless]

    @property
    def state(self) -> State:
        """Where the tool points: at VseGPT only if its URL and all that must go with it do."""
        if not self.profile.files:
            return "guide"
        if any(file.problem for file in self.files):
            return "refused"
        decisive = [each for each in self.settings if each.role in {"url", "handler", "key"}]
        if decisive and all(each.right for each in decisive):
            return "vsegpt"
        urls = [each for each in decisive if each.role == "url" and each.value is not ABSENT]
        if not urls:
            return "unset"
        return "incomplete" if all(each.right for each in urls) else "other"

    @property
    def missing(self) -> list[str]:
        """The roles that are not as they must be, among those that must be."""
        roles = [each.role for each in self.settings if each.role != "model" and not each.right]
        return list(dict.fromkeys(roles))

    @property
    def hosts(self) -> list[str]:
        """The other hosts that its files name."""
        wrong = [each for each in self.settings if each.role == "url" and not each.right]
        hosts = dict.fromkeys(host_of(text) for each in wrong for text in _texts(each.value))
        return [host for host in hosts if "." in host or ":" in host or host == "localhost"]

    @property
    def settings(self) -> list[Setting]:
        return [setting for file in self.files for setting in file.settings]

    def values(self, role: str) -> list[str]:
        """The texts that its settings of this role hold."""
        values = [each.value for each in self.settings if each.role == role]
        return [text for value in values for text in _texts(value)]

    @property
    def models(self) -> list[str]:
        """The models that its files name."""
        return list(dict.fromkeys(model for each in self.settings for model in each.models))

    @property
    def changed_since(self) -> bool:
        return any(file.changed_since for file in self.files)


def look(
    profile: Profile, machine: Machine, request: Request, written: Mapping[str, str | None]
) -> ToolStatus:
    """What a tool's files say. `written` has, by path, the hash of what this program last wrote."""
    files = []
    for spec, places in chosen(profile, machine):
        for path in places.paths:
            try:
                data = _text(spec, path)
                document = editing.Document.read(spec.format, data or b"")
                settings = tuple(
                    _settings(requested_changes(spec, request, document), document, request.model)
                )
                stored = spec.format in access.FORMATS
                name = os.path.realpath(path) if stored else str(path)
                changed = name in written and written[name] != (None if data is None else digest(data))
                files.append(FileStatus(path, data is not None, changed, settings, in_store=stored))
            except PatchError as refusal:
                problem = Problem.of(profile.tool, path, refusal)
                files.append(FileStatus(path, exists=True, changed_since=False, problem=problem))
    its = ToolStatus(profile, tuple(files))
    own = [file.path for file in files]
    return replace(its, overrides=tuple(active_overrides(profile, machine, request, own, its.models)))


def _text(spec: FileSpec, path: Path) -> bytes | None:
    """The file's bytes, or the document that shows what a store holds."""
    if spec.format in access.FORMATS:
        return in_store(spec, path).document
    snapshot = read(path)
    return snapshot.data if snapshot else None


def _settings(asked: Iterator[RequestedChange], document: editing.Document, model: str) -> Iterator[Setting]:
    for each in asked:
        if each.role in {"handler", "key", "url", "model"}:
            value, want = document.get(each.change.path), each.change.value
            models = tuple(_models(value, want, model)) if each.role == "model" else ()
            right = _is_right(each.role, value, want)
            yield Setting(each.role, shown(each.change.path), value, right, models)


def _texts(value: Value | Absent) -> list[str]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _models(value: Value | Absent, want: Value | Absent, model: str) -> Iterator[str]:
    """The ids in a setting that would be `want` for `model`: aider's `openai/ID` for one."""
    for pattern in _texts(want)[:1]:
        before, _, after = pattern.partition(model)
        for text in _texts(value):
            inner = text.removeprefix(before).removesuffix(after)
            if inner and f"{before}{inner}{after}" == text:
                yield inner


def _is_right(role: str, value: Value | Absent, want: Value | Absent) -> bool:
    if role == "url":
        if isinstance(value, list):
            return bool(value) and all(isinstance(one, str) and belongs(one) == "vsegpt" for one in value)
        if isinstance(value, str) and ("." in value or ":" in value):
            return belongs(value) == "vsegpt" or same(value, want)
        return same(value, want)  # a part of an address: scheme, host or port
    if role == "key":
        return value is not ABSENT and value not in ("", None, [])
    return same(value, want)
