"""The public suites: a valid document is edited with proof or refused by name, any other is refused.

Where we differ from a suite, the documents are listed here by name with the reason. A name that is
missing from the lists fails the test, as does one that is there in vain.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from patcher.errors import Refused
from patcher.formats.text import Text
from tests.formats import suites
from tests.laws import __main__ as laws
from tests.laws.check import Subject

TIMES = 5
"""Edits of a document, each in all its forms."""

STRICTER = {
    "JSONTestSuite": {},
    "json5-tests": {},
    "toml-test": {},
    "yaml-test-suite": {
        # Neither scanner reads these, nor do the programs that are built on them: tabs as white space,
        # flow entries without a value, odd tags, anchors and directives of YAML 1.2.
        "it is not valid YAML": """
            4MUZ/0 4MUZ/1 4MUZ/2 5MUD/0 6BCT/0 6CA3/0 9SA2/0 A2M4/0 BEC7/0 CFD4/0 DK95/0 DK95/3 DK95/4
            HWV9/0 K3WX/0 M7A3/0 NJ66/0 Q5MG/0 QT73/0 R4YG/0 UT92/0 VJP3/1 WZ62/0 Y79Y/10 ZYU8/1 ZYU8/2
            ZYU8/3
        """,
    },
}
"""Valid documents that are refused as they are read, by how the reason begins."""

LENIENT = {
    "JSONTestSuite": {
        "a file without content: a new document is written": """
            n_single_space.json n_structure_UTF8_BOM_no_data.json n_structure_no_data.json
        """,
    },
    "json5-tests": {
        "a file without content: a new document is written": """
            comments/top-level-block-comment.txt comments/top-level-inline-comment.txt misc/empty.txt
        """,
    },
    "toml-test": {
        "TOML 1.1": """
            invalid/datetime/no-secs.toml invalid/local-datetime/no-secs.toml
            invalid/local-time/no-secs.toml invalid/string/basic-byte-escapes.toml
            invalid/inline-table/linebreak-01.toml invalid/inline-table/linebreak-02.toml
            invalid/inline-table/linebreak-03.toml invalid/inline-table/linebreak-04.toml
            invalid/inline-table/trailing-comma.toml
        """,
    },
    "yaml-test-suite": {
        "libyaml wants no blank before a comment": "9JBA/0 CVW2/0 SU5Z/0 X4QW/0",
        "libyaml lets a quoted or flow value go on at any indent": "9C9N/0 DK95/1 QB6E/0",
        "libyaml reads `-` alone in a flow list as text": "G5U8/0 YJV2/0",
        "libyaml is generous with directives": "9HCY/0 EB22/0 MUS6/0 MUS6/1 RHX7/0",
        "libyaml lets blank lines before a block of text be longer than its first": "S98Z/0",
        "libyaml takes a tab in a flow list for white space": "Y79Y/3",
        "libyaml reads a comma as part of a tag": "U99R/0",
    },
}
"""Invalid documents that are read, by the reason why they may be."""


@pytest.mark.parametrize("name", suites.SUITES)
def test_a_suite_is_edited_with_proof_or_refused_by_name(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    try:
        cases = suites.cases(name)
    except suites.Missing as missing:
        pytest.skip(str(missing))
    syntax = suites.SUITES[name].format
    tally = laws.Tally()
    unread: dict[str, str] = {}
    lenient: set[str] = set()
    for case in cases:
        reason = _refusal(syntax, case.data)
        if case.valid is False:
            lenient |= {case.name} if reason is None else set()
        elif reason is None:
            laws.run(syntax, laws.File(case.name, case.data), tally, Random(case.name), TIMES)
        elif case.valid:
            unread[case.name] = reason
    valid = sum(case.valid is True for case in cases)
    invalid = sum(case.valid is False for case in cases)
    record_property(
        "figures",
        f"{name}: {valid} valid, {len(unread)} of them refused; {tally.proved:,} edits proved, "
        f"{tally.refused.total():,} refused; {invalid - len(lenient)} of {invalid} invalid refused; "
        f"wrong {len(tally.wrong)}",
    )
    assert not tally.wrong, "\n".join(tally.wrong[:5])
    here = {case.name for case in cases}
    assert set(unread) == here & {each for names in STRICTER[name].values() for each in names.split()}
    for beginning, names in STRICTER[name].items():
        assert all(unread[each].startswith(beginning) for each in names.split() if each in here)
    assert lenient == here & {each for names in LENIENT[name].values() for each in names.split()}


def _refusal(syntax: str, data: bytes) -> str | None:
    try:
        Subject.of(syntax, Text.decode(data).body)
    except Refused as refusal:
        return refusal.reason
    return None
