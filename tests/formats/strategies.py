"""Hypothesis strategies: documents of each syntax as people write them, and as nobody would.

Nearly all are valid; what is not, the editors refuse. Line ends are LF: the laws themselves vary them,
and the byte order mark, the final line end and tabs.
"""

from __future__ import annotations

from hypothesis import strategies as st

Texts = st.SearchStrategy[str]


def joined(*parts: Texts | str) -> Texts:
    """One text after the other."""
    return st.tuples(*(st.just(part) if isinstance(part, str) else part for part in parts)).map("".join)


def either(*texts: str) -> Texts:
    return st.sampled_from(texts)


def lines(line: Texts, most: int = 8) -> Texts:
    return st.lists(line, max_size=most).map("".join)


# JSON, JSONC and JSON5: something odd between all tokens.

GAPS = either("", "", " ", "\n", "\t", "\n    ")
JSONC_GAPS = GAPS | either("\r\n", "// c {\n", "/* ] */")
JSON5_GAPS = JSONC_GAPS | either("\xa0", "\ufeff", "\u2028", "// c\u2029", "\v")
SCALARS = either("1", "-0.5e1", "true", "null", '""', '"a,]"', '"\\u0041\\n"', '"//"', '"\u2028"')
JSON5_SCALARS = SCALARS | either(
    *("+1", ".5", "5.", "0xF", "Infinity", "-NaN", "'it'", "'\"'", '"\\\n"', "'\\x41\\v\\0\\''", "'\\1'"),
    *("a", '"\\\r\n"'),
)
KEYS = either('"a"', '"b"', '"\\u0061"', '"c d"', '"é"')
JSON5_KEYS = KEYS | either("a", "$", "null", "'b'", "\\u0061", "é", "a-b", "1", "e\u0301", "NaN")


def json(gaps: Texts, keys: Texts, scalars: Texts, *, trailing: bool = True) -> Texts:
    """Documents of the JSON family out of these tokens."""
    end = either("", "", "", "," if trailing else "")

    def containers(inner: Texts) -> Texts:
        item = joined(gaps, inner, gaps)
        entry = joined(gaps, keys, gaps, ":", item)

        def held(part: Texts) -> Texts:
            some = st.lists(part, min_size=1, max_size=4).map(",".join)
            return joined(some, end, gaps) | gaps

        return joined("[", held(item), "]") | joined("{", held(entry), "}")

    return joined(gaps, st.recursive(scalars, containers, max_leaves=8), gaps)


# YAML: from the structure down, by indent.

_YAML_KEYS = ["a", "b", "c", "d e", '"q"', "'s'", "ключ", "on", "1", "f-g"]
_YAML_SCALARS = either(
    *("one", "two words", "https://api.openai.com/v1", "12", "1.5", "true", "null", "~", "yes", "0123", ""),
    *(
        '"quoted"',
        "'single'",
        "'it''s'",
        '"a\\tb"',
        "''",
        "тест",
        "!secret x",
        "!!str 1",
        "[a, 'b']",
        "{a: 1, b: [c]}",
        "[]",
        "{}",
    ),
    *("{a: x, b: {c: d}}", "&n0 v", "*n1", "12:30:45", "a#b"),
)
_YAML_AFTER = either("", "", "", "  ", " # why", "\n", "\n\n  # apart", "\n# left")


@st.composite
def _yaml_node(draw: st.DrawFn, indent: str, depth: int) -> str:
    """What follows `key:` or `-`, with its line end."""
    kind = draw(
        either("scalar", "scalar", "text", "folded", "lines", *(["map", "list", "list"] if depth else []))
    )
    after = draw(_YAML_AFTER)
    deeper = indent + draw(either("  ", "  ", "    "))
    if kind == "scalar":
        value = draw(_YAML_SCALARS)
        return (" " + value if value else "") + after + "\n"
    if kind == "text":
        mark = draw(either("|", ">", "|-", "|+", ">-", "| # c"))
        return f" {mark}\n{deeper}first\n{deeper}# second\n" + draw(either("", "\n"))
    if kind == "folded":
        return f" first\n{deeper}second{after}\n"
    if kind == "lines":
        return f" [\n{deeper}a, # c\n{deeper}{{b: c}}{draw(either(',', ''))}\n{indent} ]{after}\n"
    anchor = draw(either("", f" &n{depth}"))
    if kind == "map":
        return f"{anchor}{after}\n" + draw(_yaml_map(deeper, depth - 1))
    return f"{anchor}{after}\n" + draw(
        _yaml_list(indent if indent and draw(st.booleans()) else deeper, depth)
    )


