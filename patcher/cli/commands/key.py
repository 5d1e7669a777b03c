"""`key set`, `key forget` and `key rotate`: the key in the system's keyring, and in the files."""

from __future__ import annotations

from collections.abc import Sequence

from patcher.cli import execute
from patcher.cli.session import Session
from patcher.disk.write import Write
from patcher.errors import UsageError
from patcher.i18n import _
from patcher.planning import rotate, undo
from patcher.planning.plan import Problem
from patcher.secrets import keyring
from patcher.secrets.secret import Secret


def run(session: Session, action: str) -> int:
    """`action` is set, forget or rotate. Raises `PatchError`."""
    return {"set": _set, "forget": _forget, "rotate": _rotate}[action](session)


def _set(session: Session) -> int:
    _own_keyring(session)
    new = session.new_key()
    if not session.words["dry_run"]:
        keyring.put(new)
        session.report.result(_("{key} is kept in the system's keyring").format(key=new))
    return _end(session, "set", stored=not session.words["dry_run"])


def _forget(session: Session) -> int:
    _own_keyring(session)
    dry = session.words["dry_run"]
    there = keyring.get() is not None if dry else keyring.forget()
    if not there:
        session.report.message(_("There is no key in the system's keyring."))
    elif dry:
        session.report.result(_("the key in the system's keyring would be removed"))
    else:
        session.report.result(_("the key is removed from the system's keyring"))
    return _end(session, "forget", removed=there and not dry)


def _own_keyring(session: Session) -> None:
    if session.words["home"] is not None:
        raise UsageError(_("the system's keyring is your own: it has no key for --home"))
    keyring.check()


def _end(session: Session, action: str, **data: object) -> int:
    session.report.json("key", {"action": action, "warnings": session.report.warnings, **data})
    return 0


def _rotate(session: Session) -> int:
    """The new key into every file where this program has put one, as one run; then into the keyring."""
    report, dry = session.report, session.words["dry_run"]
    new = session.new_key()
    done = execute.carry_out(
        session,
        "rotate",
        lambda: rotate.make(undo.undoable_steps(session.store), new),
        lambda writes: _running(session, writes),
    )
    data = execute.told(session, done, _("{tool}: has the new key ({place})"))
    kept = _kept_key(session)
    goes = kept is not None and kept.reveal() != new.reveal()
    if goes and dry:
        report.result(_("the key in the system's keyring would be replaced"))
    elif goes and not (session.words["strict"] and done.problems):
        keyring.put(new)
        report.result(_("the system's keyring has the new key"))
    if done.run is not None:
        report.message(
            _("Run {run} is done. To take it back: vsegpt-patch undo {run}").format(run=done.run), fg="green"
        )
    elif not done.files:
        report.message(
            _("No file is known to hold a key that this program has put there; see: vsegpt-patch history")
        )
    elif not done.writes and not done.problems:
        report.message(_("Nothing to change."))
    report.json("key", {"action": "rotate", "warnings": report.warnings, "keyring": goes and not dry, **data})
    return done.code


def _kept_key(session: Session) -> Secret | None:
    """What the keyring has. One that cannot be used is named, and hinders nothing."""
    if not session.has_keyring:
        return None
    try:
        return keyring.get()
    except keyring.NoKeyring as reason:
        session.report.warning(str(reason))
        return None


def _running(session: Session, writes: Sequence[Write]) -> list[Problem]:
    """Of the tools those that run and would write over us, as far as they still have a good profile."""
    if session.words["force"]:
        return []
    known = [write.tool for write in writes if write.tool in session.catalog]
    profiles, _bad = session.profiles(known)
    busy = list(session.running(profiles).values())
    if session.words["dry_run"]:
        for problem in busy:
            session.report.warning(f"{problem.tool}: {problem.reason}")
        return []
    return busy
