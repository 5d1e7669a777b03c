"""The profiles: load, find, and check those that did not ship with this program."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patcher.cures import PERMISSIONS, PROFILE
from patcher.dataclass import dataclass
from patcher.errors import Refused, UsageError
from patcher.i18n import _, number, quoted, with_foreign
from patcher.os_errors import why
from patcher.registry import index
from patcher.registry.profile import Profile

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_LARGEST = 256 * 1024  # bytes; the longest shipped profile has some three thousand


@dataclass(frozen=True)
class Catalog:
    """The shipped profiles, then the person's own: of two with one name the later counts."""

    sources: Mapping[str, tuple[Traversable, bool]]
    """By tool the directory that has its profile, and whether that is one of the person's own."""
    _loaded: dict[str, Profile] = field(default_factory=dict, compare=False)

    @classmethod
    def open(cls, own: Sequence[Path] = (), shipped: Catalog | None = None) -> Catalog:
        """Find the profiles by their file names; they are read when they are asked for.

        `shipped` has the shipped ones where they were read before. Raises `UsageError` for a
        directory of `own` that is none.
        """
        known = shipped or cls(dict.fromkeys(_tools(shipped_profiles()), (shipped_profiles(), False)))
        sources = dict(known.sources)
        for folder in own:
            sources |= dict.fromkeys(_tools(folder), (folder, True))
        loaded = {tool: profile for tool, profile in known._loaded.items() if not sources[tool][1]}  # noqa: SLF001 - its own class
        return cls(dict(sorted(sources.items())), loaded)

    def __iter__(self) -> Any:
        return iter(self.sources)

    def get(self, tool: str) -> Profile:
        """Raises `UsageError` for an unknown tool, with the nearest names, `Refused` for a bad profile."""
        if tool not in self.sources:
            import difflib  # noqa: PLC0415 - for who has mistyped

            near = difflib.get_close_matches(tool.lower(), self.sources, n=3, cutoff=0.5)
            hint = (
                _("did you mean {names}?").format(names=_(" or ").join(near))
                if near
                else _("see: vsegpt-patch list")
            )
            raise UsageError(_("no tool is called {tool}; {hint}").format(tool=quoted(tool), hint=hint))
        if tool not in self._loaded:
            folder, own = self.sources[tool]
            self._loaded[tool] = read(folder / f"{tool}.toml", own=own)
        return self._loaded[tool]


def _tools(folder: Traversable) -> list[str]:
    """The tools that the profiles in a directory are about. Raises `UsageError`."""
    try:
        names = [file.name for file in folder.iterdir()]
    except OSError as error:
        reason = _("{folder}: no profiles can be read there ({why})").format(folder=folder, why=why(error))
        raise UsageError(reason) from None
    return [name.removesuffix(".toml") for name in names if name.endswith(".toml") and name[0] != "."]


@cache
def shipped_profiles() -> Traversable:
    """The shipped profiles: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
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
            raise Refused(
                _("a profile of {size} bytes is too long to be one").format(size=number(len(data))),
                cure=_(PROFILE),
            )
        raw = (None if own else index.profile(tool, data)) or _toml(data)
        if own:
            from patcher.registry import rules  # noqa: PLC0415 - shipped ones were checked by the tests

            rules.check(tool, index.as_json(raw))
    except OSError as error:
        raise Refused(
            _("profile {source}: it cannot be read ({why})").format(source=source, why=why(error)),
            cure=_(PERMISSIONS),
        ) from None
    except RecursionError:
        raise Refused(
            _("profile {source}: it is nested too deep").format(source=source), cure=_(PROFILE)
        ) from None
    except Refused as refusal:
        place = f"{source}:{refusal.line}" if refusal.line else source
        raise Refused(
            _("profile {source}: {reason}").format(source=place, reason=refusal.reason), cure=refusal.cure
        ) from None
    return Profile.of(tool, raw, own=own)


def _toml(data: bytes) -> dict[str, Any]:
    """What TOML says. Raises `Refused`."""
    import tomllib  # noqa: PLC0415 - where there is an index, the shipped ones are in it

    try:
        return tomllib.loads(data.decode("utf-8").replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+)", str(error))
        said = str(error)[: found.start()].rstrip() if found else str(error)
        reason, line = with_foreign(_("this is not valid TOML"), said), int(found[1]) if found else None
        raise Refused(reason, line=line, cure=_(PROFILE)) from None
    except UnicodeDecodeError:
        raise Refused(_("it is not UTF-8"), cure=_(PROFILE)) from None


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
