"""Which entries of a document a step over all of them leads to."""

from __future__ import annotations

import pytest

from patcher.formats.editing import Document
from patcher.registry.condition import Each, expand


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("yaml", "m:\n  1: {a: b}\n  x: {a: c}\n  on: {a: d}\n  [z]: {a: e}\n"),
        ("json", '{"m": {"x": {"a": "b"}, "x": {"a": "c"}}}'),
    ],
)
def test_an_entry_whose_key_is_no_text_or_comes_again_is_left_out(name: str, text: str) -> None:
    document = Document.read(name, text.encode())
    assert list(expand(document, ("m", Each("*")))) == [("m", "x")]
    assert document.get(("m", "x", "a")) == "c"
