"""`profile lint`: check a profile of one's own."""

from __future__ import annotations

from pathlib import Path

from patcher import catalog
from patcher.errors import UsageError
from patcher.session import Session


def lint(session: Session, file: str) -> int:
    """0 for a profile that this program would take; else `Refused` says what is wrong with it."""
    path = Path(file)
    if not path.is_file():
        raise UsageError(f"{file}: there is no such file")
    if path.suffix != ".toml":
        raise UsageError(f"{file}: the name of a profile ends in .toml")
    found = catalog.read(path.absolute(), own=True)
    session.report.result(f"{file}: {found.name} is a good profile")
    session.report.json("profile", {"tool": found.tool, "name": found.name})
    return 0
