"""The steps of a profile's way through a file, beyond plain keys and list items."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.homes import KEY
from tests.support.made_up_tools import profile, run_with_profiles

PROFILE = """
found_by = ["~/.toy"]

[[file]]
format = "json"
path = ["~/.toy"]

  [[file.edit]]
  {at}
  key = {{ apiKey = "{{key}}" }}
  url = {{ url = "https://api.openai.com/v1" }}
"""


def patched(tmp_path: Path, at: str, data: object) -> object:
    """What a file holds after the run; the run is undone, and held to give back the bytes."""
    home = tmp_path / "home"
    home.mkdir()
    profile(tmp_path / "profiles", "toy", PROFILE.format(at=at))
    file = home / ".toy"
    file.write_text(json.dumps(data, indent=2))
    before = file.read_bytes()
    result = run_with_profiles(home, "toy")
    assert result.code == 0, result.err
    after = json.loads(file.read_text().replace(KEY, "KEY").replace("https://api.vsegpt.ru:6070/v1", "URL"))
    file.write_bytes(file.read_bytes() + b"\n\n")
    assert run_with_profiles(home, "undo", "toy").code == 0
    assert file.read_bytes() == before + b"\n\n"
    return after


OURS = {"apiKey": "KEY", "url": "URL"}


@pytest.mark.parametrize(
    ("at", "data", "after"),
    [
        ('at = [{ each = "openai@*" }]', {"openai@1": {}, "deepl@1": {}}, {"openai@1": OURS, "deepl@1": {}}),
        (
            'at = ["list", { each = { provider = "openai" } }]',
            {
                "list": [
                    {"n": 1, "provider": "openai"},
                    {"n": 2, "provider": "x"},
                    {"n": 3, "provider": "openai"},
                ]
            },
            {
                "list": [
                    {"n": 1, "provider": "openai", **OURS},
                    {"n": 2, "provider": "x"},
                    {"n": 3, "provider": "openai", **OURS},
                ]
            },
        ),
        ('at = ["a", { decode = "json" }, "b"]', {"a": '{"b": {}}'}, {"a": json.dumps({"b": OURS})}),
        ('at = ["l", { id = "b" }]\nsorted = true', {"l": [{"id": "a"}, {"id": "c"}]}, "sorted"),
        ('at = ["l", { id = "b" }]\nsorted = true', {"l": [{"id": "c"}, {"id": "a"}]}, "last"),
        ('at = ["l", { id = "b" }]\nlast = true', {"l": [{"id": "c"}]}, "last"),
        ('at = ["l", { id = "b" }]', {"l": [{"id": "a"}]}, "first"),
    ],
)
def test_a_step_leads_where_it_says(at: str, data: object, after: object, tmp_path: Path) -> None:
    found = patched(tmp_path, at, data)
    if isinstance(after, str):
        assert isinstance(found, dict)
        places = {"first": 0, "sorted": 1, "last": len(found["l"]) - 1}
        assert found["l"][places[after]] == {"id": "b", **OURS}
    else:
        assert found == after


def test_where_no_entry_is_there_nothing_is_changed(tmp_path: Path) -> None:
    assert patched(tmp_path, 'at = [{ each = "openai@*" }]', {"x": 1}) == {"x": 1}
