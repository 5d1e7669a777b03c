"""A keyring in a file: `PYTHON_KEYRING_BACKEND=tests.support.filering.Keyring`, `FILERING=<file>`."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class Keyring(KeyringBackend):
    """Keeps what it is given in a JSON file; while a file `.locked` lies beside, it is locked."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        _file().write_text(json.dumps(self._all() | {f"{service}/{username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        kept = self._all()
        if kept.pop(f"{service}/{username}", None) is None:
            raise PasswordDeleteError(service)
        _file().write_text(json.dumps(kept))

    def _all(self) -> dict[str, str]:
        if _file().with_suffix(".locked").exists():
            raise KeyringLocked(os.environ["FILERING"])
        found: dict[str, str] = json.loads(_file().read_text()) if _file().exists() else {}
        return found


def _file() -> Path:
    return Path(os.environ["FILERING"])
