"""YAML text to parse events: which scanner, within which limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from patcher.cures import BY_HAND, CORRECT
from patcher.errors import Refused
from patcher.formats.text import line_of
from patcher.i18n import _, with_foreign

try:
    from _ruamel_yaml import CParser  # type: ignore[import-not-found,unused-ignore] # no stubs, an extra
except ImportError:  # ruamel.yaml.clib is an extra
    CParser = None

DEPTH: Final = 64
ANCHORS: Final = 1000

Engine = Callable[[str], Callable[[], Any]]
"""From a text to what gives its next event, up to the end of the stream."""

_LONE_CR = re.compile("\r(?!\n)")
_BREAKS: Final = "\x85\u2028\u2029"
"""NEL, LS and PS, which end a line in YAML 1.1, and are letters like others in YAML 1.2."""
_AS_LINE_ENDS = dict.fromkeys(map(ord, _BREAKS), "\n")
_SPARE = [chr(code) for code in range(0xF0000, 0xF0100)]
"""Letters for private use, which mean nothing."""


def pure(text: str) -> Callable[[], Any]:
    """Events by the scanner written in Python."""
    events: Iterator[Any] = iter(YAML(typ="safe", pure=True).parse(text))
    return events.__next__


def fast(text: str) -> Callable[[], Any]:
    """Events by libyaml."""
    parser: Any = CParser(text)
    following: Callable[[], Any] = parser.get_event
    return following


ENGINE: Final[Engine] = pure if CParser is None else fast


def parse(text: str, engine: Engine) -> list[Any]:
    """All events of `text`, as readers of YAML 1.2 see it.

    Raises `Refused`, with the line, for what is no YAML, and beyond the limits.
    """
    odd = _LONE_CR.search(text) if text.count("\r") != text.count("\r\n") else None
    if odd:
        raise doubtful(text, odd.start())
    return _parsed(text, engine) if first_break(text) < 0 else _with_letters(text, engine)


def parse_1_1(text: str, engine: Engine) -> list[Any]:
    """All events of `text` as readers of YAML 1.1 see it, to whom NEL, LS and PS end lines."""
    return _parsed(text.translate(_AS_LINE_ENDS), engine)


def first_break(text: str) -> int:
    """Where the first NEL, LS or PS stands; -1 where there is none."""
    return min((text.index(mark) for mark in _BREAKS if mark in text), default=-1)


def doubtful(text: str, at: int) -> Refused:
    """The refusal for a line break that is one to some readers only."""
    return Refused(
        _("there is a line break in it that YAML readers do not agree on (a lone CR, NEL, LS or PS)"),
        line=line_of(text, at),
        cure=_("put an ordinary line end or a blank in its place and run again"),
    )


def _with_letters(text: str, engine: Engine) -> list[Any]:
    """The events, other letters having stood for NEL, LS and PS: the scanners take these for line ends."""
    spare = [letter for letter in _SPARE if letter not in text]
    if len(spare) < len(_BREAKS):
        raise doubtful(text, first_break(text))
    letters = "".join(spare[: len(_BREAKS)])
    back = str.maketrans(letters, _BREAKS)
    events = _parsed(text.translate(str.maketrans(_BREAKS, letters)), engine)
    for event in events:
        if type(event) is ScalarEvent:
            event.value = event.value.translate(back)
    return events


def _parsed(text: str, engine: Engine) -> list[Any]:
    try:
        return _all(engine(text))
    except Refused:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else None
        raise Refused(_reason(text, line, str(error.problem or "")), line=line, cure=_(CORRECT)) from None
    except Exception as error:  # noqa: BLE001 - the scanners raise ValueError, IndexError, ... on odd input
        raise Refused(_reason(text, None, ""), line=_line(text, error), cure=_(CORRECT)) from None


def _all(following: Callable[[], Any]) -> list[Any]:  # noqa: C901 - the one hot loop, in one piece
    """The limits hold while the events arrive, so nothing is scanned deeper than it may be."""
    events: list[Any] = []
    add = events.append
    depth = names = 0
    for event in iter(following, None):
        add(event)
        kind = type(event)
        if kind is ScalarEvent:
            if event.anchor is None:
                continue
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            depth += 1
            if depth > DEPTH:
                raise Refused(
                    _("it is nested more than {depth} deep").format(depth=DEPTH),
                    line=event.start_mark.line + 1,
                    cure=_(BY_HAND),
                )
            if event.anchor is None:
                continue
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            depth -= 1
            continue
        elif kind is StreamEndEvent:
            break
        elif kind is not AliasEvent:
            continue
        names += 1
        if names > ANCHORS:
            raise Refused(
                _("it has more than {anchors} anchors and aliases").format(anchors=ANCHORS), cure=_(BY_HAND)
            )
    return events


def _reason(text: str, line: int | None, problem: str) -> str:
    if "{{" in text or "{%" in text:
        near = text.splitlines()[line - 1 : line] if line else []
        if not near or "{{" in near[0] or "{%" in near[0]:
            return _("it is a template, not YAML yet")
    # A scanner quotes at most an anchor's or a tag's name, but names are not worth a leak.
    fit = problem.isascii() and "'" not in problem
    return with_foreign(_("it is not valid YAML"), problem if fit else "")


def _line(text: str, error: Exception) -> int | None:
    position = getattr(error, "position", None)
    return line_of(text, position) if isinstance(position, int) and 0 <= position <= len(text) else None
