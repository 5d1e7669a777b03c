"""A settings file without its secrets, to be shown to others: the same text with made-up values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from html import escape
from json import dumps

from patcher.errors import Refused
from patcher.formats import editing
from patcher.formats.editing import Document
from patcher.formats.ops import ABSENT, Change, Item, KeyPath, Value
from patcher.i18n import _
from patcher.secrets.secret import covered

FAKE = "sk-" + "0" * 48
"""What stands for every key."""

NAMING = ("@name", "@key", "@id", "name", "title", "label", "id", "provider", "key", "slug")
"""The fields by which an item of a list may be known."""

_FLAT = frozenset({"dotenv", "ini", "keyvalue"})
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SECRET = re.compile(
    r"(?:^|api|access|secret|private|auth|open ?ai|license|master)keys?$|^keys?$"
    r"|(?:token|secret|passw(?:or)?d|passphrase|pwd|credentials?|authorization|bearer|cookie|apikeys?)s?$"
)
# Names that end so and hold no secret: limits, keys of the keyboard, names of variables.
_NO_SECRET = frozenset("max min limit num count hot shortcut bind binding env var variable public".split())
_REFERENCE = re.compile(r"\$|\{|env:|os\.environ|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\Z")
_NOTHING = frozenset({"", "none", "null", "true", "false", "no", "yes"})
_NAME = re.compile(r"[A-Za-z]+(?:[.+][A-Za-z0-9]+)+")
_XML_NAME = re.compile(r"[A-Za-z]+(?:[._-][A-Za-z]+)*")
_LINE = re.compile(
    r"(?m)^(?P<head>[^\S\n]*(?:export\s+)?(?P<name>[\w.-]+)[^\S\n]*[=:][^\S\n]*)(?P<value>[^\r\n]+)"
)
# Small and capital letters and digits, mixed: no word of anybody's.
_MIXED = re.compile(
    r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=(?:[\w-]*?\d){3})[A-Za-z0-9_-]{12,}(?![\w-])"
)
_PRIVATE = (
    (_MIXED, FAKE),
    (re.compile(r"(?<=://)[^/\s@\"'<>]+@"), ""),  # user and password in an address
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}"), "someone@example.org"),
    (re.compile(r"(?<=/home/)[^/\s\"'<>:]+|(?<=/Users/)[^/\s\"'<>:]+|(?<=\\Users\\)[^\\\s\"'<>]+"), "me"),
    (re.compile(r"(?<=\\Users\\\\)[^\\\s\"'<>]+"), "me"),
)


def words(name: str) -> list[str]:
    """The words of a name: `openAIBaseUrl` and `OPENAI_BASE_URL` have the same, but for `open`, `ai`."""
    return [word.lower() for word in _WORDS.findall(name)]


def is_secret_name(name: str) -> bool:
    """Whether a setting of that name holds a key, a token or a password."""
    parts = words(name)
    while parts and parts[-1].isdigit():
        parts.pop()
    return bool(_SECRET.search("".join(parts))) and not _NO_SECRET.intersection(parts)


def is_reference(value: str) -> bool:
    """Whether a value only says where the secret is: `$NAME`, `${{ NAME }}`, `NAME_OF_A_VARIABLE`."""
    return _REFERENCE.match(value) is not None


def label(path: KeyPath) -> str:
    """What names the value at a path: its key, or the name of the entry whose value it is."""
    last = path[-1] if path else ""
    entry = path[-2] if len(path) > 1 and last in {"#text", "@value", "value"} else None
    if isinstance(entry, Item):
        return str(entry.fields[0][1]) if entry.fields else str(last)
    return str(last if entry is None else entry).removeprefix("@")


def leaves(data: Value, path: KeyPath = ()) -> Iterator[tuple[KeyPath, str, Value]]:
    """Every value in nested data: its path, its name, itself.

    An item of a list that no field names is an `Item` without fields: such a path can be read, not
    written. A list that holds no maps is a value.
    """
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif isinstance(data, list) and any(isinstance(item, (dict, list)) for item in data):
        for item in data:
            yield from leaves(item, (*path, _named(item, data)))
    else:
        yield path, label(path), data


def is_writable(path: KeyPath) -> bool:
    """Whether every key in the path is text, and every item of a list is named."""
    return all(step.fields if isinstance(step, Item) else isinstance(step, str) for step in path)


def _named(item: Value, items: Sequence[Value]) -> Item:
    """The item by the first field that names it alone."""
    if not isinstance(item, dict):
        return Item(())
    for field in NAMING:
        value = item.get(field)
        alike = sum(isinstance(other, dict) and other.get(field) == value for other in items)
        if isinstance(value, str) and value and alike == 1 and not is_secret_value(field, value):
            return Item(((field, value),))
    return Item(())


def is_secret_value(name: str, value: Value, syntax: str = "") -> bool:
    """Whether the value is a secret, by the name of its setting."""
    if not isinstance(value, str) or value.lower() in _NOTHING or is_reference(value):
        return False
    if name == "key" and _is_a_name(value, syntax):
        return False
    return is_secret_name(name) and not (words(name)[-1] == "tokens" and value.isdigit() and len(value) < 8)


def _is_a_name(value: str, syntax: str) -> bool:
    """Whether what stands at `key` names a setting or keys of the keyboard, as in lists of such."""
    return bool((_XML_NAME if syntax == "xml" else _NAME).fullmatch(value))


def masked(syntax: str, data: bytes) -> bytes:
    """The file with made-up keys, and without the names of people.

    Raises `Refused` for what cannot be read, and where a secret cannot be taken out for sure.
    """
    secrets = list(_secrets(syntax, data))
    known = {text for _, value in secrets for text in _texts(value)}
    known |= {
        part for _, _, value in _leaves(syntax, data) for text in _texts(value) for part in _parts(text)
    }
    for path, value in secrets:
        data = _replaced(syntax, data, path, value)
    text = data.decode("utf-8")
    known = {each for each in known | _parts(text) if each not in FAKE and not _is_a_name(each, syntax)}
    for found in sorted(known, key=len, reverse=True):
        text = _everywhere(text, found)
    if syntax in _FLAT:
        text = _LINE.sub(_line, text)
    text = _lines(text, lambda part: part if _is_a_name(part, syntax) else FAKE)
    for pattern, by in _PRIVATE:
        text = pattern.sub(by, text)
    if _shows(syntax, text, known):
        raise Refused(
            _("a key in it cannot be masked for sure"), cure=_("put made-up values into a copy of it")
        )
    return text.encode()


def _shows(syntax: str, text: str, known: AbstractSet[str]) -> bool:
    """Whether a secret is left; also where the text cannot be read any more."""
    try:
        left = next(_secrets(syntax, text.encode()), None)
    except Refused:
        return True
    return left is not None or any(_is_telling(each) and each in text for each in known)


def _secrets(syntax: str, data: bytes) -> Iterator[tuple[KeyPath, Value]]:
    """The values that are secret by their names, and not masked yet."""
    for path, name, value in _leaves(syntax, data):
        if any(text != FAKE and is_secret_value(name, text, syntax) for text in _texts(value)):
            yield path, value


def _leaves(syntax: str, data: bytes) -> Iterator[tuple[KeyPath, str, Value]]:
    content = Document.read(syntax, data).outline(())
    if content is not ABSENT:
        yield from leaves(content)


def _texts(value: Value) -> list[str]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]


def _parts(text: str) -> set[str]:
    """What looks like a key in a text."""
    found: set[str] = set()

    def cover(part: str) -> str:
        found.add(part)
        return FAKE

    _lines(text, cover)
    return {part for part in found if FAKE not in part}


def _lines(text: str, cover: Callable[[str], str]) -> str:
    """`covered` line by line: what follows a name without a value is not its value."""
    return "".join(covered(line, cover) for line in text.splitlines(keepends=True))


def _replaced(syntax: str, data: bytes, path: KeyPath, value: Value) -> bytes:
    """The value at one place replaced; where that cannot be done so, the text that follows does it."""
    if not is_writable(path):
        return data
    fake: Value = [FAKE] * len(value) if isinstance(value, list) else FAKE
    try:
        return editing.edit(syntax, data, [Change(path, fake)]).after
    except Refused:
        return data


def _is_telling(secret: str) -> bool:
    """Whether it is no common word, which may stand elsewhere in the text and mean something else."""
    return len(secret) >= 12 or (len(secret) >= 6 and not secret.isalpha())


def _everywhere(text: str, secret: str) -> str:
    """Also in comments, and in every way of writing it."""
    if not _is_telling(secret):
        return text
    quoted = dumps(secret)[1:-1]
    forms = {
        secret,
        quoted,
        dumps(secret, ensure_ascii=False)[1:-1],
        quoted.replace("/", "\\/"),
        escape(secret),
    }
    either = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    if len(secret) < 12:
        either = rf"(?<!\w)(?:{either})(?!\w)"
    return re.sub(either, lambda _found: FAKE, text)


def _line(found: re.Match[str]) -> str:
    value = found["value"].strip("\"' ")
    harmless = FAKE in value or not is_secret_value(found["name"], value)
    return found.group() if harmless else found["head"] + FAKE
