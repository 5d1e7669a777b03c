"""What is released is what was tested: `python -m tests.wheel [PYTEST WORDS]`.

Builds wheel and sdist from two clean clones, made at different times, and compares their bytes; then runs
the suite in a directory that has the tests and the fixtures, but no package, against the installed wheel.
What is committed counts. Exits 1 where anything differs or fails.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BESIDE = ("tests", "fixtures", "docs", "scripts", "LICENSE", "README.md", "README.ru.md", "pyproject.toml")
"""What the tests need of the repository besides the package."""


def built(folder: Path) -> dict[str, str]:
    """Wheel and sdist of the newest commit, in `folder`/dist; by file name their hashes."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(clone)], check=True)
    words = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist"), str(clone)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "dist").iterdir()}


def tested(wheel: Path, folder: Path, words: list[str]) -> int:
    """The exit code of the suite against the wheel, in an environment and a directory of its own."""
    for name in BESIDE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, folder / name)
    venv.create(folder / ".venv", with_pip=True)
    python = folder / ".venv/bin/python"
    subprocess.run([python, "-m", "pip", "install", "-q", f"{wheel}[dev]"], check=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    code = "import patcher; print(patcher.__file__)"
    where = subprocess.check_output([python, "-c", code], cwd=folder, env=environment, text=True).strip()
    assert Path(where).is_relative_to(folder / ".venv"), where
    print(f"the suite against {wheel.name}, installed in an environment of its own")
    ran = subprocess.run([python, "-m", "pytest", "-q", *words], cwd=folder, env=environment, check=False)
    return ran.returncode


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="wheel-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # some tests run as another user
        first = built(folder / "first")
        time.sleep(2)  # archives know times to two seconds
        second = built(folder / "second")
        for file in sorted(first.keys() | second.keys()):
            same = first.get(file) == second.get(file)
            print(f"{file}: built twice, {'the same bytes' if same else 'DIFFERENT BYTES'}")
        if first != second:
            return 1
        wheel = next((folder / "first/dist").glob("*.whl"))
        place = folder / "elsewhere"
        place.mkdir()
        return tested(wheel, place, sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
