"""What of the YAML editor is not a document before and after."""

from __future__ import annotations

from typing import Any

import pytest

from patcher.errors import Refused
from patcher.formats.changes import ops_for
from patcher.formats.ops import Add, Drop, Insert, LastStays, Op, Put, Value
from patcher.formats.proof import prove
from patcher.formats.syntax import Syntax
from patcher.formats.text import apply
from patcher.formats.yaml import events
from patcher.formats.yaml.editor import yaml
from tests.formats.cases import cases, changes

PURE = yaml(events.pure)
ENGINES = [yaml(), PURE]
NASTY = [
    *("yes", "No", "on", "OFF", "y", "null", "~", "", " ", "true", "0123", "0o17", "0x1f", "0b1", "1_000"),
    *("1e3", "1.5", ".5", "1.", ".inf", ".NaN", "12:30:45", "1:30.5", "2024-01-01", "2024-01-01 10:00:00"),
    *(
        "<<",
        "=",
        "-",
        "- a",
        "?",
        "? a",
        ":",
        ":a",
        "a:",
        "a: b",
        "a :b",
        "#",
        "a #b",
        "#a",
        "a#b",
        "%a",
        "@a",
    ),
    *("@a", "`a", "*a", "&a", "!a", "!!int 3", "|", ">", "[a]", "{a}", "a, b", "a]", "a}", "'", '"'),
    *(
        "---",
        "...",
        "--- a",
        "a\nb",
        "a\n",
        "\n",
        "\t",
        "a\tb",
        " a",
        "a ",
        "\x07",
        "\x85",
        "\u2028",
        "\ufeff",
    ),
    *("\\", "a\\n", "\U0001f600", "тест", "https://a.b:1/v1?x=1#y", "sk-or-vv-000", "C:\\x", "'''", "🙂: x"),
]
CONTEXTS = [
    "a: x\n",
    "a: 'x'\n",
    'a: "x"\n',
    "a:\n",
    "a: {b: x}\n",
    "a: [x]\n",
    "- x\n",
    '{"a": "x"}\n',
    "a: |\n  x\n",
]


def run(syntax: Syntax, text: str, ops: list[Op]) -> str:
    before = syntax.tree(text)
    after = apply(text, syntax.splices(text, ops))
    prove(before, syntax.tree(after), ops, [], syntax.plain)
    return after


def outcome(syntax: Syntax, case: dict[str, Any]) -> object:
    text = case["before"]
    try:
        return syntax.splices(text, ops_for(syntax.tree(text), changes(case), syntax.plain))
    except Refused as refusal:
        return refusal.line


@pytest.mark.parametrize("case", cases("yaml.toml"))
def test_both_scanners_give_the_same_edit(case: dict[str, Any]) -> None:
    try:
        PURE.tree(case["before"])
    except Refused:
        if "refused" not in case:
            assert "\t" in case["before"]  # it allows no tab between key and value, libyaml does
            return
    assert outcome(yaml(), case) == outcome(PURE, case)


@pytest.mark.parametrize("syntax", ENGINES, ids=["default", "pure"])
@pytest.mark.parametrize("text", CONTEXTS)
def test_any_string_can_be_written_anywhere(syntax: Syntax, text: str) -> None:
    place = {"- x\n": (0,), "a: {b: x}\n": ("a", "b"), "a: [x]\n": ("a", 0)}.get(text, ("a",))
    for value in NASTY:
        after = run(syntax, text, [Put(place, value)])
        assert yaml().tree(after) == PURE.tree(after)


@pytest.mark.parametrize("text", ["a: 1\n", '{"a": 1}\n', "a: {b: 1}\n", ""])
def test_any_string_can_be_a_key(text: str) -> None:
    for key in NASTY:
        run(yaml(), text, [Add((), key, key) if text else Put((), {key: key})])


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a: x # c\nb: 1\n", ["u", "v"], "a: [u, v] # c\nb: 1\n"),
        ("a: x # c\nb: 1\n", list("bcdef"), "a: # c\n  - b\n  - c\n  - d\n  - e\n  - f\nb: 1\n"),
        ("a: | # c\n  x\nb: 1\n", list("bcdef"), "a: # c\n  - b\n  - c\n  - d\n  - e\n  - f\nb: 1\n"),
        ("a:\n  - x\nb: 1\n", "c", "a: c\nb: 1\n"),
        ("a:\n  - x\nb: 1\n", [], "a: []\nb: 1\n"),
        ("a:\n  x: 1\nb: 1\n", True, "a: true\nb: 1\n"),
    ],
)
def test_a_value_gives_way_to_one_of_another_kind(before: str, value: Value, after: str) -> None:
    assert run(yaml(), before, [Put(("a",), value)]) == after


