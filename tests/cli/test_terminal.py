"""On a terminal: the key is asked for without an echo, and --all asks first."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from patcher import i18n
from tests.support import with_coverage
from tests.support.homes import KEY, ROOT, STATE, files
from tests.support.made_up_tools import home_with_tools, profiles_option, run_with_profiles

pty = pytest.importorskip("pty", reason="LEFT OUT: Windows has no pseudo-terminals")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return home_with_tools(tmp_path, "one")


def typed(
    home: Path, words: list[str], *answers: tuple[str, str | Callable[[], str]], key: str | None = None
) -> tuple[int, str]:
    """Run the command on a terminal; to each question type its answer. Code and all that was seen."""
    ours, theirs = pty.openpty()

    def at_its_terminal() -> None:
        os.login_tty(theirs)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs start with it ignored

    process = subprocess.Popen(
        [*with_coverage.command(), "--home", str(home), *profiles_option(home), *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "TERM": "xterm", "LANG": "C.UTF-8"}
        | ({"VSEGPT_API_KEY": key} if key else {}),
        preexec_fn=at_its_terminal,  # noqa: PLW1509 - only so a typed Ctrl-C is a signal
    )
    os.close(theirs)
    seen = b""
    end = time.monotonic() + 30
    for question, answer in answers:
        while question.encode() not in seen and time.monotonic() < end:
            seen += _read(ours)
        os.write(ours, (answer if isinstance(answer, str) else answer()).encode())
    while process.poll() is None and time.monotonic() < end:
        seen += _read(ours)
    process.kill()
    while part := _read(ours):
        seen += part
    os.close(ours)
    return process.wait(), seen.decode()


def _read(terminal: int) -> bytes:
    """What there is to be read within a moment."""
    if not select.select([terminal], [], [], 0.2)[0]:
        return b""
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side is closed
        return b""


def test_the_key_is_asked_for_and_not_echoed(home: Path) -> None:
    code, seen = typed(home, ["one"], ("VseGPT key", f"{KEY}\n"))
    assert code == 0
    assert KEY in (home / ".one/config").read_text()
    assert KEY not in seen


def test_all_shows_the_diff_and_asks_first(home: Path) -> None:
    before = files(home)
    code, seen = typed(home, ["--all"], ("Change 1 file?", "n\n"), key=KEY)
    assert code == 0
    assert files(home) == before
    assert "sk-or-vv-…0000" in seen
    assert "Nothing was written" in seen
    assert "\x1b[32m+" in seen
    code, seen = typed(home, ["--all"], ("Change 1 file?", "y\n"), key=KEY)
    assert code == 0
    assert KEY in (home / ".one/config").read_text()
    assert KEY not in seen


def test_while_all_asks_another_run_can_work_and_then_it_asks_again(home: Path) -> None:
    after: dict[str, bytes] = {}

    def meanwhile() -> str:
        assert run_with_profiles(home, "one", "--model", "other/model").code == 0
        after.update(files(home))
        return "y\n"

    question = "Change 1 file?"
    code, seen = typed(
        home, ["--all", "--model", "my/model"], (question, meanwhile), (question, "n\n"), key=KEY
    )
    assert code == 0
    assert files(home) == after
    assert "The files have changed meanwhile" in seen
    assert seen.count(question) == 2


def test_a_purge_asks_first_and_says_what_it_means(home: Path) -> None:
    assert run_with_profiles(home, "one").code == 0
    code, seen = typed(home, ["history", "--purge"], ("Remove them?", "n\n"))
    assert code == 0
    assert (home / STATE / "runs/1").exists()
    assert "No run up to now can be undone afterwards" in seen
    assert "Nothing was removed" in seen
    code, seen = typed(home, ["history", "--purge"], ("Remove them?", "y\n"))
    assert code == 0
    assert not (home / STATE / "runs/1").exists()
    assert "Removed 1 run and 2 old files;" in seen


def test_a_question_in_russian_takes_russian_answers_and_english_ones(home: Path) -> None:
    before = files(home)
    again = ("или", "нет\n")
    code, seen = typed(home, ["--all", "--lang", "ru"], ("Изменить 1 файл? [д/Н]", "?\n"), again, key=KEY)
    assert code == 0
    assert files(home) == before
    assert "Ничего не записано." in seen
    for answer in ("да", "y"):
        code, seen = typed(home, ["--all", "--lang", "ru"], ("[д/Н]", f"{answer}\n"), key=KEY)
        assert code == 0
        assert "Запуск" in seen
        assert run_with_profiles(home, "undo").code == 0


def test_with_yes_all_does_not_ask(home: Path) -> None:
    code, seen = typed(home, ["--all", "--yes"], key=KEY)
    assert code == 0
    assert "?" not in seen


def test_ctrl_c_at_a_question_writes_nothing(home: Path) -> None:
    before = files(home)

    def a_moment_later() -> str:
        time.sleep(0.5)  # readline misses what comes before it has begun to wait
        return "\x03"

    code, _ = typed(home, ["--all"], ("Change 1 file?", a_moment_later), key=KEY)
    assert code == 130
    assert files(home) == before


@pytest.mark.parametrize(
    ("env", "language"),
    [
        ({}, "en"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LC_ALL": "C", "LANG": "ru_RU.UTF-8"}, "en"),
        ({"LC_MESSAGES": "ru"}, "ru"),
        ({"VSEGPT_PATCH_LANG": "en", "LANG": "ru_RU.UTF-8"}, "en"),
    ],
)
def test_the_language_follows_the_locale(env: dict[str, str], language: str) -> None:
    assert i18n.preferred(env) == language


def test_ctrl_c_at_one_home_leaves_the_next_ones_alone(home: Path, tmp_path: Path) -> None:
    second = shutil.copytree(home, tmp_path / "second")

    def a_moment_later() -> str:
        time.sleep(0.5)
        return "\x03"

    code, seen = typed(home, ["--home", str(second), "--all"], ("Change 1 file?", a_moment_later), key=KEY)
    assert code == 130
    assert seen.count("Change 1 file?") == 1
    assert files(second) == files(home) == {".one/config": b"{}\n"}
