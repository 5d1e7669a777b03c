"""Files of environment variables: `.env`, read alike by python-dotenv, npm dotenv and compose.

The tree is a flat map, key -> text. A value on which these readers differ (a variable in it, a
backslash that one of them takes for an escape, backticks, `#` inside a word) is compared as it
is written and can be replaced, not looked up. Lines that are no assignment are left alone.

A new key goes after the last line that is not blank.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from patcher.errors import Refused
from patcher.formats.lines.flat import (
    BLANK,
    LineEntry,
    Raw,
    flat_splices,
    line_syntax,
    needs_text,
    separator_of,
    with_separator,
)
from patcher.formats.linewise import line_of, next_line
from patcher.formats.ops import Add, Node, Op, Value
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice
from patcher.i18n import N_, _, quoted

_KEY = rf"(?P<lead>{BLANK}*(?:export{BLANK}+)?)(?P<key>[^\s=\#'\"]+)"
# A backslash keeps a quote from closing its value, and the pattern from trying it another way.
_ENTRY = re.compile(
    rf"""{_KEY}(?:
        (?P<separator>{BLANK}*={BLANK}*)
        (?P<quoted>'(?>(?:[^'\\]++|\\'?)*)' | "(?>(?:[^"\\]++|\\"?)*)" | `[^`\n]*`)?
        (?P<rest>[^\n]*)
      | (?P<alone>{BLANK}*(?:\#[^\n]*)?)\r*(?=\n|\Z)
    )""",
    re.VERBOSE,
)
_TAIL = re.compile(rf"{BLANK}*(?:\#.*)?\r*\Z")
_COMMENT = re.compile(rf"{BLANK}\#")
# `KEY: value`, which npm dotenv and compose take for an assignment, python-dotenv does not.
_COLON = re.compile(rf"(?m)^{BLANK}*(?:export{BLANK}+)?(?P<key>[\w.-]+):{BLANK}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_SAFE = {
    "": re.compile(r"[A-Za-z0-9_./:@+,-]*"),
    "'": re.compile(r"(?:[^'\\\n$]|\\(?![\\']|\Z)|\$(?!\{))*"),
    '"': re.compile(r'[^"\\$`]*'),
}
"""What every reader takes literally, by the quote round it.

In double quotes `\\n` is the one escape that all know; `${` is a variable to python-dotenv in single
quotes too.
"""


def _splices(text: str, ops: Sequence[Op]) -> list[Splice]:
    """Raises `Refused` for a key set twice, and for a value no quote can hold."""
    entries = list(_entries(text))
    new = [op.key for op in ops if isinstance(op, Add)]
    for found in _COLON.finditer(text) if new else ():
        if found["key"] in new:
            raise Refused(
                _("{key} is written with a colon, which some programs do not read").format(key=found["key"]),
                line=line_of(text, found.start("key")),
                cure=_("write {key}=value").format(key=found["key"]),
            )
    return flat_splices(text, entries, ops, _put(entries), _add(entries))


def _put(entries: Sequence[LineEntry]) -> Callable[[LineEntry, Value], str]:
    habit = _habit(entries)

    def put(entry: LineEntry, value: Value) -> str:
        quote = habit if entry.quote is None else entry.quote
        return with_separator(entry, _quoted(needs_text(entry.key, value), quote, entry.key))

    return put


def _add(entries: Sequence[LineEntry]) -> Callable[[str, Value], str]:
    habit = _habit(entries)
    exports = sum("export" in entry.lead for entry in entries)
    export = "export " if exports * 2 > len(entries) else ""
    separator = separator_of(entries)

    def add(key: str, value: Value) -> str:
        if not _NAME.fullmatch(key):
            raise Refused(_("{key} cannot be the name of a variable").format(key=quoted(key)))
        return f"{export}{key}{separator}{_quoted(needs_text(key, value), habit, key)}"

    return add


def _habit(entries: Sequence[LineEntry]) -> str:
    """The quote that most values of the file have."""
    quotes = Counter(entry.quote for entry in entries if entry.quote is not None)
    return quotes.most_common(1)[0][0] if quotes else ""


def _quoted(value: str, quote: str, key: str) -> str:
    """In the quotes asked for, if every reader will then see just this value; else in others."""
    for mark in (quote, "", "'", '"'):
        if mark in _SAFE and _SAFE[mark].fullmatch(value):
            return mark + value.replace("\n", "\\n") + mark
    raise Refused(
        _("the value of {key} cannot be written so that every program reads it alike").format(key=key)
    )


