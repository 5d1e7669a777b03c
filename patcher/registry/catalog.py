"""The profiles: load, find, and check those that did not ship with this program."""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patcher.dataclass import dataclass
from patcher.errors import Refused, UsageError
from patcher.i18n import _, number, quoted, with_foreign
from patcher.os_errors import why
from patcher.registry.profile import Profile

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_LARGEST = 256 * 1024  # bytes; the longest shipped profile has some three thousand
_LINE = re.compile(r"\(at line (\d+)")


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
        reason = _("{folder}: no profiles can be read there ({why})").format(folder=folder, why=why(error))
        raise UsageError(reason) from None
    for file in found:
        if file.name.endswith(".toml") and not file.name.startswith("."):
            yield file.name.removesuffix(".toml"), file


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
            raise Refused(_("a profile of {size} bytes is too long to be one").format(size=number(len(data))))
        raw = tomllib.loads(data.decode("utf-8").replace("\r\n", "\n"))
        if own:
            from patcher.registry import rules  # noqa: PLC0415 - shipped ones were checked by the tests

            rules.check(tool, as_json(raw))
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
    return Profile.of(tool, raw, own=own)


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
