"""Files of real people, patched: where `status` says VseGPT, another reader finds nothing elsewhere.

That reader shares no code with the program: `realfiles` has the rules of each tool, made of its source.
"""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.planning.realfiles import rules_agents, rules_apps, rules_terminal
from tests.planning.realfiles.archive import ARCHIVE, RealFile, real_files
from tests.planning.realfiles.syntax import leaks, put, read
from tests.support.homes import run

CHANGES = tomllib.loads((Path(__file__).parent / "realfiles/changes.toml").read_text("utf-8"))
"""By tool what people may well have besides; all of it leads elsewhere."""
UNREADABLE = ("librechat/104-librechat.yaml", "shell-gpt/258-sgptrc")
"""No YAML, and one with a line twice: the program refuses them, and that is all there is to it."""
FILES = [pytest.param(file, id=f"{file.tool}:{file.name}") for file in real_files()]
CHANGED = [
    pytest.param(file, change, id=f"{file.tool}:{file.name}:{name}")
    for file in real_files()
    for name, change in CHANGES.get(file.tool, {}).items()
    if file.name not in UNREADABLE and ("there" not in change or change["file"] == file.place)
]
pytestmark = pytest.mark.skipif(not FILES, reason=f"the files are not here: {ARCHIVE}")


def elsewhere(file: RealFile, home: Path) -> list[str]:
    """What the tool would do elsewhere, or where else the key would go, as it reads this home."""
    names = (file.tool.replace("-", "_"), f"{file.tool}_")
    modules = (rules_agents, rules_terminal, rules_apps)
    rule = next(getattr(module, name) for module in modules for name in names if hasattr(module, name))
    paths = [path for path in home.rglob("*") if path.is_file() and "vsegpt-patch" not in path.parts]
    return [*rule(home), *(leak for path in paths for leak in leaks(read(path)))]


def patch(file: RealFile, home: Path) -> int:
    return run(home, file.tool, "--beta", *file.words).code


def is_plain(file: RealFile, home: Path) -> bool:
    """Whether `status` says VseGPT, and not one word more."""
    told = json.loads(run(home, "status", file.tool, *file.words, "--json").out)["tools"][0]
    named = [each for each in told["overridden_by"] if not each["harmless"]]
    return told["state"] == "vsegpt" and not (named or told["second_models"] or told["notes"])


def change(file: RealFile, home: Path, changed: dict[str, Any]) -> None:
    put(home / changed.get("file", file.place), changed["at"], changed["value"])


@pytest.fixture(scope="module")
def patched(tmp_path_factory: pytest.TempPathFactory) -> Callable[[RealFile], Path | None]:
    """The home of each file after a patch, made once; None where the program refuses it."""

    @cache
    def of(file: RealFile) -> Path | None:
        home = tmp_path_factory.mktemp("patched")
        file.put(home)
        return home if patch(file, home) == 0 else None

    return of


@pytest.mark.parametrize("file", FILES)
def test_what_status_calls_vsegpt_is_so_by_the_tools_own_rules(file: RealFile, tmp_path: Path) -> None:
    file.put(tmp_path)
    if file.name not in UNREADABLE:
        assert elsewhere(file, tmp_path), "the rule says of any file that it leads to VseGPT"
    patch(file, tmp_path)
    if is_plain(file, tmp_path):
        assert elsewhere(file, tmp_path) == []


@pytest.mark.parametrize(("file", "changed"), CHANGED)
def test_what_leads_elsewhere_is_made_right_or_named(
    file: RealFile, changed: dict[str, Any], tmp_path: Path
) -> None:
    file.put(tmp_path)
    change(file, tmp_path, changed)
    patch(file, tmp_path)
    if is_plain(file, tmp_path):
        assert elsewhere(file, tmp_path) == []


@pytest.mark.parametrize(("file", "changed"), CHANGED)
def test_what_leads_elsewhere_since_a_patch_is_named(
    file: RealFile, changed: dict[str, Any], patched: Callable[[RealFile], Path | None], tmp_path: Path
) -> None:
    home = patched(file)
    if home is None:
        pytest.skip("the program refuses this file")
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    file.name_vault(tmp_path)
    change(file, tmp_path, changed)
    assert elsewhere(file, tmp_path), "the rule does not see it"
    assert not is_plain(file, tmp_path)
