"""docs/tools.md says what the profiles say."""

from __future__ import annotations

from tests.tools_table import TABLE, text


def test_the_table_of_tools_is_up_to_date() -> None:
    assert TABLE.read_text("utf-8") == text(), "run: python -m tests.tools_table"
