"""Texts of trees at random (JSON and its kin, YAML, TOML, XML): as people write them, and as nobody would.

As in `tests.laws.lines_of`, comments hold words that begin with `keep`.
"""

from __future__ import annotations

import re
from random import Random

from tests.laws.lines_of import KEYS, WORDS, Words, ended

MAPS = ["models", "env", "provider", "a b", "x"]
_DEPTH = 2


def json(rng: Random) -> str:
    return _json(rng, "json")


def jsonc(rng: Random) -> str:
    return _json(rng, "jsonc")


def json5(rng: Random) -> str:
    return _json(rng, "json5")


def _json(rng: Random, name: str) -> str:
    words = Words.of(rng)
    indent = rng.choice(("  ", "  ", "    ", "\t", ""))
    writer = _Json(words, name, indent)
    text = writer.gap("") + writer.map("\n" if indent else "", 0) + writer.gap("")
    return ended(rng, text.split("\n"), words.oddly)


class _Json:
    """One style of one of the three syntaxes."""

    def __init__(self, words: Words, name: str, indent: str) -> None:
        self.words, self.name, self.indent = words, name, indent
        self.colon = words.rng.choice((": ", ": ", ":"))

    def gap(self, usual: str) -> str:
        """What stands between two tokens."""
        rng = self.words.rng
        if not self.words.odd():
            return usual
        found = [" ", "\t", "\n", "\n\n", usual]
        if self.name != "json":
            found += ["/* {c} */", "// {c}\n", " // {c}, \n", "/* {c}\n} */", "// {c}\u2028\n", "/**/"]
        if self.name == "json5":
            found += ["\u00a0", "\u2028", "\v", "\ufeff"]
        return usual + rng.choice(found).replace("{c}", self.words.comment())

    def map(self, line: str, depth: int) -> str:
        rng = self.words.rng
        inner = line + self.indent if line else ""
        keys = rng.sample(KEYS + MAPS, rng.randint(0, 5))
        if self.words.odd() and keys and rng.random() < 0.3:
            keys.append(rng.choice(keys))
        parts = [
            self.gap(inner) + self.key(key) + self.gap("") + self.colon + self.value(key, inner, depth)
            for key in keys
        ]
        return self.held("{", "}", parts, line)

    def held(self, start: str, end: str, parts: list[str], line: str) -> str:
        if not parts:
            return start + self.gap("") + end
        trailing = "," if self.name != "json" and self.words.odd() else ""
        return start + ",".join(part + self.gap("") for part in parts) + trailing + self.gap(line) + end

    def key(self, key: str) -> str:
        if self.words.odd():
            if self.name == "json5" and key.isidentifier():
                return self.words.rng.choice((key, f"'{key}'"))
            return '"' + f"\\u{ord(key[0]):04x}" + key[1:] + '"'
        return f'"{key}"'

    def value(self, key: str, line: str, depth: int) -> str:
        rng = self.words.rng
        if key in MAPS and depth < _DEPTH:
            if key == "models":
                inner = line + self.indent if line else ""
                items = [self.item(inner, depth) for _ in range(rng.randint(0, 3))]
                return self.held("[", "]", [self.gap(inner) + item for item in items], line)
            return self.map(line, depth + 1)
        if not self.words.odd():
            return rng.choice(WORDS["json"])
        return rng.choice(WORDS["odd_json"] + (WORDS["odd_json5"] if self.name == "json5" else []))

    def item(self, line: str, depth: int) -> str:
        if self.words.odd():
            return self.words.rng.choice(('"text"', "7", "null", "[]", "{}"))
        name = self.words.rng.choice(("VseGPT", "GPT", "other"))
        made = self.map(line, depth + 1)
        gap = line + self.indent if line else ""
        first = f'{{{gap}"name"{self.colon}"{name}"'
        if '"name"' in made or "name:" in made:
            return made
        return first + ("," + made[1:] if ":" in made else made[1:])


def yaml(rng: Random) -> str:
    words = Words.of(rng)
    lines: list[str] = []
    if words.odd():
        lines.append(rng.choice(("---", "# {c}", "%YAML 1.1\n---", "--- # {c}", "", "\ufeff")))
    _yaml_map(words, lines, "", 0)
    if words.odd():
        lines.append(rng.choice(("...", "---", "# {c}", "", "  ", "---\na: b", "\t# {c}")))
    made = [line.replace("{c}", words.comment()) for line in lines]
    return ended(rng, made, words.oddly)


def _yaml_map(words: Words, lines: list[str], indent: str, depth: int) -> None:
    rng = words.rng
    keys = rng.sample(KEYS + MAPS, rng.randint(1, 5))
    if words.odd() and rng.random() < 0.3:
        keys.append(rng.choice(keys))
    for key in keys:
        if rng.random() < 0.1:
            lines.append(f"{indent}# {{c}}")
        elif words.odd():
            comments = ("#{c}", "", "   # {c}", "\t# {c}", "# {c} -", "#", "# {c}: x")
            lines.append(indent + rng.choice(comments + ("# {c}\u2028x",) * (rng.random() < 0.1)))
        written = (
            rng.choice((f'"{key}"', f"'{key}'", f"? {key}\n{indent}", f"{key} ")) if words.odd() else key
        )
        _yaml_value(words, lines, f"{indent}{written}:", key if depth < _DEPTH else "", depth)


