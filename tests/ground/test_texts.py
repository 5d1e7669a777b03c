"""The code, click's too: what is written there as text is either a message or nothing that people read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import patcher
from patcher import i18n
from tests.support import foreign
from tests.support.translatable import SENTENCE

PACKAGE = Path(patcher.__file__).parent
SOURCES = [
    pytest.param(path, id=path.relative_to(PACKAGE).as_posix()) for path in sorted(PACKAGE.rglob("*.py"))
]
ASKED = {"_", "N_", "ngettext"}
REGEX = re.compile(r"\\[dws(\[]|\(\?")
NOT_SHOWN = {
    "\\ No newline at end of file",  # as diffs say it in every language
    'about    = { en = "what it is, in one line", ru = "что это, в одной строке" }   # ???',
    'about = "A file as a person might have it"\n',  # of a fixture, whose words are English
    "Expecting property name",  # what the parser says, to know it by
    # what the gateway of a trial tells the tool
    "fix: say hello",
    "no such path; available: {}",
    "this machine is off line",
    "a JSON object with messages is wanted",
    "a Secret is not to be stored",  # to whoever tries to pickle one
}


def _tree(path: Path) -> ast.Module:
    tree = ast.parse(path.read_text("utf-8"))
    for parent in ast.walk(tree):
        for child in ast.iter_child_nodes(parent):
            child.parent = parent  # type: ignore[attr-defined]  # a tree that can be climbed
    return tree


def _above(node: ast.AST) -> Iterator[ast.AST]:
    while hasattr(node, "parent"):
        node = node.parent
        yield node


def _is_asked(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ASKED


def _literal(node: ast.AST) -> str | None:
    """The text of a string or of an f-string, whose values are left out."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _is_shown(call: ast.AST) -> bool:
    """Whether the texts among its arguments are for people."""
    if not isinstance(call, ast.Call):
        return False
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    whose = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if name in {
        "Refused",
        "UsageError",
        "PatchError",
        "Unproved",
        "FileRefused",
        "Problem",
        "explained",
        "confirm",
    }:
        return True
    if whose.split(".")[-1] == "report":
        return name in {"message", "result", "warning", "paragraph", "table"}
    return whose == "click" and name in {"echo", "prompt", "confirm", "secho"}


@pytest.mark.parametrize("path", SOURCES)
def test_every_text_for_people_goes_through_the_catalogue(path: Path) -> None:
    for node in ast.walk(_tree(path)):
        text = _literal(node)
        if text is None or isinstance(getattr(node, "parent", None), ast.Expr | ast.JoinedStr):
            continue
        above = list(_above(node))
        if any(map(_is_asked, above)):
            continue
        where = f"{path.name}:{node.lineno}: {text!r}"  # type: ignore[attr-defined]  # a literal has a line
        in_list = isinstance(above[0], ast.Attribute) and above[0].attr in {"split", "findall"}
        command = text.startswith(("vsegpt-patch ", "pip ", "chmod ", "SELECT ", "PRAGMA "))
        assert in_list or command or text in NOT_SHOWN or REGEX.search(text) or not SENTENCE.search(text), (
            where
        )
        inner = above[next((i for i, up in enumerate(above) if isinstance(up, ast.Call)), 0)]
        if _is_shown(inner) and not command:
            style = isinstance(above[0], ast.keyword) and above[0].arg not in {"cure", "reason", None}
            assert style or not re.search(r"[A-Za-z]{2}", re.sub(r"vsegpt-patch|\{\}|https://", "", text)), (
                where
            )
        if isinstance(above[0], ast.keyword) and above[0].arg in {"help", "metavar", "cure"}:
            assert command or text == "ID" or not re.search(r"[A-Za-z]{2}", re.sub(r"URL|\{\}", "", text)), (
                where
            )


@pytest.mark.parametrize("path", SOURCES)
def test_a_message_is_asked_for_when_it_is_made_and_as_it_stands(path: Path) -> None:
    """Asked for at import it would be in the wrong language; put together before it would not be found."""
    if path.name == "i18n.py":
        return
    for node in filter(_is_asked, ast.walk(_tree(path))):
        assert isinstance(node, ast.Call)
        name = node.func.id  # type: ignore[attr-defined]  # it is one of three names
        where = f"{path.name}:{node.lineno}: {ast.unparse(node)}"
        for argument in node.args[: 2 if name == "ngettext" else 1]:
            parts = ast.walk(argument)
            assert not any(isinstance(part, ast.JoinedStr | ast.BinOp) for part in parts), where
            assert isinstance(argument, ast.Constant) or name == "_", where
        above = list(_above(node))
        assert not any(isinstance(up, ast.JoinedStr) for up in above) or not isinstance(
            node.args[0], ast.Constant
        ), f"{where} is not found in an f-string"
        functions = [up for up in above if isinstance(up, ast.FunctionDef | ast.Lambda)]
        assert name == "N_" or functions, where
        assert not any(isinstance(up, ast.arguments) for up in above), where


def _of_click() -> set[str]:
    found = set()
    for path in Path(click.__file__).parent.glob("*.py"):
        for node in filter(_is_asked, ast.walk(ast.parse(path.read_text("utf-8")))):
            assert isinstance(node, ast.Call)
            found |= {text for each in node.args[:1] if (text := _literal(each))}
    return found


def test_what_click_can_say_is_in_the_catalogue() -> None:
    ours = {*foreign.CLICK, *(each[0] for each in foreign.CLICK_COUNTED), *foreign.CLICK_UNSEEN}
    assert _of_click() <= ours
    assert len(_of_click()) > 40


def test_click_asks_our_catalogue() -> None:
    for module in (click.core, click.exceptions, click.formatting, click.parser, click.termui, click.types):
        assert vars(module)["_"] is i18n._
