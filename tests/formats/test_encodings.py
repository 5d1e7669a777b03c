"""A file keeps the encoding that its reader has for it."""

from __future__ import annotations

import codecs
from collections.abc import Callable

import pytest

from patcher.errors import Refused
from patcher.formats import editing
from patcher.formats.merge import unspliced
from patcher.formats.ops import Change

CHANGES = [Change(("API", "secret_key"), "sk-0000"), Change(("API", "model"), "x")]
BEFORE = "; заметка\r\n[API]\r\nsecret_key=sk-1\r\n"
AFTER = "; заметка\r\n[API]\r\nsecret_key=sk-0000\r\nmodel=x\r\n"
ENCODED: dict[str, Callable[[str], bytes]] = {
    "UTF-16LE": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "UTF-16BE": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "cp1251": lambda text: text.encode("cp1251"),
    "UTF-8": lambda text: text.encode(),
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_windows_ini_is_written_back_in_its_own_encoding(encoding: str) -> None:
    encoded = ENCODED[encoding]
    edited = editing.edit("ini:windows", encoded(BEFORE), CHANGES)
    assert edited.after == encoded(AFTER)


@pytest.mark.parametrize("encoding", ENCODED)
def test_an_edit_is_taken_out_of_a_text_in_its_own_encoding(encoding: str) -> None:
    encoded = ENCODED[encoding]
    edited = editing.edit("ini:windows", encoded(BEFORE), CHANGES)
    further = encoded(AFTER + "[other]\r\na=b\r\n")
    assert unspliced(encoded(BEFORE), edited, further) == encoded(BEFORE + "[other]\r\na=b\r\n")


@pytest.mark.parametrize("name", ["ini:npm-ini", "ini", "json", "dotenv"])
@pytest.mark.parametrize("encoding", ["UTF-16LE", "UTF-16BE", "cp1251"])
def test_what_others_read_as_utf_8_alone_is_refused_with_the_cure(name: str, encoding: str) -> None:
    with pytest.raises(Refused, match=r"save .* as UTF-8"):
        editing.edit(name, ENCODED[encoding](BEFORE), CHANGES)


def test_no_letter_is_written_into_a_code_page_that_is_not_known() -> None:
    with pytest.raises(Refused, match="cannot be written"):
        editing.edit("ini:windows", ENCODED["cp1251"](BEFORE), [Change(("API", "model"), "модель")])
