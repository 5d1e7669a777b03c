"""`profile new` and `profile lint`: a first profile from somebody's settings file, and a check of one."""

from __future__ import annotations

import os
import tomllib
from datetime import datetime
from pathlib import Path

from patcher.cli.session import Session
from patcher.disk.safefile import Folder, explained, put
from patcher.disk.snapshot import read
from patcher.errors import Refused, UsageError
from patcher.i18n import _
from patcher.registry import catalog, index, rules
from patcher.registry.authoring import draft
from patcher.registry.authoring.draft import ProfileDraft, SourceFile


def run(session: Session) -> int:
    """Make one of this name, or check this file."""
    options = session.options
    return new(session, options.what) if options.action == "new" else lint(session, options.what)


def lint(session: Session, file: str) -> int:
    """0 for a profile that this program would take; else `Refused` says what is wrong with it."""
    path = Path(file)
    if not path.is_file():
        raise UsageError(_("{file}: there is no such file").format(file=file))
    if path.suffix != ".toml":
        raise UsageError(_("{file}: the name of a profile ends in .toml").format(file=file))
    found = catalog.read(path.absolute(), own=True)
    session.report.result(_("{file}: {name} is a good profile").format(file=file, name=found.name))
    session.report.json("profile", {"tool": found.tool, "name": found.name})
    return 0


def new(session: Session, tool: str) -> int:
    """Write a profile, and in a checkout its fixture. Never over a file. Raises `PatchError`."""
    source, syntax = session.options.source, session.options.syntax or ""
    if source is None:
        raise UsageError(_("from which file? vsegpt-patch profile new {tool} --from FILE").format(tool=tool))
    if syntax and syntax not in draft.FORMATS:
        raise UsageError(
            _("--format {syntax}: one of {names} is wanted").format(
                syntax=syntax, names=", ".join(draft.FORMATS)
            )
        )
    try:
        rules.check_name(tool)
    except Refused as refusal:
        raise UsageError(refusal.reason) from None
    root = _root(session.options.into)
    path = Path(os.path.abspath(source))  # noqa: PTH100 - resolve() would follow links, absolute() keeps ..
    made = _drafted(session, tool, path, syntax)
    files = _files(session, tool, made, root)
    with explained(_("it cannot be written")):
        _write(files)
    _tell(session, tool, list(files), fixture=len(files) > 1, outside=made.in_project)
    return 0


def _root(into: str | None) -> Path | None:
    """The checkout that the files go to, if any."""
    here = Path(into) if into is not None else Path()
    if into is not None and not here.is_dir():
        raise UsageError(_("--into {into}: there is no such directory").format(into=into))
    is_checkout = (here / "profiles").is_dir() and (here / "fixtures").is_dir()
    return here.absolute() if is_checkout or into is not None else None


def _drafted(session: Session, tool: str, path: Path, syntax: str) -> ProfileDraft:
    try:
        snapshot = read(path)
        if snapshot is None:
            raise UsageError(_("--from {path}: there is no such file").format(path=path))
        today = datetime.now().astimezone().date()
        made = draft.draft(tool, SourceFile(path, snapshot.data, syntax), session.machine, today)
        rules.check(tool, index.as_json(tomllib.loads(made.profile)))
    except Refused as refusal:
        where = f"{path}:{refusal.line}" if refusal.line else str(path)
        raise Refused(f"{where}: {refusal.reason}", cure=refusal.cure) from None
    return made


def _files(session: Session, tool: str, made: ProfileDraft, root: Path | None) -> dict[Path, bytes]:
    """What is to be written. Raises `Refused` if any of it is there already."""
    folder = root / "profiles" if root else session.machine.own_profiles
    files = {folder / f"{tool}.toml": made.profile.encode()}
    if root:
        fixture = root / "fixtures" / tool / "existing"
        files |= {
            fixture / "case.toml": made.case.encode(),
            fixture / "before/home" / made.place: made.before,
        }
    for path in (*files, *(root / "fixtures" / tool for root in [root] if root)):
        if os.path.lexists(path):
            raise Refused(
                _("{path} is there already").format(path=path), cure=_("remove it, or choose another name")
            )
    return files


def _write(files: dict[Path, bytes]) -> None:
    """All files, or none."""
    written: list[Path] = []
    try:
        for path, data in files.items():
            put(path, data)
            written.append(path)
    except BaseException:
        for path in written:
            with Folder(path.parent) as folder:
                folder.unlink(path.name)
        raise


def _tell(session: Session, tool: str, files: list[Path], *, fixture: bool, outside: bool) -> None:
    report = session.report
    for path in files:
        report.result(_("{path}: written").format(path=path))
    steps = [
        _("Now decide what says ??? in the profile, and try it: {command}").format(
            command=f"vsegpt-patch {tool} --dry-run"
        )
    ]
    if fixture:
        steps.append(_("Read the fixture's file: its keys are masked, other private things may be left."))
        steps.append(_("Then: python -m tests.fixtures {tool}").format(tool=tool))
    if outside:
        steps.append(_("The file is in no home, so it is taken for a project's: vsegpt-patch --in DIR."))
    report.paragraph("\n".join(steps), indent="")
    report.json("profile", {"tool": tool, "files": [str(path) for path in files]})
