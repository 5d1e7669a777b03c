from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live.gateway import Gateway


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "live_ci: the live tests that run on every push")


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway() as gateway:
        yield gateway
