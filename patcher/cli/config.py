"""The person's own defaults: `config.toml` beside their own profiles. Options on the command line beat it."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from patcher.endpoint import Endpoint, model_id
from patcher.errors import PatchError, UsageError
from patcher.i18n import LANGUAGES, _, with_foreign
from patcher.os_errors import why

_LARGEST: Final = 64 * 1024  # bytes; three settings need no more


def read(path: Path, *, other_home: bool) -> dict[str, str]:
    """The settings in this file, by option; empty where there is none.

    With `other_home` the owner of its directory may be another user.
    Raises `UsageError` with file, key and reason for what is no setting of ours, `PatchError` for a
    file that cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        reason = _("it cannot be read ({reason})").format(reason=why(error))
        raise PatchError(f"{path}: {reason}") from None
    from patcher.registry.catalog import trusted  # noqa: PLC0415 - few have this file

    try:
        trusted(path, path.parent.stat().st_uid if other_home else None)
        if len(data) > _LARGEST:
            raise UsageError(_("it is too long to be one of settings"))
        found = tomllib.loads(data.decode("utf-8").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        raise _wrong(path, _("it is not UTF-8")) from None
    except tomllib.TOMLDecodeError as error:
        said, _at, where = str(error).partition(" (at line ")
        line = where.partition(",")[0]
        raise _wrong(
            f"{path}:{line}" if line else path, with_foreign(_("this is not valid TOML"), said)
        ) from None
    except RecursionError:
        raise _wrong(path, _("it is nested too deep")) from None
    except PatchError as error:
        raise _wrong(path, str(error)) from None
    return {name: _setting(path, name, value) for name, value in found.items()}


def _setting(path: Path, name: str, value: Any) -> str:
    if name not in _SETTINGS:
        near = difflib.get_close_matches(name, _SETTINGS, n=1)
        hint = _("did you mean {name}?").format(name=near[0]) if near else ""
        known = _("there are {names}").format(names=", ".join(_SETTINGS))
        raise _wrong(path, _("no such setting; {hint}").format(hint=hint or known), name)
    if not isinstance(value, str):
        reason = _("a text in quotes is wanted, not {value}").format(value=type(value).__name__)
        raise _wrong(path, reason, name)
    try:
        _SETTINGS[name](value)
    except UsageError as error:
        raise _wrong(path, str(error), name) from None
    return value


def _language(text: str) -> None:
    if text not in LANGUAGES:
        raise UsageError(_("one of {names} is wanted").format(names=", ".join(LANGUAGES)))


_SETTINGS: Mapping[str, Callable[[str], object]] = {
    "endpoint": Endpoint.parse,
    "lang": _language,
    "model": model_id,
}
"""What may stand in the file, each with what refuses a wrong value."""


def _wrong(path: Path | str, reason: str, name: str = "") -> UsageError:
    return UsageError(": ".join(part for part in (str(path), name, reason) if part))
