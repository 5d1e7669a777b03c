"""Readers of programs that cannot be had by themselves, written after their sources."""

from __future__ import annotations

import io

from tests.laws.judges import Tree


def shell_gpt(text: str) -> Tree:
    """Written after `Config._read` of shell-gpt 1.5.1, which cannot be had without its settings."""
    pairs = [line.strip().split("=", 1) for line in io.StringIO(text, newline=None) if _said(line)]
    return {key: value for key, value in pairs}  # noqa: C416  # a line without = fails, as there


def _said(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


_GO_BLANKS = "\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
"""What Go's `TrimSpace` takes off."""


def tgpt(text: str) -> Tree:
    """Written after `loadConfig` in main.go of tgpt 2.13: a variable that is set already keeps its value."""
    found: dict[str, Tree] = {}
    for line in text.split("\n"):
        key, equals, value = line.strip(_GO_BLANKS).partition("=")
        key = key.strip(_GO_BLANKS)
        if equals and key and not key.startswith("#"):
            found[key] = found.get(key) or value.strip(_GO_BLANKS).strip("\"'")
    return found
