"""The browsers of this home and their profiles, told from their folders alone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

from patcher.dataclass import dataclass
from patcher.errors import Refused
from patcher.stores.cursor import Budget
from patcher.stores.cursor import read as read_file

Family = Literal["chromium", "firefox"]

# User data folders of the Chromium family. Chrome's and Chromium's are in Chromium's own
# docs/user_data_dir.md; the others follow it. Flatpaks and snaps have a home of their own.
_CHROMIUM: Mapping[str, Mapping[str, Sequence[str]]] = {
    "linux": {
        "Chrome": ["{xdg_config}/google-chrome", "~/.var/app/com.google.Chrome/config/google-chrome"],
        "Chrome Beta": ["{xdg_config}/google-chrome-beta"],
        "Chrome Dev": [
            "{xdg_config}/google-chrome-unstable",
            "~/.var/app/com.google.ChromeDev/config/google-chrome-unstable",
        ],
        "Chromium": [
            "{xdg_config}/chromium",
            "~/snap/chromium/common/chromium",
            "~/.var/app/org.chromium.Chromium/config/chromium",
        ],
        "Edge": ["{xdg_config}/microsoft-edge", "~/.var/app/com.microsoft.Edge/config/microsoft-edge"],
        "Edge Beta": ["{xdg_config}/microsoft-edge-beta"],
        "Edge Dev": ["{xdg_config}/microsoft-edge-dev"],
        "Brave": [
            "{xdg_config}/BraveSoftware/Brave-Browser",
            "~/snap/brave/current/.config/BraveSoftware/Brave-Browser",
            "~/.var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser",
        ],
        "Brave Beta": ["{xdg_config}/BraveSoftware/Brave-Browser-Beta"],
        "Brave Nightly": ["{xdg_config}/BraveSoftware/Brave-Browser-Nightly"],
        "Yandex Browser": [
            "{xdg_config}/yandex-browser",
            "~/.var/app/ru.yandex.Browser/config/yandex-browser",
        ],
        "Yandex Browser Beta": ["{xdg_config}/yandex-browser-beta"],
        "Opera": [
            "{xdg_config}/opera",
            "~/snap/opera/current/.config/opera",
            "~/.var/app/com.opera.Opera/config/opera",
        ],
        "Opera Beta": ["{xdg_config}/opera-beta"],
        "Opera Developer": ["{xdg_config}/opera-developer"],
        "Opera GX": ["{xdg_config}/opera-gx"],
        "Vivaldi": ["{xdg_config}/vivaldi", "~/.var/app/com.vivaldi.Vivaldi/config/vivaldi"],
        "Vivaldi Snapshot": ["{xdg_config}/vivaldi-snapshot"],
    },
    "macos": {
        "Chrome": ["{config}/Google/Chrome"],
        "Chrome Beta": ["{config}/Google/Chrome Beta"],
        "Chrome Dev": ["{config}/Google/Chrome Dev"],
        "Chrome Canary": ["{config}/Google/Chrome Canary"],
        "Chromium": ["{config}/Chromium"],
        "Edge": ["{config}/Microsoft Edge"],
        "Edge Beta": ["{config}/Microsoft Edge Beta"],
        "Edge Dev": ["{config}/Microsoft Edge Dev"],
        "Edge Canary": ["{config}/Microsoft Edge Canary"],
        "Brave": ["{config}/BraveSoftware/Brave-Browser"],
        "Brave Beta": ["{config}/BraveSoftware/Brave-Browser-Beta"],
        "Brave Nightly": ["{config}/BraveSoftware/Brave-Browser-Nightly"],
        "Yandex Browser": ["{config}/Yandex/YandexBrowser"],
        "Opera": ["{config}/com.operasoftware.Opera"],
        "Opera Beta": ["{config}/com.operasoftware.OperaNext"],
        "Opera Developer": ["{config}/com.operasoftware.OperaDeveloper"],
        "Opera GX": ["{config}/com.operasoftware.OperaGX"],
        "Vivaldi": ["{config}/Vivaldi"],
    },
    "windows": {
        "Chrome": ["{local}/Google/Chrome/User Data"],
        "Chrome Beta": ["{local}/Google/Chrome Beta/User Data"],
        "Chrome Dev": ["{local}/Google/Chrome Dev/User Data"],
        "Chrome Canary": ["{local}/Google/Chrome SxS/User Data"],
        "Chromium": ["{local}/Chromium/User Data"],
        "Edge": ["{local}/Microsoft/Edge/User Data"],
        "Edge Beta": ["{local}/Microsoft/Edge Beta/User Data"],
        "Edge Dev": ["{local}/Microsoft/Edge Dev/User Data"],
        "Edge Canary": ["{local}/Microsoft/Edge SxS/User Data"],
        "Brave": ["{local}/BraveSoftware/Brave-Browser/User Data"],
        "Brave Beta": ["{local}/BraveSoftware/Brave-Browser-Beta/User Data"],
        "Brave Nightly": ["{local}/BraveSoftware/Brave-Browser-Nightly/User Data"],
        "Yandex Browser": ["{local}/Yandex/YandexBrowser/User Data"],
        "Opera": ["{config}/Opera Software/Opera Stable"],
        "Opera Beta": ["{config}/Opera Software/Opera Next"],
        "Opera Developer": ["{config}/Opera Software/Opera Developer"],
        "Opera GX": ["{config}/Opera Software/Opera GX Stable"],
        "Vivaldi": ["{local}/Vivaldi/User Data"],
    },
}

# Where profiles.ini is. On Linux the first is that of Firefox 147 and newer.
_FIREFOX: Mapping[str, Sequence[str]] = {
    "linux": [
        "{xdg_config}/mozilla/firefox",
        "~/.mozilla/firefox",
        "~/snap/firefox/common/.mozilla/firefox",
        "~/.var/app/org.mozilla.firefox/config/mozilla/firefox",
        "~/.var/app/org.mozilla.firefox/.mozilla/firefox",
    ],
    "macos": ["{config}/Firefox"],
    "windows": [
        "{config}/Mozilla/Firefox",
        "{local}/Packages/Mozilla.Firefox_n80bbvh6b1yt2/LocalCache/Roaming/Mozilla/Firefox",  # the Store's
    ],
}

_CHROMIUM_MARKS = ("Local Extension Settings", "Sync Extension Settings", "Preferences")
_FIREFOX_MARKS = ("extensions.json", "prefs.js", "storage")
_NO_PROFILES = {"Guest Profile", "System Profile"}  # of Chromium's own, with no extensions
_LARGEST = 16 << 20
_LONGEST_NAME = 60


class BrowserSearch(Protocol):
    """What has to be known of a machine (`places.Machine`)."""

    @property
    def system(self) -> str: ...

    @property
    def browsers(self) -> Sequence[BrowserProfile]: ...

    def expand(self, template: str) -> list[Path]: ...


@dataclass(frozen=True)
class BrowserProfile:
    """One profile of a browser: `path` is its folder, `user_data` the one that holds them all."""

    browser: str
    profile: str
    """The folder's name; Firefox's own name for it; empty for a browser without profiles."""
    path: Path
    user_data: Path
    family: Family
    name: str = ""
    """What the person calls it, where that is another word."""

    @property
    def label(self) -> str:
        """For people: `Chrome · Default`, `Chrome · Profile 1 (Work)`, `Firefox · default-release`."""
        return self._short + (f" ({self.name})" if self.name else "")

    @property
    def _short(self) -> str:
        return f"{self.browser} · {self.profile}" if self.profile else self.browser

    def is_called(self, name: str) -> bool:
        """Whether a person's word means this profile, or its whole browser."""
        return name.strip().casefold() in {
            each.casefold() for each in (self.browser, self._short, self.label)
        }