def _yaml_value(words: Words, lines: list[str], head: str, key: str, depth: int) -> None:
    rng = words.rng
    indent = re.match(r" *", head)[0]  # type: ignore[index]  # it always matches
    tail = rng.choice((" # {c}", "  # {c}", " ", "\t", "\t# {c}")) if words.odd() else ""
    deeper = indent + rng.choice(("  ", "  ", "    ", " "))
    if key in MAPS:
        anchor = " &n" if words.odd() and rng.random() < 0.3 else ""
        lines.append(head + anchor + tail)
        if key == "models":
            _yaml_list(words, lines, rng.choice((indent, deeper)), depth)
        else:
            _yaml_map(words, lines, deeper, depth + 1)
    elif words.odd() and rng.random() < 0.4:
        mark = rng.choice(("|", ">", "|-", ">-", "|+", ">+", "|2", "| # {c}"))
        body = rng.choice(
            (["one", "two"], ["one", "", "two", ""], ["# no comment"], ["one", "  two"], [""], ["a: b"])
        )
        lines.append(f"{head} {mark}")
        lines.extend((indent + "  " + line) if line else "" for line in body)
    elif words.odd():
        lines.append(f"{head} {rng.choice(WORDS['odd_yaml'])}{tail}".replace("{i}", deeper))
    else:
        lines.append(f"{head} {rng.choice(WORDS['yaml'])}{tail}")


def _yaml_list(words: Words, lines: list[str], indent: str, depth: int) -> None:
    rng = words.rng
    for _ in range(rng.randint(1, 3)):
        if words.odd():
            lines.append(
                indent + rng.choice(("- text", "- [a]", "- {a: b}", "-", "- - x", "- |\n{i}  x", "# {c}"))
            )
            lines[-1] = lines[-1].replace("{i}", indent)
            continue
        item: list[str] = []
        _yaml_map(words, item, indent + "  ", depth + 1)
        item = [line for line in item if not line.startswith(f"{indent}  name:")]
        lines += [f"{indent}- name: {rng.choice(('VseGPT', 'GPT', 'other'))}", *item]


def toml(rng: Random) -> str:
    words = Words.of(rng)
    lines: list[str] = []
    for _ in range(rng.randint(0, 8)):
        draw = rng.random()
        if draw < 0.25:
            lines.append(rng.choice(WORDS["odd_toml_tables" if words.odd() else "toml_tables"]))
        elif draw < 0.35:
            lines.append(rng.choice(("# {c}", "", "  # {c}", "# {c}\u2028", "\t")))
        else:
            key = (
                rng.choice(WORDS["odd_toml_keys"])
                if words.odd()
                else rng.choice([k for k in KEYS if " " not in k])
            )
            mark = rng.choice(("=", " =", "\t= ")) if words.odd() else " = "
            value = rng.choice(WORDS["odd_toml" if words.odd() else "toml"])
            lines.append(f"{key}{mark}{value}{rng.choice((' # {c}', '#{c}', ' ')) if words.odd() else ''}")
    return ended(rng, [line.replace("{c}", words.comment()) for line in lines], words.oddly)


def xml(rng: Random) -> str:
    words = Words.of(rng)
    start = rng.choice(WORDS["xml_starts"]) if words.odd() else '<?xml version="1.0" encoding="UTF-8"?>\n'
    text = start + "<application>\n" + _xml_elements(words, "  ", 0) + "</application>\n"
    if words.odd():
        text += rng.choice(("<!-- {c} -->", "\n\n", " "))
    while "{c}" in text:
        text = text.replace("{c}", words.comment(), 1)
    return ended(rng, text.removesuffix("\n").split("\n"), words.oddly)


def _xml_elements(words: Words, indent: str, depth: int) -> str:
    rng = words.rng
    made = ""
    for _ in range(rng.randint(0, 4)):
        if words.odd():
            made += indent + rng.choice(("<!-- {c} -->", "", "<!-- {c}\n -->", "<?pi {c}?>")) + "\n"
        tag = rng.choice(("option", "option", "component", "entry"))
        quote = "'" if words.odd() else '"'
        names = rng.sample(("name", "value", "key"), rng.randint(0, 3))
        values = WORDS["odd_xml" if words.odd() else "xml"]
        gap = rng.choice(("\n    ", "  ", "\t")) if words.odd() else " "
        head = tag + "".join(f"{gap}{name}={quote}{rng.choice(values)}{quote}" for name in names)
        if depth < _DEPTH and rng.random() < 0.4:
            made += f"{indent}<{head}>\n{_xml_elements(words, indent + '  ', depth + 1)}{indent}</{tag}>\n"
        elif rng.random() < 0.3:
            made += (
                f"{indent}<{head}>{rng.choice(WORDS['odd_xml_texts' if words.odd() else 'xml'])}</{tag}>\n"
            )
        else:
            made += f"{indent}<{head}{rng.choice(('></' + tag + '>', '/>')) if words.odd() else ' />'}\n"
    return made