@pytest.mark.parametrize("end", ["", "\n"])
def test_all_entries_behind_a_dash_give_way_to_others(end: str) -> None:
    ops: list[Op] = [Drop(("a", 0, "v")), Add(("a", 0), "z", 3), Drop(("a", 0, "w")), Add(("a", 0), "x", 4)]
    assert run(yaml(), "a:\n  - v: 1\n    w: 2" + end, ops) == "a:\n  - z: 3\n    x: 4" + end


@pytest.mark.parametrize("comment", ["", "  # of w\n"])
def test_a_new_entry_takes_the_place_of_the_first_behind_a_dash(comment: str) -> None:
    ops: list[Op] = [Drop((0, "v")), Add((0,), "z", 3, before="w")]
    assert run(yaml(), f"- v: 1 # of v\n{comment}  w: 2\n", ops) == f"- z: 3\n{comment}  w: 2\n"


@pytest.mark.parametrize("syntax", ENGINES, ids=["default", "pure"])
def test_odd_line_breaks_are_letters_of_a_value(syntax: Syntax) -> None:
    tree = syntax.tree('a\u2028: "x\u2029 y"\nb: x\x85y # \u2028c\n')
    assert tree == {"a\u2028": ("x\u2029 y", False), "b": ("x\x85y", True)}


@pytest.mark.parametrize("text", ["a: |+\n  x\n  ", "a: |+\n  x", "a: |\n  x", "a: >1\n  x\n  y"])
def test_a_block_that_readers_do_not_agree_on_stays_the_last(text: str) -> None:
    assert isinstance(yaml().tree(text), LastStays)
    assert run(yaml(), text, [Add((), "b", 1, before="a")]) == "b: 1\n" + text
    with pytest.raises(Refused, match="would change by one"):
        yaml().splices(text, [Add((), "b", 1)])


def test_items_come_in_order_where_they_are_asked_for() -> None:
    ops: list[Op] = [
        Insert((), 0, "a"),
        Insert((), 0, "b"),
        Insert((), 1, "c"),
        Insert((), 2, "d"),
        Insert((), 2, "e"),
    ]
    assert run(yaml(), "- x\n- z\n", ops) == "- a\n- b\n- x\n- c\n- z\n- d\n- e\n"
    assert run(yaml(), "[x, z]\n", ops) == "[a, b, x, c, z, d, e]\n"


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "{a: " * 100_000, "? " * 100_000])
def test_deep_nesting_is_refused_at_once(text: str) -> None:
    with pytest.raises(Refused, match="nested"):
        yaml().tree(text)


def test_aliases_are_counted_and_never_expanded() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 40))
    assert run(yaml(), bomb, [Add((), "key", "x")]).endswith("key: x\n")
    with pytest.raises(Refused, match="anchors"):
        yaml().tree("a: &a x\nb: [" + "*a, " * 1000 + "]\n")


def test_the_scanner_in_python_reads_less() -> None:
    assert PURE.limit == 512 * 1024
    assert yaml().limit in (PURE.limit, 2 * 1024 * 1024)


@pytest.mark.parametrize(
    "text", ["\x01", "a: \x1b\n", "\ud800", 'a: "\\U99999999"\n', "%YAML 9.9\n---\na\n", "%", "@"]
)
@pytest.mark.parametrize("syntax", ENGINES, ids=["default", "pure"])
def test_odd_input_is_refused(syntax: Syntax, text: str) -> None:
    with pytest.raises(Refused):
        syntax.tree(text)


@pytest.mark.parametrize(
    "text", ["yes", "0123", "1e3", "12:30:45", "2024-01-01", ".inf", "!!str x", "=", "y"]
)
def test_what_readers_read_differently_is_not_plain_data(text: str) -> None:
    with pytest.raises(Refused):
        yaml().plain(yaml().tree(text))
