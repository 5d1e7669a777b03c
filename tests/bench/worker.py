"""One editor at work in a fresh process: `python -m tests.bench.worker TOOL SYNTAX SMALL FILE OUT`.

Prints the CPU seconds of one edit (the mean of several), of the first one, and the process's peak memory
after that. The small file is edited before, untimed, so that whatever is loaded late is there.
"""

from __future__ import annotations

import gc
import io
import json
import resource
import sys
import time
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from tests.bench.samples import Edit

load = cache(import_module)
"""To find a module that is loaded takes an edit of a small file one percent of its time."""

Editor = Callable[[str, Path, list[Edit]], str]
"""From a syntax, a file and what is to be edited to the new text. Each loads only what it needs."""


def ours(syntax: str, path: Path, edits: list[Edit]) -> str:
    editing, ops = load("patcher.formats.editing"), load("patcher.formats.ops")
    changes = [ops.Change(tuple(where), value) for where, value in edits]
    after: bytes = editing.edit(syntax, path.read_bytes(), changes).after
    return after.decode()


def ours_pure(syntax: str, path: Path, edits: list[Edit]) -> str:
    sys.modules["_ruamel_yaml"] = None  # type: ignore[assignment]  # how Python says: not installed
    return ours(syntax, path, edits)


def _put(tree: Any, edits: list[Edit]) -> Any:
    for path, value in edits:
        node = tree
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = value
    return tree


def stdlib_json(_: str, path: Path, edits: list[Edit]) -> str:
    return json.dumps(_put(json.loads(path.read_text("utf-8")), edits), indent=2, ensure_ascii=False) + "\n"


def json5(_: str, path: Path, edits: list[Edit]) -> str:
    its = load("json5")
    return (
        str(its.dumps(_put(its.loads(path.read_text("utf-8")), edits), indent=2, ensure_ascii=False)) + "\n"
    )


def pyyaml(_: str, path: Path, edits: list[Edit]) -> str:
    its = load("yaml")
    tree = _put(its.load(path.read_text("utf-8"), its.CSafeLoader), edits)
    return str(its.dump(tree, Dumper=its.CSafeDumper, sort_keys=False, allow_unicode=True))


def ruamel(_: str, path: Path, edits: list[Edit]) -> str:
    its = load("ruamel.yaml").YAML()
    its.preserve_quotes = True
    out = io.StringIO()
    its.dump(_put(its.load(path.read_text("utf-8")), edits), out)
    return out.getvalue()


def tomlkit(_: str, path: Path, edits: list[Edit]) -> str:
    its = load("tomlkit")
    return str(its.dumps(_put(its.parse(path.read_text("utf-8")), edits)))


def dotenv(_: str, path: Path, edits: list[Edit]) -> str:
    its = load("dotenv")
    copy = path.with_suffix(".copy")
    copy.write_bytes(path.read_bytes())
    for (key,), value in edits:
        its.set_key(copy, key, value, quote_mode="auto")
    return copy.read_text("utf-8")


def configparser(_: str, path: Path, edits: list[Edit]) -> str:
    its = load("configparser").ConfigParser(interpolation=None)
    its.read_string(path.read_text("utf-8"))
    for where, value in edits:
        if isinstance(value, dict):
            its[where[0]] = value
        else:
            its[where[0]][where[1]] = value
    out = io.StringIO()
    its.write(out)
    return out.getvalue()


def elementtree(_: str, path: Path, edits: list[Edit]) -> str:
    reader = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
    root = ET.fromstring(path.read_text("utf-8"), reader)
    for (_root, tag, name), value in edits:
        node = root.find(tag)
        node = ET.SubElement(root, tag) if node is None else node
        node.set(name.removeprefix("@"), str(value))
    return ET.tostring(root, "unicode", xml_declaration=True) + "\n"


EDITORS: dict[str, Editor] = {
    "ours": ours,
    "ours, scanner in Python": ours_pure,
    "json": stdlib_json,
    "json5": json5,
    "PyYAML": pyyaml,
    "ruamel.yaml": ruamel,
    "tomlkit": tomlkit,
    "python-dotenv": dotenv,
    "configparser": configparser,
    "ElementTree": elementtree,
}


def main(tool: str, syntax: str, *names: str) -> None:
    small, path, out = map(Path, names)
    edit = EDITORS[tool]
    edit(syntax, small, json.loads(small.with_suffix(".edits").read_text("utf-8")))
    edits = json.loads(path.with_suffix(".edits").read_text("utf-8"))
    gc.collect()
    # The one thread's clock: that of a process under a limit of CPU, as here, goes in steps of 4 ms, and
    # 200 edits of a small file may take 14.
    start = time.thread_time()
    after = edit(syntax, path, edits)
    first = time.thread_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    out.write_text(after, "utf-8")
    count, took = 1, first
    while took < 0.3 and count < 200:
        start = time.thread_time()
        edit(syntax, path, edits)
        took += time.thread_time() - start
        count += 1
    print(took / count, first, peak)


if __name__ == "__main__":
    main(*sys.argv[1:])
