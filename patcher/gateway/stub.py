"""A stand-in for VseGPT on a loopback port: it answers, and keeps what it was asked."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from patcher.dataclass import dataclass
from patcher.endpoint import DEFAULT_MODEL

CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"  # of Anthropic's protocol
ANSWER = "fix: say hello"  # does for a chat, and for a tool that asks for a commit message
USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}


@dataclass(frozen=True)
class ReceivedRequest:
    """One request as it came in; the names of the headers in lower case; `body` is the JSON, if any.

    `elsewhere` is the host of one that wanted to go on from here, as through a proxy, or that did not
    even ask for the way; it did not get there.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    elsewhere: str = ""

    @property
    def bearer(self) -> str | None:
        """The key in the header `Authorization: Bearer KEY`."""
        scheme, _, key = self.headers.get("authorization", "").partition(" ")
        return key if scheme == "Bearer" else None

    @property
    def model(self) -> str | None:
        """The model that is asked for."""
        model = self.body.get("model") if isinstance(self.body, dict) else None
        return model if isinstance(model, str) else None


class Gateway(ThreadingHTTPServer):
    """Listens on a free loopback port while in its `with` block. It knows one model, `model`.

    `requests` grows as they come. Only VseGPT's own paths are served: any other is 404, as it is
    there, so that a wrong form of the URL shows. Its address for Anthropic's protocol is another
    one, so of `CHAT` and `MESSAGES` just one is served, `serves`.
    """

    daemon_threads = True

    def __init__(self, model: str = DEFAULT_MODEL, serves: str = CHAT) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[ReceivedRequest] = []
        self.model = model
        self.serves = serves
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def posts(self) -> list[ReceivedRequest]:
        """The questions that came here."""
        return [
            request for request in list(self.requests) if request.method == "POST" and not request.elsewhere
        ]

    def keep_elsewhere(self, host: str) -> None:
        """Keep that a program wanted another host without its proxy."""
        self.requests.append(ReceivedRequest("CONNECT", host, {}, None, host))

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A tool that was ended in the middle of an answer is no error of the gateway's.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway

    def do_GET(self) -> None:
        if self._leads_elsewhere(None):
            return
        match urlsplit(self.path).path:
            case "/v1/models":
                model = {"id": self.server.model, "object": "model", "owned_by": "vsegpt"}
                self._json(200, {"object": "list", "data": [model]})
            case "/v1/balance":
                self._json(200, {"status": "ok", "data": {"credits": "100.00"}})
            case _:
                self._not_found()

    def do_POST(self) -> None:
        try:
            body = json.loads(self._read())
        except ValueError:
            body = None
        if self._leads_elsewhere(body):
            return
        if urlsplit(self.path).path != self.server.serves:
            self._not_found()
        elif not isinstance(body, dict) or "messages" not in body:
            self._json(400, _error("a JSON object with messages is wanted"))
        elif body.get("stream"):
            events = _message_events(body) if self.server.serves == MESSAGES else _events(body)
            self._send(200, "text/event-stream", events)
        else:
            self._json(200, _message(body) if self.server.serves == MESSAGES else _completion(body))

    def do_CONNECT(self) -> None:
        """Be the tools' proxy for https, and let none of them leave the machine.

        Some take the way through their proxy even to the gateway itself: this goes on here.
        """
        inward = f"http://{self.path}" == self.server.url
        self._keep(None, "" if inward else self.path.rpartition(":")[0])
        self.close_connection = not inward
        if inward:
            self.send_response(200)
            self.end_headers()
        else:
            self._json(403, _error("this machine is off line"))

    def _leads_elsewhere(self, body: Any) -> bool:
        """Keep the request, and refuse it if it is one to a proxy for another host, in plain http."""
        url = urlsplit(self.path)
        if url.scheme and f"{url.scheme}://{url.netloc}" == self.server.url:
            self.path = url._replace(scheme="", netloc="").geturl()
            url = urlsplit(self.path)
        self._keep(body, url.hostname or "" if url.scheme else "")
        if url.scheme:
            self._json(403, _error("this machine is off line"))
        return bool(url.scheme)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name in the base class)
        """Say nothing: `requests` is the log."""

    def _keep(self, body: Any, elsewhere: str) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(ReceivedRequest(self.command, self.path, headers, body, elsewhere))

    def _read(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():  # the trailers, to the empty line
            pass
        return body

    def _not_found(self) -> None:
        self._json(404, _error(f"no such path; available: {self.server.serves}"))

    def _json(self, status: int, answer: Any) -> None:
        self._send(status, "application/json", json.dumps(answer).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": None, "param": None}}


def _head(body: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": body.get("model", "")}


def _completion(body: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": ANSWER}
    return _head(body, "chat.completion") | {
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": USAGE,
    }


def _events(body: dict[str, Any]) -> bytes:
    """The same answer as server-sent events; the usage comes last, and only where it was asked for."""
    head = _head(body, "chat.completion.chunk")
    deltas: list[tuple[dict[str, str], str | None]] = [
        ({"role": "assistant", "content": ""}, None),
        ({"content": ANSWER[:4]}, None),
        ({"content": ANSWER[4:]}, None),
        ({}, "stop"),
    ]
    chunks = [
        head | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
        for delta, reason in deltas
    ]
    if (body.get("stream_options") or {}).get("include_usage"):
        chunks.append(head | {"choices": [], "usage": USAGE})
    return b"".join(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks) + b"data: [DONE]\n\n"


def _message(body: dict[str, Any]) -> dict[str, Any]:
    """An answer in Anthropic's protocol."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": body.get("model", ""),
        "content": [{"type": "text", "text": ANSWER}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }


def _message_events(body: dict[str, Any]) -> bytes:
    start = _message(body) | {"content": [], "stop_reason": None}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": ANSWER}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 1},
        },
        {"type": "message_stop"},
    ]
    return b"".join(
        b"event: %s\ndata: %s\n\n" % (event["type"].encode(), json.dumps(event).encode()) for event in events
    )
