"""How the same edits are asked of programs with a command line, ours among them."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.samples import KEY, OPENAI, Sample

ROOT = Path(__file__).resolve().parents[2]

_PROFILE = """
name = "Bench"
about = {{ en = "made up", ru = "выдумано" }}
docs = "https://bench.example/docs"
found_by = ["~/.bench"]

[[file]]
format = "{syntax}"
path = ["~/.bench/config"]

  [[file.edit]]
  at = {old}
  url = {{ {old_url} = "{openai}" }}

  [[file.edit]]
  at = {new}
  handler = {{ {provider} = "openai" }}
  key = {{ {apiKey} = "{{key}}" }}
  url = {{ {apiBase} = "{openai}" }}
  model = {{ {model} = "{{model}}" }}
"""


@dataclass(frozen=True)
class Command:
    """What is run; the result is in `after`, or is what the command prints."""

    argv: list[str]
    after: Path | None = None
    stdin: str = ""
    env: dict[str, str] = field(default_factory=dict)


def patcher(*words: str) -> list[str]:
    return [sys.executable, "-m", "patcher", *words]


def ours(sample: Sample, folder: Path) -> Command:
    """A home and a profile, both made anew: what was done once would not be done again."""
    names = {name: name for name in ("provider", "apiKey", "apiBase", "model")}
    (*old, old_url), new = sample.edits[0][0], sample.edits[1][0]
    if sample.syntax == "dotenv":
        new, names = [], {name: f"VSEGPT_{name.upper()}" for name in names}
    shutil.rmtree(folder, ignore_errors=True)
    config = folder / "home" / ".bench" / "config"
    config.parent.mkdir(parents=True)
    config.write_text(sample.text, "utf-8")
    (folder / "profiles").mkdir()
    words = {"old": json.dumps(old), "old_url": old_url, "new": json.dumps(new), "openai": OPENAI}
    profile = _PROFILE.format(syntax=sample.syntax, **words, **names)
    (folder / "profiles" / "bench.toml").write_text(profile, "utf-8")
    argv = patcher("bench", "--home", str(folder / "home"), "--profiles", str(folder / "profiles"))
    return Command(argv, config, env={"VSEGPT_API_KEY": KEY, "PYTHONPATH": str(ROOT)})


def jq(sample: Sample, folder: Path) -> Command:
    return Command(["jq", _filter(sample), str(_copy(sample, folder))])


def yq(sample: Sample, folder: Path) -> Command:
    return Command(["yq", "-Y", _filter(sample), str(_copy(sample, folder))])


def _filter(sample: Sample) -> str:
    return " | ".join(f"setpath({json.dumps(path)}; {json.dumps(value)})" for path, value in sample.edits)


def crudini(sample: Sample, folder: Path) -> Command:
    file = _copy(sample, folder)
    lines = []
    for (section, *keys), value in sample.edits:
        pairs = value if isinstance(value, dict) else {keys[0]: value}
        lines += [f"[{section}]", *(f"{key} = {text}" for key, text in pairs.items())]
    return Command(["crudini", "--merge", str(file)], file, stdin="\n".join(lines) + "\n")


def augtool(sample: Sample, folder: Path) -> Command:
    file = _copy(sample, folder)
    lens = {"json": "Json", "jsonc": "Json", "dotenv": "Shellvars", "ini": "Php"}[sample.syntax]
    lines = []
    for path, value in sample.edits:
        if lens == "Json":
            lines += _augeas_json(f"/files{file}", path, value)
        else:
            pairs = value.items() if isinstance(value, dict) else [("", value)]
            lines += [
                f'set "{"/".join([f"/files{file}", *path, *filter(None, [name])])}" "{text}"'
                for name, text in pairs
            ]
    script = folder / "script"
    script.write_text("\n".join(["load", *lines, "save"]) + "\n", "utf-8")
    words = ["--noload", "--noautoload", "--transform", f"{lens}.lns incl {file}", "--file", str(script)]
    return Command(["augtool", *words], file)


def _augeas_json(top: str, path: list[str], value: str | dict[str, str]) -> list[str]:
    *above, last = path
    node = top + "".join(f'/dict/entry[. = \\"{key}\\"]' for key in above)
    if isinstance(value, str):
        return [f'set "{node}/dict/entry[. = \\"{last}\\"]/string" "{value}"']
    lines = [f'set "{node}/dict/entry[last() + 1]" "{last}"']
    node += f'/dict/entry[. = \\"{last}\\"]'
    for index, (name, text) in enumerate(value.items(), 1):
        lines += [
            f'set "{node}/dict/entry[{index}]" "{name}"',
            f'set "{node}/dict/entry[{index}]/string" "{text}"',
        ]
    return lines


def _copy(sample: Sample, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / "file"
    file.write_text(sample.text, "utf-8")
    return file


COMMANDS = {"ours": ours, "jq": jq, "yq": yq, "crudini": crudini, "augtool": augtool}


def environment(extra: dict[str, str]) -> dict[str, str]:
    return (
        {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        | {"LANG": "C.UTF-8"}
        | extra
    )
