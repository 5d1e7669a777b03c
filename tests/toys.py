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


def toy(folder: Path, tool: str, syntax: str, *, create: bool = True) -> None:
    """Write the profile of a made-up tool whose settings are in `~/.<tool>/config`."""
    folder.mkdir(exist_ok=True)
    text = TOY.format(name=tool.title(), tool=tool, syntax=syntax, create="create = {}" if create else "")
    (folder / f"{tool}.toml").write_text(text, "utf-8")


def home_of_one(folder: Path) -> Path:
    """A home with a made-up tool, `one`; its profile is in `profiles` beside it."""
    home = folder / "home"
    (home / ".one").mkdir(parents=True)
    (home / ".one/config").write_text("{}\n")
    toy(folder / "profiles", "one", "json")
    return home
