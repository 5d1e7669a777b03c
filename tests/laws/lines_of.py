"""Texts of lines at random (INI, dotenv, KEY=VALUE, prefs): as people write them, and as nobody would.

Every comment holds a word of its own that begins with `keep`, which `tests.laws.lost` looks for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple

BLANKS = "\t \u00a0\u0085\u2028\u2029\v\f\u3000\x1c"
SECTIONS = ["core", "API", "s", "DEFAULT", "General", "u.v", "core x"]
KEYS = ["api_key", "base_url", "model", "Model", "name", "a.b", "k"]
VALUES = ["one", "openai/gpt-4o", "https://api.openai.com/v1", "sk-0000", "true", "16000", "two words", ""]

WORDS: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


class Words(NamedTuple):
    """What a text is drawn from: how often its lines are odd, and words that are there only once."""

    rng: Random
    oddly: float
    numbers: Iterator[int]

    @classmethod
    def of(cls, rng: Random) -> Words:
        return cls(rng, rng.choice((0.0, 0.05, 0.1, 0.3)), count(1))

    def odd(self) -> bool:
        return self.rng.random() < self.oddly

    def comment(self) -> str:
        return f"keep{next(self.numbers)}"

    def blank(self) -> str:
        return self.rng.choice(BLANKS) if self.odd() else self.rng.choice(("", " "))


def ini(rng: Random) -> str:
    """Sections, their keys, and a few keys before them."""
    return _text(rng, _ini_line, rng.choice([(), (), ("[core]",), ("[core]",), ("[s]",)]))


def dotenv(rng: Random) -> str:
    return _text(rng, _dotenv_line, ())


def keyvalue(rng: Random) -> str:
    return _text(rng, _keyvalue_line, ())


def prefs(rng: Random) -> str:
    return _text(rng, _prefs_line, ())


def _text(rng: Random, line: Callable[[Words], str], first: tuple[str, ...]) -> str:
    words = Words.of(rng)
    return ended(rng, [*first, *(line(words) for _ in range(rng.randint(0, 7)))], words.oddly)


def ended(rng: Random, lines: list[str], oddly: float) -> str:
    """The lines with their ends: mostly LF, all of them."""
    text = "\n".join(lines) + "\n" if lines else ""
    if rng.random() < 0.15:
        text = text.replace("\n", "\r\n")
    if rng.random() < 0.15:
        text = text.removesuffix("\n").removesuffix("\r")
    if rng.random() < oddly / 4:
        at = rng.randrange(len(text) + 1)
        end = rng.choice(["\r", "\r\r", "\r\n", "\n\n\n", " ", "\t\n", "\u2028", "\u0085", "\ufeff"])
        text = text[:at] + end + text[at:]
    return text


def _ini_line(words: Words) -> str:
    rng = words.rng
    draw = rng.random()
    if draw < 0.2:
        if words.odd():
            return rng.choice(WORDS["odd_headers"]).replace("{c}", words.comment())
        return f"[{rng.choice(SECTIONS)}]"
    if draw < 0.3:
        return _remark(words, "#;")
    if words.odd() and rng.random() < 0.15:
        return rng.choice(KEYS) + words.blank()
    lead = rng.choice((*BLANKS, "  ", "    ")) if words.odd() and rng.random() < 0.4 else ""
    mark = rng.choice((":", ": ", " :", " : ", "")) if words.odd() else rng.choice(("=", " = "))
    return lead + _key(words) + mark + words.blank() + _value(words, "#;") + words.blank() + _continued(words)


def _dotenv_line(words: Words) -> str:
    rng = words.rng
    if rng.random() < 0.15:
        return _remark(words, "#")
    if words.odd() and rng.random() < 0.15:
        return rng.choice(("", "export ")) + rng.choice(KEYS) + words.blank()
    lead = rng.choice((*BLANKS, "export ", "export\t", "  export ", "export  ")) if words.odd() else ""
    mark = rng.choice((" = ", "= ", " =", ": ", ":", " : ")) if words.odd() else "="
    if words.odd() and rng.random() < 0.3:
        quote = rng.choice("'\"`")
        return (
            f"{lead}{_key(words)}{mark}{quote}one\n{rng.choice(KEYS)}=two{rng.choice(('', ' #x'))}\n{quote}"
        )
    return lead + _key(words) + mark + _value(words, "#") + words.blank()


def _keyvalue_line(words: Words) -> str:
    rng = words.rng
    if rng.random() < 0.15:
        return _remark(words, "#;")
    if words.odd() and rng.random() < 0.1:
        return rng.choice(
            (rng.choice(KEYS), rng.choice(WORDS["odd_headers"]).replace("{c}", words.comment()))
        )
    lead = rng.choice(BLANKS) if words.odd() else ""
    mark = rng.choice((" = ", "= ", " =", ": ")) if words.odd() else "="
    return lead + _key(words) + mark + _value(words, "#;") + words.blank()


def _key(words: Words) -> str:
    return words.rng.choice(WORDS["odd_keys"] if words.odd() else KEYS)


def _value(words: Words, marks: str) -> str:
    rng = words.rng
    value = rng.choice(WORDS["odd_values"] if words.odd() else VALUES)
    if not words.odd():
        return value
    gap = rng.choice((" ", " ", "", "\t", "\u00a0", "\u2028", "\f"))
    return f"{value}{gap}{rng.choice(marks)}{rng.choice(('', ' '))}{words.comment()}"


def _remark(words: Words, marks: str) -> str:
    rng = words.rng
    if rng.random() < 0.3:
        return words.rng.choice(("", "", " ", "\t")) + (rng.choice(BLANKS) if words.odd() else "")
    lead = rng.choice((*BLANKS, "  ")) if words.odd() else ""
    old = f"{rng.choice(KEYS)}=old " if rng.random() < 0.3 else ""
    return f"{lead}{rng.choice(marks)}{rng.choice(('', ' '))}{old}{words.comment()}"


def _continued(words: Words) -> str:
    """What may follow a value of INI on lines of its own."""
    rng = words.rng
    if not words.odd() or rng.random() < 0.5:
        return ""
    indent = rng.choice(("  ", "\t", "\u00a0", "\v", " \u2028"))
    inner = rng.choice(
        ("more", f"{rng.choice(KEYS)} = inner", f"; {words.comment()}", "[x]", f"# {words.comment()}")
    )
    return rng.choice(("\n", "\n", "\n\n", "\n  \n")) + indent + inner + rng.choice(("", f"\n{indent}last"))


_PREF_NAMES = ['"a.b"', '"c"', "'d'", '"e f"', '"ключ"', '"a.b"', '"\\u0041"']
_PREF_VALUES = ["true", "false", "1", "-7", '"v"', '"https://api.openai.com/v1"', "''", '"a, b"', '"// no"']


def _prefs_line(words: Words) -> str:
    rng = words.rng
    if rng.random() < 0.25:
        return _pref_remark(words)
    what = rng.choice(("pref", "sticky_pref", "lockPref", "USER_PREF")) if words.odd() else "user_pref"
    gap, end = words.blank(), ";"
    tail = ""
    if words.odd():
        end = rng.choice((" ;", "", ";;", "\n;"))
        tail = rng.choice(
            (" // {c}", "// {c}", " # {c}", " /* {c} */", ' user_pref("x", 1);', "\u00a0", "\u2028// {c}")
        )
    value = rng.choice(WORDS["odd_prefs"] if words.odd() else _PREF_VALUES)
    inside = (
        rng.choice((f"/* {words.comment()} */", "\n", "\t", "\u00a0", f"// {words.comment()}\n"))
        if words.odd()
        else ""
    )
    return f"{what}({gap}{rng.choice(_PREF_NAMES)},{inside} {value}){end}{tail}".replace(
        "{c}", words.comment()
    )


def _pref_remark(words: Words) -> str:
    shape = words.rng.choice(
        ("", "// {c}", "# {c}", "/* {c} */", "/* {c}\n * more\n */", '// user_pref("c", 1); {c}')
    )
    odd = words.rng.choice(("//{c}\u2028", "/**/ {c}", "/* {c} ", "\u00a0// {c}", "// {c} \\"))
    return (odd if words.odd() else shape).replace("{c}", words.comment())