def _entries(text: str) -> Iterator[LineEntry]:
    """Every assignment, for the planner: by one pattern."""
    at = 0
    while at < len(text):
        found = _ENTRY.match(text, at)
        end = next_line(text, found.end() if found else at)
        if found:
            yield _entry(found, at, end)
        at = end


def _entry(found: re.Match[str], start: int, end: int) -> LineEntry:
    key, lead = found["key"], found["lead"]
    if found["alone"] is not None:
        trouble = N_("is followed by # without a blank") if found["alone"].startswith("#") else ""
        return LineEntry(key, start, end, found.end("key"), found.end("key"), lead=lead, trouble=trouble)
    separator, rest, at = found["separator"], found["rest"], found.end("separator")
    if found["quoted"] is not None:
        trouble = "" if _TAIL.match(rest) else N_("has text after its closing quote")
        quoted = found["quoted"]
        quote = quoted[0] if quoted[0] != "`" and len(quoted) > 2 else None
        return LineEntry(key, start, end, at, found.end("quoted"), separator, quote, lead, trouble)
    if rest.startswith("#") and not separator.endswith("="):  # nothing but a comment
        at = found.start("separator") + separator.index("=") + 1
        return LineEntry(key, start, end, at, at, separator.rstrip(), None, lead)
    comment = _COMMENT.search(rest)
    value = rest[: comment.start() if comment else len(rest)].rstrip()
    return LineEntry(key, start, end, at, at + len(value), separator, "" if value else None, lead)


def _read(text: str) -> Node:
    """Raises `Refused` for a quote that does not close, or closes where readers differ."""
    return dict(_assignments(text))


def _assignments(text: str) -> Iterator[tuple[str, Node]]:
    """Every assignment, for the proof: line by line, the quotes by search."""
    start = 0
    while start < len(text):
        end = next_line(text, start)
        body = text[start:end].strip()
        if body[:1] in ("", "#"):
            start = end
            continue
        words = body.split(None, 1)
        if len(words) == 2 and words[0] == "export" and words[1][0] not in "=#":
            body = words[1]
        name, equals, value = body.partition("=")
        name, value = name.rstrip(), value.lstrip()
        if equals and _is_key(name):
            at = text.index("=", start) + 1
            if value[:1] in _MARKS:
                opening = text.index(value[0], at)
                closing = _closing(text, opening)
                end = next_line(text, closing)
                yield name, _inside(text, opening, closing, text[closing + 1 : end].strip())
            else:
                yield name, _bare(value, commented=text[at].isspace() if value else False)
        elif name[:1] == "'":
            raise Refused(_("a line begins with a quote"), line=line_of(text, start))
        elif _is_key(alone := body.partition("#")[0].rstrip()):
            yield alone, None
        start = end


_MARKS = ("'", '"', "`")


def _is_key(name: str) -> bool:
    return name != "" and not any(char.isspace() or char in "=#'\"" for char in name)


def _closing(text: str, opening: int) -> int:
    """The closing quote: the next one without a backslash before it."""
    mark = text[opening]
    found = text.find(mark, opening + 1)
    while found > 0 and text[found - 1] == "\\" and mark != "`":
        found = text.find(mark, found + 1)
    if found < 0 or (mark == "`" and "\n" in text[opening:found]):
        raise Refused(_("the quote that opens here does not close"), line=line_of(text, opening))
    return found


def _inside(text: str, opening: int, closing: int, tail: str) -> Node:
    mark, inner = text[opening], text[opening + 1 : closing].replace("\r\n", "\n")
    if tail and not tail.startswith("#"):
        if "\n" in inner:
            raise Refused(
                _("the quote that opens here closes in the middle of a later line"),
                line=line_of(text, opening),
            )
        return Raw(f"{mark}{inner}{mark}{tail}")
    plain = inner.replace("\\n", "\n") if mark == '"' else inner
    unsure = {
        "'": "\\\\" in inner or "\\'" in inner or inner.endswith("\\") or "${" in inner,
        '"': "\\" in plain or "$" in inner,
        "`": True,
    }
    return Raw(f"{mark}{inner}{mark}") if unsure[mark] else plain


def _bare(value: str, *, commented: bool) -> Node:
    hash_at = value.find("#")
    while hash_at > 0 and not value[hash_at - 1].isspace():
        hash_at = value.find("#", hash_at + 1)
    if hash_at > 0 or (hash_at == 0 and commented):
        value = value[:hash_at].rstrip()
    return Raw(value) if "$" in value or "#" in value else value


SYNTAX: dict[str, Syntax] = {"dotenv": line_syntax(_read, _splices)}
