"""Whether all that a run shows in English went through the catalogue, so that it can be shown in Russian.

A run is made with a catalogue that remembers which messages it was asked for. What is left of the output
without them, and without diffs, are names, paths and values. Two words in a row among that, one of them
in small letters, are a sentence that nobody can translate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from gettext import NullTranslations
from unittest import mock

from patcher import ASKING, i18n
from patcher.cli.report import Report
from patcher.registry.catalog import Catalog
from patcher.registry.profile import Objection, Profile
from tests.catalogs import translated

CYRILLIC = re.compile(r"[\u0400-\u04ff]")
SENTENCE = re.compile(r"[A-Za-z]{2,}['’]?[a-z]*[,;:]? [a-z]{2,}[,;:]? [a-z]{2,}")
"""Three words in a row of English."""
_TWO_WORDS = re.compile(r"(?<![\w/.~-])(?:[a-z]{2,} [A-Za-z]{2,}|[A-Za-z]{2,} [a-z]{2,})(?![\w/.-])")
_HEADER = re.compile(r"^(?:---|\+\+\+) ")
_HUNK = re.compile(r"^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


class Recorder(NullTranslations):
    """A catalogue of English that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()
        self.texts: set[str] = set()
        """The words of profiles, which have both languages themselves, names of tools, what libraries say."""

    def gettext(self, message: str) -> str:
        self.asked.add(message)
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.asked.add(msgid1)
        self.texts.add(msgid2)  # a catalogue knows both forms by the first
        return msgid1 if n == 1 else msgid2


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Remember what is said meanwhile in English."""
    recorder = Recorder()
    words, foreign, get = Report.words, i18n.foreign, Catalog.get

    def remembered(self: Report, texts: dict[str, str] | None) -> str:
        text = words(self, texts)
        recorder.texts.add(text)
        return text

    def named(self: Catalog, tool: str) -> Profile:
        profile = get(self, tool)
        recorder.texts.add(profile.name)
        return profile

    def heard(said: str) -> str:
        recorder.texts.add(said)  # in Russian it is left out where the catalogue does not have it
        asked = recorder.asked.copy()
        told = foreign(said)
        recorder.asked = asked
        return told

    def objected(self: Objection) -> str:
        text = self.words[i18n.language()]
        recorder.texts.add(text)
        return text

    with (
        mock.patch.object(Objection, "said", objected),
        mock.patch.object(i18n, "NullTranslations", return_value=recorder),
        mock.patch.object(i18n, "foreign", heard),
        mock.patch.object(Report, "words", remembered),
        mock.patch.object(Catalog, "get", named),
    ):
        yield recorder


_VERBATIM = re.compile(
    r"3rd party api|say hi|docker compose|npm (?:dotenv|ini)|vsegpt-patch(?: profile (?:new|lint)| [a-z]+)?"
)
"""Keys of files as their programs call them, names of programs, commands, what is asked in a trial."""
_WORDS_OF_THE_GATEWAY = re.compile(r"(?<=, it says: ).*")


def untranslatable(recorder: Recorder, *outputs: str) -> list[str]:
    """The sentences of these outputs that did not go through the catalogue, and messages it does not have."""
    missing = sorted(message for message in recorder.asked if message not in known())
    text = _WORDS_OF_THE_GATEWAY.sub("", "\n".join(_told(output) for output in outputs))
    if _TWO_WORDS.search(text):
        pieces = {piece for message in recorder.asked | recorder.texts for piece in _pieces(message)}
        for piece in sorted(pieces, key=len, reverse=True):
            if piece.split()[0] in text:
                text = _pattern(piece).sub("\0", text)
    return missing + _TWO_WORDS.findall(_VERBATIM.sub("\0", text))


@cache
def known() -> frozenset[str]:
    """All messages of the catalogue, of those that count both forms."""
    ids = [message.id for message in translated()]
    return frozenset(each for its in ids for each in (its if isinstance(its, tuple | list) else [its]))


@cache
def _pieces(message: str) -> tuple[str, ...]:
    """What a message has around the places for values."""
    parts = re.split(r"\{[^{}]*\}", message.replace("{{", "\0").replace("}}", "\0").replace("\b", "\0"))
    return tuple(piece for part in parts for each in part.split("\0") if (piece := each.strip()))


@cache
def _pattern(piece: str) -> re.Pattern[str]:
    return re.compile(r"\s+(?:# )?".join(map(re.escape, piece.split())))  # in a script it is a comment


def _told(output: str) -> str:
    """An output without diffs, which show files; of JSON the values that are texts."""
    if output.startswith("{"):
        try:
            return "\n".join(_strings(json.loads(output)))
        except ValueError:
            pass
    if ASKING in output:  # a script for a shell, whose last line is for people
        return output.splitlines()[-1]
    if output.startswith(
        ("#!/bin/sh", "---\n")
    ):  # a script or playbook: its comments and names are for people
        return "\n".join(line for line in output.splitlines() if line.startswith("# ") or "- name: " in line)
    lines, left = [], 0
    for line in output.split("\n"):
        hunk = _HUNK.match(line)
        if hunk:
            left = int(hunk[1] or 1) + int(hunk[2] or 1)
        elif left > 0:
            left -= 2 if line.startswith(" ") else line.startswith(("+", "-"))
        elif not _HEADER.match(line) and not line.startswith("\\"):
            lines.append(line)
    return "\n".join(lines)


def _strings(data: object, name: str = "") -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _strings(value, key)
    elif isinstance(data, list):
        for value in data:
            yield from _strings(value, name)
    elif isinstance(data, str) and name not in {"diff", "name", "path", "value", "at", "version"}:
        yield _told(data) if name == "text" else data
