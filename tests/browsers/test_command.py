"""Our own command on the homes of real browsers: what it patches is read, what it takes back too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from patcher.stores.firefox import store as firefox
from tests.browsers.chromium import Chromium
from tests.browsers.firefox import Firefox
from tests.browsers.process import NAME, Hung, command_on
from tests.stores.prints import prints
from tests.support.homes import KEY

pytestmark = pytest.mark.browser

Browser: TypeAlias = Chromium | Firefox
PROFILE = """
name = "Settings"
about = {{ en = "the extension of the tests", ru = "расширение тестов" }}
docs = "https://toy.example/docs"

[import]
how = {{ en = "Import the file", ru = "Импортируйте файл" }}

[[file]]
format = "extension"
every = true
path = ["{{chromium}}/Local Extension Settings/{id}", "{{firefox_storage}}/{name}"]

  [[file.edit]]
  key = {{ apiKey = "{{key}}" }}
  url = {{ customOpenAiApiUrl = "https://api.openai.com" }}

  [[file.edit]]
  at = [{{ each = "providerSecrets" }}]
  key = {{ openai = "{{key}}" }}

  [[file.edit]]
  at = ["apiMode"]
  handler = {{ groupName = "chatgptApiModelKeys" }}
  model = {{ customName = "{{model}}" }}
"""
PATCHED = {
    "apiKey": KEY,
    "customOpenAiApiUrl": "https://api.vsegpt.ru:6070",
    "providerSecrets": {"openai": KEY, "7": "seven"},
    "apiMode": {"groupName": "chatgptApiModelKeys", "customName": "openai/gpt-4o-mini"},
}


def store(browser: Browser) -> Path:
    """The folder of the extension's settings."""
    if isinstance(browser, Chromium):
        return browser.store
    (add_on,) = firefox.add_ons(browser.profile, NAME)
    return add_on.database.parent


def there_and_back(start: Callable[[Path], Browser], home: Path) -> None:
    with start(home) as browser:
        before = browser.settings()
        (home / "profiles").mkdir()
        id_ = browser.id if isinstance(browser, Chromium) else "none"
        (home / "profiles" / "settings.toml").write_text(PROFILE.format(id=id_, name=NAME), "utf-8")
        untouched = prints(store(browser))
        dry, wet = (
            command_on(home, "settings", "--dry-run"),
            command_on(home, "settings", "--force"),
        )
        assert prints(store(browser)) == untouched
    assert dry.returncode == 0, dry.stderr
    assert '+  "customOpenAiApiUrl": "https://api.vsegpt.ru:6070"' in dry.stdout
    assert "is running" in dry.stderr
    assert wet.returncode == 1
    assert f"close {type(browser).__name__} (profile " in wet.stderr
    told = command_on(home, "settings")
    assert told.returncode == 0, told.stderr
    with start(home) as browser:
        assert browser.settings() == {**before, **PATCHED}
    told = command_on(home, "undo")
    assert told.returncode == 0, told.stderr
    with start(home) as browser:
        assert browser.settings() == before


@pytest.mark.parametrize("start", [Chromium, Firefox])
def test_the_browser_reads_what_was_patched_and_what_was_taken_back(
    start: Callable[[Path], Browser], tmp_path: Path
) -> None:
    try:
        there_and_back(start, tmp_path / "first")
    except Hung:  # a browser that hangs at its start gets one more try, with a new profile
        there_and_back(start, tmp_path / "second")
