"""YAML, by the events of ruamel.yaml; never by its dumper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from patcher.cures import BY_HAND
from patcher.errors import Refused
from patcher.formats.ops import Drop, Node, Op
from patcher.formats.proof import prove
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice, apply
from patcher.formats.yaml.events import ENGINE, Engine, doubtful, first_break, parse, parse_1_1, pure
from patcher.formats.yaml.tree import build, last_kept, plain
from patcher.i18n import _

_PURE_LIMIT: Final = 512 * 1024


def yaml(engine: Engine = ENGINE) -> Syntax:
    """YAML 1.1 and 1.2: what is written reads the same in both."""
    editor = _Editor(engine)
    # The scanner in Python is ten times slower.
    limit = _PURE_LIMIT if engine is pure else 2 << 20
    return Syntax(editor.tree, plain, editor.splices, limit)


class _Editor:
    """Keeps the events of the text read last: an edit is planned on it, and to parse it takes longest."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.kept: dict[str, list[Any]] = {}

    def tree(self, text: str) -> Node:
        """Scalars keep their text and whether they are quoted, tags and anchors are marks, and
        nothing is expanded. Several documents are a list (`Documents`).
        """
        events = self.events(text)
        self.kept = {text: events}
        return last_kept(build(events), text, events)

    def events(self, text: str) -> list[Any]:
        """By the scanner in Python where libyaml refuses: it does not know `[a:b]`."""
        try:
            return parse(text, self.engine)
        except Refused as refusal:
            if self.engine is not pure and len(text) <= _PURE_LIMIT:
                with suppress(Refused):
                    return parse(text, pure)
            raise refusal from None

    def splices(self, text: str, ops: Sequence[Op]) -> list[Splice]:
        splices = self.planned(text, ops)
        if (at := first_break(text)) >= 0 and not self.right_in_1_1(text, ops, splices):
            raise doubtful(text, at)
        return splices

    def right_in_1_1(self, text: str, ops: Sequence[Op], splices: Sequence[Splice]) -> bool:
        """Whether all is right, too, where NEL, LS and PS end lines; also where nothing can be read so."""
        try:
            before = build(parse_1_1(text, self.engine))
        except Refused:
            return True
        try:
            prove(before, build(parse_1_1(apply(text, splices), self.engine)), ops, (), plain)
        except (Refused, LookupError):  # the places are those of YAML 1.2
            return False
        return True

    def planned(self, text: str, ops: Sequence[Op]) -> list[Splice]:

        from patcher.formats.yaml.plan import documents, plan  # noqa: PLC0415 - who only reads plans nothing

        events = self.kept.pop(text, None) or self.events(text)
        # A second document follows one of these marks: without them, no look at all events is needed.
        starts = documents(events) if "\n---" in text or "\n..." in text else []
        if not starts:
            return plan(text, events, ops)
        splices: list[Splice] = []
        for index, inside in _by_document(ops, len(starts)):
            splices += self.inside(text, starts, index, inside)
        return splices

    def inside(self, text: str, starts: Sequence[int], index: int, ops: Sequence[Op]) -> list[Splice]:
        """Splices in one of several documents: it is planned as a text of its own."""

        from patcher.formats.yaml.plan import plan  # noqa: PLC0415 - as above

        start, end = [*starts, len(text)][index : index + 2]
        part = text[start:end]
        try:
            splices = plan(part, self.events(part), ops)
        except Refused as refusal:
            line = refusal.line and refusal.line + text.count("\n", 0, start)
            raise Refused(refusal.reason, line=line, cure=refusal.cure) from None
        return [Splice(start + splice.start, start + splice.end, splice.new) for splice in splices]


def _by_document(ops: Sequence[Op], count: int) -> Iterator[tuple[int, list[Op]]]:
    """The operations on each document, their places those inside it."""
    if any(not op.place or (len(op.place) == 1 and isinstance(op, Drop)) for op in ops):
        raise Refused(_("a document cannot be added or taken away"), cure=_(BY_HAND))
    for index in range(count):
        inside = [replace(op, place=op.place[1:]) for op in ops if op.place[0] == index]
        if inside:
            yield index, inside


SYNTAX: Final[dict[str, Syntax]] = {"yaml": yaml()}
