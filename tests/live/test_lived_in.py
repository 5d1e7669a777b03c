"""How a run in a lived-in home is judged, and how many such homes each tool has."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from patcher.gateway.stub import CHAT, ReceivedRequest
from patcher.registry.catalog import Catalog
from tests.live.harness import KEY
from tests.live.lived_in import Said, fitted, is_lived_in, judge, lived_in
from tests.live.tools import Tool, tools
from tests.support.homes import Case, cases

TOOL = Tool("one", "npm", ["one@1.0"])
LACKING: frozenset[str] = frozenset()
"""Tools seen live in fewer than two homes where somebody has lived. May only shrink."""


def post(model: str = TOOL.model, key: str = KEY) -> ReceivedRequest:
    return ReceivedRequest("POST", CHAT, {"authorization": f"Bearer {key}"}, {"model": model})


def connect(host: str) -> ReceivedRequest:
    return ReceivedRequest("CONNECT", f"{host}:443", {}, None, host)


def status(**found: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = {"overridden_by": [], "second_models": [], "notes": [], "files": []}
    return {"tools": [nothing | found]}


WINS = Said(["OPENAI_BASE_URL: api.openai.com"], [])
SECOND = Said([], ["small_model: anthropic/claude"])
NOTHING = Said([], [])
NOTE = Said([], [], ["one: embeddings stay at their own provider"])
KEPT = Said([], [], [], ["openai/gpt-4o"])


@pytest.mark.parametrize(
    ("requests", "said", "word"),
    [
        pytest.param([post()], NOTHING, "arrived", id="ours"),
        pytest.param([connect("models.dev"), post(), post()], NOTHING, "arrived", id="a-list-of-models"),
        pytest.param([post()], WINS, "arrived", id="said-in-vain"),
        pytest.param([], NOTHING, "wrong", id="silence"),
        pytest.param([], WINS, "named", id="silence-as-said"),
        pytest.param([], SECOND, "wrong", id="a-second-model-is-no-reason-for-silence"),
        pytest.param([], NOTE, "wrong", id="a-note-is-no-reason-for-silence"),
        pytest.param([connect("api.openai.com"), post()], NOTE, "named", id="a-vendor-as-noted"),
        pytest.param([connect("api.openai.com"), post()], NOTHING, "wrong", id="a-vendor-before"),
        pytest.param([post(), connect("api.openai.com")], NOTHING, "wrong", id="a-vendor-besides"),
        pytest.param([post(), connect("llm.example.org")], NOTHING, "wrong", id="a-host-of-its-files"),
        pytest.param([post(), connect("api.anthropic.com")], SECOND, "named", id="the-second-model"),
        pytest.param([post(), post("gpt-5-mini")], NOTHING, "wrong", id="another-model"),
        pytest.param([post("openai/gpt-4o")], KEPT, "arrived", id="the-model-that-stayed"),
        pytest.param([post(), post("gpt-5-mini")], SECOND, "named", id="another-model-as-said"),
        pytest.param([post(key="sk-other")], SECOND, "wrong", id="another-key"),
        pytest.param([post(key="sk-other")], WINS, "named", id="another-key-as-said"),
    ],
)
def test_a_run_arrives_or_was_named_or_is_wrong(
    requests: list[ReceivedRequest], said: Said, word: str
) -> None:
    assert judge(TOOL, requests, {"llm.example.org"}, said).word == word


def test_what_is_said_is_what_wins_and_the_second_models() -> None:
    said = Said.by(
        status(
            overridden_by=[
                {"name": "OPENAI_BASE_URL", "value": "api.openai.com", "harmless": False},
                {"name": ".env", "value": "api.vsegpt.ru", "harmless": True},
            ],
            second_models=[{"at": "small_model", "value": "claude"}],
            notes=[
                "one: small_model still goes to claude; --slots points it at VseGPT, too",
                "one: seen working with 1.0; 1.1 is here",
                "one: a proxy is set",
            ],
            files=[
                {"settings": [{"role": "model", "value": "vsegpt/openai/gpt-4o", "right": True}]},
                {"settings": [{"role": "model", "value": "gpt-5", "right": False}]},
            ],
        )
    )
    assert said == Said(
        ["OPENAI_BASE_URL: api.openai.com"],
        ["small_model: claude"],
        ["one: a proxy is set"],
        ["vsegpt/openai/gpt-4o", "openai/gpt-4o"],
    )


def test_a_case_is_run_with_its_own_options() -> None:
    [case] = [each for each in cases() if each.name == "opencode/second-model"]
    assert fitted(TOOL, case).args == ["--model", "anthropic/claude-3-haiku"]
    assert fitted(TOOL, case).model == "anthropic/claude-3-haiku"
    with_project = Case(case.folder, {"args": ["--in", "PROJECT"]})
    assert (fitted(TOOL, with_project).args, fitted(TOOL, with_project).model) == ([], TOOL.model)


def test_every_tool_seen_live_was_seen_in_two_homes_where_somebody_has_lived() -> None:
    catalog = Catalog.open()
    verified = {name: catalog.get(name).verified for name in catalog}
    live = [name for name, seen in verified.items() if seen and seen.how == "live"]
    homes = Counter(case.tool for case in cases() if is_lived_in(case) and case.data.get("live", True))
    assert {name for name in live if homes[name] < 2} == LACKING


def test_a_home_of_another_version_is_of_the_tool_that_it_names() -> None:
    homes = {tool.name: {case.name for case in lived_in(tool)} for tool in tools()}
    assert homes["jupyter-ai-3"] == {"jupyter-ai/early-3", "jupyter-ai/version-3"}
    assert not homes["jupyter-ai-3"] & homes["jupyter-ai"]
