"""What counts more than a tool's own files here: variables, and other files. Pure.

A profile says which, and in which order. Of those that are there only what wins is told: for each
setting the strongest one. An empty variable counts for nothing, as most programs see it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from patcher.dataclass import dataclass
from patcher.disk.snapshot import read_untrusted
from patcher.endpoint import belongs, host_of
from patcher.errors import PatchError
from patcher.formats.editing import Document, format_of
from patcher.formats.ops import ABSENT, KeyPath, shown
from patcher.i18n import _
from patcher.machine.places import Machine, is_relative
from patcher.planning.deciders import plain, printable, stronger
from patcher.planning.documents import document_of, syntax_of
from patcher.planning.request import Request
from patcher.planning.settings import RequestedChange, requested_changes, texts_in
from patcher.registry.profile import FileSpec, Override, Profile
from patcher.secrets.key_format import FAMILY
from patcher.secrets.secret import masked

_ROLES = frozenset({"handler", "key", "url", "model"})


@dataclass(frozen=True)
class ActiveOverride:
    """One thing that wins over the tool's files: a variable, or a file at `path`.

    `what` is the role of the setting, or empty where that cannot be told; `value` what it says, as
    far as that may be shown. `harmless` is what leads to VseGPT all the same.
    """

    name: str
    path: Path | None
    what: str
    value: str
    harmless: bool
    secret: str = field(default="", repr=False)
    """The key that it holds, which must not be shown."""
    setting: str = ""
    """Where in the file it stands, where the profile says so."""

    def told(self, files: str) -> tuple[str, str]:
        """What a person should know, and do."""
        if self.setting:
            head = _("{setting} in {name} counts more").format(setting=self.setting, name=self.name)
            cure = _("change it there, or remove it from that file")
        elif self.path:
            head = _("{name} counts more than {files}").format(name=self.name, files=files)
            cure = _("change it there, or remove it from that file")
            if not self.value:
                cure = _("see that it leads to VseGPT, too")
        else:
            head = _("{name} is set and counts more than {files}").format(name=self.name, files=files)
            cure = _("unset it")
        says = {
            "url": _("it points at {value}"),
            "key": _("it holds another key, {value}"),
            "model": _("it chooses the model {value}"),
            "handler": _("it chooses the provider {value}"),
        }.get(self.what)
        return (f"{head}: {says.format(value=self.value)}" if says and self.value else head), cure


class OwnFile(NamedTuple):
    """One of the tool's files, with the bytes that count: those there, or those that a patch makes."""

    spec: FileSpec
    data: bytes | None


class _Said(NamedTuple):
    """What a variable or a file says: its settings by role, and where in a file they stand."""

    name: str
    path: Path | None
    settings: Sequence[tuple[str, str]]
    setting: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class _Here:
    """The tool, and what it is looked at with."""

    profile: Profile
    machine: Machine
    request: Request
    own: Mapping[Path, OwnFile]

    @cached_property
    def real(self) -> set[str]:
        """Where its own files are, after all links."""
        return {os.path.realpath(path) for path in self.own}

    @cached_property
    def variables(self) -> list[tuple[Path, Document, set[KeyPath]]]:
        """Its own dotenv files, each with the paths that the profile itself sets in it."""
        found = []
        for path, file in self.own.items():
            is_one = file.data and format_of(file.spec.format) in {"dotenv", "keyvalue"}
            document = document_of(file.spec.format, file.data) if is_one else None
            if document is not None:
                set_here = {each.path for each in requested_changes(file.spec, self.request, document)}
                found.append((path, document, set_here))
        return found


def active_overrides(
    profile: Profile,
    machine: Machine,
    request: Request,
    own: Mapping[Path, OwnFile],
    models: Sequence[str] = (),
) -> list[ActiveOverride]:
    """What wins over a tool's `own` files, the strongest first; `models` are those that they name.

    What stands in these files themselves counts, too, where the profile says that it does.
    """
    judge = _Judge(profile, request, {*models, request.model})
    here = _Here(profile, machine, request, own)
    decided: set[str] = set()
    found = []
    for override in profile.overridden_by:
        for said in _there(override, here):
            for what, value in said.settings:
                if what not in decided and "" not in decided:
                    found.append(replace(judge(said.name, said.path, what, value), setting=said.setting))
            # What stands in a file beside our settings takes nothing from those that come after it.
            decided |= {what for what, _value in said.settings} if not override.at else set()
    return found


def _there(override: Override, here: _Here) -> Iterator[_Said]:
    """What an override says here."""
    if override.env:
        value = here.machine.env.get(override.env, "").strip()
        if value:
            yield _Said(override.env, None, [(override.what or _role_of(value), value)])
        yield from _in_own_variables(override, here)
    elif not override.file:
        for path, file in here.own.items():
            yield from _at(override, here, path, document_of(file.spec.format, file.data))
    else:
        yield from _in_files(override, here)


