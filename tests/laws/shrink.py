"""A failure in as few words as show it, and as a case for `tests/formats/found.toml`."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from patcher.formats.ops import ABSENT, Change, written
from tests.laws.fuzz import Broken, Tally, Trial, judged

Kind: TypeAlias = tuple[str, str]
MOST = 1500
"""Tries for one failure."""


def kind(broken: Broken) -> Kind:
    """The law, and the program that says so or the exception that was raised."""
    return broken.law, re.split(r"[:(]", broken.detail)[0] if broken.law in ("read", "refuse") else ""


def shrunk(broken: Broken) -> Broken:
    """The same kind of failure, in a smaller trial."""
    wanted = kind(broken)
    best = broken
    tries = MOST
    found = True
    while found and tries:
        found = False
        for trial in _smaller(best.trial):
            if not tries:
                break
            tries -= 1
            again = next((each for each in judged([trial], Tally()) if kind(each) == wanted), None)
            if again is not None:
                best, found = again, True
                break
    return best


def _smaller(trial: Trial) -> Iterator[Trial]:
    """The trial with less in it, the greatest steps first."""
    changes = trial.changes
    for at in range(len(changes) if len(changes) > 1 else 0):
        yield trial._replace(changes=changes[:at] + changes[at + 1 :])
    if "\r\n" in trial.text:
        yield trial._replace(text=trial.text.replace("\r\n", "\n"))
    for parts in (re.findall(r"[^\n]*\n|[^\n]+\Z", trial.text), re.findall(r"\w+|\W", trial.text)):
        size = len(parts)
        while size:
            for start in range(0, len(parts), size):
                yield trial._replace(text="".join(parts[:start] + parts[start + size :]))
            size //= 2
    for at, change in enumerate(changes):
        for value in ("v",) if isinstance(change.value, (str, list)) and change.value != "v" else ():
            yield trial._replace(changes=(*changes[:at], Change(change.path, value), *changes[at + 1 :]))


def case(broken: Broken) -> str:
    """The failure as a case; its laws say what has to come out."""
    law, detail, (name, text, changes), after = broken
    asked = ", ".join(_asked(change) for change in changes)
    about = re.sub(r"\s+", " ", _escaped(detail))
    lines = [
        "[[case]]",
        f"# {law}: {about}",
        f"# now: {_quoted(after)}",
        f"name = {_quoted(f'{law} {_word(text)}')}",
        f"format = {_quoted(name)}",
        f"before = {_quoted(text)}",
        f"change = [{asked}]",
    ]
    return "\n".join(lines) + "\n"


def _asked(change: Change) -> str:
    path = ", ".join(_toml(written(step)) for step in change.path)
    value = "remove = true" if change.value is ABSENT else f"value = {_toml(change.value)}"
    return f"{{ path = [{path}], {value}{', if_absent = true' if change.if_absent else ''} }}"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_quoted(key)} = {_toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(text: str) -> str:
    """As TOML writes it, with an escape for what cannot be seen."""
    return _escaped(json.dumps(text, ensure_ascii=False))


def _escaped(text: str) -> str:
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text)


def _word(text: str) -> str:
    """What tells one case from another at a glance."""
    return f"{zlib.crc32(text.encode()):08x}"


def kinds(broken: Sequence[Broken], most: int) -> Iterator[Broken]:
    """Each kind once, shrunk: at most so many of them."""
    found: set[object] = set()
    seen: set[object] = set()
    for each in broken:
        raw = (kind(each), _shape(each.detail), len(each.trial.changes))
        if raw in seen:
            continue
        seen.add(raw)
        small = shrunk(each)
        shape = (
            kind(small),
            _shape(small.trial.text),
            tuple(type(change.value) for change in small.trial.changes),
        )
        if shape not in found:
            found.add(shape)
            yield small
        if len(found) == most or len(seen) == 4 * most:
            return


def _shape(text: str) -> str:
    return re.sub(r"\w+", "a", text)
