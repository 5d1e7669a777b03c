"""The shipped profiles compiled to one file, which is read many times faster than their TOML.

Whatever is built carries it: `scripts/hatch_build.py` puts it into the wheel, `scripts/zipapp.py` into its
file. A checkout has none. A line is a tool, the checksum of its TOML, and the profile as JSON; where the TOML
is no longer what the line was made of, the TOML counts. The build runs this module by itself.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import PurePath
from typing import Any

NAME = "profiles.index"
"""Beside this module."""


def compiled(profiles: Mapping[str, bytes]) -> bytes:
    """The index of these profiles: by tool the bytes of its TOML."""
    import tomllib  # noqa: PLC0415 - who has an index seldom needs it

    lines = []
    for tool, data in sorted(profiles.items()):
        raw = as_json(tomllib.loads(data.decode()))
        body = json.dumps(raw, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        lines.append(f"{tool} {_checksum(data)} {body}\n")
    return "".join(lines).encode()


def profile(tool: str, data: bytes) -> Any:
    """The profile of a tool whose TOML is these bytes; None where the index has not got just this one."""
    checksum, _space, body = _lines().get(tool, "").partition(" ")
    return json.loads(body) if checksum == _checksum(data) else None


def as_json(data: Any) -> Any:
    """TOML's data as JSON's, which a schema is about: dates as text."""
    if isinstance(data, dict):
        return {key: as_json(value) for key, value in data.items()}
    if isinstance(data, list):
        return [as_json(value) for value in data]
    return data.isoformat() if isinstance(data, date) else data


@cache
def _lines() -> dict[str, str]:
    """The lines of the index by tool; none where this is a checkout."""
    assert __spec__ is not None
    loader: Any = __spec__.loader  # of a folder or of a zip
    try:
        text = loader.get_data(str(PurePath(__file__).with_name(NAME))).decode()
    except OSError:
        return {}
    return dict(line.split(" ", 1) for line in text.split("\n") if line)


def _checksum(data: bytes) -> str:
    return f"{zlib.crc32(data):08x}"
