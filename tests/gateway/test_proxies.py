"""Proxies: the real addresses of VseGPT, led to this machine by a proxy of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateway.checking import check, lines
from tests.support.playing import Play, Server, dead_port

Proxied = tuple[Server, Server, dict[str, str]]


def test_the_proxy_is_used_and_sees_no_key(home: Path, proxied: Proxied) -> None:
    server, proxy, env = proxied
    result = check(home, env=env)
    assert result.code == 0
    assert lines(result, "wrong") == []
    assert lines(result, "ok")[:2] == [
        "https://api.vsegpt.ru:6070 answers",
        "https://api.vsegpt.ru answers",
    ]
    targets = [seen.split()[1] for seen in proxy.seen]
    assert targets == ["api.vsegpt.ru:6070", "api.vsegpt.ru:443", "api.vsegpt.ru:6070", "api.vsegpt.ru:6070"]
    assert not any("sk-or" in seen or "Authorization" in seen for seen in proxy.seen)
    assert ["Host: api.vsegpt.ru:6070\n" in seen for seen in server.seen] == [True, True]


def test_a_firewall_that_blocks_6070_gets_the_other_address(home: Path, proxied: Proxied) -> None:
    _server, proxy, env = proxied
    del proxy.tunnels_to["api.vsegpt.ru:6070"]
    result = check(home, env=env)
    [wrong] = lines(result, "wrong")
    assert wrong.endswith("https://api.vsegpt.ru answers: use --endpoint https://api.vsegpt.ru")
    assert "the balance is 123.45" in lines(result, "ok")


def test_a_proxy_that_wants_a_login_gets_it_from_its_variable_alone(home: Path, proxied: Proxied) -> None:
    _server, proxy, env = proxied
    tunnels, proxy.tunnels_to, proxy.plays = proxy.tunnels_to, {}, Play(407)
    result = check(home, env=env)
    assert "wants a name and password (407); write them into HTTPS_PROXY: http://NAME" in result.out
    assert result.code == 1
    assert len(proxy.seen) == 2
    assert "Proxy-Authorization" not in "".join(proxy.seen)
    proxy.tunnels_to = tunnels
    env["HTTPS_PROXY"] = proxy.url.replace("//", "//me:pass%20word@")
    assert check(home, env=env).code == 0
    assert "Proxy-Authorization: Basic bWU6cGFzcyB3b3Jk" in proxy.seen[-1]  # me:pass word


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (
            "http://me:hidden-word@127.0.0.1:{dead}",
            "the proxy 127.0.0.1:{dead} that HTTPS_PROXY names does not answer",
        ),
        ("socks5://127.0.0.1:{dead}", "HTTPS_PROXY names a proxy of a kind that this command cannot use"),
        ("http://127.0.0.1:nonsense", "HTTPS_PROXY names a proxy of a kind that this command cannot use"),
    ],
)
def test_a_proxy_that_does_not_work_is_named(
    value: str, sentence: str, home: Path, trusted: dict[str, str]
) -> None:
    dead = dead_port()
    result = check(home, env=trusted | {"HTTPS_PROXY": value.format(dead=dead)})
    assert sentence.format(dead=dead) in lines(result, "wrong")[0]
    assert "hidden-word" not in result.out
    assert result.code == 1