@st.composite
def _yaml_map(draw: st.DrawFn, indent: str, depth: int) -> str:
    keys = draw(st.lists(st.sampled_from(_YAML_KEYS), unique=True, min_size=1, max_size=4))
    return "".join(f"{indent}{key}:{draw(_yaml_node(indent, depth))}" for key in keys)


@st.composite
def _yaml_list(draw: st.DrawFn, indent: str, depth: int) -> str:
    found = ""
    for _ in range(draw(st.integers(1, 3))):
        gap = draw(either(" ", " ", "   "))
        inside = indent + " " + gap
        if depth > 1 and draw(st.booleans()):
            found += f"{indent}-{gap}{draw(_yaml_map(inside, depth - 2)).removeprefix(inside)}"
        else:
            found += f"{indent}-{draw(_yaml_node(indent + ' ', depth - 1))}"
    return found


YAML = joined(
    either("", "", "# top\n\n", "---\n", "# c\n--- # d\n", "%YAML 1.1\n---\n"),
    joined(_yaml_map("", 3), either("", "", "zz: *n2\n", "zz: [*n1]\n", "zz:\n  <<: *n2\n  y: z\n"))
    | _yaml_list("", 3)
    | either("", "{}\n", '{"a": "b",\n "c": [1]}\n', "null\n"),
    either("", "", "\n\n", "# end\n", "...\n"),
)


# TOML: statements; keys and tables come from short lists, so that they meet.

_TOML_VALUE = st.recursive(
    either(
        *(
            "1",
            "-1_000",
            "1.50",
            "true",
            "nan",
            "1979-05-27",
            "07:32:00",
            '"a # b"',
            "'C:\\x'",
            '"\\u00e9\\t"',
        ),
        *(
            '"""\nfirst\n  second"""',
            "'''it's'''",
            '"https://api.openai.com/v1"',
            '""""q""""',
            "0xff",
            "[]",
            "{}",
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda items: "[\n" + "".join(f"  {item}, # c\n" for item in items) + "  # end\n]"
        ),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda items: "{ " + ", ".join(f"{'xyz'[i]} = {item}" for i, item in enumerate(items)) + " }"
        ),
    ),
    max_leaves=4,
)
_TOML_KEY = either("a", "b", "c", '"q k"', "'s.t'", "d.e", "d . f", "g.h.i", "1", '"é"')
_TOML_LINE = st.one_of(
    joined(
        either("", "", "  "),
        _TOML_KEY,
        either(" = ", "=", "   = "),
        _TOML_VALUE,
        either("", "", " # c"),
        "\n",
    ),
    joined(
        either("[t]", "[t.u]", "[ v . w ]", '["x y"]', "[[m]]", "[[m]]", "[m.n]", "[[v.l]]"),
        either("", " # h"),
        "\n",
    ),
    either("\n", "# c\n", "\t# a = 1\n"),
)
TOML = lines(_TOML_LINE, 9)


# Lines of keys and values.

