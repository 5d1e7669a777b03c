"""Ports that are blocked, servers that do not answer, names that nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gateway.checking import both_ports, check, lines
from tests.support.playing import Play, Server, dead_port


def test_where_a_port_is_blocked_the_other_one_is_named_and_asked(
    home: Path, start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    dead, live = both_ports(monkeypatch, dead_port(), server.port)
    result = check(home, "--endpoint", dead)
    assert lines(result, "wrong") == [f"{dead} refuses the connection; {live} answers: use --endpoint {live}"]
    assert "the balance is 123.45" in lines(result, "ok")
    assert result.code == 1
    result = check(home, "--endpoint", live)
    assert lines(result, "note") == [f"{dead} refuses the connection; it is not needed"]
    assert result.code == 0


def test_where_both_ports_are_blocked_nothing_is_asked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, _other = both_ports(monkeypatch, dead_port(), dead_port())
    result = check(home, "--endpoint", one)
    assert lines(result, "wrong") == [
        f"{one} refuses the connection; a firewall may block this port, or nothing listens there"
    ]
    assert result.code == 1


def test_a_server_that_does_not_answer_is_waited_for_shortly(
    home: Path, start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("patcher.gateway.http.PATIENCE", 0.2)
    server = start(Play(waits=60))
    result = check(home, "--endpoint", server.url)
    assert "does not answer within 0 seconds; a firewall may block it" in lines(result, "wrong")[0]
    assert result.code == 1
    assert len(server.seen) == 1


@pytest.mark.parametrize("host", ["a" * 64 + ".ru", ("a" * 60 + ".") * 5 + "ru"])
def test_a_name_that_cannot_be_looked_up_is_said(host: str, home: Path) -> None:
    result = check(home, "--endpoint", f"https://{host}", elsewhere=(host,))
    assert f"the name {host} cannot be looked up (DNS); see whether this machine is on line" in result.out
    assert result.code == 1
