"""Each reader of a dotenv dialect sees what its program does, measured with the program itself."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from patcher.errors import Refused
from patcher.formats.dotenv import compose, decouple, go, node, python
from patcher.formats.lines.flat import Raw
from patcher.formats.ops import Node
from tests.laws import dotenv_judges
from tests.laws.programs import DOTENV, why_missing

READERS: dict[str, Callable[[str], dict[str, Node]]] = {
    "node": node.read,
    "python": python.read,
    "decouple": decouple.read,
    "go": go.read,
    "compose": compose.read,
}
TABLE = Path(dotenv_judges.__file__).with_name("dotenv_readers.toml")
TEXTS: list[dict[str, Any]] = tomllib.loads(TABLE.read_text("utf-8"))["text"]
TOKENS = [
    *("A", "B", "KEY", "export ", "export", "=", "=", "=", ":", ": ", ",", "x", "sk-0", "1", "é", ".", "-"),
    *("'", '"', "`", "'x'", '"y"', "`z`", "#", " #", "# c", "\n", "\n", "\n", " ", "\t", "\\", "\\n", "\\'"),
    *('\\"', "\\\\", "$", "$A", "${A}", "${", "}", "${B:-x}", "$$", "\\$", "$(A", "\r\n", "\xa0", "\u2028"),
    *("\x85", "\u2003", "\x1c", "\v", "[", "(", "\\0101", "\\c", "AB=1\n", "C=2\n", "__x", "{", "²"),
]


@pytest.mark.parametrize("dialect", READERS)
@pytest.mark.parametrize("case", TEXTS, ids=[repr(case["text"])[:40] for case in TEXTS])
def test_a_reader_gives_what_the_table_says(case: dict[str, Any], dialect: str) -> None:
    if dialect in case.get("fails", ()):
        with pytest.raises(Refused) as refusal:
            READERS[dialect](case["text"])
        assert refusal.value.cure
        assert refusal.value.line
        return
    seen = case[dialect] if dialect in case else case["all"]
    expected = {key: Raw(its["variable"]) if isinstance(its, dict) else its for key, its in seen.items()}
    alone = case.get("alone", {}).get(dialect, [])
    assert READERS[dialect](case["text"]) == expected | dict.fromkeys(alone)


@pytest.mark.parametrize("dialect", READERS)
def test_the_table_and_the_reader_are_what_the_program_itself_does(dialect: str) -> None:
    [program] = DOTENV[dialect]
    if why := why_missing(program):
        pytest.skip(why)
    rng = Random(1)
    texts = [case["text"] for case in TEXTS]
    texts += ["".join(rng.choices(TOKENS, k=rng.randint(1, 14))) for _ in range(1000)]
    for text, real in zip(texts, program.read(texts), strict=True):
        if isinstance(real, str):
            with pytest.raises(Refused):
                READERS[dialect](text)
            continue
        [seen] = real
        assert isinstance(seen, dict)
        ours = READERS[dialect](text)
        if dialect == "compose":  # a key alone is what the environment says
            alone = {key for key, value in ours.items() if value is None}
            ours, seen = ({key: its[key] for key in its.keys() - alone} for its in (ours, seen))
        assert ours.keys() == seen.keys(), text
        assert all(isinstance(value, Raw) or value == seen[key] for key, value in ours.items()), text


def test_readers_and_planner_share_nothing_that_reads() -> None:
    """What they both import are names of values, line numbers and messages."""
    folder = Path(node.__file__).parent
    planner, readers = ({"plan", "scan", "rules"}, set(READERS))
    for name in planner | readers:
        others = readers if name in planner else planner | readers - {name}
        text = (folder / f"{name}.py").read_text("utf-8")
        assert not [other for other in others if f"patcher.formats.dotenv.{other} " in text]
        if name in readers:
            assert set(re.findall(r"from patcher\.formats\.(\S+) import (.+)", text)) <= {
                ("lines.flat", "Raw"),
                ("linewise", "line_of"),
                ("ops", "Node"),
            }
