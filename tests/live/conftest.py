from __future__ import annotations

from collections.abc import Iterator

import pytest

from patcher.gateway.stub import Gateway


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway() as gateway:
        yield gateway
