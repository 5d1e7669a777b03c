"""Files read and changed without any code of the program's own: what judges it shares nothing with it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import json5
import tomlkit
import yaml

KEY = "sk-or-vv-" + "0" * 64
MODEL = "openai/gpt-4o-mini"

FLAT = "flat"
"""A file of lines `NAME=value`."""


def syntax_of(path: Path) -> str:
    """The syntax that a file's name says; what has no name of its own for it holds lines."""
    if re.fullmatch(r"\.env.*|\.sgptrc|\.aicommits|\.opencommit.*", path.name):
        return FLAT
    return {".yml": "yaml", ".yaml": "yaml", ".toml": "toml", ".md": "markdown"}.get(path.suffix, "json")


def read(path: Path) -> Any:
    """What a file says as plain data; an empty map where there is none."""
    text = path.read_text("utf-8") if path.is_file() else ""
    syntax = syntax_of(path)
    if syntax == "markdown":
        found = re.match(
            r"---\n(.*?\n)---", text, re.DOTALL
        )  # what YAML itself would not have counts as well
        return dict(re.findall(r"^(\w+): *\"?(.*?)\"?$", found[1], re.MULTILINE)) if found else {}
    if not text.strip():
        return {}
    if syntax == FLAT:
        return dict(_lines(text))
    if syntax == "yaml":
        return yaml.safe_load(text) or {}
    return tomllib.loads(text) if syntax == "toml" else json5.loads(text)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        found = re.match(r"\s*(?:export\s+)?([\w.-]+)\s*=\s*(.*?)\s*$", line)
        if found:
            value = found[2]
            quoted = re.match(r"(['\"])(.*?)\1", value)
            yield found[1], quoted[2] if quoted else re.split(r"(?:^|\s)#", value)[0].strip()


def put(path: Path, at: Sequence[str | int], value: Any) -> None:
    """Let a file say something else at one place; a number is a list's index, "+" its end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    syntax = syntax_of(path)
    if syntax == "markdown":
        path.write_text(value, "utf-8", newline="")
    elif syntax == FLAT:
        text = path.read_text("utf-8") if path.is_file() else ""
        kept = [line for line in text.splitlines() if not line.startswith(f"{at[0]}=")]
        path.write_text("\n".join([*kept, f"{at[0]}={value}"]) + "\n", "utf-8")
    elif syntax == "toml":
        document = tomlkit.parse(path.read_text("utf-8") if path.is_file() else "")
        _set(document, at, value)
        path.write_text(tomlkit.dumps(document), "utf-8")
    else:
        data = read(path) if at else value
        if at:
            _set(data, at, value)
        text = yaml.safe_dump(data, sort_keys=False) if syntax == "yaml" else json.dumps(data, indent=2)
        path.write_text(text, "utf-8")


def _set(data: Any, at: Sequence[str | int], value: Any) -> None:
    for step, following in pairwise(at):
        if isinstance(data, list):
            data = data[int(step)]
        else:
            inner = data.get(step)
            if not isinstance(inner, (dict, list)):
                data[step] = [] if following == "+" else {}
            data = data[step]
    if at[-1] == "+":
        data.append(value)
    else:
        data[at[-1]] = value


def get(data: Any, *path: str, default: Any = None) -> Any:
    """What is at a path of maps."""
    for step in path:
        if not isinstance(data, dict) or data.get(step) is None:
            return default
        data = data[step]
    return data


def item(data: Any, **fields: Any) -> dict[str, Any]:
    """The first entry of a list that has these values."""
    for each in data if isinstance(data, list) else []:
        if isinstance(each, dict) and all(each.get(name) == value for name, value in fields.items()):
            return each
    return {}


def is_ours(url: Any) -> bool:
    """Whether an address, with or without a scheme, is one of VseGPT's."""
    text = str(url or "")
    host = urlsplit(text if "://" in text else f"https://{text}").hostname or ""
    return host == "vsegpt.ru" or host.endswith(".vsegpt.ru")


def is_key(text: Any) -> bool:
    return bool(text == KEY)


def leaks(data: Any, at: str = "") -> Iterator[str]:
    """Entries in which our key stands beside addresses of somebody else's alone."""
    if isinstance(data, dict):
        texts = [each for each in data.values() if isinstance(each, str)]
        inner = [text for each in data.values() if isinstance(each, dict) for text in each.values()]
        hosts = [text for text in texts if re.match(r"https?://", text)]
        if KEY in [*texts, *inner] and hosts and not any(map(is_ours, hosts)):
            yield f"the key stands beside {hosts} at {at}"
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, each in pairs:
        yield from leaks(each, f"{at}.{name}")
