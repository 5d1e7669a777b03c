"""The base directories of a home, by the rules of the XDG specification, Apple and Microsoft. Paths as text.

It is needed before anything else, to see whether there is a file of defaults, so it imports next to nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Literal, TypeAlias

System: TypeAlias = Literal["linux", "macos", "windows"]

OURS = "vsegpt-patch"
"""The name of our own directory in each of them."""


def here() -> System:
    """The system that this runs on; all but two are taken for Linux."""
    others: dict[str, System] = {"win32": "windows", "darwin": "macos"}
    return others.get(sys.platform, "linux")


def roots(system: System, home: str, env: Mapping[str, str]) -> dict[str, str]:
    """By name the base directories; `local` is there on Windows only."""

    def named(variable: str, usual: str) -> str:
        path = env.get(variable, "")  # a relative one does not count (XDG specification)
        return path if os.path.isabs(path) else os.path.join(home, *usual.split("/"))  # noqa: PTH117, PTH118 - text

    xdg_config = named("XDG_CONFIG_HOME", ".config")
    found = {"xdg_config": xdg_config, "xdg_data": named("XDG_DATA_HOME", ".local/share")}
    if system == "windows":
        local = named("LOCALAPPDATA", "AppData/Local")
        found |= dict.fromkeys(("data", "state", "local"), local)
        return found | {"config": named("APPDATA", "AppData/Roaming")}
    if system == "macos":
        support = os.path.join(home, "Library", "Application Support")  # noqa: PTH118 - text
        return found | dict.fromkeys(("config", "data", "state"), support)
    state = named("XDG_STATE_HOME", ".local/state")
    return found | {"config": xdg_config, "data": found["xdg_data"], "state": state}


def defaults_file(home: str) -> str:
    """Where the person's defaults are, in this home; with none given the caller's own."""
    own = os.path.abspath(home) if home else os.path.expanduser("~")  # noqa: PTH100, PTH111 - text
    config = roots(here(), own, {} if home else os.environ)["config"]
    return os.path.join(config, OURS, "config.toml")  # noqa: PTH118 - text


def is_anothers(home: str) -> bool:
    """Whether root is to work on this home (empty: the caller's own) for somebody else."""
    if os.name != "posix" or os.geteuid() != 0:
        return False
    try:
        return os.stat(home or os.path.expanduser("~")).st_uid != 0  # noqa: PTH111, PTH116 - text
    except OSError:
        return False
