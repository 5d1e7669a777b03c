"""The house rules that the code itself must show."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import patcher
from patcher.disk.snapshot import NOFOLLOW, READ

PACKAGE = Path(patcher.__file__).parent
NETWORK = set("socket ssl http urllib.request ftplib smtplib asyncio requests httpx".split())
CHECK = {"check", "check_through", "findings", "prove", "verdict"}
"""The modules of the command that may, and of what tries a tool off line."""
PROGRAMS = {"subprocess", "multiprocessing", "pty"}
WRITES = set(
    "open write write_text write_bytes touch mkdir makedirs rename replace unlink remove rmdir rmtree symlink"
    " link hardlink_to symlink_to chmod fchmod chown fchown setxattr copy copyfile move truncate ftruncate"
    " NamedTemporaryFile mkstemp".split()
)
OF_FILES = {"os", "shutil", "tempfile", "Path", "path"}


def modules() -> dict[str, Path]:
    """By its dotted name, below `patcher`, each module."""
    paths = sorted(PACKAGE.rglob("*.py"))
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
        for path in paths
        if path.parent != PACKAGE or path.name != "__init__.py"
    }


ALL = modules()
WINGS = {name: path.read_text("utf-8") for name, path in ALL.items() if path.name == "__init__.py"}
"""The wings and their parts, with what they say of themselves."""
TOP = [name for name in WINGS if "." not in name]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def own_imports(name: str) -> set[str]:
    """The modules of ours that a module imports, below `patcher`."""
    found = {each.removeprefix("patcher.") for each in imported(ALL[name])}
    return {each for each in found if each in ALL and each not in WINGS}


def said(wing: str, what: str) -> list[str]:
    """The names in a line (`May use`, `Order`) of a wing's own words."""
    lines = WINGS[wing].replace("\n", " ")
    match = re.search(rf"{what}: (.*?)\.", lines)
    assert match, f"{wing} does not say: {what}"
    return match[1].split(", ")


MODULES = [pytest.param(name, path, id=path.relative_to(PACKAGE).as_posix()) for name, path in ALL.items()]


@pytest.mark.parametrize("name", [name for name in ALL if name not in WINGS])
def test_a_module_uses_only_the_wings_that_its_own_may(name: str) -> None:
    wing, _dot, _rest = name.partition(".")
    if name == "__main__":
        wing = "cli"
    allowed = {wing, *(said(wing, "May use") if wing in TOP else ["ground"])}
    if "every other wing" in allowed:
        allowed |= {*TOP, "ground"}
    wings = {each: each.partition(".")[0] for each in own_imports(name)}
    for each, its in wings.items():
        assert (its if its in TOP else "ground") in allowed, f"{name} imports {each}"


@pytest.mark.parametrize("wing", WINGS)
def test_inside_a_wing_imports_run_down_the_order_that_it_says(wing: str) -> None:
    order = said(wing, "Order")
    inside = {name for name in ALL if name.startswith(f"{wing}.")}
    assert set(order) == {name.removeprefix(f"{wing}.").partition(".")[0] for name in inside}
    for name in inside - WINGS.keys():
        for other in own_imports(name) & inside:
            one, below = (each.removeprefix(f"{wing}.").partition(".")[0] for each in (name, other))
            assert order.index(one) <= order.index(below), f"{name} imports {other}"


def test_wings_use_each_other_one_way_only() -> None:
    uses = {wing: {*said(wing, "May use")} & {*TOP} for wing in TOP if wing != "cli"}
    assert not [(one, other) for one in uses for other in uses[one] if one in uses[other]]


def test_no_two_modules_import_each_other() -> None:
    uses = {name: own_imports(name) for name in ALL}
    assert not [(one, other) for one in uses for other in uses[one] if one in uses[other] and one != other]


@pytest.mark.parametrize(
    ("folder", "most"), [(PACKAGE, 8), (Path(__file__).parent, 8)], ids=["patcher", "tests"]
)
def test_few_files_lie_directly_in_a_house(folder: Path, most: int) -> None:
    assert len([path for path in folder.iterdir() if path.is_file()]) <= most


def test_no_module_is_longer_than_can_be_read_at_once() -> None:
    assert not {name for name, path in ALL.items() if path.read_text("utf-8").count("\n") > 300}


@pytest.mark.parametrize(("name", "path"), MODULES)
def test_nothing_can_reach_the_network_but_check(name: str, path: Path) -> None:
    its = set(imported(path))
    if not name.startswith("gateway"):
        assert not {each for each in its if each in NETWORK or each.split(".")[0] in NETWORK}
        assert path.stem in CHECK or not any(each.startswith("patcher.gateway") for each in its)
    if path.stem in {"patch", "guided"}:  # where it is asked for
        its.discard("patcher.cli.commands.prove")
    if path.stem not in CHECK:
        assert not its & {f"patcher.cli.commands.{each}" for each in CHECK}


