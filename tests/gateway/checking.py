"""`check` as the tests run it: watched, and held to few connections, to this machine, without a key shown."""

from __future__ import annotations

import ssl
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import trustme

from patcher.endpoint import Endpoint
from tests.support.homes import KEY, Result
from tests.support.made_up_tools import run_with_profiles

OTHER_KEY = "sk-or-vv-" + "1" * 64
AUTHORITY = trustme.CA()
_connects: list[Any] = []
_watching: list[bool] = [False]


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    ours = threading.current_thread() is threading.main_thread()  # the servers' threads are not
    if _watching[0] and ours and event in {"socket.connect", "socket.getaddrinfo"}:
        _connects.append((event, arguments))


sys.addaudithook(_audit)  # cannot be taken back: it looks at a list that only a test here opens


def check(
    home: Path,
    *words: str,
    key: str | None = KEY,
    env: dict[str, str] | None = None,
    elsewhere: tuple[str, ...] = (),
) -> Result:
    """Run it, and see that it opens few connections, to this machine alone, and shows no key.

    `elsewhere` are names that may be looked up.
    """
    _connects.clear()
    _watching[0] = True
    try:
        result = run_with_profiles(home, "check", *words, key=key, env=env)
    finally:
        _watching[0] = False
    connects = [arguments[1] for event, arguments in _connects if event == "socket.connect"]
    assert len(connects) <= 5
    assert {address[0] for address in connects} <= {"127.0.0.1", "::1"}
    names = {arguments[0] for event, arguments in _connects if event == "socket.getaddrinfo"}
    assert names <= {"127.0.0.1", "localhost", *elsewhere}
    for secret in (KEY, OTHER_KEY):
        assert secret not in result.out + result.err
    return result


def lines(result: Result, mark: str) -> list[str]:
    return [line.removeprefix(mark).strip() for line in result.out.splitlines() if line.startswith(mark)]


def both_ports(monkeypatch: pytest.MonkeyPatch, *ports: int) -> list[str]:
    """Let these ports of the machine itself stand for VseGPT's two; give their addresses."""
    addresses = tuple(Endpoint("http", "127.0.0.1", port) for port in ports)
    monkeypatch.setattr("patcher.endpoint.ADDRESSES", addresses)
    return [str(each) for each in addresses]


def tls(*names: str, authority: trustme.CA = AUTHORITY, **dates: Any) -> ssl.SSLContext:
    """What a server needs to be these hosts, by an authority that the tests trust, or another one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **dates).configure_cert(context)
    return context
