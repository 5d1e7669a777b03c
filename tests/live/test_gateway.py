"""The stand-in for VseGPT that the live tests believe."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from patcher.gateway.stub import ANSWER, CHAT, MESSAGES, Gateway

KEY = "sk-or-vv-" + "0" * 64
QUESTION = {"model": "openai/gpt-4o-mini", "messages": [{"role": "user", "content": "say hi"}]}


def ask(gateway: Gateway, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
    host, port = gateway.server_address[:2]
    connection = http.client.HTTPConnection(str(host), port, timeout=5)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_an_answer_in_one_piece(gateway: Gateway) -> None:
    status, text = ask(gateway, "POST", CHAT, json.dumps(QUESTION), Authorization=f"Bearer {KEY}")
    assert status == 200
    assert json.loads(text)["choices"][0]["message"] == {"role": "assistant", "content": ANSWER}
    [request] = gateway.posts()
    assert (request.path, request.bearer, request.body) == (CHAT, KEY, QUESTION)


@pytest.mark.parametrize("usage", [False, True])
def test_an_answer_as_a_stream(gateway: Gateway, usage: bool) -> None:
    question = QUESTION | {"stream": True, "stream_options": {"include_usage": usage}}
    status, text = ask(gateway, "POST", CHAT, json.dumps(question))
    assert status == 200
    assert text.endswith("\n\n")
    lines = text[:-2].split("\n\n")
    assert all(line.startswith("data: ") for line in lines)
    assert lines.pop() == "data: [DONE]"
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines]
    if usage:
        assert chunks.pop()["usage"]["total_tokens"] == 2
    choices = [chunk["choices"][0] for chunk in chunks]
    assert "".join(choice["delta"].get("content", "") for choice in choices) == ANSWER
    assert [choice["finish_reason"] for choice in choices][-2:] == [None, "stop"]


def test_an_answer_in_anthropics_protocol(gateway: Gateway) -> None:
    gateway.serves = MESSAGES
    status, text = ask(gateway, "POST", MESSAGES, json.dumps(QUESTION))
    assert status == 200
    assert json.loads(text)["content"] == [{"type": "text", "text": ANSWER}]
    status, text = ask(gateway, "POST", MESSAGES, json.dumps(QUESTION | {"stream": True}))
    assert status == 200
    events = [event.split("\ndata: ") for event in text.removesuffix("\n\n").split("\n\n")]
    data = [json.loads(each) for _, each in events]
    assert [f"event: {each['type']}" for each in data] == [name for name, _ in events]
    assert "".join(each["delta"].get("text", "") for each in data if "delta" in each) == ANSWER
    assert ask(gateway, "POST", CHAT, json.dumps(QUESTION))[0] == 404


def test_a_body_in_chunks_is_read(gateway: Gateway) -> None:
    body = iter([json.dumps(QUESTION).encode()])
    assert ask(gateway, "POST", CHAT, body)[0] == 200  # http.client sends an iterator in chunks
    assert gateway.posts()[0].body == QUESTION


@pytest.mark.parametrize(
    "path", ["/chat/completions", "/v1/v1/chat/completions", "/v1/responses", "/v1/messages"]
)
def test_a_wrong_form_of_the_url_is_not_found(gateway: Gateway, path: str) -> None:
    assert ask(gateway, "POST", path, json.dumps(QUESTION))[0] == 404
    assert gateway.posts()[0].path == path


def test_the_model_list_and_the_balance(gateway: Gateway) -> None:
    status, text = ask(gateway, "GET", "/v1/models")
    assert status == 200
    assert json.loads(text)["data"][0]["id"] == "openai/gpt-4o-mini"
    status, text = ask(gateway, "GET", "/v1/balance")
    assert status == 200
    assert json.loads(text)["status"] == "ok"
    assert ask(gateway, "GET", "/models")[0] == 404


def test_what_is_no_question_is_refused(gateway: Gateway) -> None:
    assert ask(gateway, "POST", CHAT, "no JSON")[0] == 400
    assert ask(gateway, "POST", CHAT, "{}")[0] == 400


def test_no_tool_gets_out_through_it(gateway: Gateway) -> None:
    assert ask(gateway, "CONNECT", "example.org:443")[0] == 403


def test_a_request_in_plain_http_to_another_host_is_kept_and_refused(gateway: Gateway) -> None:
    status, _ = ask(gateway, "POST", f"http://other.example{CHAT}", json.dumps(QUESTION))
    assert status == 403
    assert ([request.elsewhere for request in gateway.requests], gateway.posts()) == (["other.example"], [])
    assert ask(gateway, "POST", f"{gateway.url}{CHAT}", json.dumps(QUESTION))[0] == 200
    assert gateway.posts()[0].path == CHAT


def test_a_tool_gets_to_it_through_it(gateway: Gateway) -> None:
    host, port = gateway.server_address[:2]
    connection = http.client.HTTPConnection(str(host), port, timeout=5)
    connection.set_tunnel(str(host), port)
    try:
        connection.request("POST", CHAT, json.dumps(QUESTION))
        assert connection.getresponse().status == 200
    finally:
        connection.close()
    assert gateway.posts()[0].body == QUESTION
