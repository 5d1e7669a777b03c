"""Who else is wanted, by a program that heeds no proxy, in the network that `netns.isolate` leaves it.

There every IPv4 address is this machine's own, so that a resolver (RFC 1035) and a server of TLS here are
asked in the place of all others. They let nobody in: the name of the host is all that they learn.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

_PKTINFO = 8  # IP_PKTINFO of ip(7): the address that a datagram went to, and that its answer has to come from
_A, _AAAA = 1, 28
_NOWHERE = "192.0.2.1"  # of TEST-NET-1 (RFC 5737): what every name leads to

Saw = Callable[[str], None]


@contextlib.contextmanager
def sinkhole(saw: Saw) -> Iterator[None]:
    """In its block `saw` is told of each host that is looked up, or to which somebody begins to speak TLS."""
    with _Resolver(saw) as resolver, _Server(saw) as server:
        threads = [
            threading.Thread(target=each.serve_forever, kwargs={"poll_interval": 0.05})
            for each in (resolver, server)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            resolver.shutdown()
            server.shutdown()
            for thread in threads:
                thread.join()


class _Resolver(socketserver.UDPServer):
    def __init__(self, saw: Saw) -> None:
        super().__init__(("", 53), _Lookup)
        self.saw = saw
        self.socket.setsockopt(socket.IPPROTO_IP, _PKTINFO, 1)

    def get_request(self) -> tuple[Any, Any]:
        query, ancillary, _flags, client = self.socket.recvmsg(512, socket.CMSG_SPACE(12))
        return (query, ancillary), client

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: what is no query has no answer."""


class _Lookup(socketserver.BaseRequestHandler):
    server: _Resolver

    def handle(self) -> None:
        query, ancillary = self.request
        name, end = _name(query)
        [kind] = struct.unpack_from(">H", query, end)
        if kind in {_A, _AAAA} and not _is_own(name):
            self.server.saw(name)
        # The question's name (at 12), type A, class IN, one second to live.
        record = struct.pack(">HHHIH", 0xC00C, _A, 1, 1, 4) + socket.inet_aton(_NOWHERE)
        answers = [record] if kind == _A else []
        header = query[:2] + struct.pack(">HHHHH", 0x8180, 1, len(answers), 0, 0)
        answer = b"".join([header, query[12 : end + 4], *answers])
        self.server.socket.sendmsg([answer], ancillary, 0, self.client_address)


def _name(query: bytes) -> tuple[str, int]:
    """The name that is asked for, and where its type stands."""
    labels = []
    at = 12
    while length := query[at]:
        labels.append(query[at + 1 : at + 1 + length].decode("ascii"))
        at += 1 + length
    return ".".join(labels), at + 1


def _is_own(name: str) -> bool:
    """Whether it is this machine's name, which some look up with a domain after it."""
    return "." not in name or name.partition(".")[0] == socket.gethostname().partition(".")[0]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, saw: Saw) -> None:
        super().__init__(("", 443), _Hello)
        self.saw = saw

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: who is gone before the end has said enough."""


class _Hello(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        address = self.request.getsockname()[0]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)  # without a certificate: it ends with their hello

        def hello(_socket: object, name: str | None, _context: object) -> None:
            if name or address != _NOWHERE:
                self.server.saw(name or address)

        context.sni_callback = hello
        self.request.settimeout(5)
        with contextlib.suppress(OSError):
            context.wrap_socket(self.request, server_side=True)
