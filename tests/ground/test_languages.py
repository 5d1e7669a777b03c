"""What is shown is in the language that is asked for.

`run` itself finds the English sentences that have no Russian, or are shown in its place.
"""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

import pytest

from patcher import i18n
from patcher.cli import command_table
from patcher.cli.main import main
from patcher.os_errors import why
from tests.support.homes import KEY
from tests.support.made_up_tools import home_with_tools, made_up_tool, run_with_profiles
from tests.support.translatable import CYRILLIC

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = home_with_tools(tmp_path, "one", holds=b'{"models": []}\n')
    made_up_tool(tmp_path / "profiles", "two", "yaml")
    (home / ".two").mkdir()
    return home


def said(home: Path, *words: str, key: str | None = KEY, language: str = "ru") -> str:
    result = run_with_profiles(home, *words, "--lang", language, key=key)
    return result.out + result.err


COMMANDS = [
    "",
    "--help",
    *(f"{name} --help" for name in command_table.COMMANDS if name != "patch"),
    "one",
    "one two --dry-run",
    "claude-code",
    "codex-cli",
    "list",
    "status",
    "show one",
    "show claude-code",
    "history",
    "undo",
    "undo --dry-run",
    "history --purge",
]
MISTAKES = [
    "nosuchtool",
    "onne",
    "one --all",
    "--nosuchoption",
    "--dryrun",
    "--model",
    "--strict=1",
    "list x",
    "list x y",
    "one --lang=fr",
    "one --endpoint http://api.vsegpt.ru",
    "one --endpoint https://example.org/v1 -n",
    "one --endpoint x -n",
    "one --key-file /nonexistent",
    "one --model a\tb",
    "one --browser nosuch",
    "one --in /nonexistent",
    "one --export x.json",
    "show",
    "undo 99",
    "profile",
    "profile lint",
    "profile neww x",
    "profile new toy",
    "profile new toy --from /nonexistent",
    "profile lint /nonexistent.toml",
    "profile lint profiles/one.txt",
]


@pytest.mark.parametrize("words", [*COMMANDS, *MISTAKES])
def test_a_command_speaks_the_language_that_it_is_told(words: str, home: Path) -> None:
    words_ = words.split(" ") if words else []
    (home / ".two/config").write_text("a: [\n")
    assert not CYRILLIC.search(said(home, *words_, language="en")), words
    russian = said(home, *words_)
    assert CYRILLIC.search(russian), russian


BROKEN: dict[str, list[bytes]] = {
    "json": [
        b"{",
        b'{"a": 1,}',
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": 1 // b\n}',
        b"[" * 99,
        b"{} x",
        b'"\\q"',
        b"[1]",
    ],
    "yaml": [
        b"a: [",
        b"a: b: c",
        b"a:\n\tb: 1",
        b"{{ a }}",
        b"&a x: *b",
        b"- a\nb: c",
        b"a: 1\na: 2",
        b"a\r b",
    ],
    "toml": [b"a =", b"a = 1\na = 2", b"[a", b"a = [", b'a = "\\q"', b"a", b"[a]]\n", b"a = 1979-99-99"],
    "xml": [b"<a>", b"<a><b></a>", b"<a/><b/>", b"<a b='1' b='2'/>", b"&", b"<a>&x;</a>"],
    "ini": [b"a", b"[a]\n[a]\n", b"[a]\nb=1\nb=2\n", b" [a]\n"],
    "dotenv": [b'models="a', b"A=1\nA=2\n", b"models: 1"],
    "json5": [b"{", b"{a: 'b\n'}", b"{,}", b"{a b}"],
}


@pytest.mark.parametrize("syntax", BROKEN)
def test_why_a_file_is_refused_is_said_in_russian(syntax: str, home: Path) -> None:
    made_up_tool(home.parent / "profiles", "one", syntax)
    for data in (*BROKEN[syntax], b"\xff\xfe", b"a\0", b"\xff"):
        (home / ".one/config").write_bytes(data)
        told = said(home, "one", "--dry-run")
        assert CYRILLIC.search(told), told