def profiles(machine: BrowserSearch) -> list[BrowserProfile]:
    """Every profile of every browser that is known here. What cannot be read is left out."""
    found: dict[str, BrowserProfile] = {}
    for profile in (*_chromium(machine), *_firefox(machine)):
        found.setdefault(os.path.realpath(profile.path), profile)  # folders may be links to each other
    return list(found.values())


def owner_of(path: Path, machine: BrowserSearch) -> BrowserProfile | None:
    """The profile that a path lies in, of several the innermost."""
    around = [profile for profile in machine.browsers if path.is_relative_to(profile.path)]
    return max(around, key=lambda profile: len(profile.path.parts), default=None)


def _chromium(machine: BrowserSearch) -> Iterator[BrowserProfile]:
    for browser, templates in _CHROMIUM[machine.system].items():
        for root in (root for template in templates for root in machine.expand(template)):
            folders = [folder for folder in _children(root) if folder.name not in _NO_PROFILES]
            there = [folder for folder in (root, *folders) if _has(folder, _CHROMIUM_MARKS)]
            names = _chromium_names(root) if there else {}
            for folder in there:
                profile = "" if folder == root else _plain(folder.name)
                name = names.get(folder.name, "")
                yield BrowserProfile(browser, profile, folder, root, "chromium", name)


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _has(folder: Path, marks: Sequence[str]) -> bool:
    return any(os.path.lexists(folder / mark) for mark in marks)


def _chromium_names(root: Path) -> dict[str, str]:
    """By folder the names that the person gave the profiles there, as `Local State` has them."""
    try:
        cache = json.loads(text_of(root / "Local State"))["profile"]["info_cache"]
        given = {folder: entry for folder, entry in cache.items() if not entry.get("is_using_default_name")}
        names = {folder: _plain(entry["name"]) for folder, entry in given.items()}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}
    return {folder: name for folder, name in names.items() if name != folder}


def _firefox(machine: BrowserSearch) -> Iterator[BrowserProfile]:
    for root in (root for template in _FIREFOX[machine.system] for root in machine.expand(template)):
        for folder, name in profiles_ini(root):
            if _has(folder, _FIREFOX_MARKS):
                yield BrowserProfile("Firefox", _plain(name), folder, root, "firefox")


def profiles_ini(root: Path) -> Iterator[tuple[Path, str]]:
    """The profile folders that a program of Mozilla's kind lists, and their names."""
    for section in _sections(text_of(root / "profiles.ini")):
        if path := section.get("path"):
            folder = root / path  # an absolute one (IsRelative=0) stays as it is
            yield folder, section.get("name") or folder.name


def _sections(text: str) -> list[dict[str, str]]:
    """The sections [ProfileN], names of values in small letters. What makes no sense is passed over."""
    found: list[dict[str, str]] = []
    section: dict[str, str] = {}
    for line in map(str.strip, text.splitlines()):
        name, equals, value = line.partition("=")
        if line.startswith("["):
            section = {}
            if line.casefold().startswith("[profile"):
                found.append(section)
        elif equals:
            section[name.rstrip().casefold()] = value.lstrip()
    return found


def text_of(path: Path) -> str:
    """A file's text, as well as it can be read; nothing if it cannot."""
    try:
        return (read_file(path, Budget(_LARGEST)) or b"").decode("utf-8-sig", "replace")
    except Refused:
        return ""


def _plain(name: str) -> str:
    """A name that may be shown on a terminal."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name)
    return shown if len(shown) <= _LONGEST_NAME else shown[:_LONGEST_NAME] + "…"
