"""Settings of real people, by the tool that they belong to; none of them is part of the project.

`../shared/realfiles.tar.gz`, beside this repository, has them with a table of where each belongs.
"""

from __future__ import annotations

import csv
import json
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ARCHIVE = Path(__file__).resolve().parents[4] / "shared" / "realfiles.tar.gz"
IN_VSCODE = ("ai-commit", "chatgpt-copilot", "llama-vscode", "roo-code")
"""The tools whose settings are among those of VS Code."""
BESIDE = {
    "obsidian-local-gpt/152-data.json": "obsidian-ai-providers/135-data.json",
    "obsidian-local-gpt/153-data.json": "obsidian-ai-providers/136-data.json",
    "obsidian-local-gpt/154-data.json": "obsidian-ai-providers/138-data.json",
    "smartcat/268-prompts.toml": "smartcat/269-api_configs.toml",
    "smartcat/269-api_configs.toml": "smartcat/268-prompts.toml",
}
"""Files that a tool needs beside one: these are of the same person."""


class RealFile(NamedTuple):
    """A file of somebody's: its name in the archive, the tool that reads it, and where it lies in a home."""

    name: str
    tool: str
    place: str

    @property
    def words(self) -> list[str]:
        """What else a run of the command has to be told."""
        return ["--in", "PROJECT"] if self.place.startswith("project/") else []

    def put(self, home: Path) -> Path:
        """Make a home of this file, and of those that it needs beside it."""
        found = _archived()
        self.name_vault(home)
        (home / "project").mkdir(parents=True)
        beside = [(name, place) for name, place in _places() if name == BESIDE.get(self.name)]
        for name, place in [(self.name, self.place), *beside]:
            path = home / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(found[f"realfiles/{name}"])
        return home / self.place

    def name_vault(self, home: Path) -> None:
        """Say in Obsidian's list of vaults, which has whole paths, where this one is."""
        if self.place.startswith("vault/"):
            vaults = home / ".config/obsidian/obsidian.json"
            vaults.parent.mkdir(parents=True, exist_ok=True)
            vaults.write_text(json.dumps({"vaults": {"a": {"path": str(home / "vault")}}}), "utf-8")


def real_files() -> Iterator[RealFile]:
    """All of them, one of VS Code's once for each of the tools; none where the archive is not here."""
    for name, place in _places():
        tool = name.partition("/")[0]
        for each in IN_VSCODE if tool == "vscode" else [tool]:
            yield RealFile(name, each, place)


def _places() -> Iterator[tuple[str, str]]:
    if not ARCHIVE.is_file():
        return
    lines = _archived()["realfiles/INDEX.tsv"].decode().splitlines()
    for row in csv.DictReader(lines, delimiter="\t"):
        place = row["place"].replace("PROJ/", "project/").replace("VAULT/", "vault/")
        yield row["file"], place.removeprefix("~/")


@cache
def _archived() -> dict[str, bytes]:
    with tarfile.open(ARCHIVE) as files:
        return {
            member.name: stream.read()
            for member in files
            if member.isfile() and (stream := files.extractfile(member))
        }
