"""What a terminal shows: tables that fit, colours where they are wanted, how far a run is."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patcher.cli import tables
from tests.support import with_coverage
from tests.support.homes import KEY, run
from tests.support.made_up_tools import home_with_tools, profiles_option

WIDE = "設定"


@pytest.mark.parametrize(
    ("text", "wide"), [("abc", 3), ("ключ", 4), (WIDE, 4), ("e\u0301", 1), ("\u200bx", 1), ("…", 1)]
)
def test_a_texts_width_is_that_on_the_screen(text: str, wide: int) -> None:
    assert tables.width(text) == wide


@given(st.text(), st.integers(1, 40))
def test_a_shortened_text_fits_and_keeps_its_ends(text: str, room: int) -> None:
    short = tables.shortened(text, room)
    assert tables.width(short) <= room
    if short != text:
        start, tail = short.split("…")[0], short.split("…")[-1]
        assert text.startswith(start)
        assert text.endswith(tail)


def test_columns_are_aligned_also_beside_wide_letters() -> None:
    lines = tables.table(("A", "B"), [(WIDE, "x"), ("ab", "x")], None)
    assert lines == ["A     B", f"{WIDE}  x", "ab    x"]


def test_the_widest_columns_give_way_first() -> None:
    rows = [("continue", "~/.continue/" + "x" * 60 + "/config.yaml")]
    head, line = tables.table(("TOOL", "FILE"), rows, 40)
    assert head == "TOOL      FILE"
    assert line == "continue  ~/.continue/xxx…xx/config.yaml"
    assert tables.table(("TOOL", "FILE"), rows, None)[1].endswith(rows[0][1])


def test_what_a_terminal_would_obey_is_shown_in_a_table() -> None:
    assert tables.table(("A",), [("x\x1b[31m\n\x9by",)], None)[1] == r"x\x1b[31m\x0a\x9by"


def test_a_run_that_takes_long_says_how_far_it_is_and_leaves_nothing_behind() -> None:
    out = io.StringIO()
    assert list(tables.watched("abc", "Working", out, time.monotonic() - 2 * tables.PATIENCE)) == list("abc")
    lines = out.getvalue().split("\r")[1:]
    assert [line.split()[-1] for line in lines[:3]] == ["0/3", "1/3", "2/3"]
    assert lines[3:] == [" " * len(lines[2]), ""]


def test_a_short_run_says_nothing() -> None:
    out = io.StringIO()
    assert list(tables.watched("abc", "Working", out, time.monotonic())) == list("abc")
    assert out.getvalue() == ""


def test_a_terminal_that_went_away_stops_no_work() -> None:
    out = io.StringIO()
    out.close()
    assert list(tables.watched("abc", "Working", out, time.monotonic() - 2 * tables.PATIENCE)) == list("abc")


def test_piped_nothing_is_shortened(tmp_path: Path) -> None:
    (tmp_path / ".continue").mkdir()
    out = run(tmp_path, "show", "continue", "aider", env={"COLUMNS": "40"}).out
    assert "…" not in out
    assert max(map(len, out.splitlines())) > 60


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return home_with_tools(tmp_path, "one")


def seen(home: Path, *words: str, columns: int = 80, env: dict[str, str] | None = None) -> str:
    """What the command sends to a terminal; no run is so short that it does not say how far it is."""
    terminals = pytest.importorskip("tests.terminals", reason="LEFT OUT: Windows has no pseudo-terminals")
    words = ("--home", str(home), *profiles_option(home), *words)
    code = f"from patcher.cli import main as cli, tables; tables.PATIENCE = -1; cli.main({words!r})"
    env = {"VSEGPT_API_KEY": KEY, **(env or {})}
    with terminals.Terminal(with_coverage.command(code), env, columns=columns) as terminal:
        terminal.ends()
        return str(terminal.raw.decode())


def test_on_a_terminal_a_table_fits(home: Path) -> None:
    lines = seen(home, "list", columns=60, env={"NO_COLOR": "1"}).split("\r\n")
    table = lines[lines.index(next(line for line in lines if "FOUND BY" in line)) :]
    assert len(table) > 100
    assert max(tables.width(line.split("\r")[-1]) for line in table) <= 60
    assert any("…" in line for line in table)


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_colours_gets_none(env: dict[str, str], home: Path) -> None:
    assert "\x1b[32m+" in seen(home, "one", "-n")
    assert "\x1b[32m+" in seen(home, "one", "-n", env={"NO_COLOR": ""})
    assert "\x1b" not in seen(home, "one", "-n", env=env)


def test_who_waits_at_a_terminal_sees_how_far_it_is(home: Path) -> None:
    assert "Planning  [" in seen(home, "one", "-n")
    assert "Writing  [" in seen(home, "one")
    assert "Reading settings  [" in seen(home, "status")
    assert "[" not in seen(home, "undo", "--json").split("{")[0]


def test_a_paragraph_fits_the_terminal_and_breaks_no_address(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "profiles").mkdir()
    lines = seen(tmp_path / "home", "cursor", "-n", columns=28, env={"NO_COLOR": "1"}).split("\r\n")
    assert "https://api.vsegpt.ru:6070/v1" in " ".join(lines)
    assert max(len(line) for line in lines if "://" not in line and "\r" not in line) <= 28
