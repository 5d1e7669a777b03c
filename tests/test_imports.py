"""The house rules that the code itself must show."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import patcher
from patcher.snapshot import NOFOLLOW, READ

PACKAGE = Path(patcher.__file__).parent
ORDER = [
    "__main__",
    "cli",
    "commands",
    "options",
    "homes",
    "completion",
    "session",
    "draft",
    "provider",
    "masking",
    "questions",
    "report",
    "diff",
    "screen",
    "status",
    "rotate",
    "overrides",
    "undo",
    "trial",
    "plan",
    "choice",
    "wanted",
    "takeback",
    "transaction",
    "write",
    "recovery",
    "runs",
    "manifest",
    "lock",
    "safefile",
    "snapshot",
    "interrupts",
    "config",
    "catalog",
    "profile_rules",
    "profile",
    "processes",
    "places",
    "apps",
    "browsers",
    "stores",
    "formats",
    "gateway",
    "endpoint",
    "owners",
    "guard",
    "shells",
    "keychain",
    "keyshape",
    "secret",
    "terminal",
    "failures",
    "i18n",
    "errors",
    "bases",
]
"""A module may import only what stands below it."""

NETWORK = set("socket ssl http urllib.request ftplib smtplib asyncio requests httpx".split())
CHECK = {"check.py", "through.py", "findings.py"}
"""The modules of the command that may."""
PROGRAMS = {"subprocess", "multiprocessing", "pty"}
WRITES = set(
    "open write write_text write_bytes touch mkdir makedirs rename replace unlink remove rmdir rmtree symlink"
    " link hardlink_to symlink_to chmod fchmod chown fchown setxattr copy copyfile move truncate ftruncate"
    " NamedTemporaryFile mkstemp".split()
)
OF_FILES = {"os", "shutil", "tempfile", "Path", "path"}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts != ("__init__",):
            yield parts[0], path


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


MODULES = [pytest.param(name, path, id=path.relative_to(PACKAGE).as_posix()) for name, path in modules()]


@pytest.mark.parametrize(("name", "path"), MODULES)
def test_a_module_imports_only_those_below_it(name: str, path: Path) -> None:
    for its in imported(path):
        parts = its.split(".")
        if parts[0] == "patcher" and len(parts) > 1 and parts[1] in ORDER and parts[1] != name:
            assert ORDER.index(parts[1]) > ORDER.index(name), f"{name} imports {its}"


@pytest.mark.parametrize(("name", "path"), MODULES)
def test_nothing_can_reach_the_network_but_check(name: str, path: Path) -> None:
    its = set(imported(path))
    if name != "gateway":
        assert not {each for each in its if each in NETWORK or each.split(".")[0] in NETWORK}
        assert path.name in CHECK or not any(each.startswith("patcher.gateway") for each in its)
    if path.name not in CHECK:
        assert not its & {f"patcher.commands.{name.removesuffix('.py')}" for name in CHECK}


@pytest.mark.parametrize(("name", "path"), MODULES)
def test_nothing_starts_a_program_but_the_list_of_processes_and_a_trial(name: str, path: Path) -> None:
    its = {each.split(".")[0] for each in imported(path)} & PROGRAMS
    assert its <= ({"subprocess"} if name in {"processes", "trial"} else set())
    assert path.name == "through.py" or "patcher.trial" not in imported(path)
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    names = {call.func.attr for call in calls if isinstance(call.func, ast.Attribute)}
    if name == "homes":  # a copy of this program, which gives up root's rights
        names -= {"fork"}
    assert not names & {"system", "popen", "fork", "spawnv", "posix_spawn", "execv", "execve", "startfile"}
    if name == "trial":
        [popen] = [call for call in calls if ast.unparse(call.func) == "subprocess.Popen"]
        assert not {keyword.arg for keyword in popen.keywords} & {"shell", "executable", "preexec_fn"}
    if name == "processes":
        started = {ast.unparse(call.args[0]) for call in calls if ast.unparse(call.func) == "_output"}
        assert started == {"'/bin/ps'", "str(program)"}
        assert len([call for call in calls if ast.unparse(call.func).startswith("subprocess.")]) == 1


@pytest.mark.parametrize(("name", "path"), MODULES)
def test_only_safefile_and_the_lock_write(name: str, path: Path) -> None:
    if name in {"safefile", "lock", "endpoint"}:
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


WRITING = set("patcher.transaction patcher.safefile patcher.undo patcher.processes ctypes".split())
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
    few = """patcher patcher.bases patcher.cli patcher.commands patcher.endpoint patcher.errors patcher.guard
        patcher.i18n patcher.options patcher.terminal"""
    assert loaded(word) - loaded_by("click.Command('x').main(['--help'])") <= set(few.split())


def loaded(*words: str) -> set[str]:
    """The modules that a run with these words has imported."""
    return loaded_by(f"from patcher.cli import main; main({words!r})")


def loaded_by(code: str) -> set[str]:
    """The modules that there are after this code and importing click."""
    whole = f"import sys, click\ntry: {code}\nexcept SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    words, env = [sys.executable, "-c", whole], {"LANG": "C.UTF-8"}
    ran = subprocess.run(words, capture_output=True, text=True, check=True, env=env)
    return set(ran.stderr.splitlines()[-1].split())
