"""A first profile and fixture from a settings file that has an address and a key in it already. Pure.

What a program can find out from one file is taken from it; what it cannot is left to the author, in
comments that end in ???. All of it is read from the masked file, so nothing secret can get into it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from patcher.dataclass import dataclass
from patcher.errors import Refused, UsageError
from patcher.formats.editing import Document
from patcher.formats.ops import ABSENT, Item, KeyPath, Segment, Value
from patcher.i18n import _
from patcher.machine.places import Machine
from patcher.registry.authoring.masking import masked
from patcher.registry.authoring.provider import FoundProvider, best, settings_of

FORMATS = ("json", "jsonc", "json5", "yaml", "toml", "dotenv", "ini", "keyvalue", "xml", "prefs")
"""The formats that a draft can be made of."""

_NAMES = (  # a pattern for the whole name of a file, and the formats to try
    (r".*\.json", ("json", "jsonc", "json5")),
    (r".*\.jsonc", ("jsonc",)),
    (r".*\.json5", ("json5",)),
    (r".*\.ya?ml", ("yaml",)),
    (r".*\.toml", ("toml",)),
    (r"(.*\.)?env(\..*)?|\.env.*", ("dotenv",)),
    (r".*\.(ini|cfg|conf)", ("ini",)),
    (r".*\.properties", ("keyvalue",)),
    (r".*\.xml", ("xml",)),
    (r"(prefs|user)\.js", ("prefs",)),
)
_OWN_NAME = {"name": "VseGPT", "title": "VseGPT", "label": "VseGPT", "id": "vsegpt", "slug": "vsegpt"}


class SourceFile(NamedTuple):
    """The file; `syntax` is empty where the file's name says it."""

    path: Path
    data: bytes
    syntax: str = ""


@dataclass(frozen=True)
class ProfileDraft:
    """What is to be written: the texts of the profile and of the fixture's case, and the masked file.

    `place` is where the fixture's home has the file. A file outside the home is taken for a project's.
    """

    profile: str
    case: str
    before: bytes
    place: Path
    in_project: bool


def draft(tool: str, source: SourceFile, machine: Machine, today: date) -> ProfileDraft:
    """A profile of `tool` from a file of its settings.

    Raises `UsageError` for a file of an unknown kind, `Refused` for one that cannot be read, that
    cannot be masked, or that has no address and key.
    """
    syntax = source.syntax or _syntax(source.path, source.data)
    before = masked(syntax, source.data)
    content = Document.read(syntax, before).outline(())
    found = best(list(settings_of({} if content is ABSENT else content)))
    template, place = _place(source.path, machine)
    profile = _text(tool, syntax, template, _edits(found), today)
    in_project = template.startswith("{project}")
    case = 'about = "A file as a person might have it"\n' + 'args = ["--in", "PROJECT"]\n' * in_project
    return ProfileDraft(profile, case, before, place, in_project)


def _syntax(path: Path, data: bytes) -> str:
    names = next((names for pattern, names in _NAMES if re.fullmatch(pattern, path.name.lower())), ())
    if not names:
        raise UsageError(
            _("{path}: what is its format? say --format, one of: {names}").format(
                path=path, names=", ".join(FORMATS)
            )
        )
    for name in names[:-1]:
        try:
            Document.read(name, data)
        except Refused:
            continue
        return name
    return names[-1]


def _edits(found: FoundProvider) -> Iterator[str]:
    """The edits of the profile: one, or one for each setting where lists are between them."""
    nested = [leaf.path[len(found.at) :] for leaf in found.leaves.values()]
    together = all(isinstance(step, str) for rest in nested for step in rest)
    if together:
        yield _edit(
            found.at, {role: leaf.path[len(found.at) :] for role, leaf in found.leaves.items()}, found
        )
        return
    for role, leaf in found.leaves.items():
        yield _edit(leaf.path[:-1], {role: leaf.path[-1:]}, found)


