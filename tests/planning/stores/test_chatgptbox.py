"""ChatGPTBox's own store: what the extension does with our settings, and what becomes of them in undo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from patcher.stores.leveldb import store as leveldb
from tests.stores import texts
from tests.support.homes import KEY, run

STORE = "Local Extension Settings/eobbhoofkanlmddnplfhnmkfbnlhpbbo"
OLD_KEY = "sk-" + "0" * 40
PLAIN = {"apiKey": OLD_KEY, "customOpenAiApiUrl": "https://api.openai.com", "themeType": "auto"}
OURS = "https://api.vsegpt.ru:6070"


def store(home: Path, profile: str = "Default") -> Path:
    return home / ".config/google-chrome" / profile / STORE


def make(home: Path, values: dict[str, Any], profile: str = "Default") -> None:
    place = store(home, profile)
    for path in sorted(place.glob("*")):
        path.unlink()
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_dir():
        place.rmdir()
    texts.make_leveldb(place, values)


def values(home: Path, profile: str = "Default") -> dict[str, Any]:
    return {k.decode(): json.loads(v) for k, v in leveldb.read(store(home, profile)).values.items()}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    make(folder, PLAIN)
    return folder


def test_undo_gives_back_null_after_the_extension_wrote_its_store_anew(home: Path) -> None:
    make(home, PLAIN | {"apiMode": None})
    assert run(home, "chatgptbox").code == 0
    make(home, values(home) | {"themeType": "dark"})
    assert run(home, "undo").code == 0
    assert values(home) == PLAIN | {"apiMode": None, "themeType": "dark"}


def test_undo_finds_the_key_where_the_extension_has_copied_it(home: Path) -> None:
    assert run(home, "chatgptbox").code == 0
    make(home, values(home) | {"providerSecrets": {"openai": KEY}})
    assert run(home, "undo").code == 0
    assert values(home) == PLAIN


def test_undo_leaves_the_other_secrets_beside_a_copied_key(home: Path) -> None:
    assert run(home, "chatgptbox").code == 0
    make(home, values(home) | {"providerSecrets": {"openai": KEY, "deepseek": "sk-1"}})
    assert run(home, "undo").code == 0
    assert values(home) == PLAIN | {"providerSecrets": {"deepseek": "sk-1"}}


def test_a_new_key_goes_to_where_the_extension_has_copied_the_old_one(home: Path, tmp_path: Path) -> None:
    assert run(home, "chatgptbox").code == 0
    make(home, values(home) | {"providerSecrets": {"openai": KEY}})
    new = "sk-or-vv-" + "0" * 60 + "beef"
    (tmp_path / "new").write_text(new)
    assert run(home, "key", "rotate", "--key-file", str(tmp_path / "new")).code == 0
    assert values(home)["apiKey"] == new
    assert values(home)["providerSecrets"] == {"openai": new}


def test_undo_of_a_new_key_finds_it_where_the_extension_has_copied_it(home: Path, tmp_path: Path) -> None:
    assert run(home, "chatgptbox").code == 0
    new = "sk-or-vv-" + "0" * 60 + "beef"
    (tmp_path / "new").write_text(new)
    assert run(home, "key", "rotate", "--key-file", str(tmp_path / "new")).code == 0
    make(home, values(home) | {"providerSecrets": {"openai": new}})
    assert run(home, "undo").code == 0
    assert values(home)["apiKey"] == KEY
    assert "providerSecrets" not in values(home)
    assert run(home, "undo").code == 0
    assert values(home) == PLAIN


def test_each_profile_of_a_browser_has_its_own_state(home: Path) -> None:
    assert run(home, "chatgptbox").code == 0
    make(home, PLAIN, "Profile 2")
    [tool] = json.loads(run(home, "status", "chatgptbox", "--json").out)["tools"]
    assert [(file["state"], file["hosts"]) for file in tool["files"]] == [
        ("vsegpt", []),
        ("other", ["api.openai.com"]),
    ]
    assert tool["state"] == "other"


def test_what_was_set_by_hand_as_the_guide_of_vsegpt_shows_is_right(home: Path) -> None:
    mode = {
        "groupName": "chatgptApiModelKeys",
        "itemName": "chatgptApi4oMini",
        "isCustom": False,
        "active": True,
    }
    make(home, PLAIN | {"apiKey": KEY, "customOpenAiApiUrl": OURS, "apiMode": mode})
    [tool] = json.loads(run(home, "status", "chatgptbox", "--json").out)["tools"]
    assert tool["state"] == "vsegpt"


def test_a_file_to_import_made_without_a_store_has_the_key_where_it_counts(tmp_path: Path) -> None:
    home = tmp_path / "empty"
    home.mkdir()
    file = tmp_path / "import.json"
    told = run(home, "chatgptbox", "--export", str(file))
    assert told.code == 0
    data = json.loads(file.read_text())
    assert data["apiKey"] == data["providerSecrets"]["openai"] == KEY
    assert "its import replaces" in told.err
    assert "customApiModes" in told.err
