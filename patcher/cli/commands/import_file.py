"""`vsegpt-patch TOOL --export FILE`: the way out where a browser runs, or keeps its settings elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

from patcher.cli import key_source
from patcher.cli.session import Session
from patcher.disk.safefile import Folder, explained
from patcher.errors import Refused, UsageError
from patcher.i18n import _
from patcher.planning import plan
from patcher.planning.problem import Problem
from patcher.planning.variants import chosen
from patcher.registry.profile import FileSpec, Profile
from patcher.secrets.secret import names_secret


def run(session: Session) -> int:
    """Write the settings as a file that the extension imports itself; no store is changed."""
    tools, export = session.options.tools, session.options.export
    assert export is not None  # that is why we are here
    if len(tools) != 1:
        raise UsageError(_("--export is for one tool: vsegpt-patch TOOL --export FILE"))
    profile = session.catalog.get(tools[0])
    spec = next((spec for spec in profile.files if spec.format == "extension"), None)
    if profile.imports is None or spec is None:
        raise UsageError(_("{name} cannot import settings from a file").format(name=profile.name))
    path = Path(export)
    request = session.request(key=key_source.key(session, needed=True))
    session.report.hide([request.key] if request.key else [])
    problems = []
    try:
        place = _place(session, profile, spec)
        data = plan.importable(profile, spec, place, request)
        with explained(_("{path} cannot be written").format(path=path)):
            _write(path.absolute(), data)
    except Refused as refusal:
        problems.append(Problem.of(profile.tool, None, refusal))
    else:
        session.report.result(
            _("{tool}: {path} holds the settings, and your key: remove it afterwards").format(
                tool=profile.tool, path=path
            )
        )
        if place is None and (replaced := _replaced(data)):
            session.report.warning(
                _(
                    "no settings of {name} were found here to start from: its import replaces {names} as a"
                    " whole, so that entries of your own in them are lost"
                ).format(name=profile.name, names=", ".join(replaced))
            )
        session.report.paragraph(session.report.words(profile.imports.how))
    for problem in problems:
        session.report.problem(problem)
    fields = {
        "tool": profile.tool,
        "file": None if problems else str(path),
        "problems": [session.report.problem_json(problem) for problem in problems],
    }
    session.report.json("export", fields)
    return 1 if problems else 0


def _place(session: Session, profile: Profile, spec: FileSpec) -> Path | None:
    """The one store whose settings are to be kept. Raises `UsageError` where there are several."""
    found = [
        path for other, places in chosen(profile, session.machine) if other is spec for path in places.paths
    ]
    if len(found) > 1:
        names = ", ".join(session.machine.label(path) for path in found)
        raise UsageError(
            _("{name} is in several browsers; say --browser NAME, one of: {names}").format(
                name=profile.name, names=names
            )
        )
    return found[0] if found else None


def _replaced(data: bytes) -> list[str]:
    """The settings in a file to import that are lists, or maps, of several things."""
    return [
        name
        for name, value in json.loads(data).items()
        if isinstance(value, list) or (names_secret(name) and isinstance(value, dict))
    ]


def _write(path: Path, data: bytes) -> None:
    try:
        with Folder(path.parent) as folder:
            folder.write_new(path.name, data)
    except FileExistsError:
        raise Refused(_("{path} is there already").format(path=path), cure=_("name another file")) from None
