"""The catalogue: every message is there in Russian, with all that the message has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter

import pytest
from babel.messages.plurals import get_plural

from patcher.registry.catalog import Catalog
from tests import catalogs
from tests.support.translatable import CYRILLIC, SENTENCE


def test_the_catalogue_is_what_the_command_makes_of_the_code() -> None:
    """No message is missing or gone, nothing is fuzzy, and the compiled catalogue is fresh."""
    kept = catalogs.translated()
    made = catalogs.updated(kept)
    assert catalogs.po(made) == catalogs.PO.read_bytes(), "run python -m tests.catalogs"
    assert catalogs.mo(made) == catalogs.MO.read_bytes(), "run python -m tests.catalogs"
    assert [message.id for message in kept if message.fuzzy] == []
    assert not kept.obsolete


def test_every_message_is_there_in_russian() -> None:
    kept = catalogs.translated()
    assert [message.id for message in catalogs.untranslated(kept)] == []
    assert len(kept) > 500
    for message in kept:
        if isinstance(message.id, tuple):
            assert len(message.string or ()) == get_plural("ru").num_plurals == 3


def _forms() -> Iterator[tuple[str, str]]:
    """Every message with its Russian; of those that count each form."""
    for message in catalogs.translated():
        if isinstance(message.id, tuple):
            yield from (("\n".join(message.id), form) for form in message.string or ())
        elif message.id:
            yield str(message.id), str(message.string)


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_a_translation_has_the_places_for_values_that_the_message_has() -> None:
    counted = {str(m.id[0]) for m in catalogs.translated() if isinstance(m.id, tuple)}
    for message, russian in _forms():
        if message.split("\n")[0] in counted:
            assert _places(russian) <= _places(message), russian
        elif "{" in message:
            assert _places(russian) == _places(message), russian
        assert russian.count("%(") == message.count("%(") == 0


def test_a_translation_has_the_commands_and_options_of_the_message() -> None:
    kept = re.compile(
        r"(?<![\w-])--[a-z][a-z-]+|vsegpt-patch(?: (?:undo|list|history|profile (?:new|lint)))?|VSEGPT_\w+"
    )
    for message, russian in _forms():
        if "\n" not in message:
            assert sorted(kept.findall(russian)) == sorted(kept.findall(message)), russian


def test_messages_are_english_and_translations_russian() -> None:
    same = {"VseGPT", "undefined", "true or false"}
    for message, russian in _forms():
        assert not CYRILLIC.search(message), message
        words = re.sub(r"\{[^{}]*\}", "", russian)
        if message not in same and re.search(r"[A-Za-z]{2}", re.sub(r"\{[^{}]*\}|--[a-z-]+", "", message)):
            assert CYRILLIC.search(words), russian
        assert not SENTENCE.search(re.sub(r"(vsegpt-patch|python|pip) [a-z. ]+", "", words)), russian
        assert '"' not in re.sub(r'"openai/', "", words).replace('("имя"', "") or '"' in message, russian


@pytest.mark.parametrize("tool", sorted(Catalog.open()))
def test_a_profiles_texts_are_in_their_languages(tool: str) -> None:
    profile = Catalog.open().get(tool)
    texts = [profile.about, profile.guide, profile.then, profile.imports.how if profile.imports else None]
    for its in filter(None, texts):
        assert not CYRILLIC.search(its["en"])
        assert CYRILLIC.search(its["ru"])
