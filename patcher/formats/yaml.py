"""YAML, by the events of ruamel.yaml; never by its dumper."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from patcher.errors import Refused
from patcher.formats._yaml_events import ENGINE, Engine, parse, pure
from patcher.formats._yaml_plan import plan
from patcher.formats._yaml_tree import build
from patcher.formats._yaml_tree import plain as plain_leaf
from patcher.formats.ops import Node, Op, Scalar
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice

_PURE_LIMIT: Final = 512 * 1024


class Yaml(Syntax):
    """YAML 1.1 and 1.2: what is written reads the same in both."""

    def __init__(self, engine: Engine = ENGINE) -> None:
        self._engine = engine
        self._last: tuple[str, list[Any]] | None = None
        # The scanner in Python is ten times slower.
        self.limit = _PURE_LIMIT if engine is pure else 2 * 1024 * 1024

    def tree(self, text: str) -> Node:
        """See `Syntax.tree`. Scalars keep their text and whether they are quoted, tags and anchors
        are marks, and nothing is expanded.
        """
        events = self._events(text)
        self._last = (text, events)  # an edit is planned on the text that was just read
        return build(events)

    def _events(self, text: str) -> list[Any]:
        """By the scanner in Python where libyaml refuses: it does not know `[a:b]`."""
        try:
            return parse(text, self._engine)
        except Refused as refusal:
            if self._engine is not pure and len(text) <= _PURE_LIMIT:
                with suppress(Refused):
                    return parse(text, pure)
            raise refusal from None

    def plain(self, leaf: Node) -> Scalar:
        """See `Syntax.plain`. Plain text that YAML 1.1 and 1.2 read differently is refused."""
        return plain_leaf(leaf)

    def splices(self, text: str, ops: Sequence[Op]) -> list[Splice]:
        """See `Syntax.splices`."""
        last, self._last = self._last, None
        events = last[1] if last is not None and last[0] == text else self._events(text)
        return plan(text, events, ops)


SYNTAX: Final[dict[str, Syntax]] = {"yaml": Yaml()}
