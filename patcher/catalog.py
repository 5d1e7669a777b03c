"""The profiles: load, find, and check those that did not ship with this program."""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from patcher.errors import Refused, UsageError
from patcher.failures import why
from patcher.formats.ops import ABSENT, Absent, Scalar, Segment, Value, Where, segment
from patcher.i18n import _, number, quoted, with_foreign
from patcher.places import Template

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

ROLES = ("handler", "key", "url", "model", "set", "default")
"""The tables of an edit; the first four are the mission, by name."""

_LARGEST = 256 * 1024  # bytes; the longest shipped profile has some three thousand
_LINE = re.compile(r"\(at line (\d+)")


class Each(NamedTuple):
    """Every entry that is there: of a map those with a key like `pattern`, of a list those with `fields`."""

    pattern: str | None
    fields: tuple[tuple[str, Scalar], ...] = ()


class Edit(NamedTuple):
    """Settings of one map in a file: `roles` maps a role to nested plain data, in the profile's order."""

    at: tuple[Segment | Each, ...]
    roles: Mapping[str, Mapping[str, Value]]


class When(NamedTuple):
    """What tells a file of one shape from those of others: something at this path, or this value there."""

    has: tuple[Segment, ...]
    value: Scalar | Absent = ABSENT


class FileSpec(NamedTuple):
    """One file of a tool. `create` is what a new one begins with, None if it is not made."""

    format: str
    path: tuple[Template, ...]
    instead: bool
    create: Mapping[str, Value] | None
    edits: tuple[Edit, ...]
    every: bool = False
    """Whether the files of all templates count, and none has to be there."""
    rows: tuple[str, str, str] | None = None
    """Of an SQLite database: the table, and its columns of keys and values."""
    when: When | None = None
    """What an existing file has to have for this entry to count."""


class Verified(NamedTuple):
    how: str
    on: str
    version: str = ""


class Override(NamedTuple):
    """What counts more than a tool's files: a variable, or another file. `what` is a role, or empty for all.

    A relative `file` is in the directory where the tool is run; with `above` also in those above it.
    """

    env: str = ""
    file: Template = ""
    above: bool = False
    what: str = ""


class Import(NamedTuple):
    """What to do with a file of settings, and which settings it has to hold as they are."""

    how: Mapping[str, str]
    keeps: tuple[str, ...]


class Profile(NamedTuple):
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


@dataclass(frozen=True)
class Catalog:
    """The shipped profiles, then the person's own: of two with one name the later counts."""

    sources: Mapping[str, tuple[Traversable, bool]]
    _loaded: dict[str, Profile] = field(default_factory=dict, compare=False)

    @classmethod
    def open(cls, own: Sequence[Path] = (), shipped: Catalog | None = None) -> Catalog:
        """Find the profiles by their file names; they are read when they are asked for.

        `shipped` has the shipped ones where they were read before. Raises `UsageError` for a
        directory of `own` that is none.
        """
        known = shipped or cls({tool: (file, False) for tool, file in _files(shipped_profiles())})
        sources = dict(known.sources)
        for folder in own:
            sources |= {tool: (file, True) for tool, file in _files(folder)}
        loaded = {tool: profile for tool, profile in known._loaded.items() if not sources[tool][1]}  # noqa: SLF001 - its own class
        return cls(dict(sorted(sources.items())), loaded)

    def __iter__(self) -> Any:
        return iter(self.sources)

    def get(self, tool: str) -> Profile:
        """Raises `UsageError` for an unknown tool, with the nearest names, `Refused` for a bad profile."""
        if tool not in self.sources:
            near = difflib.get_close_matches(tool.lower(), self.sources, n=3, cutoff=0.5)
            hint = (
                _("did you mean {names}?").format(names=_(" or ").join(near))
                if near
                else _("see: vsegpt-patch list")
            )
            raise UsageError(_("no tool is called {tool}; {hint}").format(tool=quoted(tool), hint=hint))
        if tool not in self._loaded:
            source, own = self.sources[tool]
            self._loaded[tool] = read(source, own=own)
        return self._loaded[tool]


