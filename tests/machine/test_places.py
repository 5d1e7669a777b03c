"""Where things live, on all three systems, whatever system the tests run on."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from patcher.machine.base_dirs import System
from patcher.machine.places import Machine, Places, Template, locate


def machine(home: Path, system: System = "linux", **env: str) -> Machine:
    return Machine(system, home, env)


@pytest.mark.parametrize(
    ("system", "template", "path"),
    [
        ("linux", "~/.continue/config.yaml", ".continue/config.yaml"),
        ("linux", "{config}/x", ".config/x"),
        ("linux", "{data}/x", ".local/share/x"),
        ("linux", "{state}/x", ".local/state/x"),
        ("macos", "{config}/x", "Library/Application Support/x"),
        ("macos", "{data}/x", "Library/Application Support/x"),
        ("macos", "{xdg_config}/x", ".config/x"),
        ("macos", "{xdg_data}/x", ".local/share/x"),
        ("windows", "{config}/x", "AppData/Roaming/x"),
        ("windows", "{data}/x", "AppData/Local/x"),
        ("windows", "{local}/x", "AppData/Local/x"),
        ("windows", "~/.continue", ".continue"),
    ],
)
def test_each_root_leads_where_the_system_keeps_such_things(
    system: System, template: str, path: str, tmp_path: Path
) -> None:
    assert machine(tmp_path, system).expand(template) == [tmp_path / path]


@pytest.mark.parametrize(
    ("system", "variable", "template"),
    [
        ("linux", "XDG_CONFIG_HOME", "{config}/x"),
        ("linux", "XDG_DATA_HOME", "{data}/x"),
        ("linux", "XDG_STATE_HOME", "{state}/x"),
        ("windows", "APPDATA", "{config}/x"),
        ("windows", "LOCALAPPDATA", "{data}/x"),
        ("linux", "CONTINUE_GLOBAL_DIR", "$CONTINUE_GLOBAL_DIR/x"),
        ("linux", "CONTINUE_GLOBAL_DIR", "${CONTINUE_GLOBAL_DIR}/x"),
    ],
)
def test_a_variable_moves_its_root(system: System, variable: str, template: str, tmp_path: Path) -> None:
    there = tmp_path / "elsewhere"
    assert machine(tmp_path, system, **{variable: str(there)}).expand(template) == [there / "x"]


def test_a_relative_or_empty_variable_does_not_count(tmp_path: Path) -> None:
    its = machine(tmp_path, XDG_CONFIG_HOME="relative", CONTINUE_GLOBAL_DIR="")
    assert its.expand("{config}/x") == [tmp_path / ".config/x"]
    assert its.expand("$CONTINUE_GLOBAL_DIR/x") == its.expand("$UNSET/x") == []


@pytest.mark.parametrize("template", ["{local}/x", "{nowhere}/x", "/etc/passwd", "../x", "x", "~x/y"])
def test_a_root_that_does_not_exist_here_leads_nowhere(template: str, tmp_path: Path) -> None:
    assert machine(tmp_path).expand(template) == []


def test_a_table_has_one_template_for_each_system(tmp_path: Path) -> None:
    template = {"linux": "~/l", "macos": "~/m"}
    assert machine(tmp_path, "linux").expand(template) == [tmp_path / "l"]
    assert machine(tmp_path, "macos").expand(template) == [tmp_path / "m"]
    assert machine(tmp_path, "windows").expand(template) == []


@pytest.mark.parametrize(
    ("system", "config"),
    [("linux", ".config"), ("macos", "Library/Application Support"), ("windows", "AppData/Roaming")],
)
def test_every_editor_of_the_vscode_family_that_is_here_is_found(
    system: System, config: str, tmp_path: Path
) -> None:
    users = [tmp_path / config / name / "User" for name in ("Code", "VSCodium", "Cursor")]
    for user in users:
        user.mkdir(parents=True)
    assert machine(tmp_path, system).expand("{vscode}/settings.json") == [u / "settings.json" for u in users]


def test_a_star_matches_what_is_there_in_order(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / "ide" / name).mkdir(parents=True)
    assert machine(tmp_path).expand("~/ide/*") == [tmp_path / "ide/a", tmp_path / "ide/b"]


def test_the_first_template_that_has_a_file_counts(tmp_path: Path) -> None:
    templates: list[Template] = ["$UNSET/a", "~/b", "~/c"]
    assert locate(templates, machine(tmp_path)) == Places((tmp_path / "b",), exist=False)
    (tmp_path / "c").touch()
    assert locate(templates, machine(tmp_path)) == Places((tmp_path / "c",), exist=True)
    (tmp_path / "b").symlink_to("nowhere")
    assert locate(templates, machine(tmp_path)) == Places((tmp_path / "b",), exist=True)
    assert locate(["$UNSET/a"], machine(tmp_path)) == Places((), exist=False)


def test_a_tool_is_found_by_its_path_or_its_command(tmp_path: Path) -> None:
    command = tmp_path / "bin/toolish"
    command.parent.mkdir()
    command.touch(mode=0o755)
    here = machine(tmp_path, PATH=str(command.parent))
    assert here.has("toolish")
    assert not here.has("another")
    assert not machine(tmp_path).has("toolish")
    assert here.has("~/bin")
    assert not here.has("~/.toolish")


def test_another_home_ignores_the_callers_own_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "mine"))
    assert Machine.here(tmp_path).env == {}
    assert Machine.here().env["XDG_CONFIG_HOME"] == str(tmp_path / "mine")


def test_our_own_directories_are_where_platformdirs_puts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    here = Machine.here()
    assert here.state == platformdirs.user_state_path("vsegpt-patch", appauthor=False)
    assert here.own_profiles.parent == platformdirs.user_config_path("vsegpt-patch", appauthor=False)


def test_a_path_is_shown_with_the_home_as_tilde(tmp_path: Path) -> None:
    assert machine(tmp_path).shown(tmp_path / "a/b") == "~/a/b"
    assert machine(tmp_path).shown(Path("/etc/x")) == "/etc/x"


def test_a_tool_that_a_variable_has_moved_reads_nothing_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "b").touch()
    moved = machine(tmp_path, TOY_HOME=str(tmp_path / "moved"))
    templates: list[Template] = ["$TOY_HOME/new", "$TOY_HOME/old", "~/b"]
    assert locate(templates, moved) == Places((tmp_path / "moved/new",), exist=False)
    assert locate(templates, machine(tmp_path)) == Places((tmp_path / "b",), exist=True)
