"""What the gateway answers is said in one sentence, with what to do; few requests, and none elsewhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gateway.checking import check, lines
from tests.support.homes import KEY
from tests.support.playing import GOOD, Play, Server


def test_all_is_well(home: Path, start: Callable[..., Server]) -> None:
    server = start()
    result = check(home, "--endpoint", server.url)
    assert result.code == 0
    assert lines(result, "wrong") == []
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
    assert result.code == 1
    assert portal.seen == []
    assert len(server.seen) == 1


def test_two_requests_are_more_than_a_second_apart(
    home: Path, start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("patcher.gateway.http.PAUSE", 1.1)
    monkeypatch.setattr("patcher.gateway.http.time.sleep", slept.append)
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
