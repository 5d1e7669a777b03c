"""The READMEs' pictures show what the program shows."""

from __future__ import annotations

import pytest

pytest.importorskip("pty", reason="LEFT OUT: Windows has no pseudo-terminals")
from tests.pictures import FOLDER, pictures


def test_the_pictures_are_up_to_date() -> None:
    drawn = dict(pictures())
    assert {path.name for path in FOLDER.glob("*.svg")} == set(drawn)
    for name, text in drawn.items():
        assert (FOLDER / name).read_text("utf-8") == text, f"{name}: run python -m tests.pictures"
