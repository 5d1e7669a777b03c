"""What the tests of `check` share: servers to ask, an authority of our own, a proxy."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.gateway.checking import AUTHORITY, tls
from tests.support.playing import Server, serving


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    with contextlib.ExitStack() as stack:
        yield lambda *arguments, **names: stack.enter_context(serving(Server(*arguments, **names)))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("patcher.gateway.http.PAUSE", 0)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def trusted(tmp_path: Path) -> dict[str, str]:
    """The variables with which OpenSSL trusts our authority, and no other."""
    AUTHORITY.cert_pem.write_to_path(tmp_path / "ca.pem")
    return {"SSL_CERT_FILE": str(tmp_path / "ca.pem"), "SSL_CERT_DIR": str(tmp_path / "none")}


@pytest.fixture
def proxied(start: Callable[..., Server], trusted: dict[str, str]) -> tuple[Server, Server, dict[str, str]]:
    """A proxy that leads to a server that is VseGPT for our authority, both, and the variables."""
    server = start(tls=tls("api.vsegpt.ru"))
    proxy = start()
    proxy.tunnels_to = {"api.vsegpt.ru:6070": server.port, "api.vsegpt.ru:443": server.port}
    return server, proxy, trusted | {"HTTPS_PROXY": proxy.url, "NO_PROXY": ""}
