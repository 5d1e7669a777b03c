"""Which version of a tool is installed, where that can be read cheaply, and whether it was seen working."""

from __future__ import annotations

import re
from pathlib import Path

from patcher.disk.snapshot import read_untrusted
from patcher.errors import PatchError
from patcher.formats.editing import Document
from patcher.machine.places import Machine
from patcher.registry.profile import Installed, Profile

_VERSION = re.compile(r"\d+(?:\.\d+)+")


def newer_than_verified(profile: Profile, machine: Machine) -> tuple[str, str] | None:
    """The newest version that the profile was verified with, and the newer one that is here."""
    verified = _VERSION.findall(profile.verified.version) if profile.verified else []
    if not verified:
        return None
    known = max(verified, key=_numbers)
    here = [version for place in profile.installed for version in _installed(place, machine)]
    newest = max(here, key=_numbers, default="")
    return (known, newest) if newest and _numbers(newest) > _numbers(known) else None


def _installed(installed: Installed, machine: Machine) -> list[str]:
    found = []
    for path in machine.expand(installed.place):
        text = path.name if not installed.at else _at(path, installed)
        found += _VERSION.findall(text)[-1:]
    return found


def _at(path: Path, installed: Installed) -> str:
    try:
        data = read_untrusted(path)
        value = Document.read("jsonc", data).get(installed.at) if data else ""
    except PatchError:
        return ""
    return value if isinstance(value, str) else ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
