"""Where the key comes from: --key-file, VSEGPT_API_KEY, the system's keyring, or the person."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from patcher.cli.session import Session
from patcher.errors import UsageError
from patcher.i18n import _
from patcher.os_errors import why
from patcher.secrets import key_format, keyring
from patcher.secrets.secret import Secret

_LONGEST = 8192
"""Bytes of a key's file that are read."""


def key(session: Session, *, needed: bool) -> Secret | None:
    """The key that is known, else, where it is needed, asked for without showing it.

    Raises `UsageError` where there is none, or one of another service.
    """
    if session.read_key is not None:
        return session.read_key
    known = known_key(session, in_keyring=needed)
    if known is None and not needed:
        return None
    return checked(session, known[0] if known else _asked())


def new_key(session: Session) -> Secret:
    """From --key-file, else asked for. VSEGPT_API_KEY may well be the old one, so it does not count."""
    if session.read_key is not None:
        return session.read_key
    name = session.options.key_file
    return checked(session, _in_file(name) if name else _asked())


def known_key(session: Session, *, in_keyring: bool = True) -> tuple[Secret, str] | None:
    """The key that needs no asking, and where it is from."""
    if name := session.options.key_file:
        return _in_file(name), f"--key-file {name}"
    if os.environ.get("VSEGPT_API_KEY", "").strip():
        return Secret.parse(os.environ["VSEGPT_API_KEY"]), "VSEGPT_API_KEY"
    if in_keyring and has_keyring(session):
        try:
            kept = keyring.get()
        except keyring.NoKeyring as reason:
            session.report.message(_("note: {reason}").format(reason=reason), fg="yellow")
        else:
            return (kept, _("the system's keyring")) if kept else None
    return None


def has_keyring(session: Session) -> bool:
    """Whether a keyring counts: it is the caller's own, so it does not for another home."""
    return session.home is None and keyring.is_there()


def checked(session: Session, key: Secret) -> Secret:
    """The key, if it may be VseGPT's; a doubt is a warning. Other gateways have keys of other forms."""
    session.report.hide([key])
    if session.endpoint.is_vsegpt and (doubt := key_format.check(key)):
        session.report.warning(doubt)
    return key


def _asked() -> Secret:
    """The key, asked for without showing it. Raises `UsageError` where there is nobody to ask."""
    if sys.stdin.isatty():
        return Secret.parse(click.prompt(_("VseGPT key"), hide_input=True, err=True))
    raise UsageError(_("no key: set VSEGPT_API_KEY, or name a file that holds it with --key-file FILE"))


def _in_file(name: str) -> Secret:
    """The key in this file; `-` is standard input. Raises `UsageError`."""
    try:
        if name == "-":
            return Secret.parse(sys.stdin.readline(_LONGEST))
        with Path(name).open("rb") as file:
            return Secret.parse(file.read(_LONGEST).decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(
            _("--key-file {name}: it cannot be read ({why})").format(name=name, why=why(error))
        ) from None
    except UnicodeDecodeError:
        raise UsageError(_("--key-file {name}: it is not text").format(name=name)) from None
