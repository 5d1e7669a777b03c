"""What a profile says: one tool, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from patcher.dataclass import dataclass
from patcher.formats.ops import KeyPath, Position, Scalar, Value, segment
from patcher.i18n import language
from patcher.machine.places import Template
from patcher.registry.condition import Condition, Step, step
from patcher.registry.correction import Members
from patcher.stores import access
from patcher.stores.access import Rows

if TYPE_CHECKING:
    from patcher.formats.editing import Document

ROLES = ("handler", "key", "url", "model", "set", "default")
"""The tables of an edit; the first four are the settings that it is about: handler, key, URL and model."""


@dataclass(frozen=True, eq=False, repr=False)
class Edit:
    """Settings of one map in a file: `roles` maps a role to nested plain data, in the profile's order.

    The rest says what becomes of settings that are there already.
    """

    at: tuple[Step, ...]
    roles: Mapping[str, Mapping[str, Value]]
    if_present: bool = False
    """Whether each setting is made right only where there is something now."""
    slot: bool = False
    """Whether it is a second model, which is set only if that is asked for."""
    unset: tuple[Condition, ...] = ()
    """What is taken out where it is there, and as its condition says."""
    contains: tuple[Members, ...] = ()
    without: Mapping[str, tuple[Scalar, ...]] = field(default_factory=dict)
    cap: Mapping[str, float] = field(default_factory=dict)
    same_as: Mapping[str, tuple[KeyPath, Scalar]] = field(default_factory=dict)
    """By name the place whose value it is, and the value where nothing stands there."""
    accepts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By name other values of the handler that are right as well, as patterns."""

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        position: Position = "last" if raw.get("last") else "sorted" if raw.get("sorted") else "first"
        return cls(
            at=tuple(step(each, place=position) for each in raw.get("at", ())),
            roles={role: value for role, value in raw.items() if role in ROLES},
            if_present=raw.get("if_present", False),
            slot=raw.get("slot", False),
            unset=tuple(map(_unset, raw.get("unset", ()))),
            contains=tuple(Members.of(name, each) for name, each in raw.get("contains", {}).items()),
            without={name: tuple(items) for name, items in raw.get("without", {}).items()},
            cap=raw.get("cap", {}),
            same_as={
                name: (tuple(map(segment, each["at"])), each["default"])
                for name, each in raw.get("same_as", {}).items()
            },
            accepts={name: tuple(values) for name, values in raw.get("accepts", {}).items()},
        )


def _unset(raw: Any) -> Condition:
    """A key, a list of steps, or a condition of what is at its path."""
    steps = {"has": [raw] if isinstance(raw, str) else raw}
    return Condition.of(raw if isinstance(raw, Mapping) else steps)


def conditions(raw: Any) -> tuple[Condition, ...]:
    """One condition or a list of them, as profiles write them."""
    return tuple(map(Condition.of, [raw] if isinstance(raw, Mapping) else raw))


@dataclass(frozen=True, eq=False, repr=False)
class Objection:
    """Something to refuse or to warn of: what is said, by language, where all conditions hold."""

    conditions: tuple[Condition, ...]
    models: tuple[str, ...]
    """Patterns: only where the model that is asked for is one of these."""
    words: Mapping[str, str]

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        models = raw.get("model", ())
        models = (models,) if isinstance(models, str) else tuple(models)
        return cls(conditions(raw.get("if", ())), models, {name: raw[name] for name in ("en", "ru")})

    def holds(self, document: Document, model: str) -> bool:
        right = not self.models or any(fnmatchcase(model, pattern) for pattern in self.models)
        return right and all(each.holds(document) for each in self.conditions)

    def said(self) -> str:
        """What is said, in the language that is spoken."""
        return self.words[language()]


def _syntax(name: str, dialects: str | Sequence[str]) -> str:
    names = [dialects] if isinstance(dialects, str) else dialects
    return f"{name}:{'+'.join(names)}" if names else name


