"""The program under test: the real one, in a copy whose only profiles are made up."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

SOURCE = next(
    folder.resolve() for folder in map(Path, sys.path) if (folder / "patcher/cli/main.py").is_file()
)
"""Where the package is that is under test: this checkout, or what is installed."""
KEY = "sk-or-vv-" + "0" * 64
OLD_KEY = "sk-" + "0" * 40
STATE = ".local/state/vsegpt-patch"

ORIGINAL = {
    ".one/config": b'{\n  // mine\n  "models": []\n}\n',
    ".two/config": f"# mine\nA=1\nA_KEY={OLD_KEY}\n".encode(),
}
"""The made-up tools' files; `.two/deep/extra` is made, and its directory."""
MEMBERS = {
    ".three/config": b"""{
  // mine
  "allowed": ["other"], // and no more
  "banned": ["bad", "three"],
  "azure": {"id": 1},
  "limit": 65536,
  "agent": {"model": "x/y"},
  "headers": {"Team": "a", "Authorization": "Bearer mine"},
  "models": [
    {"id": "custom-7", "name": "VseGPT"},
    {"name": "mine"}
  ]
}
""",
    ".three/extra": b"allowed:\n  - other # mine\nbanned: [three]\nlimit: 65536\nold:\n  azure: 2\n",
}
"""Those of the tool whose profile sets right what is there: lists, limits, what goes, what is the same."""
SET_RIGHT = {
    ".three/config": b"""{
  // mine
  "allowed": ["other", "three"], // and no more
  "banned": ["bad"],
  "limit": 16000,
  "agent": {"model": "three/openai/gpt-4o-mini"},
  "headers": {"Team": "a"},
  "models": [
    {"id": "custom-7", "name": "VseGPT", "apiKey": "%s", "apiBase": "https://api.vsegpt.ru:6070/v1"},
    {"name": "mine"}
  ],
  "shown": ["three"],
  "chosen": "custom-7"
}
"""
    % KEY.encode(),
    ".three/extra": b"""allowed:
  - other # mine
  - three
  - openai/gpt-4o-mini
banned: []
limit: 16000
old: {}
""",
}
"""What a patch makes of them."""
SINCE = {
    ".three/config": (
        (b'"other"', b'"other", "theirs"'),
        (b"16000", b"100"),
        (b"// mine", b'// mine\n  "x": 1,'),
    ),
    ".three/extra": ((b"- other", b"- theirs\n  - other"), (b"old:", b"x: 1\nold:")),
}
"""What somebody makes of these files after a patch."""
LEFT = {
    ".three/config": b"""{
  // mine
  "x": 1,
  "allowed": ["other", "theirs"], // and no more
  "banned": ["bad", "three"],
  "limit": 100,
  "agent": {"model": "x/y"},
  "headers": {"Team": "a", "Authorization": "Bearer mine"},
  "models": [
    {"id": "custom-7", "name": "VseGPT"},
    {"name": "mine"}
  ],
  "azure": {"id": 1}
}
""",
    ".three/extra": b"""allowed:
  - theirs
  - other # mine
banned: [three]
limit: 65536
x: 1
old:
  azure: 2
""",
}
"""What an undo leaves of them then: all of theirs and nothing of ours."""

_ONE = """
name = "One"
about = { en = "a toy", ru = "игрушка" }
docs = "https://toy.example/docs"
found_by = ["~/.one"]
[[file]]
format = "jsonc"
path = ["~/.one/config"]
  [[file.edit]]
  at = ["models", { name = "VseGPT" }]
  handler = { provider = "openai" }
  key = { apiKey = "{key}" }
  url = { apiBase = "https://api.openai.com/v1" }
"""
_TWO = """
name = "Two"
about = { en = "a toy", ru = "игрушка" }
docs = "https://toy.example/docs"
found_by = ["~/.two"]
[[file]]
format = "dotenv"
path = ["~/.two/config"]
  [[file.edit]]
  key = { A_KEY = "{key}" }
  url = { A_URL = "https://api.openai.com/v1" }
[[file]]
format = "dotenv"
path = ["~/.two/deep/extra"]
create = {}
  [[file.edit]]
  key = { A_KEY = "{key}" }
"""
_THREE = """
name = "Three"
about = { en = "a toy", ru = "игрушка" }
docs = "https://toy.example/docs"
found_by = ["~/.three"]
[[file]]
format = "jsonc"
path = ["~/.three/config"]
  [[file.edit]]
  at = ["models", { name = "VseGPT" }]
  key = { apiKey = "{key}" }
  url = { apiBase = "https://api.openai.com/v1" }
  [[file.edit]]
  contains = { allowed = ["three"], shown = { items = ["three"], make = true } }
  without = { banned = ["three"] }
  unset = ["azure", { has = ["headers", { each = "[Aa]uthorization" }], unlike = "*sk-or-vv-*" }]
  cap = { limit = 16000 }
  same_as = { chosen = { at = ["models", { name = "VseGPT" }, "id"], default = "custom-0" } }
  [[file.edit]]
  at = ["agent"]
  if_present = true
  model = { model = "three/{model}" }
[[file]]
format = "yaml"
path = ["~/.three/extra"]
  [[file.edit]]
  contains = { allowed = ["three", "{model}"] }
  without = { banned = ["three"] }
  unset = [["old", "azure"]]
  cap = { limit = 16000 }
"""


def copy(to: Path, source: Path = SOURCE) -> Path:
    """A copy of the program with the made-up profiles alone: they count as shipped, and so start quickly."""
    shutil.copytree(source / "patcher", to / "patcher", ignore=shutil.ignore_patterns("__pycache__"))
    profiles = to / "patcher/profiles"
    shutil.rmtree(profiles, ignore_errors=True)
    profiles.mkdir()
    (profiles / "one.toml").write_text(_ONE, "utf-8")
    (profiles / "two.toml").write_text(_TWO, "utf-8")
    (profiles / "three.toml").write_text(_THREE, "utf-8")
    return to


def load(folder: Path) -> None:
    """Make `patcher` mean this copy, in this process and those forked from it."""
    assert "patcher" not in sys.modules, "another copy is loaded already"
    sys.path.insert(0, str(folder))
    import encodings.ascii  # noqa: F401, PLC0415 - what is imported late would meet the faults

    import patcher.cli.main  # noqa: PLC0415 - its place has to be known first

    assert Path(patcher.cli.main.__file__).is_relative_to(folder)


def main(words: Sequence[str], key: str = KEY) -> int:
    """Run the program in this process; its exit code."""
    from patcher.cli import main  # noqa: PLC0415 - the copy has to be loaded first

    os.environ["VSEGPT_API_KEY"] = key
    try:
        main.main(words)
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def quiet(words: Sequence[str], key: str = KEY) -> tuple[int, str]:
    """The same; what it prints is answered instead."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = main(words, key)
    return code, out.getvalue()


def recover(home: Path) -> None:
    """What every start does first."""
    from patcher.disk.runs import Journal  # noqa: PLC0415 - as above
    from patcher.disk.transaction import exclusive_run  # noqa: PLC0415 - as above
    from patcher.machine.places import Machine  # noqa: PLC0415 - the copy has to be loaded first

    with exclusive_run(Journal(Machine.here(home).state)):
        pass


def files(home: Path) -> dict[str, bytes]:
    """Every file of a home by its path, a directory as `/`; our own state is among them."""
    return {
        path.relative_to(home).as_posix(): b"/" if path.is_dir() else path.read_bytes()
        for path in sorted(home.rglob("*"))
    }
