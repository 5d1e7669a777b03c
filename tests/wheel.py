"""What is released is what was tested: `python -m tests.wheel [--into FOLDER] [PYTEST WORDS]`.

Builds sdist and wheel from two clean clones, made at different times, and compares their bytes; then runs
the suite of the sdist, in a directory without the package, against the installed wheel. What is committed
counts. Exits 1 where anything differs or fails; else `FOLDER` gets the sdist and the wheel.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
from pathlib import Path

from tests.support.unpacking import unpack

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ("patcher", "profiles")
"""What the tests may find only where it is installed."""


def built(folder: Path, umask: int) -> dict[str, str]:
    """Sdist of the newest commit and the wheel made from it, in `folder`/dist; by file name their hashes."""
    clone = folder / "clone"
    words = ["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(clone)]
    subprocess.run(words, check=True, umask=umask)
    words = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"), str(clone)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, umask=umask)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "dist").iterdir()}


def tested(dist: Path, folder: Path, words: list[str]) -> int:
    """The exit code of the sdist's suite against the wheel, in an environment and a directory of its own."""
    (sdist,), (wheel,) = dist.glob("*.tar.gz"), dist.glob("*.whl")
    with tarfile.open(sdist) as packed:
        unpack(packed, folder)
    (work,) = folder.iterdir()
    for name in PACKAGE:
        shutil.rmtree(work / name)
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv/bin/python"
    subprocess.run([python, "-m", "pip", "install", "-q", f"{wheel}[dev]"], check=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    code = "import patcher; print(patcher.__file__)"
    where = subprocess.check_output([python, "-c", code], cwd=work, env=environment, text=True).strip()
    assert Path(where).is_relative_to(folder / "venv"), where
    subprocess.run([python.with_name("vsegpt-patch"), "--version"], cwd=folder, env=environment, check=True)
    print(f"the suite against {wheel.name}: {where}", flush=True)
    ran = subprocess.run([python, "-m", "pytest", "-q", *words], cwd=work, env=environment, check=False)
    return ran.returncode


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.wheel", allow_abbrev=False)
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="where wheel and sdist go if all is well")
    asked, words = parser.parse_known_args()
    with tempfile.TemporaryDirectory(prefix="wheel-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # some tests run as another user
        first = built(folder / "first", 0o022)
        time.sleep(2)  # archives know times to two seconds
        second = built(folder / "second", 0o077)
        for file in sorted(first.keys() | second.keys()):
            same = first.get(file) == second.get(file)
            print(f"{file}: built twice, {'the same bytes' if same else 'DIFFERENT BYTES'}", flush=True)
        if first != second:
            return 1
        place = folder / "elsewhere"
        place.mkdir()
        failed = tested(folder / "first/dist", place, words)
        if asked.into is not None and not failed:
            shutil.copytree(folder / "first/dist", asked.into, dirs_exist_ok=True)
        return failed


if __name__ == "__main__":
    sys.exit(main())
