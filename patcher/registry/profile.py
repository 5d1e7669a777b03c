"""What a profile says: one tool, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from patcher.formats.ops import ABSENT, Absent, Position, Scalar, Segment, Value, segment
from patcher.machine.places import Template
from patcher.stores import access
from patcher.stores.access import Rows

ROLES = ("handler", "key", "url", "model", "set", "default")
"""The tables of an edit; the first four are what `status` tells of."""


@dataclass(frozen=True, slots=True)
class Each:
    """Every entry that is there: of a map those with a key like `pattern`, of a list those with `fields`."""

    pattern: str | None
    fields: tuple[tuple[str, Scalar], ...] = ()

    @classmethod
    def of(cls, raw: str | Mapping[str, Scalar]) -> Self:
        return cls(raw) if isinstance(raw, str) else cls(None, tuple(raw.items()))


@dataclass(frozen=True, slots=True)
class Edit:
    """Settings of one map in a file: `roles` maps a role to nested plain data, in the profile's order."""

    at: tuple[Segment | Each, ...]
    roles: Mapping[str, Mapping[str, Value]]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        position: Position = "last" if raw.get("last") else "sorted" if raw.get("sorted") else "first"
        at = (
            Each.of(step["each"])
            if isinstance(step, dict) and step.keys() == {"each"}
            else segment(step, place=position)
            for step in raw.get("at", ())
        )
        return cls(tuple(at), {role: value for role, value in raw.items() if role in ROLES})


@dataclass(frozen=True, slots=True)
class When:
    """What tells a file of one shape from those of others: something at this path, or this value there."""

    has: tuple[Segment, ...]
    value: Scalar | Absent = ABSENT


@dataclass(frozen=True, slots=True)
class FileSpec:
    """One file of a tool. `create` is what a new one begins with, None if it is not made."""

    format: str
    path: tuple[Template, ...]
    instead: bool
    create: Mapping[str, Value] | None
    edits: tuple[Edit, ...]
    every: bool = False
    """Whether the files of all templates count, and none has to be there."""
    rows: Rows | None = None
    """Of an SQLite database: the table, and its columns of keys and values."""
    when: When | None = None
    """What an existing file has to have for this entry to count."""

    @property
    def in_store(self) -> bool:
        """Whether it is no text file, but a store (`stores.access`)."""
        return self.format in access.FORMATS

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        rows, when = raw.get("rows"), raw.get("when")
        return cls(
            format=raw["format"],
            path=tuple(raw["path"]),
            instead=raw.get("instead", False),
            create=raw.get("create"),
            edits=tuple(Edit.of(edit) for edit in raw.get("edit", ())),
            every=raw.get("every", False),
            rows=Rows(**rows) if rows else None,
            when=When(tuple(map(segment, when["has"])), when.get("is", ABSENT)) if when else None,
        )


@dataclass(frozen=True, slots=True)
class Verified:
    how: str
    on: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """What counts more than a tool's files: a variable, or another file. `what` is a role, or empty for all.

    A relative `file` is in the directory where the tool is run; with `above` also in those above it.
    """

    env: str = ""
    file: Template = ""
    above: bool = False
    what: str = ""


@dataclass(frozen=True, slots=True)
class Import:
    """What to do with a file of settings, and which settings it has to hold as they are."""

    how: Mapping[str, str]
    keeps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """One tool, as its profile says; texts are by language (`en`, `ru`)."""

    tool: str
    name: str
    about: Mapping[str, str]
    docs: str
    found_by: tuple[Template, ...]
    verified: Verified | None
    guide: Mapping[str, str] | None
    then: Mapping[str, str] | None
    files: tuple[FileSpec, ...]
    processes: tuple[str, ...]
    """Names of processes that write the files anew while they run."""
    own: bool
    """Whether it is the person's own and not one that shipped."""
    beta: bool = False
    """Whether it is patched only where the person asks for what VseGPT calls a beta."""
    imports: Import | None = None
    """How an extension takes settings from a file."""
    ask: tuple[str, ...] = ()
    """The command that asks it one question and ends; {question} and {model} are filled in."""
    overridden_by: tuple[Override, ...] = ()
    """What counts more than the files, the strongest first."""

    @classmethod
    def of(cls, tool: str, raw: Mapping[str, Any], *, own: bool) -> Self:
        """The profile in a document of TOML that is as the schema says."""
        verified, imports = raw.get("verified"), raw.get("import")
        return cls(
            tool=tool,
            name=raw["name"],
            about=raw["about"],
            docs=raw["docs"],
            found_by=tuple(raw.get("found_by", ())),
            verified=Verified(verified["how"], str(verified["on"]), verified.get("version", ""))
            if verified
            else None,
            guide=raw.get("guide"),
            then=raw.get("then"),
            files=tuple(FileSpec.of(entry) for entry in raw.get("file", ())),
            processes=tuple(raw.get("processes", ())),
            own=own,
            beta=raw.get("beta", False),
            imports=Import(imports["how"], tuple(imports.get("keeps", ()))) if imports else None,
            ask=tuple(raw.get("ask", ())),
            overridden_by=tuple(Override(**override) for override in raw.get("overridden_by", ())),
        )
