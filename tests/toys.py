"""A made-up tool for each syntax, to try the program on homes of a test's own."""

from __future__ import annotations

from pathlib import Path

TOY = """
name = "{name}"
about = {{ en = "a toy", ru = "игрушка" }}
docs = "https://toy.example/docs"
found_by = ["~/.{tool}"]

[[file]]
format = "{syntax}"
path = ["~/.{tool}/config"]
{create}

  [[file.edit]]
  at = ["models", {{ name = "VseGPT" }}]
  handler = {{ provider = "openai" }}
  key = {{ apiKey = "{{key}}" }}
  url = {{ apiBase = "https://api.openai.com/v1" }}
  model = {{ model = "{{model}}" }}
"""


def toy_home(folder: Path, *tools: str) -> Path:
    """A home with the settings of made-up tools, in JSON; their profiles are in `profiles` beside it."""
    home = folder / "home"
    for tool in tools:
        (home / f".{tool}").mkdir(parents=True)
        (home / f".{tool}/config").write_text("{}\n")
        toy(folder / "profiles", tool, "json")
    return home


def toy(folder: Path, tool: str, syntax: str, *, create: bool = True) -> None:
    """Write the profile of a made-up tool whose settings are in `~/.<tool>/config`."""
    folder.mkdir(exist_ok=True)
    text = TOY.format(name=tool.title(), tool=tool, syntax=syntax, create="create = {}" if create else "")
    (folder / f"{tool}.toml").write_text(text, "utf-8")
