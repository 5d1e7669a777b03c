"""TLS, with certificates of an authority of our own."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from tests.gateway.checking import check, lines, tls
from tests.support.playing import Server

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
    assert result.code == 1
    assert server.seen == []
    told = json.loads(check(home, "--endpoint", server.url, "--json", env=trusted).out)
    assert [each["kind"] for each in told["findings"]] == [kind]


def test_a_good_certificate_is_fine(
    home: Path, start: Callable[..., Server], trusted: dict[str, str]
) -> None:
    server = start(tls=tls("localhost"))
    result = check(home, "--endpoint", server.url, env=trusted)
    assert result.code == 0
    assert len(server.seen) == 2


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