def _files(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    """The profiles in a directory, each with the tool that it is about. Raises `UsageError`."""
    try:
        found = sorted(folder.iterdir(), key=lambda file: file.name)
    except OSError as error:
        told = _("{folder}: no profiles can be read there ({why})").format(folder=folder, why=why(error))
        raise UsageError(told) from None
    for file in found:
        if file.name.endswith(".toml") and not file.name.startswith("."):
            yield file.name.removesuffix(".toml"), file


@cache
def shipped_profiles() -> Traversable:
    """The shipped profiles: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    for place in (package / "profiles", package.parent / "profiles"):
        if place.is_dir():
            return place
    from importlib.resources import files  # noqa: PLC0415 - for a package that is no directory, such as a zip

    return files("patcher") / "profiles"


def read(source: Traversable, *, own: bool) -> Profile:
    """One profile. An own one is checked against the schema and the safety rules.

    Raises `Refused` with file, key and reason.
    """
    tool = source.name.removesuffix(".toml")
    try:
        if own:
            trusted(Path(str(source)))
        data = source.read_bytes()
        if len(data) > _LARGEST:
            raise Refused(_("a profile of {size} bytes is too long to be one").format(size=number(len(data))))
        raw = tomllib.loads(data.decode("utf-8").replace("\r\n", "\n"))
        if own:
            from patcher import profile_rules  # noqa: PLC0415 - shipped ones were checked by the tests

            profile_rules.check(tool, as_json(raw))
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        said = str(error)[: found.start()].rstrip() if found else str(error)
        place = f"{source}:{found[1]}" if found else source
        reason = with_foreign(_("profile {source}: this is not valid TOML").format(source=place), said)
        raise Refused(reason, cure=_("mend the profile")) from None
    except UnicodeDecodeError:
        raise Refused(_("profile {source}: it is not UTF-8").format(source=source)) from None
    except OSError as error:
        raise Refused(
            _("profile {source}: it cannot be read ({why})").format(source=source, why=why(error))
        ) from None
    except RecursionError:
        raise Refused(_("profile {source}: it is nested too deep").format(source=source)) from None
    except Refused as refusal:
        raise Refused(
            _("profile {source}: {reason}").format(source=source, reason=refusal.reason), cure=refusal.cure
        ) from None
    return _profile(tool, raw, own=own)


def trusted(path: Path, owner: int | None = None) -> None:
    """Raises `Refused` where somebody else may change a file that says where the key goes.

    `owner` is a user who may besides oneself: the one of another home, of whose defaults it is.
    """
    if os.name != "posix":
        return  # Windows keeps no such mode bits
    for place in (path, path.parent):
        info = place.stat()
        if info.st_mode & stat.S_IWOTH and not info.st_mode & stat.S_ISVTX:
            raise Refused(
                _("everybody on this machine may change {place}").format(place=place),
                cure=f"chmod o-w {place}",
            )
        if info.st_uid not in {0, os.geteuid(), owner}:
            raise Refused(
                _("{place} belongs to somebody else").format(place=place),
                cure=_("copy it into a directory of your own"),
            )


def as_json(data: Any) -> Any:
    """TOML's data as JSON's, which a schema is about: dates as text."""
    if isinstance(data, dict):
        return {key: as_json(value) for key, value in data.items()}
    if isinstance(data, list):
        return [as_json(value) for value in data]
    return data.isoformat() if isinstance(data, date) else data


def _profile(tool: str, raw: Mapping[str, Any], *, own: bool) -> Profile:
    verified = raw.get("verified")
    return Profile(
        tool=tool,
        name=raw["name"],
        about=raw["about"],
        docs=raw["docs"],
        found_by=tuple(raw.get("found_by", ())),
        verified=verified
        and Verified(verified["how"], str(verified["on"]), version=verified.get("version", "")),
        guide=raw.get("guide"),
        then=raw.get("then"),
        files=tuple(_file(entry) for entry in raw.get("file", ())),
        processes=tuple(raw.get("processes", ())),
        own=own,
        beta=raw.get("beta", False),
        imports=Import(raw["import"]["how"], tuple(raw["import"].get("keeps", ())))
        if "import" in raw
        else None,
        ask=tuple(raw.get("ask", ())),
        overridden_by=tuple(Override(**each) for each in raw.get("overridden_by", ())),
    )


def _file(raw: Mapping[str, Any]) -> FileSpec:
    rows, when = raw.get("rows"), raw.get("when")
    return FileSpec(
        format=raw["format"],
        path=tuple(raw["path"]),
        instead=raw.get("instead", False),
        create=raw.get("create"),
        edits=tuple(_edit(edit) for edit in raw.get("edit", ())),
        every=raw.get("every", False),
        rows=(rows["table"], rows["key"], rows["value"]) if rows else None,
        when=When(tuple(map(segment, when["has"])), when.get("is", ABSENT)) if when else None,
    )


def _edit(raw: Mapping[str, Any]) -> Edit:
    place: Where = "last" if raw.get("last") else "sorted" if raw.get("sorted") else "first"
    at = tuple(_each(step) or segment(step, place=place) for step in raw.get("at", ()))
    return Edit(at, {role: value for role, value in raw.items() if role in ROLES})


def _each(step: str | Mapping[str, Any]) -> Each | None:
    if isinstance(step, str) or step.keys() != {"each"}:
        return None
    each = step["each"]
    return Each(each) if isinstance(each, str) else Each(None, tuple(each.items()))
