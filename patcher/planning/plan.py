"""Profile × places × endpoint → Plan: per file the bytes before and after, and what changed.

Pure: files are read, nothing is written. A dry run is a plan that is not applied.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path

from patcher.cures import BY_HAND, PROFILE
from patcher.dataclass import dataclass
from patcher.disk.manifest import Receipt
from patcher.disk.snapshot import open_mode, require_writable
from patcher.disk.write import Write
from patcher.errors import PatchError, Refused
from patcher.formats import editing
from patcher.i18n import _
from patcher.machine.places import Machine
from patcher.planning.deciders import SecondModel, hosts_before, local_addresses, second_models
from patcher.planning.present import present_model
from patcher.planning.problem import Problem
from patcher.planning.reading import without_accepted
from patcher.planning.receipts import receipts_for, watched
from patcher.planning.request import Request
from patcher.planning.settings import RequestedChange, leaves, requested_changes
from patcher.planning.target import Target, target_of
from patcher.planning.variants import chosen
from patcher.registry.condition import Each, Step
from patcher.registry.profile import FileSpec, Objection, Profile
from patcher.secrets.key_format import FAMILY
from patcher.secrets.secret import is_secret, names_secret

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class FilePlan:
    """One file: `write` holds the bytes before and after."""

    write: Write
    requested: tuple[RequestedChange, ...] = field(repr=False)
    old_secrets: tuple[str, ...] = field(default=(), repr=False)
    open_mode: int | None = None
    """The permission bits, where they let others read the key that is in the file afterwards."""
    in_use: bool = False
    """Whether the program runs whose store it is: it would not see the change, or lose it."""
    spec: FileSpec | None = None
    second_models: tuple[SecondModel, ...] = ()
    """Second models that lead elsewhere afterwards, too."""
    notes: tuple[Objection, ...] = ()
    """What the profile says of a file that has what this one will have."""
    local: tuple[str, ...] = ()
    """The servers on this machine, or in a private network, that it talks to now."""
    instead_of: tuple[str, ...] = ()
    """The hosts of others that stand where our address goes."""

    @property
    def changed(self) -> bool:
        return self.write.changes


@dataclass(frozen=True)
class ToolPlan:
    """One tool: its files, or why it is refused."""

    profile: Profile
    files: tuple[FilePlan, ...] = ()
    problems: tuple[Problem, ...] = ()
    local: tuple[str, ...] = ()
    """Why it is left as it is: the servers of the person's own that it talks to."""

    @property
    def changed(self) -> bool:
        return any(file.changed for file in self.files)


@dataclass(frozen=True)
class Plan:
    """What a run would do, tool by tool."""

    tools: tuple[ToolPlan, ...]

    @property
    def writes(self) -> list[Write]:
        return [file.write for tool in self.tools for file in tool.files if file.changed]

    @property
    def problems(self) -> list[Problem]:
        return [problem for tool in self.tools for problem in tool.problems]


def make(profiles: Iterable[Profile], machine: Machine, request: Request) -> Plan:
    """Plan for each tool by itself: a file that is refused leaves the others of its tool alone.

    Where several tools keep their settings in one file, the later ones begin with what the
    earlier ones leave.
    """
    ahead: dict[Path, bytes] = {}
    tools = []
    for profile in profiles:
        tool = _tool(profile, machine, request, ahead)
        if not tool.problems:
            changed = [file.write for file in tool.files if file.changed]
            ahead |= {write.place: write.after for write in changed if write.after is not None}
        tools.append(tool)
    return Plan(tuple(tools))


def _tool(profile: Profile, machine: Machine, request: Request, ahead: Mapping[Path, bytes]) -> ToolPlan:
    files: list[FilePlan] = []
    problems: list[Problem] = []
    candidates = list(chosen(profile, machine))
    if not request.model_given:
        request = replace(request, model=present_model(candidates, request) or request.model)
    for spec, places in candidates:
        if not places.paths and not spec.every:
            templates = ", ".join(machine.chosen(template) for template in spec.path)
            cure = _("say where the project is: --in DIR") if "{project}" in templates else ""
            reason = _("no place here matches {templates}").format(templates=templates)
            problems.append(Problem(profile.tool, None, None, reason, cure))
        for path in places.paths:
            try:
                _inside(profile, path, machine)
                target = target_of(spec, path, ahead.get(path))
                planned = _planned(profile, spec, target, machine.home, request)
                if planned.changed:
                    require_writable(planned.write.path)
                files.append(planned)
            except PatchError as refusal:
                problems.append(Problem.of(profile.tool, path, refusal))
    if profile.files and not files and not problems:
        reason = _("nothing that keeps its settings was found here")
        cure = _("open {name} once, and quit it").format(name=profile.name)
        problems.append(Problem(profile.tool, None, None, reason, cure))
    if problems:
        return ToolPlan(profile, (), tuple(problems))
    local = tuple(dict.fromkeys(host for file in files for host in file.local))
    if local and not request.takes_local and any(file.changed for file in files):
        return ToolPlan(profile, local=local)
    return ToolPlan(profile, tuple(files))


