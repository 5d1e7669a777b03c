"""Whether a tool is on this machine."""

from __future__ import annotations

import re

from patcher.machine.places import Machine, locate
from patcher.registry.profile import Profile


def found_as(profile: Profile, machine: Machine) -> str:
    """How a tool was found on this machine: `config`, `command` or, if it was not, nothing."""
    for mark in profile.found_by:
        if machine.has(mark):
            return "config" if not isinstance(mark, str) or re.match(r"[~${]", mark) else "command"
    if profile.found_by:
        return ""
    # A project's .env may be anybody's: such a tool is found by its marks alone.
    own = [
        [template for template in spec.path if "{project}" not in machine.chosen(template)]
        for spec in profile.files
    ]
    return "config" if any(locate(templates, machine).exist for templates in own) else ""