@dataclass(frozen=True, eq=False, repr=False)
class FileSpec:
    """One file of a tool. `create` is what a new one begins with, None if it is not made."""

    format: str
    """A name of `formats.editing`: the syntax, and after a colon its dialects."""
    path: tuple[Template, ...]
    instead: bool
    create: Mapping[str, Value] | None
    edits: tuple[Edit, ...]
    every: bool = False
    """Whether the files of all templates count, and none has to be there."""
    rows: Rows | None = None
    """Of an SQLite database: the table, and its columns of keys and values."""
    when: tuple[Condition, ...] = ()
    """What an existing file has to have for this entry to count."""
    refuse: tuple[Objection, ...] = ()
    warn: tuple[Objection, ...] = ()
    made_by: str = ""
    """The program that makes the file, where it is another one than the tool."""

    @property
    def in_store(self) -> bool:
        """Whether it is no text file, but a store (`stores.access`)."""
        return self.format in access.FORMATS

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        rows = raw.get("rows")
        return cls(
            format=_syntax(raw["format"], raw.get("dialect", ())),
            path=tuple(raw["path"]),
            instead=raw.get("instead", False),
            create=raw.get("create"),
            edits=tuple(Edit.of(edit) for edit in raw.get("edit", ())),
            every=raw.get("every", False),
            rows=Rows(**rows) if rows else None,
            when=conditions(raw.get("when", ())),
            refuse=tuple(map(Objection.of, raw.get("refuse", ()))),
            warn=tuple(map(Objection.of, raw.get("warn", ()))),
            made_by=raw.get("made_by", ""),
        )


@dataclass(frozen=True, eq=False, repr=False)
class Verified:
    how: str
    on: str
    version: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Override:
    """What counts more than a tool's files: a variable, another file, or a setting at a path of a file.

    `what` is a role, or empty for all. A relative `file` is in the directory where the tool is run; with
    `above` also in those above it. A path without a file is in the tool's own.
    """

    env: str = ""
    file: Template = ""
    above: bool = False
    what: str = ""
    at: tuple[Step, ...] = ()
    harmless: tuple[str, ...] = ()
    """What may stand at that path, as patterns."""

    @classmethod
    def all_of(cls, raw: Mapping[str, Any]) -> list[Self]:
        """What an entry of a profile stands for: one for each of its files."""
        lists = {"at": tuple(map(step, raw.get("at", ()))), "harmless": tuple(raw.get("harmless", ()))}
        files = raw.get("file", "")
        return [
            cls(**{**raw, **lists, "file": file}) for file in (files if isinstance(files, list) else [files])
        ]


@dataclass(frozen=True, eq=False, repr=False)
class Installed:
    """Where the installed version can be read: at a path in a file, or at the end of a folder's name."""

    place: Template
    at: KeyPath = ()

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        return cls(raw.get("file") or raw["folder"], tuple(map(segment, raw.get("at", ()))))


@dataclass(frozen=True, eq=False, repr=False)
class Import:
    """What to do with a file of settings, and which settings it has to hold as they are."""

    how: Mapping[str, str]
    keeps: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Profile:
    """One tool, as its profile says; texts are by language (`en`, `ru`).

    Its files, and what counts more than they do, are made of the document when they are first asked for:
    a run reads all profiles and works on a few.
    """

    tool: str
    name: str
    about: Mapping[str, str]
    docs: str
    found_by: tuple[Template, ...]
    verified: Verified | None
    guide: Mapping[str, str] | None
    then: Mapping[str, str] | None
    file_entries: tuple[Mapping[str, Any], ...]
    """The files as the document has them."""
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
    override_entries: tuple[Mapping[str, Any], ...] = ()
    """What counts more than the files, as the document has it."""
    installed: tuple[Installed, ...] = ()

    @cached_property
    def files(self) -> tuple[FileSpec, ...]:
        return tuple(FileSpec.of(entry) for entry in self.file_entries)

    @cached_property
    def overridden_by(self) -> tuple[Override, ...]:
        """What counts more than the files, the strongest first."""
        return tuple(each for entry in self.override_entries for each in Override.all_of(entry))

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
            file_entries=tuple(raw.get("file", ())),
            processes=tuple(raw.get("processes", ())),
            own=own,
            beta=raw.get("beta", False),
            imports=Import(imports["how"], tuple(imports.get("keeps", ()))) if imports else None,
            ask=tuple(raw.get("ask", ())),
            override_entries=tuple(raw.get("overridden_by", ())),
            installed=tuple(map(Installed.of, raw.get("installed", ()))),
        )
