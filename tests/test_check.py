"""`check` against servers that play every failure: the right sentence, few requests, no key elsewhere."""

from __future__ import annotations

import contextlib
import json
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from patcher.endpoint import Endpoint
from tests.homes import KEY, Result
from tests.playing import GOOD, Play, Server, dead_port, serving
from tests.toys import toy_home, vsegpt

OTHER_KEY = "sk-or-vv-" + "1" * 64
_connects: list[Any] = []
_watching: list[bool] = [False]


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    ours = threading.current_thread() is threading.main_thread()  # the servers' threads are not
    if _watching[0] and ours and event in {"socket.connect", "socket.getaddrinfo"}:
        _connects.append((event, arguments))


sys.addaudithook(_audit)  # cannot be taken back: it looks at a list that only a test here opens


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return toy_home(tmp_path, "one")


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    with contextlib.ExitStack() as stack:
        yield lambda *arguments, **names: stack.enter_context(serving(Server(*arguments, **names)))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("patcher.gateway.wire.PAUSE", 0)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


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
        result = vsegpt(home, "check", *words, key=key, env=env)
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


def test_all_is_well(home: Path, start: Callable[..., Server]) -> None:
    server = start()
    result = check(home, "--endpoint", server.url)
    assert (result.code, lines(result, "wrong")) == (0, [])
    assert lines(result, "ok") == [
        f"{server.url} answers",
        "the key sk-or-vv-…0000 is good",
        "the balance is 123.45",
        "the model openai/gpt-4o-mini is there",
    ]
    assert [seen.split()[1] for seen in server.seen] == ["/v1/balance", "/v1/models"]
    assert all(f"Authorization: Bearer {KEY}" in seen for seen in server.seen)


def test_it_tells_programs_the_same(home: Path, start: Callable[..., Server]) -> None:
    told = json.loads(check(home, "--endpoint", start().url, "--model", "no/such", "--json").out)
    assert (told["version"], told["command"], told["exit_code"]) == (1, "check", 1)
    assert [(each["about"], each["ok"], each["kind"]) for each in told["findings"]] == [
        ("address", True, None),
        ("key", True, None),
        ("balance", True, None),
        ("model", False, "no-model"),
    ]


