"""What a person should know of a tool besides where it points."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from patcher.cli.session import Session
from patcher.i18n import _
from patcher.registry.profile import Profile

if TYPE_CHECKING:
    from patcher.planning.deciders import SecondModel


def second_model(tool: str, second: SecondModel) -> str:
    """What a person should know of a second model that leads elsewhere, and do."""
    return _("{tool}: {setting} still goes to {value}; --slots points it at VseGPT, too").format(
        tool=tool, setting=second.at, value=second.value
    )


def newer_version(session: Session, profile: Profile) -> Iterator[str]:
    """That the installed version is newer than any that was seen working, if it is."""
    if not profile.installed:
        return
    from patcher.planning.versions import newer_than_verified  # noqa: PLC0415 - few profiles say where

    versions = newer_than_verified(profile, session.machine)
    if versions:
        text = _("{tool}: seen working with {known}; {here} is here")
        yield text.format(tool=profile.tool, known=versions[0], here=versions[1])
