"""The system's keyring, through the optional package `keyring`: one key, of the person who runs this."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Final

from patcher.errors import PatchError
from patcher.i18n import _
from patcher.secrets.secret import Secret

_SERVICE: Final = "vsegpt-patch"
_ACCOUNT: Final = "VseGPT"


class NoKeyring(PatchError):
    """There is no keyring, or it cannot be used now; the message says what to do."""


def is_there() -> bool:
    """Whether the package is installed and finds a keyring on this system."""
    try:
        check()
    except NoKeyring:
        return False
    return True


def check() -> None:
    """Raises `NoKeyring` where there is no keyring, with what to install."""
    _backend()


def get() -> Secret | None:
    """The key that is kept, if any. Raises `NoKeyring` for a keyring that cannot be read now."""
    with _explained():
        text = _backend().get_password(_SERVICE, _ACCOUNT)
    return Secret(text) if text else None


def put(key: Secret) -> None:
    """Keep this key. Raises `NoKeyring`."""
    with _explained():
        _backend().set_password(_SERVICE, _ACCOUNT, key.reveal())


def forget() -> bool:
    """Keep no key any more; answers with whether there was one. Raises `NoKeyring`."""
    if get() is None:
        return False
    with _explained():
        _backend().delete_password(_SERVICE, _ACCOUNT)
    return True


def _backend() -> Any:
    """The keyring that the package has chosen for this system. Raises `NoKeyring` where there is none."""
    try:
        import keyring  # noqa: PLC0415 - optional, and slow to load
    except ImportError:
        raise NoKeyring(
            _("the system's keyring needs the package keyring: pip install 'vsegpt-patch[keyring]'")
        ) from None
    with _explained():
        backend = keyring.get_keyring()
        if backend.priority <= 0:  # what the package has where it finds none, or is told to use none
            raise NoKeyring(
                _("no keyring was found on this system; --key-file FILE and VSEGPT_API_KEY need none")
            )
    return backend


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Each kind of keyring has errors of its own, of which not all are the package's."""
    try:
        yield
    except PatchError:
        raise
    except Exception as error:  # noqa: BLE001 - a message of theirs might hold the key: its kind will do
        raise NoKeyring(
            _("the system's keyring cannot be used now ({kind}); is it locked?").format(
                kind=type(error).__name__
            )
        ) from None
