"""Programs that keep their settings in several folders of one kind: vaults, versions, profiles.

Each kind is a root of path templates. Where a program itself lists its folders, its list counts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from patcher.machine.browsers import BrowserSearch, profiles_ini, text_of

# Obsidian's list of vaults (help.obsidian.md/data-storage; the app's own source for the rest).
_OBSIDIAN: Mapping[str, Sequence[str]] = {
    "linux": [
        "{xdg_config}/obsidian/obsidian.json",
        "~/.var/app/md.obsidian.Obsidian/config/obsidian/obsidian.json",
        "~/snap/obsidian/current/.config/obsidian/obsidian.json",
    ],
    "macos": ["{config}/obsidian/obsidian.json"],
    "windows": ["{config}/obsidian/obsidian.json"],
}

# JetBrains' directories, one for each product and version (their page "Directories used by the IDE").
_JETBRAINS: Mapping[str, Sequence[str]] = {
    "linux": ["{xdg_config}/JetBrains", "{xdg_config}/Google"],
    "macos": ["{config}/JetBrains", "{config}/Google"],
    "windows": ["{config}/JetBrains", "{config}/Google"],
}
_IDE = re.compile(r"[A-Z][A-Za-z]+20\d\d\.\d(?:\.\d+)?", re.ASCII)

# Programs made of Firefox's parts: where their profiles.ini is.
_PROFILES_INI: Mapping[str, Mapping[str, Sequence[str]]] = {
    "zotero": {
        "linux": [
            "~/.zotero/zotero",
            "~/.var/app/org.zotero.Zotero/.zotero/zotero",
            "~/snap/zotero-snap/common/.zotero/zotero",
        ],
        "macos": ["{config}/Zotero"],
        "windows": ["{config}/Zotero/Zotero"],
    },
    "thunderbird": {
        "linux": [
            "~/.thunderbird",
            "~/.var/app/org.mozilla.Thunderbird/.thunderbird",
            "~/snap/thunderbird/common/.thunderbird",
        ],
        "macos": ["~/Library/Thunderbird"],
        "windows": ["{config}/Thunderbird"],
    },
}

ROOTS = frozenset({"obsidian", "jetbrains", *_PROFILES_INI})
"""The roots that `folders` knows."""


def folders(root: str, machine: BrowserSearch) -> list[Path]:
    """The folders of one kind that are there; a list that cannot be read names none."""
    if root == "obsidian":
        found = _vaults(_expanded(_OBSIDIAN, machine))
    elif root == "jetbrains":
        found = _ides(_expanded(_JETBRAINS, machine))
    else:
        places = _expanded(_PROFILES_INI[root], machine)
        found = (folder for place in places for folder, _ in profiles_ini(place))
    return list(dict.fromkeys(folder for folder in found if folder.is_dir()))


def _expanded(places: Mapping[str, Sequence[str]], machine: BrowserSearch) -> Iterator[Path]:
    for template in places[machine.system]:
        yield from machine.expand(template)


def _vaults(lists: Iterator[Path]) -> Iterator[Path]:
    for path in lists:
        try:
            vaults = json.loads(text_of(path) or "{}")["vaults"].values()
        except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
            continue
        for vault in vaults:
            place = vault.get("path") if isinstance(vault, dict) else None
            if isinstance(place, str) and Path(place).is_absolute():
                yield Path(place)


def _ides(places: Iterator[Path]) -> Iterator[Path]:
    for place in places:
        if place.is_dir():
            yield from sorted(folder for folder in place.iterdir() if _IDE.fullmatch(folder.name))
