"""Made-up tools, to try the program on homes of a test's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.support.homes import KEY, Result, run

_HEAD = """\
name = "{name}"
about = {{ en = "a toy", ru = "игрушка" }}
docs = "https://toy.example/docs"
"""
_REST = """
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

GOOD = b'{\n  "models": []\n}\n'
"""The settings of such a tool that nothing is amiss with."""


def profile(folder: Path, tool: str, rest: str) -> None:
    """Write the profile of a made-up tool: `rest` is what comes behind its name and description."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{tool}.toml").write_text(_HEAD.format(name=tool.title()) + rest, "utf-8")


def made_up_tool(folder: Path, tool: str, syntax: str, *, create: bool = True) -> None:
    """Write the profile of a made-up tool whose settings are in `~/.<tool>/config`."""
    profile(folder, tool, _REST.format(tool=tool, syntax=syntax, create="create = {}" if create else ""))


def home_with_tools(folder: Path, *tools: str, syntax: str = "json", holds: bytes = b"{}\n") -> Path:
    """A home with the settings of such tools; their profiles are in `profiles` beside it."""
    home = folder / "home"
    for tool in tools:
        (home / f".{tool}").mkdir(parents=True)
        (home / f".{tool}/config").write_bytes(holds)
        made_up_tool(folder / "profiles", tool, syntax)
    return home


def profiles_option(home: Path) -> tuple[str, str]:
    """The words that say where its profiles are."""
    return "--profiles", str(home.parent / "profiles")


def run_with_profiles(
    home: Path, *words: str, key: str | None = KEY, env: Mapping[str, str] | None = None
) -> Result:
    """Run the command on a home, with `--profiles`: those beside it, as `home_with_tools` makes them."""
    return run(home, *profiles_option(home), *words, key=key, env=env)
