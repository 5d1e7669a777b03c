"""The proof's reader of a syntax and its planner share no code that could be wrong for both."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from inspect import getclosurevars, getsource
from types import FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

import pytest

from patcher.formats import editing

NEUTRAL = {
    "patcher.cures",
    "patcher.dataclass",
    "patcher.errors",
    "patcher.i18n",
    "patcher.formats.ops",
    "patcher.formats.text",
    "patcher.formats.syntax",
}
"""What says what a tree, an operation, a splice and a refusal is; and words for people."""
SHARED = {
    "xml": {
        # Which elements are items of a list: that is what the tree is, not what a text says.
        "patcher.formats.xml.text.IDENTIFYING",
    },
    "yaml": {
        # The planner asks the library where things stand, the proof what they are, of another text: a place
        # that is wrong gives a text that reads differently. No other scanner of YAML is quick enough.
        "patcher.formats.yaml.events",
        "patcher.formats.yaml.editor._Editor.events",
        # A second proof, of what readers of YAML 1.1 see; it plans nothing.
        "patcher.formats.yaml.editor._Editor.right_in_1_1",
    },
}


class Name(NamedTuple):
    """Something that a module defines; for a method, with its class."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@cache
def definitions(module: str) -> dict[str, ast.AST]:
    """What a module of ours defines, methods beside their classes."""
    found: dict[str, ast.AST] = {}
    for node in ast.parse(getsource(sys.modules[module])).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = node
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: node for target in targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.ClassDef):
            methods = (part for part in node.body if isinstance(part, ast.FunctionDef))
            found |= {f"{node.name}.{method.name}": method for method in methods}
    return found


def imports(module: str, inside: ast.AST) -> dict[str, Name]:
    """What is imported from ours, in a module and in what is looked at of it, by the name it has there."""
    found: dict[str, Name] = {}
    whole = ast.parse(getsource(sys.modules[module])).body
    for node in (*whole, *ast.walk(inside)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("patcher"):
            assert node.module
            __import__(node.module)
            for alias in node.names:
                found[alias.asname or alias.name] = origin(Name(node.module, alias.name))
    return found


def origin(name: Name) -> Name:
    """Where it is defined: not where it is only handed on."""
    value = getattr(sys.modules[name.module], name.name, None)
    if isinstance(value, ModuleType):
        return Name(value.__name__, "")
    if name.name not in definitions(name.module):
        return imports(name.module, ast.Module([], [])).get(name.name, name)
    return name


def used(name: Name) -> Iterator[Name]:
    """What a definition uses of ours, directly; annotations are no use."""
    own = definitions(name.module)
    node = own[name.name]
    foreign = imports(name.module, node)
    class_, dot, _method = name.name.partition(".")
    for part in ast.walk(unannotated(node)):
        if isinstance(part, ast.Name) and part.id in own:
            yield Name(name.module, part.id)
        elif isinstance(part, ast.Name) and part.id in foreign:
            yield foreign[part.id]
        elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            whole = foreign.get(part.value.id)
            if whole and not whole.name:
                yield Name(whole.module, part.attr)
            elif part.value.id == "self" and dot and f"{class_}.{part.attr}" in own:
                yield Name(name.module, f"{class_}.{part.attr}")


def unannotated(node: ast.AST) -> ast.AST:
    class Bare(ast.NodeTransformer):
        def visit_arg(self, node: ast.arg) -> ast.arg:
            return ast.arg(node.arg)

        def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
            self.generic_visit(node)
            return ast.FunctionDef(node.name, node.args, node.body, node.decorator_list, None)

        def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
            return ast.Expr(self.visit(node.value)) if node.value else ast.Pass()

    bare: ast.AST = Bare().visit(ast.parse(ast.unparse(node)))
    return bare


def roots(call: Callable[..., Any]) -> Iterator[Name]:
    """What a function of a syntax begins with: itself, and the functions that it was made with."""
    call = call.func if isinstance(call, partial) else call
    function = call.__func__ if isinstance(call, MethodType) else call
    assert isinstance(function, FunctionType)
    made_in = function.__qualname__.partition(".<locals>")[0]
    yield Name(function.__module__, made_in)
    for cell in function.__closure__ or ():
        if isinstance(cell.cell_contents, (FunctionType, MethodType)):
            yield from roots(cell.cell_contents)


def reached(syntax: str, *calls: Callable[..., Any] | None) -> set[Name]:
    """Everything of ours that may run when these are called, but what is neutral or may be shared."""
    found: set[Name] = set()
    todo = [name for call in calls if call for name in roots(call)]
    while todo:
        name = todo.pop()
        let = NEUTRAL | SHARED.get(syntax, set())
        if name in found or not name.name or {str(name), name.module} & let:
            continue
        found.add(name)
        todo += used(name)
    return found


def parts(name: str) -> tuple[set[Name], set[Name]]:
    """What reads a syntax for the proof, a dialect by its programs, and what plans its edits."""
    syntax = editing.syntax_of(name)
    held = getclosurevars(syntax.splices).nonlocals if isinstance(syntax.splices, FunctionType) else {}
    if "readers" in held:
        return reached(name, *(each.tree for each in held["readers"])), reached(name, held["plan"])
    return reached(name, syntax.tree, syntax.plain, syntax.reread), reached(name, syntax.splices)


@pytest.mark.parametrize("name", sorted(editing.SYNTAXES))
def test_the_reader_and_the_planner_share_nothing(name: str) -> None:
    reader, planner = parts(name)
    assert not {str(each) for each in reader & planner}


def test_what_is_reached_is_found() -> None:
    reader, planner = parts("json5")
    assert Name("patcher.formats.json.json5_read", "_TOKEN") in reader
    assert Name("patcher.formats.brackets", "ends_line") in planner
    reader, planner = parts("ini")
    assert Name("patcher.formats.ini.read_npm", "_value") in reader
    assert Name("patcher.formats.ini.scan", "_header") in planner
    reader, planner = parts("dotenv")
    assert Name("patcher.formats.dotenv.node", "_closing") in reader
    assert Name("patcher.formats.dotenv.scan", "_REST") in planner
