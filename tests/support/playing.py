"""Loopback servers that play what can stand at the other end, or between, and keep all that they saw."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODELS = ("openai/gpt-4o-mini", "openai/gpt-4o", "deepseek/deepseek-chat")


@dataclass(frozen=True)
class Play:
    """An answer: `body` is sent as JSON unless it is bytes; after `waits` seconds."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    waits: float = 0


GOOD = {
    "/v1/models": Play(body={"object": "list", "data": [{"id": name} for name in MODELS]}),
    "/v1/balance": Play(body={"status": "ok", "data": {"credits": "123.45"}}),
}


class Server(ThreadingHTTPServer):
    """Answers by its plays; `seen` has the head of each request, in order."""

    daemon_threads = True

    def __init__(self, plays: dict[str, Play] | Play = GOOD, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.plays = plays
        self.seen: list[str] = []
        self.tunnels_to: dict[str, int] = {}
        self._tls = tls
        self._ended = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}" if self._tls else f"http://127.0.0.1:{self.port}"

    def get_request(self) -> tuple[Any, Any]:
        request, address = super().get_request()
        if self._tls:  # the handshake is for the thread that answers
            request = self._tls.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
        return request, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever does not like our certificate, or only looks, goes away: no fault."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def wait(self, seconds: float) -> None:
        self._ended.wait(seconds)

    def shutdown(self) -> None:
        self._ended.set()
        super().shutdown()


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.seen.append(f"{self.requestline}\n{self.headers}")
        plays = self.server.plays
        play = plays if isinstance(plays, Play) else plays.get(self.path, Play(404, {}))
        self.server.wait(play.waits)
        body = play.body if isinstance(play.body, bytes) else json.dumps(play.body).encode()
        self.send_response(play.status)
        for name, value in ({"Content-Type": "application/json"} | play.headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self) -> None:
        """Be a proxy: lead to the port that stands for the address, or refuse as the play says."""
        self.server.seen.append(f"{self.requestline}\n{self.headers}")
        port = self.server.tunnels_to.get(self.path)
        if port is None:
            status = self.server.plays.status if isinstance(self.server.plays, Play) else 502
            self.send_error(status)
            return
        with socket.create_connection(("127.0.0.1", port)) as other:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_pour, args=(other, self.connection))
            back.start()
            _pour(self.connection, other)
            back.join()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        """Say nothing: `seen` is the log."""


def _pour(source: socket.socket, into: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            into.sendall(data)
        into.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def serving(server: Server) -> Iterator[Server]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def dead_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
