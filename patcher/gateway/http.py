"""A few single requests to the endpoint, each on a connection of its own.

The key goes to the endpoint's host alone: over TLS that is always verified, through no redirect, and
to no proxy. Nothing is tried twice: VseGPT takes one request a second from an account, and closes it
after more than 50 bad ones in a row.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import os
import socket
import ssl
import time
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from patcher import __version__
from patcher.dataclass import dataclass
from patcher.endpoint import Endpoint
from patcher.gateway.diagnosis import Trouble, explained, short
from patcher.i18n import _
from patcher.secrets.secret import Secret

MOST = 5
"""Connections of one run; there is no way to more."""
PATIENCE = 10.0
"""Seconds that a connection, and then an answer, may take."""
PAUSE = 1.1
"""Seconds between two requests."""
LARGEST = 4 * 1024 * 1024
"""Bytes of an answer; VseGPT's list of models has a few hundred thousand."""

_VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


class Answer(NamedTuple):
    """What the endpoint answered: `body` has at most `LARGEST` bytes, `location` is a redirect's."""

    status: int
    media: str
    location: str
    body: bytes


@dataclass(frozen=True)
class _Proxy:
    """The proxy for https; `named_by` is the variable that says so."""

    scheme: str
    host: str
    port: int
    login: str
    named_by: str

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Line:
    """All connections of one run, of which there are no more than `MOST`."""

    def __init__(self) -> None:
        self.connections = 0
        self._last = float("-inf")

    def reach(self, endpoint: Endpoint) -> None:
        """Connect, and see who is there; nothing is asked. Raises `Trouble`."""
        with self._connected(endpoint):
            pass

    def get(self, endpoint: Endpoint, path: str, key: Secret | None) -> Answer:
        """Ask once. Any status is an answer, and a redirect is not followed. Raises `Trouble`."""
        time.sleep(max(0.0, self._last + PAUSE - time.monotonic()))
        headers = {"Accept": "application/json", "User-Agent": f"vsegpt-patch/{__version__}"}
        if key:
            headers["Authorization"] = f"Bearer {key.reveal()}"
        with self._connected(endpoint) as connected, explained(endpoint, PATIENCE):
            exchange = http.client.HTTPConnection(endpoint.host, endpoint.effective_port)
            exchange.auto_open = 0  # else it would dial anew by itself, past proxy and TLS
            exchange.sock = connected
            exchange.putrequest("GET", path, skip_host=True)
            for name, value in {"Host": endpoint.netloc, "Connection": "close", **headers}.items():
                exchange.putheader(name, value)
            exchange.endheaders()
            with exchange.getresponse() as response:
                body = _read(response)
        self._last = time.monotonic()
        return Answer(
            response.status, response.headers.get_content_type(), response.headers.get("Location", ""), body
        )

    @contextlib.contextmanager
    def _connected(self, endpoint: Endpoint) -> Iterator[socket.socket]:
        assert self.connections < MOST
        self.connections += 1
        proxy = _proxy(endpoint)
        with contextlib.ExitStack() as stack:
            if proxy:
                with _through(proxy):
                    connected = stack.enter_context(_dial(proxy.host, proxy.port))
                _tunnel(connected, proxy, endpoint)
            else:
                with explained(endpoint, PATIENCE):
                    connected = stack.enter_context(_dial(endpoint.host, endpoint.effective_port))
            if endpoint.scheme == "https":
                with explained(endpoint, PATIENCE):
                    context = ssl.create_default_context()
                    connected = stack.enter_context(
                        context.wrap_socket(connected, server_hostname=endpoint.host)
                    )
            yield connected


def _dial(host: str, port: int) -> socket.socket:
    try:
        return socket.create_connection((host, port), timeout=PATIENCE)
    except UnicodeError:  # a part of the name is too long to be one
        raise socket.gaierror(socket.EAI_NONAME, "") from None


def _read(response: http.client.HTTPResponse) -> bytes:
    end = time.monotonic() + PATIENCE
    body = b""
    while part := response.read1(65536):
        body += part
        if len(body) > LARGEST:
            raise Trouble(
                "too-long",
                _("the answer is longer than {size:,} bytes, which is none of VseGPT's").format(size=LARGEST),
                _("look at --endpoint, and at what stands between"),
            )
        if time.monotonic() > end:
            raise TimeoutError
    return body


def _proxy(endpoint: Endpoint) -> _Proxy | None:
    """The proxy that this machine wants to be used; never one for an address on the machine itself."""
    if endpoint.is_loopback or proxy_bypass(f"{endpoint.host}:{endpoint.effective_port}"):
        return None
    known = getproxies()
    text = known.get("https") or known.get("all")
    if not text:
        return None
    named_by = next((name for name in _VARIABLES if os.environ.get(name)), _("the system's settings"))
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname or "", parts.port or 80
    except ValueError:
        host, port = "", 0
    if not host or parts.scheme != "http":
        raise Trouble(
            "proxy-kind",
            _("{variable} names a proxy of a kind that this command cannot use").format(variable=named_by),
            _("give it in the form http://HOST:PORT, or unset it"),
        )
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else ""
    return _Proxy(parts.scheme, host, port, login, named_by)


def _tunnel(connected: socket.socket, proxy: _Proxy, endpoint: Endpoint) -> None:
    """Have the proxy connect us to the endpoint: it sees the endpoint's name, and nothing of what is said."""
    target = f"{endpoint.host}:{endpoint.effective_port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.login:
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(proxy.login.encode()).decode()}")
    with _through(proxy):
        connected.sendall("\r\n".join([*lines, "", ""]).encode())
        with http.client.HTTPResponse(connected, method="CONNECT") as answer:
            answer.begin()
    if answer.status == 407:
        raise Trouble(
            "proxy-login",
            _("the proxy {proxy} wants a name and password (407)").format(proxy=proxy),
            _("write them into {variable}: http://NAME:PASSWORD@HOST:PORT").format(variable=proxy.named_by),
        )
    if answer.status != 200:
        raise Trouble(
            "proxy-refuses",
            _("the proxy {proxy} does not lead to {target} (it answers {status})").format(
                proxy=proxy, target=target, status=answer.status
            ),
            _("have that address allowed there, or take the proxy out of the way: NO_PROXY={host}").format(
                host=endpoint.host
            ),
        )


@contextlib.contextmanager
def _through(proxy: _Proxy) -> Iterator[None]:
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        raise Trouble(
            "proxy-dead",
            _("the proxy {proxy} that {variable} names does not answer ({reason})").format(
                proxy=proxy, variable=proxy.named_by, reason=short(error)
            ),
            _("start it, or unset {variable}").format(variable=proxy.named_by),
        ) from None
