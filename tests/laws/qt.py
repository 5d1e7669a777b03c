"""Qt's QSettings as a child: a line in is a list of texts, a line out what each is to it, as JSON.

The keys are flat, with `/` after the group; an answer is `[tree]`, or why it fails.
"""

from __future__ import annotations

import json
import sys
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QSettings


def read(file: Path, text: str) -> object:
    """As a program does: from a file, with no value that is not there."""
    file.write_bytes(text.encode())
    settings = QSettings(str(file), QSettings.Format.IniFormat)
    known = [key for key in settings.allKeys() if all(key.split("/"))]  # the others no program can ask for
    found = {key: plain(settings.value(key)) for key in known}
    file.unlink()
    return [found]


def plain(value: object) -> object:
    """A value as JSON; those of other kinds by their names."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value if isinstance(value, str) else {"\0": repr(value)}


def main() -> None:
    numbers = count()  # a file that was read before, Qt answers from what it knows
    with TemporaryDirectory() as folder:
        for line in sys.stdin:
            print(
                json.dumps([read(Path(folder, f"{next(numbers)}.ini"), text) for text in json.loads(line)]),
                flush=True,
            )


if __name__ == "__main__":
    main()