def _in_own_variables(override: Override, here: _Here) -> Iterator[_Said]:
    """The variable in the tool's own dotenv files, where the profile itself does not set it."""
    for path, document, set_here in here.variables:
        for text in texts_in(document.get((override.env,))):
            if text.strip() and (override.env,) not in set_here:
                says = [(override.what or _role_of(text), text)]
                yield _Said(here.machine.shown(path), path, says, override.env)


def _in_files(override: Override, here: _Here) -> Iterator[_Said]:
    for path in _files(override, here.machine):
        data = None if os.path.realpath(path) in here.real and not override.at else read_untrusted(path)
        if data is None:
            continue
        if override.at:
            yield from _at(override, here, path, document_of(syntax_of(path), data))
            continue
        says = _says(path, data, here.profile, here.request)
        if says is None:  # it is there, and what it says only the tool can tell
            says = [(override.what, "")]
        says = [each for each in says if not override.what or each[0] == override.what]
        if says:
            yield _Said(here.machine.shown(path), path, says)


def _at(override: Override, here: _Here, path: Path, document: Document | None) -> Iterator[_Said]:
    for place, value in stronger(override, document, here.request) if document else ():
        text = plain(value) if not isinstance(value, str) else value
        yield _Said(here.machine.shown(path), path, [(override.what, text)], shown(place))


def _files(override: Override, machine: Machine) -> Iterator[Path]:
    template = machine.chosen(override.file)
    if not template:
        return
    if not is_relative(template):
        absolute = template.startswith("/") or template[1:3] == ":/"
        yield from [Path(template)] if absolute else machine.expand(template)
    elif machine.work:
        for folder in [machine.work, *(machine.work.parents if override.above else ())]:
            yield from sorted(folder.glob(template)) if "*" in template else [folder / template]


def _says(path: Path, data: bytes, profile: Profile, request: Request) -> list[tuple[str, str]] | None:
    """The settings in a file, by role; None where it cannot be told what they are."""
    if syntax_of(path) == "dotenv":
        return list(_in_dotenv(data, profile))
    for spec in profile.files:
        if spec.in_store or _kind(path) not in {_kind(Path(each)) for each in _paths(spec)}:
            continue
        try:
            document = Document.read(spec.format, data)
            requested = list(requested_changes(spec, request, document))
        except PatchError:
            return None
        found = [
            (each.role, text)
            for each in requested
            if each.role in _ROLES
            for text in texts_in(document.get(each.path))
        ]
        if found or not _is_only_our_own(spec):
            return found
    return None


def _in_dotenv(data: bytes, profile: Profile) -> Iterator[tuple[str, str]]:
    document = document_of("dotenv", data)
    if document is None:
        return
    for override in profile.overridden_by:
        for text in texts_in(document.get((override.env,)) if override.env else ABSENT):
            if text.strip():
                yield override.what or _role_of(text), text


def _paths(spec: FileSpec) -> Iterator[str]:
    for template in spec.path:
        yield from [template] if isinstance(template, str) else template.values()


def _kind(path: Path) -> str:
    """The end of a file's name, the same for all that say one syntax."""
    return {".jsonc": ".json", ".json5": ".json", ".yml": ".yaml"}.get(path.suffix, path.suffix)


def _is_only_our_own(spec: FileSpec) -> bool:
    """Whether all the settings are in an entry that we made: another file may well have others, and use them.

    Where a setting beside such entries chooses among them, a file without it chooses nothing.
    """
    return all(
        any(not isinstance(step, str) or "vsegpt" in step.casefold() for step in edit.at)
        for edit in spec.edits
        if _ROLES & edit.roles.keys()
    )


def _role_of(value: str) -> str:
    if re.match(r"https?://", value):
        return "url"
    return "key" if value.startswith("sk-") else ""


class _Judge:
    """Tells what leads to VseGPT all the same from what does not."""

    def __init__(self, profile: Profile, request: Request, models: set[str]) -> None:
        self._profile, self._request, self._models = profile, request, models

    @cached_property
    def _requested(self) -> list[RequestedChange]:
        """What a patch would ask of empty files: the values that are as good elsewhere."""
        specs = (spec for spec in self._profile.files if not spec.in_store)
        empty = ((spec, Document.read(spec.format, b"")) for spec in specs)
        return [each for spec, document in empty for each in requested_changes(spec, self._request, document)]

    def __call__(self, name: str, path: Path | None, what: str, value: str) -> ActiveOverride:
        if not value:
            return ActiveOverride(name, path, what, "", harmless=False)
        if what == "url":
            return ActiveOverride(name, path, what, host_of(value) or "…", self._is_ours(value))
        if what == "key":
            reference = re.match(r"\$|\{|env:|os\.environ", value)
            harmless = value.startswith(FAMILY) or bool(reference)
            return ActiveOverride(name, path, what, masked(value), harmless, value)
        wants = {text for each in self._requested if each.role == what for text in texts_in(each.value)}
        known = self._models if what == "model" else set()
        return ActiveOverride(name, path, what, printable(value[:80]) if what else "", value in wants | known)

    def _is_ours(self, url: str) -> bool:
        return belongs(url) == "vsegpt" or host_of(url) == self._request.endpoint.host