_NAMES = either("A", "B", "OPENAI_API_KEY", "x.y", "C-D", "E")
DOTENV = lines(
    st.one_of(
        joined(
            either("", "", "export ", "  "),
            _NAMES,
            either("=", "=", " = ", "= "),
            either(
                "", "v", "a b", "'it'", '"q # r"', '"${A}"', "$B", "v # c", "v#d", '"a\\nb"', '"two\nlines"'
            )
            | either("'x' # c", "`t`", "https://a.b/v1?c=d", "ключ", "\\", "'a\\'b'"),
            either("", "  "),
            "\n",
        ),
        either("\n", "# A=1\n", "  # c\n", "A\n", "export B\n", "E: v\n"),
    )
)
INI = lines(
    st.one_of(
        joined(
            either("", "", "  "),
            either("a", "b", "Key", "key", "with blank", "x.y", "c"),
            either("=", " = ", ": ", ":", "   =  "),
            either(
                "",
                "v",
                "a b",
                "v ; c",
                "v # c",
                '"q"',
                "%(a)s",
                "a=b",
                "ключ",
                "one\n    two",
                "\n  one\n  two",
            ),
            "\n",
        ),
        either("[s]\n", "[t u]\n", "[DEFAULT]\n", "[s.v] ; c\n", "[ w ]\n"),
        either("\n", "; c\n", "# a = 1\n", "alone\n", "  \n"),
    ),
    10,
)
_PREF_NAMES = either('"a.b"', "'c'", '"d"', '"e\\u0041"', '"f g"')
PREFS = lines(
    st.one_of(
        joined(
            either("user_pref", "user_pref", "user_pref", "pref"),
            either("(", " ( "),
            _PREF_NAMES,
            either(", ", ",", " , "),
            either("true", "false", "1", "-7", '"v"', "'it\\'s'", '"a\\nb"', '""', '"ключ // no"', '"\\x41"'),
            either(");", " ) ;"),
            either("\n", "\n", " // c\n", " ", " # c\n"),
        ),
        either("\n", "// user_pref(\n", "# c\n", "/* a\n b */\n"),
    )
)


_TAGS = ["option", "component", "x:y", "Tool", "a.b"]


@st.composite
def _xml_element(draw: st.DrawFn, indent: str, depth: int) -> str:
    tag = draw(st.sampled_from(_TAGS))
    names = draw(st.lists(either("name", "value", "key", "x:z", "id2"), unique=True, max_size=3))
    quote = draw(either('"', '"', "'"))
    values = either("v", "", "a &amp; b", "https://api.openai.com/v1", "&#65;", "ключ", "a > b")
    gaps = either(" ", " ", f"\n{indent}    ")
    head = tag + "".join(f"{draw(gaps)}{name}={quote}{draw(values)}{quote}" for name in names)
    kind = draw(either("empty", "text", *(["children"] * 3 if depth else [])))
    if kind == "empty":
        return indent + f"<{head}{draw(either('/>', ' />', f'></{tag}>'))}\n"
    if kind == "text":
        inside = either("t", " t ", "a &lt; b", "<![CDATA[a < b]]>", "one\n two", "<!-- c -->t", "")
        return f"{indent}<{head}>{draw(inside)}</{tag}>\n"
    parts = [
        draw(_xml_element(indent + "  ", depth - 1) | either(f"{indent}  <!-- c -->\n", "\n"))
        for _ in range(draw(st.integers(1, 4)))
    ]
    return f"{indent}<{head}>{draw(either('', ' '))}\n{''.join(parts)}{indent}</{tag}>\n"


_START = either(
    "", '<?xml version="1.0" encoding="UTF-8"?>\n', "<!-- <a> -->\n", "<?xml version='1.0'?>\n<?go x?>\n"
)
XML = joined(
    _START,
    st.lists(_xml_element("  ", 2), max_size=4).map(
        lambda children: f'<application xmlns:x="urn:x">\n{"".join(children)}</application>\n'
    ),
    either("", "<!-- end -->\n"),
)

DOCUMENTS: dict[str, Texts] = {
    "json": json(GAPS, KEYS, SCALARS, trailing=False),
    "jsonc": json(JSONC_GAPS, KEYS, SCALARS),
    "json5": json(JSON5_GAPS, JSON5_KEYS, JSON5_SCALARS),
    "yaml": YAML,
    "toml": TOML,
    "dotenv": DOTENV,
    "ini": INI,
    "prefs": PREFS,
    "xml": XML,
}
