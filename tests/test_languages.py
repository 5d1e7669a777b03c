"""Russian and English, complete in both."""

from __future__ import annotations

import ast
import contextlib
import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import click
import pytest
from babel.messages.plurals import get_plural

import patcher
from patcher import i18n, options
from patcher.catalog import Catalog
from patcher.cli import main
from patcher.failures import why
from tests import catalogs, foreign
from tests.homes import KEY
from tests.toys import toy, toy_home, vsegpt

CYRILLIC = re.compile(r"[\u0400-\u04ff]")
Capture = pytest.CaptureFixture[str]
PACKAGE = Path(patcher.__file__).parent
SENTENCE = re.compile(r"[A-Za-z]{2,}['’]?[a-z]*[,;:]? [a-z]{2,}[,;:]? [a-z]{2,}")


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


# The code: what is written there as text is either a message or nothing that people read.

SOURCES = [
    pytest.param(path, id=path.relative_to(PACKAGE).as_posix()) for path in sorted(PACKAGE.rglob("*.py"))
]
ASKED = {"_", "N_", "ngettext"}
REGEX = re.compile(r"\\[dws(\[]|\(\?")
NOT_SHOWN = {
    "\\ No newline at end of file",  # as diffs say it in every language
    'about    = { en = "what it is, in one line", ru = "что это, в одной строке" }   # ???',
    'about = "A file as a person might have it"\n',  # of a fixture, whose words are English
    "Expecting property name",  # what the parser says, to know it by
    # what the gateway of a trial tells the tool
    "fix: say hello",
    "no such path; available: {}",
    "this machine is off line",
    "a JSON object with messages is wanted",
    "a Secret is not to be stored",  # to whoever tries to pickle one
}


def _tree(path: Path) -> ast.Module:
    tree = ast.parse(path.read_text("utf-8"))
    for parent in ast.walk(tree):
        for child in ast.iter_child_nodes(parent):
            child.parent = parent  # type: ignore[attr-defined]  # a tree that can be climbed
    return tree


def _above(node: ast.AST) -> Iterator[ast.AST]:
    while hasattr(node, "parent"):
        node = node.parent
        yield node


def _is_asked(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ASKED


def _literal(node: ast.AST) -> str | None:
    """The text of a string or of an f-string, whose values are left out."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _is_shown(call: ast.AST) -> bool:
    """Whether the texts among its arguments are for people."""
    if not isinstance(call, ast.Call):
        return False
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    whose = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if name in {
        "Refused",
        "UsageError",
        "PatchError",
        "Unproved",
        "FileRefused",
        "Problem",
        "explained",
        "confirm",
    }:
        return True
    if whose.split(".")[-1] == "report":
        return name in {"message", "result", "warning", "paragraph", "table"}
    return whose == "click" and name in {"echo", "prompt", "confirm", "secho"}


@pytest.mark.parametrize("path", SOURCES)
def test_every_text_for_people_goes_through_the_catalogue(path: Path) -> None:
    for node in ast.walk(_tree(path)):
        text = _literal(node)
        if text is None or isinstance(getattr(node, "parent", None), ast.Expr | ast.JoinedStr):
            continue
        above = list(_above(node))
        if any(map(_is_asked, above)):
            continue
        where = f"{path.name}:{node.lineno}: {text!r}"  # type: ignore[attr-defined]  # a literal has a line
        in_list = isinstance(above[0], ast.Attribute) and above[0].attr in {"split", "findall"}
        command = text.startswith(("vsegpt-patch ", "pip ", "chmod ", "SELECT ", "PRAGMA "))
        assert in_list or command or text in NOT_SHOWN or REGEX.search(text) or not SENTENCE.search(text), (
            where
        )
        inner = above[next((i for i, up in enumerate(above) if isinstance(up, ast.Call)), 0)]
        if _is_shown(inner) and not command:
            style = isinstance(above[0], ast.keyword) and above[0].arg not in {"cure", "reason", None}
            assert style or not re.search(r"[A-Za-z]{2}", re.sub(r"vsegpt-patch|\{\}|https://", "", text)), (
                where
            )
        if isinstance(above[0], ast.keyword) and above[0].arg in {"help", "metavar", "cure"}:
            assert command or text == "ID" or not re.search(r"[A-Za-z]{2}", re.sub(r"URL|\{\}", "", text)), (
                where
            )


@pytest.mark.parametrize("path", SOURCES)
def test_a_message_is_asked_for_when_it_is_made_and_as_it_stands(path: Path) -> None:
    """Asked for at import it would be in the wrong language; put together before it would not be found."""
    if path.name == "i18n.py":
        return
    for node in filter(_is_asked, ast.walk(_tree(path))):
        assert isinstance(node, ast.Call)
        name = node.func.id  # type: ignore[attr-defined]  # it is one of three names
        where = f"{path.name}:{node.lineno}: {ast.unparse(node)}"
        for argument in node.args[: 2 if name == "ngettext" else 1]:
            parts = ast.walk(argument)
            assert not any(isinstance(part, ast.JoinedStr | ast.BinOp) for part in parts), where
            assert isinstance(argument, ast.Constant) or name == "_", where
        above = list(_above(node))
        assert not any(isinstance(up, ast.JoinedStr) for up in above) or not isinstance(
            node.args[0], ast.Constant
        ), f"{where} is not found in an f-string"
        functions = [up for up in above if isinstance(up, ast.FunctionDef | ast.Lambda)]
        assert name == "N_" or functions, where
        assert not any(isinstance(up, ast.arguments) for up in above), where


# click


def _of_click() -> set[str]:
    found = set()
    for path in Path(click.__file__).parent.glob("*.py"):
        for node in filter(_is_asked, ast.walk(ast.parse(path.read_text("utf-8")))):
            assert isinstance(node, ast.Call)
            found |= {text for each in node.args[:1] if (text := _literal(each))}
    return found


def test_what_click_can_say_is_in_the_catalogue() -> None:
    ours = {*foreign.CLICK, *(each[0] for each in foreign.CLICK_COUNTED), *foreign.CLICK_UNSEEN}
    assert _of_click() <= ours
    assert len(_of_click()) > 40


def test_click_asks_our_catalogue() -> None:
    for module in (click.core, click.exceptions, click.formatting, click.parser, click.termui, click.types):
        assert vars(module)["_"] is i18n._


# What is shown: `run` itself finds the English sentences that have no Russian, or are shown in its place.


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = toy_home(tmp_path, "one", holds=b'{"models": []}\n')
    toy(tmp_path / "profiles", "two", "yaml")
    (home / ".two").mkdir()
    return home


def said(home: Path, *words: str, key: str | None = KEY, language: str = "ru") -> str:
    result = vsegpt(home, *words, "--lang", language, key=key)
    return result.out + result.err


COMMANDS = [
    "",
    "--help",
    *(f"{name} --help" for name in options.COMMANDS if name != "patch"),
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
    toy(home.parent / "profiles", "one", syntax)
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
    assert (end.value.code, "нужно одно из: en, ru" in capsys.readouterr().err) == (2, True)
