"""`key set`, `key forget` and `key rotate`: the key in the system's keyring, and in the files."""

from __future__ import annotations

from collections.abc import Sequence

from patcher.cli import busy, edits, key_source
from patcher.cli.session import Session
from patcher.disk.write import Write
from patcher.errors import UsageError
from patcher.i18n import _
from patcher.planning import rotate, undo
from patcher.planning.problem import Problem
from patcher.secrets import keyring
from patcher.secrets.secret import Secret


def run(session: Session) -> int:
    """Set, forget or rotate it. Raises `PatchError`."""
    return {"set": _set, "forget": _forget, "rotate": _rotate}[session.options.action](session)


def _set(session: Session) -> int:
    _own_keyring(session)
    new, dry = key_source.new_key(session), session.options.dry_run
    if not dry:
        keyring.put(new)
        session.report.result(_("{key} is kept in the system's keyring").format(key=new))
    return _end(session, "set", stored=not dry)


def _forget(session: Session) -> int:
    _own_keyring(session)
    dry = session.options.dry_run
    there = keyring.get() is not None if dry else keyring.forget()
    if not there:
        session.report.message(_("There is no key in the system's keyring."))
    elif dry:
        session.report.result(_("the key in the system's keyring would be removed"))
    else:
        session.report.result(_("the key is removed from the system's keyring"))
    return _end(session, "forget", removed=there and not dry)


def _own_keyring(session: Session) -> None:
    if session.home is not None:
        raise UsageError(_("the system's keyring is your own: it has no key for --home"))
    keyring.check()


def _end(session: Session, action: str, **data: object) -> int:
    session.report.json("key", {"action": action, "warnings": session.report.warnings, **data})
    return 0


def _rotate(session: Session) -> int:
    """The new key into every file where this program has put one, as one run; then into the keyring."""
    report, dry = session.report, session.options.dry_run
    new = key_source.new_key(session)
    outcome = edits.edit(
        session,
        "rotate",
        lambda: rotate.make(undo.undoable_steps(session.journal), new),
        lambda writes: _running(session, writes),
    )
    data = edits.report_run(session, outcome, _("{tool}: has the new key ({place})"))
    kept = _kept_key(session)
    goes = kept is not None and kept.reveal() != new.reveal()
    if goes and dry:
        report.result(_("the key in the system's keyring would be replaced"))
    elif goes and not (session.options.strict and outcome.problems):
        keyring.put(new)
        report.result(_("the system's keyring has the new key"))
    if outcome.run is not None:
        report.message(
            _("Run {run} is done. To take it back: vsegpt-patch undo {run}").format(run=outcome.run),
            fg="green",
        )
    elif not outcome.plan.files:
        report.message(
            _("No file is known to hold a key that this program has put there; see: vsegpt-patch history")
        )
    elif not outcome.plan.writes and not outcome.problems:
        report.message(_("Nothing to change."))
    report.json("key", {"action": "rotate", "warnings": report.warnings, "keyring": goes and not dry, **data})
    return outcome.code


def _kept_key(session: Session) -> Secret | None:
    """What the keyring has. One that cannot be used is named, and hinders nothing."""
    if not key_source.has_keyring(session):
        return None
    try:
        return keyring.get()
    except keyring.NoKeyring as reason:
        session.report.warning(str(reason))
        return None


def _running(session: Session, writes: Sequence[Write]) -> list[Problem]:
    """Of the tools those that run and would write over us, as far as they still have a good profile."""
    if session.options.force:
        return []
    known = [write.tool for write in writes if write.tool in session.catalog]
    profiles, _bad = session.profiles(known)
    return list(busy.running(session, profiles).values())