BALANCE, MODELS = "/v1/balance", "/v1/models"
FAILURES = {
    "bad key": (
        BALANCE,
        Play(401, {"error": {"message": "no\x1b[31m such key"}}),
        "http-401",
        "the key is not known (401), it says: no [31m such key; copy it anew from",
    ),
    "no money": (
        BALANCE,
        Play(body={"status": "ok", "data": {"credits": "0.00"}}),
        "no-money",
        "the balance is 0.00; top it up",
    ),
    "payment": (BALANCE, Play(402, {}), "http-402", "there is no money on the account (402); top"),
    "forbidden": (BALANCE, Play(403, b"no"), "http-403", "the key is refused (403); it may be closed"),
    "other service": (BALANCE, Play(404, {}), "http-404", "has no such address as VseGPT (404); look"),
    "too often": (BALANCE, Play(429, {}), "http-429", "too many requests (429): VseGPT takes one"),
    "too often, of old": (MODELS, Play(430, {}), "http-430", "too many requests (429)"),
    "their fault": (MODELS, Play(500, b"<html>"), "http-500", "answers with 500; that is a fault over"),
    "unknown status": (MODELS, Play(418, {}), "http-418", "answers with 418; look at --endpoint"),
    "login page": (
        BALANCE,
        Play(body=b"\n<!doctype html>", headers={"Content-Type": "text/html"}),
        "portal",
        "answers with a web page instead of data; open a web page in a browser",
    ),
    "no JSON": (MODELS, Play(body=b"hello"), "not-json", "something that is no JSON; look"),
    "deep JSON": (MODELS, Play(body=b"[" * 100_000), "not-json", "something that is no JSON; look"),
    "other JSON": (BALANCE, Play(body=["x"]), "not-vsegpt", "the balance is none of VseGPT's; look"),
    "no amount": (BALANCE, Play(body={"data": {"credits": "NaN"}}), "not-vsegpt", "the balance is none"),
    "no list": (MODELS, Play(body={"data": [{"name": "x"}]}), "not-vsegpt", "no list of models; look"),
    "endless": (MODELS, Play(body=b" " * (5 << 20)), "too-long", "the answer is longer than 4,194,304"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_is_wrong_is_said_in_one_sentence(name: str, home: Path, start: Callable[..., Server]) -> None:
    path, play, kind, sentence = FAILURES[name]
    server = start(GOOD | {path: play})
    result = check(home, "--endpoint", server.url)
    [wrong] = lines(result, "wrong")
    assert sentence in wrong
    assert "; " in wrong  # what to do
    assert result.code == 1
    assert "\x1b" not in result.out
    assert len(server.seen) <= 2
    told = json.loads(check(home, "--endpoint", server.url, "--json").out)
    assert [each["kind"] for each in told["findings"] if each["ok"] is False] == [kind]


def test_after_a_refusal_nothing_more_is_asked(home: Path, start: Callable[..., Server]) -> None:
    server = start(Play(401, {}))
    check(home, "--endpoint", server.url)
    assert len(server.seen) == 1


def test_no_redirect_is_followed(home: Path, start: Callable[..., Server]) -> None:
    portal = start()
    server = start(Play(302, headers={"Location": f"{portal.url}/login"}))
    result = check(home, "--endpoint", server.url)
    [wrong] = lines(result, "wrong")
    assert "sends us on to 127.0.0.1, where the key does not go; open a web page" in wrong
    assert (result.code, portal.seen, len(server.seen)) == (1, [], 1)


def test_two_requests_are_more_than_a_second_apart(
    home: Path, start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("patcher.gateway.wire.PAUSE", 1.1)
    monkeypatch.setattr("patcher.gateway.wire.time.sleep", slept.append)
    check(home, "--endpoint", start().url)
    assert slept[0] == 0
    assert 1 < slept[1] <= 1.1


def test_without_a_key_it_tells_what_needs_none(home: Path, start: Callable[..., Server]) -> None:
    server = start()
    result = check(home, "--endpoint", server.url, key=None)
    assert result.code == 0
    assert lines(result, "note") == ["there is no key, so neither key nor balance was looked at"]
    assert "the model openai/gpt-4o-mini is there" in lines(result, "ok")
    assert [seen.split()[1] for seen in server.seen] == ["/v1/models"]
    assert "Authorization" not in server.seen[0]
    server.plays = Play(401, {})
    result = check(home, "--endpoint", server.url, key=None)
    assert result.code == 0
    assert "the list of models is told to those with a key only" in lines(result, "note")


@pytest.mark.parametrize(
    ("model", "mark", "sentence"),
    [
        (
            "openai/gpt-4o-mimi",
            "wrong",
            "no model openai/gpt-4o-mimi at VseGPT; take one of openai/gpt-4o-mini",
        ),
        ("deepseek-chat", "note", "there as deepseek/deepseek-chat; VseGPT's own mapping of names decides"),
        ("meta/deepseek-chat", "wrong", "take one of deepseek/deepseek-chat"),
        ("qqqq", "wrong", "there is no model qqqq at VseGPT; see the list: https://vsegpt.ru/Docs/Models"),
    ],
)
def test_a_model_that_is_not_there_gets_the_nearest_names(
    model: str, mark: str, sentence: str, home: Path, start: Callable[..., Server]
) -> None:
    result = check(home, "--endpoint", start().url, "--model", model)
    assert sentence in lines(result, mark)[0]
    assert result.code == (mark == "wrong")


def both_ports(monkeypatch: pytest.MonkeyPatch, *ports: int) -> list[str]:
    """Let these ports of the machine itself stand for VseGPT's two; give their addresses."""
    addresses = tuple(Endpoint("http", "127.0.0.1", port) for port in ports)
    monkeypatch.setattr("patcher.endpoint.ADDRESSES", addresses)
    return [str(each) for each in addresses]


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
    monkeypatch.setattr("patcher.gateway.wire.PATIENCE", 0.2)
    server = start(Play(waits=60))
    result = check(home, "--endpoint", server.url)
    assert "does not answer within 0 seconds; a firewall may block it" in lines(result, "wrong")[0]
    assert (result.code, len(server.seen)) == (1, 1)


@pytest.mark.parametrize("host", ["a" * 64 + ".ru", ("a" * 60 + ".") * 5 + "ru"])
def test_a_name_that_cannot_be_looked_up_is_said(host: str, home: Path) -> None:
    result = check(home, "--endpoint", f"https://{host}", elsewhere=(host,))
    assert f"the name {host} cannot be looked up (DNS); see whether this machine is on line" in result.out
    assert result.code == 1


# TLS: certificates of an authority of our own

AUTHORITY = trustme.CA()


def tls(*names: str, authority: trustme.CA = AUTHORITY, **dates: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **dates).configure_cert(context)
    return context


@pytest.fixture
def trusted(tmp_path: Path) -> dict[str, str]:
    """The variables with which OpenSSL trusts our authority, and no other."""
    AUTHORITY.cert_pem.write_to_path(tmp_path / "ca.pem")
    return {"SSL_CERT_FILE": str(tmp_path / "ca.pem"), "SSL_CERT_DIR": str(tmp_path / "none")}


NOW = datetime.now(UTC)
CERTIFICATES: dict[str, tuple[Callable[[], ssl.SSLContext], str, str]] = {
    "expired": (
        lambda: tls("localhost", not_after=NOW - timedelta(days=1)),
        "tls-date",
        "has expired; look at this computer's date",
    ),
    "not yet valid": (
        lambda: tls("localhost", not_before=NOW + timedelta(days=1), not_after=NOW + timedelta(days=2)),
        "tls-date",
        "is not valid yet; look at this computer's date",
    ),
    "other host": (
        lambda: tls("portal.example"),
        "tls-host",
        "has a certificate for another host; something stands between",
    ),
    "other issuer": (
        lambda: tls("localhost", authority=trustme.CA()),
        "tls-issuer",
        "nobody that this computer trusts has signed the certificate of",
    ),
}


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_certificate_that_is_not_to_be_trusted_stops_it(
    name: str, home: Path, start: Callable[..., Server], trusted: dict[str, str]
) -> None:
    made, kind, sentence = CERTIFICATES[name]
    server = start(tls=made())
    result = check(home, "--endpoint", server.url, env=trusted)
    [wrong] = lines(result, "wrong")
    assert sentence in wrong
    assert (result.code, server.seen) == (1, [])
    told = json.loads(check(home, "--endpoint", server.url, "--json", env=trusted).out)
    assert [each["kind"] for each in told["findings"]] == [kind]


def test_a_good_certificate_is_fine(
    home: Path, start: Callable[..., Server], trusted: dict[str, str]
) -> None:
    server = start(tls=tls("localhost"))
    result = check(home, "--endpoint", server.url, env=trusted)
    assert (result.code, len(server.seen)) == (0, 2)


def test_where_python_trusts_nobody_it_says_so(
    home: Path, start: Callable[..., Server], trusted: dict[str, str], tmp_path: Path
) -> None:
    server = start(tls=tls("localhost"))
    env = trusted | {"SSL_CERT_FILE": str(tmp_path / "none.pem")}
    result = check(home, "--endpoint", server.url, env=env)
    assert "this Python knows no certificate authorities" in lines(result, "wrong")[0]
    assert server.seen == []


def test_a_server_without_tls_at_an_https_address_is_said(
    home: Path, start: Callable[..., Server], trusted: dict[str, str]
) -> None:
    server = start()
    result = check(home, "--endpoint", f"https://localhost:{server.port}", env=trusted)
    assert "does not speak TLS as it should" in lines(result, "wrong")[0]
    assert server.seen == []


# Proxies: the real addresses of VseGPT, led to this machine by a proxy of our own


@pytest.fixture
def proxied(start: Callable[..., Server], trusted: dict[str, str]) -> tuple[Server, Server, dict[str, str]]:
    """A proxy that leads to a server that is VseGPT for our authority, both, and the variables."""
    server = start(tls=tls("api.vsegpt.ru"))
    proxy = start()
    proxy.tunnels_to = {"api.vsegpt.ru:6070": server.port, "api.vsegpt.ru:443": server.port}
    return server, proxy, trusted | {"HTTPS_PROXY": proxy.url, "NO_PROXY": ""}


Proxied = tuple[Server, Server, dict[str, str]]


def test_the_proxy_is_used_and_sees_no_key(home: Path, proxied: Proxied) -> None:
    server, proxy, env = proxied
    result = check(home, env=env)
    assert (result.code, lines(result, "wrong")) == (0, [])
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
    assert (result.code, len(proxy.seen)) == (1, 2)
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


# Tools


def test_the_models_of_tools_that_were_patched_are_looked_for(
    home: Path, start: Callable[..., Server]
) -> None:
    endpoint = ["--endpoint", start().url]
    vsegpt(home, "one", *endpoint, "--model", "no/such")
    result = check(home, *endpoint)
    assert lines(result, "wrong")[0].startswith("one: there is no model no/such at VseGPT")
    result = check(home, *endpoint, "one")
    assert "one: VseGPT" in lines(result, "ok")
    assert lines(result, "wrong")[0].startswith("one: there is no model no/such at VseGPT")


def test_a_tool_that_does_not_point_there_is_said_with_what_to_do(
    home: Path, start: Callable[..., Server]
) -> None:
    result = check(home, "one", "amp", "--endpoint", start().url)
    assert lines(result, "wrong") == ["one: not set; point it at VseGPT: vsegpt-patch one"]
    assert lines(result, "note") == ["amp: it is set by hand; see: vsegpt-patch show amp"]
    (home / ".one/config").write_text("{")
    result = check(home, "one", "--endpoint", start().url)
    assert result.code == 1
    assert "one: ~/.one/config:1:" in result.err


def test_a_file_with_an_address_that_is_blocked_here_is_said(
    home: Path, start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    dead, live = both_ports(monkeypatch, dead_port(), server.port)
    vsegpt(home, "one", "--endpoint", dead)
    result = check(home, "one", "--endpoint", live)
    assert f"one: its file names {dead}, which does not answer here; run vsegpt-patch one with" in result.out
    assert result.code == 1


def test_without_a_key_that_of_the_tools_file_is_tried(home: Path, start: Callable[..., Server]) -> None:
    server, other = start(), start()
    vsegpt(home, "one", "--endpoint", server.url)
    result = check(home, "one", "--endpoint", server.url, key=None)
    assert "the key sk-or-vv-…0000 is good" in lines(result, "ok")
    result = check(home, "one", "--endpoint", server.url, key=OTHER_KEY)
    assert lines(result, "note") == ["one: its file has another key, sk-or-vv-…0000, which was not tried"]
    vsegpt(home, "one")  # at VseGPT's own address
    check(home, "one", "--endpoint", other.url, key=None)
    assert "Authorization" not in "".join(other.seen)
