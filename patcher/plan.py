"""Profile × places × endpoint → Plan: per file the bytes before and after, and what changed.

Pure: files are read, nothing is written. A dry run is a plan that is not applied.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from patcher import formats
from patcher.catalog import FileSpec, Profile
from patcher.errors import PatchError, Refused
from patcher.formats.ops import Item, Segment, same
from patcher.manifest import Receipt, value_digest
from patcher.places import Machine, Places, locate
from patcher.secret import is_secret
from patcher.snapshot import POSIX, Snapshot, read, writable
from patcher.transaction import Write
from patcher.wanted import FAMILY, Asked, Request, leaves, wanted

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True)
class Problem:
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
    asked: tuple[Asked, ...] = field(repr=False)
    old_secrets: tuple[str, ...] = field(repr=False)
    open_mode: int | None = None
    """The permission bits, where they let others read the key that is in the file afterwards."""

    @property
    def changed(self) -> bool:
        return self.write.changes


@dataclass(frozen=True)
class ToolPlan:
    """One tool: its files, or why it is refused."""

    profile: Profile
    files: tuple[FilePlan, ...] = ()
    problems: tuple[Problem, ...] = ()

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


def is_found(profile: Profile, machine: Machine) -> str:
    """How a tool was found on this machine: `config`, `command` or, if it was not, nothing."""
    for mark in profile.found_by:
        if machine.has(mark):
            return "config" if not isinstance(mark, str) or re.match(r"[~${]", mark) else "command"
    if not profile.found_by and any(locate(spec.path, machine).exist for spec in profile.files):
        return "config"
    return ""


def make(profiles: Iterable[Profile], machine: Machine, request: Request, owner: int | None = None) -> Plan:
    """Plan for each tool by itself: a file that is refused leaves the others of its tool alone.

    Where several tools keep their settings in one file, the later ones begin with what the
    earlier ones leave. `owner` is the user whose files may be changed besides one's own.
    """
    ahead: dict[Path, bytes] = {}
    tools = []
    for profile in profiles:
        tool = _tool(profile, machine, request, owner, ahead)
        if not tool.problems:
            ahead |= {
                file.write.path: file.write.after for file in tool.files if file.write.after is not None
            }
        tools.append(tool)
    return Plan(tuple(tools))


def _tool(
    profile: Profile, machine: Machine, request: Request, owner: int | None, ahead: Mapping[Path, bytes]
) -> ToolPlan:
    files: list[FilePlan] = []
    problems: list[Problem] = []
    for spec, places in chosen(profile, machine):
        if not places.paths:
            templates = ", ".join(str(template) for template in spec.path)
            problems.append(Problem(profile.tool, None, None, f"no place here matches {templates}", ""))
        for path in places.paths:
            try:
                _inside(profile, path, machine)
                snapshot = read(path, owner)
                before = ahead.get(path, snapshot.data if snapshot else None)
                planned = _file(profile, spec, path, before, request)
                planned = _guarded(planned, snapshot, tighten=request.tighten)
                if planned.changed:
                    writable(path, owner)
                files.append(planned)
            except PatchError as refusal:
                problems.append(Problem.of(profile.tool, path, refusal))
    if problems:
        return ToolPlan(profile, (), tuple(problems))
    return ToolPlan(profile, tuple(files))


def chosen(profile: Profile, machine: Machine) -> Iterator[tuple[FileSpec, Places]]:
    """The files of a tool on this machine: of those that stand in for each other just one."""
    chains: list[list[tuple[FileSpec, Places]]] = []
    for spec in profile.files:
        candidate = (spec, locate(spec.path, machine))
        if spec.instead and chains:
            chains[-1].append(candidate)
        else:
            chains.append([candidate])
    for chain in chains:
        there = [candidate for candidate in chain if candidate[1].exist]
        makeable = [candidate for candidate in chain if candidate[0].create is not None]
        yield (there or makeable or chain)[0]


def _inside(profile: Profile, path: Path, machine: Machine) -> None:
    """A profile that did not ship with us may not lead out of the home by a variable's value."""
    homes = [machine.home, *(root for root in machine.roots.values() if root)]
    if profile.own and not any(path.is_relative_to(home) for home in homes):
        raise Refused(f"the profile leads out of the home, to {path}")


def _file(profile: Profile, spec: FileSpec, path: Path, before: bytes | None, request: Request) -> FilePlan:
    if before is None and spec.create is None:
        raise Refused(
            "the file does not exist", cure=f"start {profile.name} once, so that it makes it, and run again"
        )
    document = formats.Document.read(spec.format, before or b"")
    asked = list(wanted(spec, request, document))
    if spec.create is not None and _is_blank(before):
        start = [Asked(change, "create", -1) for change in leaves((), spec.create, request, spec.format)]
        asked = start + asked
    if request.key is None:  # a key of the right family may well be the one: no change to show
        asked = [each for each in asked if not _is_kept_key(each, document)]
    edited = formats.edit(spec.format, before or b"", [each.change for each in asked])
    if edited.after == (before or b"") and before is not None:
        return FilePlan(Write(profile.tool, path, spec.format, before, before), tuple(asked), ())
    write = Write(
        tool=profile.tool,
        path=path,
        format=spec.format,
        before=before,
        after=edited.after,
        receipts=tuple(_receipts(asked, document)),
    )
    return FilePlan(write, tuple(asked), tuple(_secrets(asked, document)))


def _guarded(file: FilePlan, snapshot: Snapshot | None, *, tighten: bool) -> FilePlan:
    """Where others may read a file that holds a key: say so, or take that right from them."""
    mode = stat.S_IMODE(snapshot.info.st_mode) if POSIX and snapshot else 0
    if not mode & _OTHERS_READ or not any(each.role == "key" for each in file.asked):
        return file
    if not tighten:
        return replace(file, open_mode=mode)
    return replace(file, write=replace(file.write, mode=(mode, mode & ~_OTHERS)))


def _is_blank(data: bytes | None) -> bool:
    return not (data or b"").removeprefix(b"\xef\xbb\xbf").strip()


def _is_kept_key(asked: Asked, document: formats.Document) -> bool:
    old = document.get(asked.change.path)
    return asked.role == "key" and isinstance(old, str) and FAMILY in old


def _receipts(asked: Sequence[Asked], document: formats.Document) -> Iterator[Receipt]:
    """One for every value that is new or other than it was, and for the fields of new list items."""
    made: set[tuple[Segment, ...]] = set()
    last = {each.change.path: each for each in asked if not _is_moot(each, document)}
    for path, each in last.items():
        for length in range(1, len(path) + 1):
            item = path[:length]
            if isinstance(item[-1], Item) and item not in made and not document.has(item):
                made.add(item)
                for name, field_value in item[-1].fields:
                    if (*item, name) not in last:
                        made_by = value_digest(field_value)
                        yield Receipt((*item, name), "item", each.group, made_by)
        value = each.change.value
        old = document.get(path)
        if not same(old, value):
            yield Receipt(path, each.role, each.group, value_digest(value))


def _is_moot(asked: Asked, document: formats.Document) -> bool:
    return asked.change.if_absent and document.has(asked.change.path)


def _secrets(asked: Sequence[Asked], document: formats.Document) -> Iterator[str]:
    """The old values at the keys' places, which must not be shown."""
    for each in asked:
        if each.role == "key":
            old = document.get(each.change.path)
            yield from (value for value in (old if isinstance(old, list) else [old]) if is_secret(value))
