"""Make the Ansible collection, with the program in it: `python -m scripts.collection [FOLDER]`.

Needs `ansible-galaxy` of ansible-core on the path. The tree stays as it is.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from patcher import __version__
from scripts import zipapp

ROOT = zipapp.ROOT


def make(into: Path) -> None:
    """Raises `SystemExit` where the collection's version is not the program's, or it cannot be built."""
    if f"version: {__version__}\n" not in (ROOT / "ansible/galaxy.yml").read_text("utf-8"):
        raise SystemExit(f"ansible/galaxy.yml: the version has to be that of the program, {__version__}")
    galaxy = shutil.which("ansible-galaxy")
    if galaxy is None:
        raise SystemExit("ansible-galaxy is not here: pip install ansible-core")
    with tempfile.TemporaryDirectory() as name:
        collection = Path(name) / "collection"
        shutil.copytree(ROOT / "ansible", collection, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "LICENSE", collection)
        (collection / "files").mkdir()
        (collection / "files" / zipapp.NAME).write_bytes(zipapp.make())
        words = [galaxy, "collection", "build", "--force", "--output-path", str(into), str(collection)]
        if subprocess.run(words, check=False).returncode != 0:  # noqa: S603 - words of our own
            raise SystemExit("ansible-galaxy could not build it")


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist")
