"""Homes with one store: of each kind, or of Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.made_up_stores import KINDS, Chromium, Kind, home_of


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def home(kind: Kind, tmp_path: Path) -> Path:
    """A home with one store."""
    return home_of(kind, tmp_path)


@pytest.fixture
def chromium(tmp_path: Path) -> Path:
    return home_of(Chromium(), tmp_path)