def _edit(at: KeyPath, roles: Mapping[str, KeyPath], found: FoundProvider) -> str:
    lines = ["  [[file.edit]]"]
    if at:
        steps = ", ".join(_step(step, last=number == len(at)) for number, step in enumerate(at, 1))
        why = (
            "   # ??? " + _("an entry of one's own, or this one")
            if isinstance(at[-1], Item) or len(at) > 1
            else ""
        )
        lines.append(f"  at      = [{steps}]{why}")
    for role, rest in roles.items():
        lines.append(f"  {role:<7} = {_nested(rest, _value(role, found))}{_remark(role, found)}")
    missing = [role for role in ("handler", "model") if role not in found.leaves and "url" in roles]
    lines += [f"  # {role}: " + _("none was found beside URL and key") + " ???" for role in missing]
    return "\n".join(lines)


def _value(role: str, found: FoundProvider) -> Value:
    leaf = found.leaves[role]
    if role == "url":
        return found.url
    if role == "key":
        return ["{key}"] if isinstance(leaf.value, list) else "{key}"
    return "{model}" if role == "model" else str(leaf.value)


def _remark(role: str, found: FoundProvider) -> str:
    value = str(found.leaves[role].value)
    if role == "url" and found.url.partition("api.openai.com")[2] != urlsplit(value).path:
        return "   # ??? " + _("the path was another one")
    if role == "model" and "/" in value:
        return "   # ??? " + _('perhaps with something before it, as in "openai/{model}"')
    return ""


def _step(step: Segment, *, last: bool) -> str:
    if not isinstance(step, Item):
        return _quoted(str(step))
    name, value = step.fields[0]
    return f"{{ {_key(name)} = {_quoted(_OWN_NAME.get(name, str(value)) if last else str(value))} }}"


def _nested(path: KeyPath, value: Value) -> str:
    text = json.dumps(value, ensure_ascii=False)
    for step in reversed(path):
        text = f"{{ {_key(str(step))} = {text} }}"
    return text


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(text: str) -> str:
    """A basic string of TOML; JSON's are ones, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _place(path: Path, machine: Machine) -> tuple[str, Path]:
    """The template of a path, and where it leads in a fixture's home (one of Linux)."""
    for user in machine.expand("{vscode}"):
        if path.is_relative_to(user):
            rest = path.relative_to(user)
            return f"{{vscode}}/{rest.as_posix()}", Path(".config/Code/User") / rest
    usual = {"config": ".config", "data": ".local/share", "state": ".local/state", "xdg_config": ".config"}
    for name, folder in usual.items():
        root = machine.roots[name]
        if root is not None and path.is_relative_to(root):
            rest = path.relative_to(root)
            return f"{{{name}}}/{rest.as_posix()}", Path(folder) / rest
    if path.is_relative_to(machine.home):
        rest = path.relative_to(machine.home)
        return f"~/{rest.as_posix()}", rest
    return f"{{project}}/{path.name}", Path("project") / path.name


def _text(tool: str, syntax: str, template: str, edits: Iterator[str], today: date) -> str:
    parts = template.split("/")
    folder = "/".join(parts[:2]) if len(parts) > 2 or parts[0] == "~" else ""
    marks = [*([folder] if folder and parts[0] not in {"{project}", "{vscode}"} else []), tool]
    title = " ".join(word.capitalize() for word in tool.split("-"))
    head = [
        "#:schema ../patcher/profile.schema.json",
        "# " + _("A first draft, by `vsegpt-patch profile new`: whatever says ??? is for you to decide."),
        f"name     = {_quoted(title)}   # ??? " + _("as people know it"),
        'about    = { en = "what it is, in one line", ru = "что это, в одной строке" }   # ???',
        'docs     = "https://example.org/"   # ??? ' + _("the page that says where its settings are"),
        f"found_by = [{', '.join(map(_quoted, marks))}]   # ??? " + _("paths and commands"),
        f'verified = {{ on = {today.isoformat()}, how = "source" }}   # ??? '
        + _('which version; "docs" if it is read there'),
        "",
        "[[file]]",
        f"format = {_quoted(syntax)}",
        f"path   = [{_quoted(template)}]   # ??? " + _("variables that move it; other systems"),
        "# create = {}   # ??? " + _("what a new file begins with; without it none is made"),
        "",
        "",
    ]
    return "\n".join(head) + "\n\n".join(edits) + "\n"
