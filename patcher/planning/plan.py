"""Profile × places × endpoint → Plan: per file the bytes before and after, and what changed.

Pure: files are read, nothing is written. A dry run is a plan that is not applied.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from patcher.disk.snapshot import POSIX, Snapshot, read, require_writable
from patcher.disk.write import Write, as_store_write
from patcher.errors import PatchError, Refused
from patcher.formats import editing
from patcher.i18n import _
from patcher.machine.places import Machine, locate
from patcher.planning.deciders import SecondModel, hosts_before, local_addresses, second_models
from patcher.planning.present import present_model
from patcher.planning.receipts import receipts_for
from patcher.planning.request import Request
from patcher.planning.settings import RequestedChange, in_store, is_about, leaves, requested_changes
from patcher.planning.variants import chosen
from patcher.registry.profile import FileSpec, Objection, Profile
from patcher.secrets.key_format import FAMILY
from patcher.secrets.secret import is_secret, names_secret
from patcher.stores import access
from patcher.stores.access import Source, StoreDocument

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH


class Problem(NamedTuple):
    """Why a tool is refused: what, where, what to do."""

    tool: str
    path: Path | None
    line: int | None
    reason: str
    cure: str

    @classmethod
    def of(cls, tool: str, path: Path | None, refusal: PatchError) -> Problem:
        if isinstance(refusal, Refused):
            return cls(tool, path, refusal.line, refusal.reason, refusal.cure)
        return cls(tool, path, None, str(refusal), "")


@dataclass(frozen=True)
class FilePlan:
    """One file: `write` holds the bytes before and after, `asked` what was asked for."""

    write: Write
    asked: tuple[RequestedChange, ...] = field(repr=False)
    old_secrets: tuple[str, ...] = field(repr=False)
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


class ToolPlan(NamedTuple):
    """One tool: its files, or why it is refused."""

    profile: Profile
    files: tuple[FilePlan, ...] = ()
    problems: tuple[Problem, ...] = ()
    local: tuple[str, ...] = ()
    """Why it is left as it is: the servers of the person's own that it talks to."""

    @property
    def changed(self) -> bool:
        return any(file.changed for file in self.files)


class Plan(NamedTuple):
    """What a run would do, tool by tool."""

    tools: tuple[ToolPlan, ...]

    @property
    def writes(self) -> list[Write]:
        return [file.write for tool in self.tools for file in tool.files if file.changed]

    @property
    def problems(self) -> list[Problem]:
        return [problem for tool in self.tools for problem in tool.problems]


def found_as(profile: Profile, machine: Machine) -> str:
    """How a tool was found on this machine: `config`, `command` or, if it was not, nothing."""
    for mark in profile.found_by:
        if machine.has(mark):
            return "config" if not isinstance(mark, str) or re.match(r"[~${]", mark) else "command"
    # A project's .env may be anybody's: such a tool is found by its marks alone.
    own = [[each for each in spec.path if "{project}" not in machine.chosen(each)] for spec in profile.files]
    if not profile.found_by and any(locate(templates, machine).exist for templates in own):
        return "config"
    return ""


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
                around = _Around(ahead.get(path), machine.home)
                planned = _planned(profile, spec, path, request, around)
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


class _Around(NamedTuple):
    """What an earlier tool leaves in the file, and the home that it is in."""

    ahead: bytes | None
    home: Path


def _planned(profile: Profile, spec: FileSpec, path: Path, request: Request, around: _Around) -> FilePlan:
    """One file, or one store. Raises `PatchError`."""
    is_store = spec.format in access.FORMATS
    snapshot = None if is_store and path.is_dir() else read(path)
    if is_store:  # what lies beside the file counts too, so the store reads it itself
        if around.ahead is not None:
            raise Refused(
                _("another tool of this run changes the same settings"),
                cure=_("run for one, then for the other"),
            )
        planned = _in_store(profile, spec, path, request)
    else:
        before = snapshot.data if snapshot and around.ahead is None else around.ahead
        planned = _file(profile, spec, path, before, request)
    mode = _open_mode(snapshot, around.home) if snapshot else 0
    if not mode or not any(each.role == "key" for each in planned.asked):
        return planned
    if not request.tighten:
        return replace(planned, open_mode=mode)
    return replace(planned, write=replace(planned.write, mode=(mode, mode & ~_OTHERS)))


