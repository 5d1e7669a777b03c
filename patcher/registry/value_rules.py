"""What the values in a profile must not be: another host, the key where it does not belong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from patcher.cures import PROFILE
from patcher.errors import Refused
from patcher.i18n import _, quoted

PLACEHOLDERS = ("key", "model", "scheme", "host", "port")

_HOST = re.compile(
    r"(?i)(?:[a-z0-9-]+\.)+(?!rmodel|json|jsonc|ya?ml|toml|md|txt|ini|env|conf|gguf)[a-z]{2,}\b"
)
_ADDRESS = re.compile(r"(?i)\b\d{1,3}(?:\.\d{1,3}){3}\b|\[[0-9a-f:]*:[0-9a-f:]*\]|//|localhost")
_KNOWN_SCHEMA = re.compile(r"https://[\w.-]+/[\w./-]+\.json")


def check_conditions(raw: Mapping[str, Any] | Sequence[Mapping[str, Any]], where: str) -> None:
    """Raises `Refused` for conditions that name a host, or have an unknown placeholder."""
    for condition in [raw] if isinstance(raw, Mapping) else raw:
        for way in ("has", "lacks"):
            _way(condition.get(way, ()), where)
        check_values(
            {name: condition[name] for name in ("is", "like", "unlike") if name in condition},
            where,
            key=False,
        )


def _way(steps: Sequence[Any], where: str) -> None:
    """A path: its strings are names of settings, which may have dots."""
    for step in steps:
        check_values({step: {}} if isinstance(step, str) else step, where, key=False)


def check_edit(edit: Mapping[str, Any], where: str) -> None:
    """Raises `Refused` for an edit that does, or in which the key is not where it belongs."""
    _way(edit.get("at", ()), f"{where}.at")
    for path in edit.get("unset", ()):
        if isinstance(path, dict):
            check_conditions(path, f"{where}.unset")
        else:
            _way([path] if isinstance(path, str) else path, f"{where}.unset")
    for same in edit.get("same_as", {}).values():
        _way(same["at"], f"{where}.same_as")
        check_values({"default": same["default"]}, f"{where}.same_as", key=False)
    for role in ("handler", "model", "set", "default", "contains", "without", "accepts"):
        check_values(edit.get(role, {}), f"{where}.{role}", key=False)
    check_values(edit.get("key", {}), f"{where}.key", key=True)
    for name, text in _strings(edit.get("key", {})):
        if name is not None and "{key}" not in text:
            raise Refused(
                _("{where}.key: {text} holds no {{key}}").format(where=where, text=quoted(text)),
                cure=_(PROFILE),
            )
    for name, text in _strings(edit.get("url", {})):
        if name is None and "{key}" in text:
            raise Refused(
                _("{where}.url: the key must not be part of an address").format(where=where), cure=_(PROFILE)
            )


def check_values(data: Any, where: str, *, key: bool) -> None:
    """No other host, no unknown placeholder, and the key only where the key belongs."""
    for name, text in _strings(data):
        for placeholder in re.findall(r"(?<![{$])\{([^{}]*)\}(?!\})", text):
            if placeholder not in PLACEHOLDERS:
                raise Refused(
                    _("{where}: {text} has the unknown placeholder {{{placeholder}}}").format(
                        where=where, text=quoted(text), placeholder=placeholder
                    ),
                    cure=_(PROFILE),
                )
        if "{key}" in text and not (key and name is not None):
            raise Refused(
                _("{where}: {{key}} may stand only in the values of key").format(where=where), cure=_(PROFILE)
            )
        if name == "$schema" and _KNOWN_SCHEMA.fullmatch(text):
            continue
        # A setting's own name may have dots (VS Code's have); nothing is ever sent to a name.
        if _ADDRESS.search(text) or (name is not None and _HOST.search(text)):
            raise Refused(
                _("{where}: {text} names a host; only url may, and only https://api.openai.com").format(
                    where=where, text=quoted(text)
                ),
                cure=_(PROFILE),
            )


def _strings(data: Any, name: str | None = None) -> Iterator[tuple[str | None, str]]:
    """Every text in nested data with the key it stands at; the keys themselves with None."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield None, key
            yield from _strings(value, key)
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value, name or "")
    elif isinstance(data, str):
        yield name if name is not None else "", data
