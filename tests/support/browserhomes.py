"""Browsers in a home of a test's own, as the folders of their profiles show them."""

from __future__ import annotations

import json
from pathlib import Path

from patcher.machine.base_dirs import System
from patcher.machine.places import Machine

UUID = "0a1b2c3d-0000-4000-8000-000000000000"
DATABASE = "idb/3647222921wleabcEoxlt-eengsairo.sqlite"
STORE = f"storage/default/moz-extension+++{UUID}^userContextId=4294967295/{DATABASE}"
SETTINGS = "Local Extension Settings"


def machine(home: Path, system: System = "linux", browser: str = "") -> Machine:
    return Machine(system, home, {}, browser)


def chromium(profile: Path, mark: str = SETTINGS) -> Path:
    """A profile of the Chromium family as its folder shows it."""
    (profile / mark).mkdir(parents=True)
    return profile


def firefox(root: Path, folder: str = "a.default", name: str = "default") -> Path:
    """A profile of Firefox in a root whose profiles.ini names it."""
    profile = root / folder
    profile.mkdir(parents=True)
    (profile / "prefs.js").touch()
    with (root / "profiles.ini").open("a") as ini:
        ini.write(f"[Profile0]\nName={name}\nIsRelative=1\nPath={folder}\n\n")
    return profile


def install(profile: Path, name: str = "Toy", *, used: bool = True) -> Path:
    """An add-on in a profile of Firefox; `used`: it has stored something."""
    add_on = {"id": "toy@toy", "type": "extension", "defaultLocale": {"name": name}}
    (profile / "extensions.json").write_text(json.dumps({"addons": [add_on]}))
    uuids = json.dumps(json.dumps({"toy@toy": UUID}))
    (profile / "prefs.js").write_text(f'user_pref("extensions.webextensions.uuids", {uuids});\n')
    if used:
        (profile / STORE).parent.mkdir(parents=True)
        (profile / STORE).touch()
    return profile / STORE