OF_FILES = (
    "ENOENT EACCES EPERM ENOSPC EDQUOT EROFS EIO EMFILE ENFILE ENAMETOOLONG EISDIR ENOTDIR EEXIST ELOOP EBUSY"
    " EINTR ENOTEMPTY EXDEV EFBIG ETXTBSY ESTALE"
).split()


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_what_the_system_says_is_said_in_russian(number: int) -> None:
    i18n.use("ru")
    try:
        told = why(OSError(number, os.strerror(number)))
    finally:
        i18n.use("en")
    assert CYRILLIC.search(told)
    assert errno.errorcode[number] not in OF_FILES or not told.startswith("ошибка E")
    assert not CYRILLIC.search(why(OSError(number, os.strerror(number))))


def test_a_profile_that_breaks_the_schema_is_told_in_russian(home: Path) -> None:
    file = home.parent / "profiles/one.toml"
    good = file.read_text("utf-8")
    for old, new in (
        ('name = "One"', ""),
        ('name = "One"', "name = 1"),
        ('name = "One"', 'name = ""'),
        ('name = "One"', 'name = "list"'),
        ('name = "One"', 'name = "One"\nodd = 1'),
        ('name = "One"', 'name = "One"\nbeta = true'),
        ('name = "One"', 'name = "One"\nbeta = 1'),
        ('"json"', '"docx"'),
        ('"json"', '"sqlite"'),
        ("https://toy", "http://toy"),
        ('"https://api.openai.com/v1"', '"https://example.org/v1"'),
        ("[[file]]", "[[file]]\nevery = 1"),
        ("[[file]]", "[[files]]"),
        ("[[file]]", '[[file]]\nrows = { table = "a", key = "b", value = "c" }'),
        ('["~/.one/config"]', "[]"),
        ('["~/.one/config"]', '["/etc/passwd"]'),
        ('"models"', "5"),
        ('"{key}"', '"x"'),
        ('name = "One"', 'name = "One'),
    ):
        file.write_text(good.replace(old, new, 1), "utf-8")
        assert CYRILLIC.search(said(home, "one", "-n")), new


@pytest.mark.parametrize(
    ("count", "asked"), [(1, "1 файл?"), (2, "2 файла?"), (5, "5 файлов?"), (21, "21 файл?")]
)
def test_counted_things_have_their_russian_endings(count: int, asked: str) -> None:
    i18n.use("ru")
    try:
        told = i18n.ngettext("Change {count} file?", "Change {count} files?", count).format(count=count)
    finally:
        i18n.use("en")
    assert told == f"Изменить {asked}"


@pytest.mark.parametrize(
    ("environ", "words", "russian"),
    [
        ({"LANG": "ru_RU.UTF-8"}, [], True),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "C"}, [], False),
        ({"LANG": "de_DE.UTF-8"}, [], False),
        ({"LANG": "ru_RU.UTF-8", "VSEGPT_PATCH_LANG": "en"}, [], False),
        ({"LANG": "C", "VSEGPT_PATCH_LANG": "ru"}, [], True),
        ({"LANG": "C", "VSEGPT_PATCH_LANG": "en"}, ["--lang", "ru"], True),
        ({"LANG": "ru_RU.UTF-8", "VSEGPT_PATCH_LANG": "ru"}, ["--lang=en"], False),
    ],
)
def test_the_option_beats_the_variable_and_that_the_locale(
    environ: dict[str, str], words: list[str], russian: bool, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "VSEGPT_PATCH_LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with contextlib.suppress(SystemExit):
        main(["--help", *words])
    i18n.use("en")
    assert ("Использование:" in capsys.readouterr().out) is russian


def test_a_wrong_language_of_the_variable_is_told_in_that_of_the_locale(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    monkeypatch.setenv("VSEGPT_PATCH_LANG", "fr")
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    i18n.use("en")
    assert end.value.code == 2
    assert "нужно одно из: en, ru" in capsys.readouterr().err
