"""The report of a run at the newest versions."""

from __future__ import annotations

import pytest

from tests.live.differences import report
from tests.live.tools import Tool

TOOLS = [Tool("one", "npm", ["@a/one@1.0"], []), Tool("two", "pypi", ["two==2.0"], [])]
NAME = "test_the_tool_sends_its_request_to_the_gateway"


def case(name: str, version: str, inside: str = "") -> str:
    properties = f'<properties><property name="version" value="{version}" /></properties>'
    return f'<testcase name="{NAME}[{name}]">{properties if version else ""}{inside}</testcase>'


def junit(*cases: str) -> str:
    return f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>"


def test_nothing_is_said_where_every_tool_is_as_it_was_and_works() -> None:
    assert not report(junit(case("one", "1.0"), case("one/existing", "1.0"), case("two", "2.0")), TOOLS)


@pytest.mark.parametrize(
    ("cases", "rows"),
    [
        ([case("one", "1.1"), case("two", "2.0")], ["| `one` | 1.0 | 1.1 | works |"]),
        (
            [
                case("one", "1.1"),
                case("one/existing", "1.1", "<failure message='no request' />"),
                case("two", "2.0"),
            ],
            ["| `one` | 1.0 | 1.1 | FAILS |", "<summary>one/existing</summary>", "no request"],
        ),
        ([case("one", "1.0"), case("two", "", "<skipped />")], ["| `two` | 2.0 | ? | left out |"]),
        ([case("one", "1.0"), case("two", "", "<error message='?' />")], ["| `two` | 2.0 | ? | FAILS |"]),
    ],
)
def test_a_tool_that_was_updated_or_fails_is_in_the_report(cases: list[str], rows: list[str]) -> None:
    told = report(junit(*cases), TOOLS)
    assert not [row for row in rows if row not in told]
    assert told.count("| `") == 1


def test_the_newest_version_is_asked_for_by_the_packages_own_name() -> None:
    assert [tool.newest.packages for tool in TOOLS] == [["@a/one@latest"], ["two>=0"]]
    for its in (TOOLS, [tool.newest for tool in TOOLS]):
        assert [tool.package for tool in its] == ["@a/one", "two"]
    assert [tool.newest.version for tool in TOOLS] == ["latest", "0"]
