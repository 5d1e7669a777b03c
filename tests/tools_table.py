"""The table of all tools, docs/tools.md: `python -m tests.tools_table` writes it anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from patcher.machine.places import Template
from patcher.registry.catalog import Catalog
from patcher.registry.profile import Profile
from tests.support.homes import ROOT

TABLE = ROOT / "docs/tools.md"
_ROLES = ("handler", "key", "url", "model")
_HEAD = """# The tools

Written by `python -m tests.tools_table` from `profiles/`; a test fails where it is out of date.

*Verified*: **live** means that the tool itself, of that version, sent its request to a loopback
gateway with the file that this program wrote; **source** and **docs** mean that the settings were
read there. Each name leads to the page that says where its settings are.
"""


def text() -> str:
    """The whole page."""
    catalog = Catalog.open()
    profiles = [catalog.get(tool) for tool in catalog]
    patched = [profile for profile in profiles if profile.files]
    guided = [profile for profile in profiles if not profile.files]
    live = sum(profile.verified is not None and profile.verified.how == "live" for profile in patched)
    return "\n".join(
        [
            _HEAD,
            f"## Patched: {len(patched)}, of these {live} seen working\n",
            "| tool | | files | settings | verified |",
            "|---|---|---|---|---|",
            *map(_row, patched),
            f"\n## By hand: {len(guided)}\n",
            "What cannot be patched, `vsegpt-patch TOOL` explains: what to open, and what to set.\n",
            "| tool | | verified |",
            "|---|---|---|",
            *(f"| `{each.tool}` | {_name(each)} | {_verified(each)} |" for each in guided),
            "",
        ]
    )


def _row(profile: Profile) -> str:
    files = "<br>".join(dict.fromkeys(f"`{path}`" for spec in profile.files for path in _paths(spec.path)))
    settings = "; ".join(
        f"{role}: {', '.join(names)}" for role in _ROLES if (names := dict.fromkeys(_names(profile, role)))
    )
    return f"| `{profile.tool}` | {_name(profile)} | {files} | {settings} | {_verified(profile)} |"


def _name(profile: Profile) -> str:
    return f"[{profile.name}]({profile.docs}): {profile.about['en']}".replace("|", "\\|")


def _paths(templates: tuple[Template, ...]) -> Iterator[str]:
    for template in templates:
        yield from [template] if isinstance(template, str) else template.values()


def _names(profile: Profile, role: str) -> Iterator[str]:
    for spec in profile.files:
        for edit in spec.edits:
            yield from (f"`{name}`" for name in _leaves(edit.roles.get(role, {})))


def _leaves(values: Mapping[str, object]) -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from (f"{name}.{inner}" for inner in _leaves(value))
        else:
            yield name


def _verified(profile: Profile) -> str:
    its = profile.verified
    how = f"**{its.how}** {its.version} {its.on}".replace("  ", " ") if its else "not yet"
    return f"{how}; only with `--beta`" if profile.beta else how


if __name__ == "__main__":
    TABLE.write_text(text(), "utf-8")
