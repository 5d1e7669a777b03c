"""Real browsers read what we put into their stores, and we read what they put there.

`python -m pytest -m browser tests/browsers`; needs Debian's chromium and firefox-esr.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from patcher.formats.ops import Value
from patcher.stores import running
from patcher.stores.firefox import store as firefox
from patcher.stores.leveldb import store as leveldb
from patcher.stores.snappy import unpack
from patcher.stores.sqlite import store as sqlite
from tests.browsers.chromium import Chromium
from tests.browsers.firefox import Firefox
from tests.browsers.process import NAME, Hung
from tests.stores.prints import prints

pytestmark = pytest.mark.browser

LARGE = "ж\U0001f511" * 30_000  # 180 KB
CHANGES: dict[str, Value] = {
    "apiKey": "sk-or-vv-" + "0" * 64,
    "customOpenAiApiUrl": "https://api.vsegpt.ru:6070",
    "temperature": 0.25,
    "maxTokens": -7,
    "stream": False,
    "apiMode": {"groupName": "chatgptApiModelKeys", "список": [1, None, {"7": "seven", "é": True}], "": {}},
    "providerSecrets": {"openai": "sk-or-vv-" + "0" * 64, "7": "seven"},
    "large": LARGE,
    "a new key \x7f": "новое значение",
    "ключ 🔑": "\0 ~ \xff",
}
"""Values of several types for names that the extension has, and for a new one."""
GONE = "modelName"

T = TypeVar("T")
Run = Callable[[Path], T]


def patiently(run: Run[T], folder: Path) -> T:
    """A browser that hangs at its start gets one more try, with a new profile."""
    try:
        return run(folder / "first")
    except Hung:
        return run(folder / "second")


def expected(before: dict[str, Any]) -> dict[str, Any]:
    after = {**before, **CHANGES}
    del after[GONE]
    return after


def chromium_values(folder: Path) -> dict[str, Any]:
    level = leveldb.read(folder)
    return {key.decode(): json.loads(value) for key, value in level.values.items()}


def test_chromium_reads_what_the_log_says(tmp_path: Path) -> None:
    def run(folder: Path) -> None:
        with Chromium(folder) as browser:
            before = browser.settings()
            store = browser.store
            assert running.chromium(browser.profile)
            assert running.chromium(tmp_path / "none", store)
        assert running.chromium(browser.profile, store) is None
        untouched = prints(store)
        level = leveldb.read(store)
        assert chromium_values(store) == before
        changes: dict[bytes, bytes | None] = {
            key.encode(): json.dumps(value, ensure_ascii=False).encode() for key, value in CHANGES.items()
        }
        name, data = leveldb.next_log(level, {**changes, GONE.encode(): None})
        assert prints(store) == untouched
        (store / name).write_bytes(data)
        assert chromium_values(store) == expected(before)
        with Chromium(folder) as browser:
            after = browser.settings()
        assert after == expected(before)
        assert chromium_values(store) == after

    patiently(run, tmp_path)


def firefox_values(image: bytes) -> dict[str, Any]:
    table = firefox.table(image)
    return {firefox.text(bytes(key)): firefox.decode(cell) for key, cell in sqlite.rows(image, table).items()}  # type: ignore[arg-type]


@dataclass(frozen=True)
class Rested:
    """The home of a Firefox that ran and was closed, what the extension read, and its database."""

    home: Path
    before: dict[str, Any]
    database: Path
    image: bytes


@pytest.fixture(scope="module")
def rested(tmp_path_factory: pytest.TempPathFactory) -> Rested:
    def run(folder: Path) -> Rested:
        with Firefox(folder) as browser:
            before = browser.settings()
            assert running.firefox(browser.profile)
        assert running.firefox(browser.profile) is None
        (add_on,) = firefox.add_ons(browser.profile, NAME)
        untouched = prints(add_on.database.parent)
        sqlite.settled(add_on.database)
        image = sqlite.read(add_on.database)
        assert prints(add_on.database.parent) == untouched
        return Rested(folder, before, add_on.database, image)

    return patiently(run, tmp_path_factory.mktemp("rested"))


def test_firefox_reads_what_the_rows_say(rested: Rested) -> None:
    image = rested.image
    assert firefox_values(image) == rested.before
    cells: dict[sqlite.Cell, sqlite.Cell] = {
        firefox.key(key): firefox.encode(value) for key, value in CHANGES.items()
    }
    rested.database.write_bytes(
        sqlite.changed(image, firefox.table(image), {**cells, firefox.key(GONE): None})
    )

    def run(_: Path) -> Any:
        with Firefox(rested.home) as browser:
            return browser.settings()

    assert patiently(run, rested.home) == expected(rested.before)
    assert firefox_values(sqlite.read(rested.database)) == expected(rested.before)


def test_our_values_are_those_that_firefox_itself_writes(rested: Rested) -> None:
    for key, cell in sqlite.rows(rested.image, firefox.table(rested.image)).items():
        assert isinstance(key, bytes)
        assert isinstance(cell, bytes)
        assert firefox.key(firefox.text(key)) == key
        assert unpack(firefox.encode(firefox.decode(cell)), 1 << 20) == unpack(cell, 1 << 20)


def test_after_a_crash_firefoxs_values_are_read_from_its_log(tmp_path: Path) -> None:
    def run(folder: Path) -> None:
        with Firefox(folder) as browser:
            before = browser.settings()
            browser.crash()
        assert running.firefox(browser.profile) is None
        (add_on,) = firefox.add_ons(browser.profile, NAME)
        untouched = prints(add_on.database.parent)
        assert firefox_values(sqlite.read(add_on.database)) == before
        assert prints(add_on.database.parent) == untouched

    patiently(run, tmp_path)


def test_after_a_crash_chromiums_values_are_read(tmp_path: Path) -> None:
    def run(folder: Path) -> None:
        with Chromium(folder) as browser:
            before = browser.settings()
            browser.crash()
        assert (browser.profile / "SingletonLock").is_symlink()
        assert running.chromium(browser.profile, browser.store) is None
        assert chromium_values(browser.store) == before

    patiently(run, tmp_path)
