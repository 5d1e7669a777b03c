"""The README's promises: each is there, and what is said to hold it exists."""

from __future__ import annotations

import ast
import re

import pytest

from tests.crash.__main__ import NAMES
from tests.support.homes import ROOT

PROMISES = [
    "Nothing else changes",
    "Old or new, never between",
    "All or nothing",
    "A backup first",
    "Undo",
    "The key is shown nowhere",
    "Links, mode, owner, ACLs and extended attributes stay",
    "What is not understood is refused",
    "Running it twice changes nothing",
    "Off line",
    "VseGPT means VseGPT",
    "The key goes nowhere else",
]
TABLE = re.compile(r"^\| (\*\*.*?\*\*).*\| (.*) \|$", re.MULTILINE)
ROWS = [(row[1].strip("*. "), row[2]) for row in TABLE.finditer((ROOT / "README.md").read_text("utf-8"))]


def names_of_tests() -> set[str]:
    """The names of all test functions."""
    trees = (ast.parse(path.read_text("utf-8")) for path in (ROOT / "tests").rglob("test_*.py"))
    functions = (node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef))
    return {function.name for function in functions if function.name.startswith("test_")}


def test_every_promise_is_in_the_table() -> None:
    assert [title for title, _ in ROWS][: len(PROMISES)] == PROMISES


@pytest.mark.parametrize(("title", "held_by"), ROWS, ids=[title for title, _ in ROWS])
def test_what_holds_a_promise_exists(title: str, held_by: str) -> None:
    words = re.findall(r"`(.*?)`", held_by)
    names = {word for word in words if word.startswith("test_")}
    assert names, f"{title}: no test is named"
    assert not names - names_of_tests()
    for word in set(words) - names:
        if word.startswith("python -m tests.crash "):
            assert set(word.split()[3:]) <= set(NAMES)
        elif word.startswith("python -m "):
            module = ROOT / word.split()[2].replace(".", "/")
            assert module.with_suffix(".py").exists() or (module / "__main__.py").exists()
        else:
            assert (ROOT / word).exists()


# The same in Russian

ENGLISH, RUSSIAN = ((ROOT / name).read_text("utf-8") for name in ("README.md", "README.ru.md"))


def parts(text: str) -> list[str]:
    """What is in a page, in order: headings by their level, and each paragraph, table or block of code."""
    blocks = re.findall(r"```.*?```|(?:^(?!```)[^\n]+\n)+", text, re.MULTILINE | re.DOTALL)
    kinds = {"|": "table", "```": "code", "   ": "code"}
    return [
        block.split()[0] if block[0] == "#" else kinds.get(block[0], kinds.get(block[:3], "text"))
        for block in blocks
    ]


def test_the_pages_of_both_languages_are_built_alike() -> None:
    assert parts(RUSSIAN) == parts(ENGLISH)


def _asked(code: str) -> str:
    """What is typed, without comments and answers, which are in the language of the page."""
    if code.startswith("```console"):
        return "\n".join(line for line in code.splitlines() if line.startswith("$ "))
    return re.sub(r" +# [^\n]*", "", code)


def test_the_pages_of_both_languages_have_the_same_commands() -> None:
    code = re.compile(r"```.*?```|^    [^\n]*$", re.MULTILINE | re.DOTALL)
    english, russian = ([_asked(each) for each in code.findall(text)] for text in (ENGLISH, RUSSIAN))
    assert russian == english
    assert len(english) > 5
    options = re.compile(r"--[a-z][a-z-]+")
    assert sorted(options.findall(RUSSIAN)) == sorted(options.findall(ENGLISH))


def test_the_pages_of_both_languages_name_the_same_tests_and_places() -> None:
    names = re.compile(r"`((?:test_|tests/|python -m |~/|%)[^`]*)`|\]\(([^)]*)\)")
    english, russian = (
        [each for each in names.findall(text) if "README" not in each[1]]
        for text in (ENGLISH, RUSSIAN.replace(".ru.svg)", ".svg)"))
    )
    assert sorted(russian) == sorted(english)
    assert len(TABLE.findall(RUSSIAN)) == len(ROWS)


def test_the_pages_lead_to_each_other_at_the_top() -> None:
    assert "[Русский](README.ru.md)" in ENGLISH.splitlines()[2]
    assert "[English](README.md)" in RUSSIAN.splitlines()[2]