def _planned(profile: Profile, spec: FileSpec, target: Target, home: Path, request: Request) -> FilePlan:
    """One file, or one store. Raises `PatchError`."""
    snapshot = target.snapshot
    planned = _edited(profile, spec, target, request)
    mode = open_mode(snapshot, home) if snapshot else 0
    if not mode or not any(change.role == "key" for change in planned.requested):
        return planned
    if not request.tighten:
        return replace(planned, open_mode=mode)
    return replace(planned, write=replace(planned.write, mode=(mode, mode & ~_OTHERS)))


def _edited(profile: Profile, spec: FileSpec, target: Target, request: Request) -> FilePlan:
    before = target.document
    text = _text(profile, spec, before, request)
    plan = FilePlan(
        target.write(profile.tool, text.after if before is None else before), text.requested, spec=spec
    )
    slots = any(edit.slot for edit in spec.edits)
    if slots or spec.warn:
        after = editing.Document.read(spec.format, text.after)
        again = tuple(requested_changes(spec, request, after)) if slots else ()
        notes = tuple(each for each in spec.warn if each.holds(after, request.model))
        plan = replace(plan, second_models=tuple(second_models(again, after)), notes=notes)
    if text.after == before:
        return plan

    def receipts() -> tuple[Receipt, ...]:
        return (*receipts_for(text.requested, text.document), *watched(spec, text.document))

    return replace(
        plan,
        write=target.write(profile.tool, text.after, receipts),
        old_secrets=tuple(_secrets(text.requested, text.document)),
        in_use=target.in_use,
        local=tuple(local_addresses(text.requested, text.document)),
        instead_of=tuple(hosts_before(text.requested, text.document)),
    )


def importable(profile: Profile, spec: FileSpec, place: Path | None, request: Request) -> bytes:
    """What an extension can import: the settings that are asked for, as a JSON object.

    Of the store at `place` what else is in them stays. Without one they are new, and a setting that is
    edited only where it is there holds the key as well: there it may count. Raises `Refused`.
    """
    if place:
        keeps = profile.imports.keeps if profile.imports else ()
        return _text(profile, spec, target_of(spec, place, keeps=keeps).document, request).after
    edits = tuple(replace(edit, at=tuple(_by_name(step) for step in edit.at)) for edit in spec.edits)
    return _text(profile, replace(spec, edits=edits), b"{}", request).after


def _by_name(step: Step) -> Step:
    return step.pattern if isinstance(step, Each) and step.is_literal and step.pattern else step


def _inside(profile: Profile, path: Path, machine: Machine) -> None:
    """A profile that did not ship with us may not lead out of the home by a variable's value."""
    homes = [machine.home, *(root for root in machine.roots.values() if root)]
    if profile.own and not any(path.is_relative_to(home) for home in homes):
        raise Refused(_("the profile leads out of the home, to {path}").format(path=path), cure=_(PROFILE))


@dataclass(frozen=True)
class _Text:
    """A document, what is asked of it, and what it reads then."""

    document: editing.Document
    requested: tuple[RequestedChange, ...]
    after: bytes


def _text(profile: Profile, spec: FileSpec, before: bytes | None, request: Request) -> _Text:
    if before is None and spec.create is None:
        raise Refused(
            _("the file does not exist"),
            cure=_("start {name} once, so that it makes it, and run again").format(
                name=spec.made_by or profile.name
            ),
        )
    document = editing.Document.read(spec.format, before or b"")
    for objection in spec.refuse:
        if objection.holds(document, request.model):
            raise Refused(objection.said(), cure=_(BY_HAND))
    requested = [
        each for each in requested_changes(spec, request, document) if request.slots or not each.slot
    ]
    if not request.model_given:
        requested = without_accepted(requested, document)
    if spec.create is not None and _is_blank(before):
        start = leaves((), spec.create, request, spec.format)
        requested = [*(RequestedChange(change, "create", -1) for change in start), *requested]
    if request.key is None:  # a key of the right family may well be the one: no change to show
        requested = [change for change in requested if not _is_kept_key(change, document)]
    edited = document.edited([change.change for change in requested])
    return _Text(document, tuple(requested), edited.after)


def _is_blank(data: bytes | None) -> bool:
    return not (data or b"").removeprefix(b"\xef\xbb\xbf").strip()


def _is_kept_key(change: RequestedChange, document: editing.Document) -> bool:
    old = document.get(change.path)
    return change.role == "key" and isinstance(old, str) and FAMILY in old


def _secrets(requested: Sequence[RequestedChange], document: editing.Document) -> Iterator[str]:
    """The old values at the keys' places, which must not be shown, and all others in a map of keys."""
    for change in requested:
        if change.role == "key":
            path = change.path
            old = document.get(path)
            yield from (value for value in (old if isinstance(old, list) else [old]) if is_secret(value))
            beside = document.outline(path[:-1]) if len(path) > 1 and names_secret(path[-2]) else None
            yield from filter(is_secret, beside.values() if isinstance(beside, dict) else ())
