"""Qt's QSettings as a child: a line in is a list of texts, a line out what each is to it, as JSON.

The keys are flat, with `/` after the group; an answer is `[tree]`, or why it fails.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QSettings


def read(file: Path, text: str) -> object:
    """As a program does: from a file, with no value that is not there."""
    file.write_bytes(text.encode())
    settings = QSettings(str(file), QSettings.Format.IniFormat)
    return [{key: plain(settings.value(key)) for key in settings.allKeys() if settings.contains(key)}]


def plain(value: object) -> object:
    """A value as JSON; those of other kinds by their names."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value if isinstance(value, str) else {"\0": repr(value)}


def main() -> None:
    with TemporaryDirectory() as folder:
        for line in sys.stdin:
            # A file of its own for each text, or Qt would answer from what it knows.
            texts = enumerate(json.loads(line))
            print(json.dumps([read(Path(folder, f"{at}.ini"), text) for at, text in texts]), flush=True)


if __name__ == "__main__":
    main()
