"""Make the program one file that needs nothing but Python: `python -m scripts.zipapp [FILE]`.

In it are the program, its profiles and catalogs, and the libraries as they are installed for the Python
that runs this. The same versions make the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement

import patcher
from patcher.registry import index
from patcher.registry.catalog import shipped_profiles

ROOT = Path(__file__).resolve().parent.parent
NAME = "vsegpt-patch.pyz"

LEFT_OUT = {
    "jsonschema",  # has to be compiled in part, and only profiles of one's own need it
    "ruamel-yaml-clib",  # compiled; the scanner in Python does the same
    "colorama",  # click does without it
}
"""What the program requires, by its normal name, and can do without."""

SPARE = {"_wcwidth_c", "_diff_tree", "_objects", "_pack"}
"""Compiled modules that their library does in Python where they are not."""

_COMPILED = {".so", ".pyd", ".dylib"}

MAIN = b"""\
import sys

if sys.version_info < (3, 11):
    sys.exit("vsegpt-patch needs Python 3.11 or newer; this is %d.%d" % sys.version_info[:2])

from patcher.cli.main import main

main()
"""
"""Runs in any Python, so that an old one can say that it is too old."""


def make() -> bytes:
    """The whole file. Raises `SystemExit` for a library that is missing, or not of Python alone."""
    files = {"__main__.py": MAIN, **dict(_program()), **dict(_libraries())}
    folders = {f"{folder}/" for name in files for folder in PurePosixPath(name).parents if folder.name}
    archive = io.BytesIO()
    archive.write(b"#!/usr/bin/env python3\n")
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        # A package without __init__.py is found only where its directory is in the list.
        for name in sorted({*files, *folders}):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # Unix, wherever it is made
            entry.external_attr = (0o40755 << 16 | 0x10) if name.endswith("/") else 0o100644 << 16
            packed.writestr(entry, files.get(name, b""), zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def _program() -> Iterator[tuple[str, bytes]]:
    package, profiles = Path(patcher.__file__).parent, Path(str(shipped_profiles()))
    for folder, name in ((package, "patcher"), (profiles, "patcher/profiles")):
        for path in folder.rglob("*"):
            place = path.relative_to(folder)
            if path.is_file() and "__pycache__" not in place.parts and path.suffix != ".po":
                yield f"{name}/{place.as_posix()}", path.read_bytes()
    tomls = {path.stem: path.read_bytes() for path in profiles.glob("*.toml")}
    yield f"patcher/registry/{index.NAME}", index.compiled(tomls)
    yield "LICENSE", (ROOT / "LICENSE").read_bytes()


def _libraries() -> Iterator[tuple[str, bytes]]:
    """The files of all that is required, with what their licences want to be kept."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    waiting, seen = list(project["dependencies"]), set(LEFT_OUT)
    while waiting:
        wanted = Requirement(waiting.pop())
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if name in seen or not (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            continue
        seen.add(name)
        try:
            library = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            raise SystemExit(f"{name} is not installed for {sys.executable}") from None
        waiting += library.requires or []
        yield from _files(library)


def _files(library: metadata.Distribution) -> Iterator[tuple[str, bytes]]:
    for file in library.files or ():
        if file.suffix in _COMPILED:
            if file.name.partition(".")[0] in SPARE:
                continue
            raise SystemExit(f"{library.name} is not of Python alone: it has {file}")
        top = file.parts[0]
        kept = file.name == "METADATA" or "licenses" in file.parts or file.name.startswith("LICENSE")
        if top == ".." or file.suffix == ".pyc" or (top.endswith(".dist-info") and not kept):
            continue  # commands, and what is about the installation
        yield file.as_posix(), file.read_binary()


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / NAME
    data = make()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    target.chmod(0o755)
    print(f"{target}: {len(data):,} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
