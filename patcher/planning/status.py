"""Reading profiles backwards: what the files say now. Pure."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from patcher.dataclass import dataclass
from patcher.disk.manifest import digest
from patcher.errors import PatchError
from patcher.formats import editing
from patcher.machine.places import Machine
from patcher.planning.deciders import SecondModel, second_models
from patcher.planning.overrides import ActiveOverride, OwnFile, active_overrides
from patcher.planning.problem import Problem
from patcher.planning.reading import Setting, State, hosts_of, settings_of, state_of
from patcher.planning.request import Request
from patcher.planning.settings import requested_changes, texts_in
from patcher.planning.target import target_of
from patcher.planning.variants import chosen
from patcher.registry.profile import FileSpec, Objection, Profile

ToolState = Literal["vsegpt", "incomplete", "other", "unset", "refused", "guide"]
_WORST: tuple[State, ...] = ("other", "incomplete", "unset", "vsegpt")


@dataclass(frozen=True)
class FileStatus:
    """One file, or one profile of a browser: what it says, and where that leads."""

    path: Path
    exists: bool
    changed_since: bool
    """Whether it was changed after this program wrote it."""
    settings: tuple[Setting, ...] = ()
    problem: Problem | None = None
    in_store: bool = False
    second_models: tuple[SecondModel, ...] = ()
    """Second models that lead elsewhere."""
    notes: tuple[Objection, ...] = ()
    """What the profile says of a file that has what this one has."""

    @property
    def state(self) -> ToolState:
        return "refused" if self.problem else state_of(self.settings)

    @property
    def hosts(self) -> list[str]:
        """The other hosts that it names."""
        return hosts_of(self.settings)

    @property
    def missing(self) -> list[Setting]:
        """What is not as it has to be."""
        return [each for each in self.settings if each.is_decisive and not each.right]


@dataclass(frozen=True)
class ToolStatus:
    """A tool: the sum of its files, and what counts more than they do."""

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
    def state(self) -> ToolState:
        """Where the tool points: at VseGPT only if all that decides does, in each of its files.

        Files that hold none of the addresses (a key's own file, a choice) count with those that do.
        """
        if not self.profile.files:
            return "guide"
        if any(file.problem for file in self.files):
            return "refused"
        if self.files and all(file.in_store for file in self.files):  # each is a whole set-up of its own
            return min((file.state for file in self.files), key=[*_WORST, "refused", "guide"].index)
        return state_of(self.settings)

    @property
    def missing(self) -> list[Setting]:
        """What is not as it has to be, once for each role of the four settings."""
        return [each for file in self.files for each in file.missing]

    @property
    def hosts(self) -> list[str]:
        """The other hosts that its files name."""
        return hosts_of(self.settings)

    @property
    def settings(self) -> list[Setting]:
        return [setting for file in self.files for setting in file.settings]

    @property
    def second_models(self) -> list[SecondModel]:
        """Second models that lead elsewhere, though the tool itself leads to VseGPT."""
        return [each for file in self.files for each in file.second_models]

    def values(self, role: str) -> list[str]:
        """The texts that its settings of this role hold."""
        values = [each.value for each in self.settings if each.role == role]
        return [text for value in values for text in texts_in(value)]

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
    """What a tool's files say. `written` has, by path, the hash of what this program last wrote.

    Any model of VseGPT's is right, so where the files name another one than `request` does, theirs counts.
    """
    seen = _look(profile, machine, request, written)
    if seen.state == "incomplete" and seen.models and seen.models[0] != request.model:
        other = _look(profile, machine, replace(request, model=seen.models[0]), written)
        return other if other.state == "vsegpt" else seen
    return seen


def _look(
    profile: Profile, machine: Machine, request: Request, written: Mapping[str, str | None]
) -> ToolStatus:
    files = []
    own: dict[Path, OwnFile] = {}
    for spec, places in chosen(profile, machine):
        for path in places.paths:
            try:
                data = target_of(spec, path).document
                files.append(_read(spec, path, data, request, written))
                own[path] = OwnFile(spec, data)
            except PatchError as refusal:
                problem = Problem.of(profile.tool, path, refusal)
                files.append(FileStatus(path, exists=True, changed_since=False, problem=problem))
    status = ToolStatus(profile, tuple(files))
    overrides = active_overrides(profile, machine, request, own, status.models)
    return replace(status, overrides=tuple(overrides))


def _read(
    spec: FileSpec, path: Path, data: bytes | None, request: Request, written: Mapping[str, str | None]
) -> FileStatus:
    """What one file says. Raises `Refused`."""
    document = editing.Document.read(spec.format, data or b"")
    requested = list(requested_changes(spec, request, document))
    name = os.path.realpath(path) if spec.in_store else str(path)
    return FileStatus(
        path,
        data is not None,
        name in written and written[name] != (None if data is None else digest(data)),
        tuple(settings_of(requested, document, request.model)),
        in_store=spec.in_store,
        second_models=tuple(second_models(requested, document)),
        notes=tuple(each for each in (*spec.refuse, *spec.warn) if data and each.holds(document, "")),
    )