@pytest.mark.parametrize(("name", "path"), MODULES)
def test_nothing_starts_a_program_but_the_list_of_processes_and_a_trial(name: str, path: Path) -> None:
    its = {each.split(".")[0] for each in imported(path)} & PROGRAMS
    assert its <= ({"subprocess"} if name in {"machine.processes", "cli.trial"} else set())
    assert path.name in {"check_through.py", "verdict.py"} or "patcher.cli.trial" not in imported(path)
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    names = {call.func.attr for call in calls if isinstance(call.func, ast.Attribute)}
    if name == "cli.child":  # a copy of this program, without root's rights, or the network
        names -= {"fork"}
    assert not names & {"system", "popen", "fork", "spawnv", "posix_spawn", "execv", "execve", "startfile"}
    if name == "cli.trial":
        [popen] = [call for call in calls if ast.unparse(call.func) == "subprocess.Popen"]
        assert not {keyword.arg for keyword in popen.keywords} & {"shell", "executable", "preexec_fn"}
    if name == "machine.processes":
        started = {ast.unparse(call.args[0]) for call in calls if ast.unparse(call.func) == "_output"}
        assert started == {"'/bin/ps'", "str(program)"}
        assert len([call for call in calls if ast.unparse(call.func).startswith("subprocess.")]) == 1


@pytest.mark.parametrize(("name", "path"), MODULES)
def test_only_safefile_and_the_lock_write(name: str, path: Path) -> None:
    if name in {"disk.safefile", "disk.lock", "endpoint", "gateway.netns"}:  # the last one writes to /proc
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            on = node.func.value
            of_files = isinstance(on, ast.Name) and on.id in OF_FILES
            of_files |= isinstance(on, ast.Call) and isinstance(on.func, ast.Name) and on.func.id == "Path"
            assert not of_files or _is_reading(node), f"{path.name}:{node.lineno}"


def _is_reading(call: ast.Call) -> bool:
    """`Path(...).open("rb")` and `os.open(..., READ)` read; `os.open` of the null device only swallows."""
    words = [ast.unparse(argument) for argument in call.args]
    return words[:1] in (["'rb'"], ["os.devnull"]) or words[1:] == ["READ"]


def test_opening_to_read_can_change_nothing_and_follows_no_link() -> None:
    assert READ & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND) == 0
    assert os.name != "posix" or READ & os.O_NOFOLLOW & NOFOLLOW == os.O_NOFOLLOW


WRITING = {
    *"patcher.disk.transaction patcher.disk.safefile patcher.planning.undo".split(),
    *"patcher.machine.processes ctypes".split(),
}
"""What a dry run does without."""


@pytest.mark.parametrize(
    ("words", "unused"),
    [
        (["list"], {"json5", "tomlkit", "jsonschema", "ssl", "http", "patcher.gateway", *WRITING}),
        (["status"], {"jsonschema", "ssl", "http", "patcher.gateway"}),
        (["mistral-vibe", "-n"], {"ruamel", "json5", "jsonschema", *WRITING}),
        (
            ["nanocoder", "-n"],
            {"ruamel", "json5", "tomlkit", "jsonschema", "questionary", "keyring", *WRITING},
        ),
        (["aider", "-n"], {"json5", "tomlkit", "jsonschema", "shutil", "importlib.resources", *WRITING}),
    ],
)
def test_only_what_is_used_is_imported(words: list[str], unused: set[str], tmp_path: Path) -> None:
    assert not unused & loaded("--home", str(tmp_path), *words)


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_what_says_only_what_there_is_imports_no_more_than_click_does(word: str) -> None:
    own = "cli cli.command_table cli.guard cli.main cli.parameters endpoint errors i18n machine"
    few = {"atexit", "gc", "patcher", *(f"patcher.{name}" for name in [*own.split(), "machine.base_dirs"])}
    assert loaded(word) - loaded_by("click.Command('x').main(['--help'])") <= few


def loaded(*words: str) -> set[str]:
    """The modules that a run with these words has imported."""
    return loaded_by(f"from patcher.cli.main import main; main({words!r})")


def loaded_by(code: str) -> set[str]:
    """The modules that there are after this code and importing click."""
    whole = f"import sys, click\ntry: {code}\nexcept SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    words, env = [sys.executable, "-c", whole], {"LANG": "C.UTF-8"}
    ran = subprocess.run(words, capture_output=True, text=True, check=True, env=env)
    return set(ran.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(("name", "path"), MODULES)
def test_only_classes_with_slots_pay_for_the_standard_dataclass(name: str, path: Path) -> None:
    if "dataclasses.dataclass" in imported(path) and name != "dataclass":
        assert "slots=True" in path.read_text("utf-8"), name
