"""Every fixture of every tool, through the whole program."""

from __future__ import annotations

import json
import re
import stat
import tomllib
from pathlib import Path

import pytest

from patcher.errors import Refused
from patcher.formats import editing
from patcher.planning.variants import chosen
from patcher.registry import rules
from patcher.registry.catalog import Catalog, shipped_profiles
from patcher.registry.index import as_json
from patcher.registry.profile import Profile
from tests.stores import texts
from tests.support.homes import FIXTURES, KEY, STATE, Case, cases, files, run, shape

CASES = [pytest.param(case, id=case.name) for case in cases()]
NAMED = [pytest.param(case, id=case.name) for case in cases() if case.data.get("named")]
TEXTS = [pytest.param(case, id=case.name) for case in cases() if not case.has_stores]
REFUSED = [pytest.param(case, id=case.name) for case in cases(refused=True)]
CANARY = "sk-or-vv-" + "c0ffee" * 10 + "beef"


@pytest.fixture
def home(case: Case, tmp_path: Path) -> Path:
    return case.home(tmp_path / "home")


def profile_of(case: Case) -> Profile:
    return Catalog.open().get(case.tool)


@pytest.mark.parametrize("case", CASES)
def test_a_dry_run_prints_the_expected_diff_and_writes_nothing(case: Case, home: Path) -> None:
    before = files(home)
    result = run(home, *case.words, "--dry-run", key=None)
    assert result.out == (case.folder / "expected.diff").read_text("utf-8")
    assert result.code == 0
    assert files(home) == before
    assert not (home / STATE).exists()


@pytest.mark.parametrize("case", CASES)
def test_the_home_is_as_expected_then_stays_then_comes_back(case: Case, home: Path) -> None:
    before = files(home)
    assert run(home, *case.words).code == 0
    after = files(home)
    assert shape(home) == files(case.folder / "after/home")
    for name in after.keys() - before.keys():
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
    again = run(home, *case.words)
    assert again.code == 0
    assert files(home) == after
    assert "Run" not in again.err
    assert (
        json.loads(run(home, "status", case.tool, *case.where, "--json").out)["tools"][0]["state"] == "vsegpt"
    )
    assert run(home, "undo", case.tool).code == 0
    assert files(home) == before


@pytest.mark.parametrize("case", NAMED)
def test_what_still_leads_elsewhere_is_named(case: Case, home: Path) -> None:
    patched, status = run(home, *case.words), run(home, "status", case.tool, *case.where)
    for result in (patched, status):
        assert not [words for words in case.data["named"] if words not in result.out + result.err]


@pytest.mark.parametrize("case", TEXTS)
def test_after_an_edit_by_the_person_undo_takes_back_our_values_alone(case: Case, home: Path) -> None:
    before = files(home)
    assert run(home, *case.words).code == 0
    machine = case.machine(home)
    edited = [
        (path, spec.format)
        for spec, places in chosen(profile_of(case), machine)
        for path in places.paths
        if spec.format not in {"json", "text", "xml"}
    ]
    for path, syntax in edited:
        comment = b"//" if syntax in {"jsonc", "json5", "prefs"} else b"#"
        path.write_bytes(path.read_bytes() + comment + b" a note of mine\n")
    result = run(home, "undo", case.tool)
    assert result.code == 0, result.err
    now = files(home)
    for path, syntax in edited:
        name = path.relative_to(home).as_posix()
        old, new = before.get(name, b""), now.get(name, b"")
        assert not editing.Document.read(syntax, new).outline(()) or (
            editing.Document.read(syntax, new).outline(()) == editing.Document.read(syntax, old).outline(())
        )


@pytest.mark.parametrize("variant", ["crlf", "bom", "unfinished"])
@pytest.mark.parametrize("case", TEXTS)
def test_windows_files_and_unfinished_ones_are_patched_and_come_back(
    case: Case, variant: str, home: Path
) -> None:
    for path in home.rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.write_bytes(_varied(path.read_bytes(), variant))
    before = files(home)
    result = run(home, *case.words)
    if result.code == 1 and variant == "unfinished":
        pytest.skip("a value at the end of this file would change with a line end")
    assert result.code == 0, result.err
    assert run(home, *case.words, "--dry-run", "--exit-code").code == 0
    for name, data in files(home).items():
        if variant == "crlf" and name in before and b"\r\n" in before[name]:
            assert b"\n" not in data.replace(b"\r\n", b"")
        if variant == "bom" and before.get(name):
            assert data.startswith(b"\xef\xbb\xbf")
    assert run(home, "undo", "--exact").code == 0
    assert files(home) == before


def _varied(data: bytes, variant: str) -> bytes:
    if variant == "crlf":
        return data.replace(b"\n", b"\r\n")
    if variant == "bom":
        return b"\xef\xbb\xbf" + data
    return data.rstrip(b"\n")


@pytest.mark.parametrize("case", CASES)
def test_the_key_is_only_in_the_patched_files(case: Case, home: Path) -> None:
    before = files(home)
    shown = [
        run(home, *case.words, *words, key=CANARY)
        for words in (["--dry-run"], ["--json", "--dry-run"], ["--json"], ["--dry-run"])
    ]
    shown += [
        run(home, *words) for words in (["status"], ["history", "--json"], ["show", case.tool, *case.where])
    ]
    shown += [run(home, "undo", "--dry-run"), run(home, case.tool, "--dry-run", key=KEY)]
    assert not [result for result in shown if CANARY in result.out + result.err]
    holders = {path.relative_to(home) for path in home.rglob("*") if path.is_file() and _holds(path)}
    # In a database a key may lie across two pages.
    stores = {Path(name) for name, data in texts.shape(home).items() if CANARY.encode() in data}
    keyed = any("key" in edit.roles for each in profile_of(case).files for edit in each.edits)
    # In this shape of its file the tool takes no key from there: it is entered by hand.
    keyed = keyed and not case.data.get("keyless")
    assert bool(holders | stores) == keyed
    assert not {path for path in holders | stores if path.is_relative_to(STATE)}
    for path in holders:
        if path.as_posix() not in before:
            assert stat.S_IMODE((home / path).stat().st_mode) == 0o600


def _holds(path: Path) -> bool:
    return CANARY.encode() in path.read_bytes()


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_understood_is_refused_untouched(case: Case, home: Path) -> None:
    before = files(home)
    result = run(home, *case.words)
    assert result.code == 1
    assert case.data["refused"] in result.err
    assert "Traceback" not in result.err
    assert files(home) == before


def test_every_profile_has_a_fixture() -> None:
    with_fixture = {case.tool for case in cases()}
    catalog = Catalog.open()
    assert not [tool for tool in catalog if catalog.get(tool).files and tool not in with_fixture]


def test_every_shipped_profile_keeps_the_rules_for_ones_own() -> None:
    for file in shipped_profiles().iterdir():
        try:
            rules.check(file.name.removesuffix(".toml"), as_json(tomllib.loads(file.read_text("utf-8"))))
        except Refused as refusal:
            pytest.fail(f"{file.name}: {refusal}")


def test_fixtures_hold_only_made_up_keys() -> None:
    for path in FIXTURES.rglob("*"):
        if path.is_file():
            for word in path.read_text("utf-8", errors="replace").split("sk-")[1:]:
                key = re.split(r"[\s\"'&]", word)[0]
                assert len(key.replace("0", "")) < 24, f"{path}: sk-{key}"