def _in_store(profile: Profile, spec: FileSpec, place: Path, request: Request) -> FilePlan:
    """The settings in a store, as the file that has to be written for them."""
    view = in_store(spec, place)
    planned = _file(profile, spec, place, view.document, request)
    if not planned.changed:
        return planned
    return replace(planned, write=as_store_write(planned.write, view), in_use=access.is_in_use(view.source))


def importable(profile: Profile, spec: FileSpec, place: Path | None, request: Request) -> bytes:
    """What an extension can import: the settings that are asked for, as a JSON object.

    Of the store at `place` what else is in them stays; without one they are new. Raises `Refused`.
    """
    keeps = profile.imports.keeps if profile.imports else ()
    before = b"{}"
    if place is not None:
        source = Source(place)
        before = StoreDocument.of(source, lambda key: is_about(spec, key) or key in keeps).document
    return _file(profile, spec, place or Path(), before, request).write.after or before


def _inside(profile: Profile, path: Path, machine: Machine) -> None:
    """A profile that did not ship with us may not lead out of the home by a variable's value."""
    homes = [machine.home, *(root for root in machine.roots.values() if root)]
    if profile.own and not any(path.is_relative_to(home) for home in homes):
        raise Refused(_("the profile leads out of the home, to {path}").format(path=path))


def _file(profile: Profile, spec: FileSpec, path: Path, before: bytes | None, request: Request) -> FilePlan:
    if before is None and spec.create is None:
        raise Refused(
            _("the file does not exist"),
            cure=_("start {name} once, so that it makes it, and run again").format(name=profile.name),
        )
    document = editing.Document.read(spec.format, before or b"")
    for objection in spec.refuse if before is not None else ():
        if objection.holds(document):
            raise Refused(objection.said())
    everything = list(requested_changes(spec, request, document))
    asked = [each for each in everything if request.slots or not each.slot]
    if spec.create is not None and _is_blank(before):
        start = [
            RequestedChange(change, "create", -1) for change in leaves((), spec.create, request, spec.format)
        ]
        asked = start + asked
    if request.key is None:  # a key of the right family may well be the one: no change to show
        asked = [each for each in asked if not _is_kept_key(each, document)]
    edited = editing.edit(spec.format, before or b"", [each.change for each in asked])
    after = editing.Document.read(spec.format, edited.after)
    around: dict[str, Any] = {
        "spec": spec,
        "second_models": tuple(second_models(everything, after)),
        "notes": tuple(each for each in spec.warn if each.holds(after)),
    }
    if edited.after == (before or b"") and before is not None:
        return FilePlan(Write(profile.tool, path, spec.format, before, before), tuple(asked), (), **around)
    around["local"] = tuple(local_addresses(asked, document))
    around["instead_of"] = tuple(hosts_before(asked, document))
    write = Write(
        tool=profile.tool,
        path=path,
        format=spec.format,
        before=before,
        after=edited.after,
        receipts=tuple(receipts_for(asked, document)),
    )
    return FilePlan(write, tuple(asked), tuple(_secrets(asked, document)), **around)


def _open_mode(snapshot: Snapshot, home: Path) -> int:
    """A file's permission bits, if they let others read it; also the directories in the home count."""
    mode = stat.S_IMODE(snapshot.info.st_mode) if POSIX else 0
    rights = mode & _OTHERS_READ
    for folder in snapshot.path.parents:
        if not folder.is_relative_to(home) or folder == home:
            break
        passes = folder.stat().st_mode
        rights &= (stat.S_IRGRP if passes & stat.S_IXGRP else 0) | (
            stat.S_IROTH if passes & stat.S_IXOTH else 0
        )
    return mode if rights else 0


def _is_blank(data: bytes | None) -> bool:
    return not (data or b"").removeprefix(b"\xef\xbb\xbf").strip()


def _is_kept_key(asked: RequestedChange, document: editing.Document) -> bool:
    old = document.get(asked.change.path)
    return asked.role == "key" and isinstance(old, str) and FAMILY in old


def _secrets(asked: Sequence[RequestedChange], document: editing.Document) -> Iterator[str]:
    """The old values at the keys' places, which must not be shown, and all others in a map of keys."""
    for each in asked:
        if each.role == "key":
            path = each.change.path
            old = document.get(path)
            yield from (value for value in (old if isinstance(old, list) else [old]) if is_secret(value))
            beside = document.outline(path[:-1]) if len(path) > 1 and names_secret(path[-2]) else None
            yield from filter(is_secret, beside.values() if isinstance(beside, dict) else ())
