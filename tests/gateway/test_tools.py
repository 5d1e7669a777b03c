"""`check TOOL`: do its files say so, and can that work from here?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gateway.checking import OTHER_KEY, both_ports, check, lines
from tests.support.made_up_tools import run_with_profiles
from tests.support.playing import Server, dead_port


def test_the_models_of_tools_that_were_patched_are_looked_for(
    home: Path, start: Callable[..., Server]
) -> None:
    endpoint = ["--endpoint", start().url]
    run_with_profiles(home, "one", *endpoint, "--model", "no/such")
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
    run_with_profiles(home, "one", "--endpoint", dead)
    result = check(home, "one", "--endpoint", live)
    assert f"one: its file names {dead}, which does not answer here; run vsegpt-patch one with" in result.out
    assert result.code == 1


def test_without_a_key_that_of_the_tools_file_is_tried(home: Path, start: Callable[..., Server]) -> None:
    server, other = start(), start()
    run_with_profiles(home, "one", "--endpoint", server.url)
    result = check(home, "one", "--endpoint", server.url, key=None)
    assert "the key sk-or-vv-…0000 is good" in lines(result, "ok")
    result = check(home, "one", "--endpoint", server.url, key=OTHER_KEY)
    assert lines(result, "note") == ["one: its file has another key, sk-or-vv-…0000, which was not tried"]
    run_with_profiles(home, "one")  # at VseGPT's own address
    check(home, "one", "--endpoint", other.url, key=None)
    assert "Authorization" not in "".join(other.seen)
