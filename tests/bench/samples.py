"""Made-up settings of some assistant, in each syntax and of any size, and what is to be edited in them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

Edit: TypeAlias = tuple[list[str], str | dict[str, str]]
"""A path of keys, and the value or the map that is to be there."""

KEY = "sk-or-vv-" + "0" * 64
OPENAI = "https://api.openai.com/v1"
VSEGPT = "https://api.vsegpt.ru:6070/v1"
FIELDS = {"provider": "openai", "apiKey": KEY, "apiBase": VSEGPT, "model": "openai/gpt-4o-mini"}

_NOTE = re.compile(r"note \d+:")


@dataclass(frozen=True)
class Sample:
    """A file, two edits (set one value in the middle, insert one map), and the lines they need."""

    syntax: str
    text: str
    edits: list[Edit]
    removed: int
    added: int

    def save(self, folder: Path) -> Path:
        """The file; its edits lie beside it."""
        path = folder / f"{self.syntax}-{len(self.text)}"
        path.write_text(self.text, "utf-8")
        path.with_suffix(".edits").write_text(json.dumps(self.edits), "utf-8")
        return path


def notes(text: str) -> int:
    """How many of a sample's comments are in a text."""
    return len(set(_NOTE.findall(text)))


def sample(syntax: str, size: int) -> Sample:
    """A file of about `size` bytes, and not more."""
    kind = _KINDS[syntax]
    entries: list[str] = []
    left = size - len((kind.head + kind.tail).encode())
    while (left := left - len((entry := kind.entry(len(entries)) + kind.between).encode())) > 0:
        entries.append(entry)
    body = "".join(entries).removesuffix(kind.between)
    return Sample(
        syntax, kind.head + body + kind.tail, kind.edits(f"{len(entries) // 2:05}"), kind.removed, kind.added
    )


@dataclass(frozen=True)
class _Kind:
    """How files of a syntax look: every entry has a comment, every third one more."""

    head: str
    entry: Callable[[int], str]
    between: str
    tail: str
    edits: Callable[[str], list[Edit]]
    removed: int
    added: int


def _edits(*above: str) -> Callable[[str], list[Edit]]:
    return lambda number: [
        ([*above, f"provider_{number}", "apiBase"], VSEGPT),
        ([*above, "vsegpt"], FIELDS),
    ]


def _flat(number: str) -> list[Edit]:
    fresh: list[Edit] = [([f"VSEGPT_{name.upper()}"], value) for name, value in FIELDS.items()]
    return [([f"PROVIDER_{number}_URL"], VSEGPT), *fresh]


def _xml_edits(number: str) -> list[Edit]:
    fresh: list[Edit] = [(["Settings", "Vsegpt", f"@{name}"], value) for name, value in FIELDS.items()]
    return [(["Settings", f"Provider{number}", "@apiBase"], VSEGPT), *fresh]


def _json(n: int) -> str:
    return f"""    "provider_{n:05}": {{
      "title": "Модель № {n}",
      "apiBase": "{OPENAI}",
      "models": ["gpt-4.1", "gpt-4.1-mini"],
      "temperature": 0.70,
      "timeout": {30 + n % 7},
      "enabled": true
    }}"""


def _jsonc(n: int) -> str:
    entry = _json(n).replace('"timeout"', '/* seconds */ "timeout"').replace("true\n", "true,\n")
    more = f" // note {n}000000: tried twice" if n % 3 == 0 else ""
    return f"    // note {n}: made by hand\n{entry}".replace(
        '"temperature": 0.70,', f'"temperature": 0.70,{more}'
    )


def _json5(n: int) -> str:
    unquoted = re.sub(r'"(\w+)":', r"\1:", _jsonc(n))
    return unquoted.replace('"', "'") if n % 2 else unquoted


def _yaml(n: int) -> str:
    more = f"  # note {n}000000: tried twice" if n % 3 == 0 else ""
    return f"""  # note {n}: made by hand
  provider_{n:05}:
    title: "Модель № {n}"
    apiBase: {OPENAI}
    models:
      - gpt-4.1
      - 'gpt-4.1-mini'
    temperature: 0.70{more}
    prompt: |
      You are helpful.
      Answer in one line.
    limits: {{timeout: {30 + n % 7}, tokens: 4_096}}

"""


def _toml(n: int) -> str:
    more = f"  # note {n}000000: tried twice" if n % 3 == 0 else ""
    return f"""
# note {n}: made by hand
[providers.provider_{n:05}]
title    = "Модель № {n}"
apiBase  = "{OPENAI}"
models   = ["gpt-4.1", 'gpt-4.1-mini']
temperature = 0.70{more}
limits   = {{ timeout = {30 + n % 7}, tokens = 4_096 }}
"""


def _dotenv(n: int) -> str:
    more = f"  # note {n}000000: tried twice" if n % 3 == 0 else ""
    return f"""
# note {n}: made by hand
export PROVIDER_{n:05}_KEY='sk-or-vv-0000'
PROVIDER_{n:05}_URL={OPENAI}
PROVIDER_{n:05}_TIMEOUT="{30 + n % 7}"{more}
"""


def _ini(n: int) -> str:
    return f"""
; note {n}: made by hand
[provider_{n:05}]
title = Модель № {n}
apiBase={OPENAI}
models = gpt-4.1, gpt-4.1-mini
timeout = {30 + n % 7}
"""


def _xml(n: int) -> str:
    return f"""  <!-- note {n}: made by hand -->
  <Provider{n:05} title="Модель № {n}" apiBase='{OPENAI}'>
    <Model   id="gpt-4.1"/>
    <Timeout>{30 + n % 7}</Timeout>
  </Provider{n:05}>
"""


def _family(entry: Callable[[int], str], quote: str) -> _Kind:
    head = f'{{\n  {quote}theme{quote}: "dark",\n  {quote}providers{quote}: {{\n'
    return _Kind(head, entry, ",\n", "\n  }\n}\n", _edits("providers"), 1, 1 + 6)


_KINDS = {
    "json": _family(_json, '"'),
    "jsonc": _family(_jsonc, '"'),
    "json5": _family(_json5, ""),
    "yaml": _Kind("theme: dark\nproviders:\n", _yaml, "", "", _edits("providers"), 1, 1 + 5),
    "toml": _Kind('theme = "dark"\n', _toml, "", "", _edits("providers"), 1, 1 + 6),
    "dotenv": _Kind("THEME=dark\n", _dotenv, "", "", _flat, 1, 1 + 4),
    "ini": _Kind("[main]\ntheme = dark\n", _ini, "", "", _edits(), 1, 1 + 6),
    "xml": _Kind("<?xml version='1.0'?>\n<Settings>\n", _xml, "", "</Settings>\n", _xml_edits, 1, 1 + 1),
}
