"""Reading JSON and JSONC: the standard library's parser, and what it forgives found out.

What JSONC adds (comments and trailing commas) is blanked out to equal length before. A number's
leaf is its spelling as `bytes`, which are never equal to text.
"""

from __future__ import annotations

import re
from itertools import accumulate
from json import JSONDecodeError, JSONDecoder

from patcher.cures import BY_HAND, CORRECT
from patcher.errors import Refused
from patcher.formats.ops import Node, every_pair
from patcher.formats.text import line_of
from patcher.i18n import _, with_foreign

DEPTH = 64
"""The deepest nesting that is read."""


class _Constant(ValueError):
    pass


def all_members(pairs: list[tuple[str, Node]]) -> Node:
    """A map of these members, also of those whose key comes again."""
    result = dict(pairs)
    return result if len(result) == len(pairs) else every_pair(pairs)


def _constant(_name: str) -> Node:
    raise _Constant


_DECODER = JSONDecoder(
    object_pairs_hook=all_members, parse_float=str.encode, parse_int=str.encode, parse_constant=_constant
)
_BLANKS = "\t\n\r "
COMMENT = r"//[^\n\r\u2028\u2029]*+|/\*(?>(?:[^*]++|\*(?!/))*)\*/"
_GAP = rf"(?>(?:[\t\n\r ]++|{COMMENT})*)"
_JSONC = re.compile(
    rf"""
    (?P<comment>{COMMENT})
    | (?P<open>/\*)
    | (?P<lone>[\[{{,](?={_GAP}(?P<extra>,)))
    | (?P<comma>,(?={_GAP}[\]}}]))
    | (?>(?:[^"/,\[{{]++|"[^"\\\n]*+(?>(?:\\.[^"\\\n]*+)*)"?+|,(?!{_GAP}[,\]}}])|[\[{{](?!{_GAP},))+)
    """,
    re.VERBOSE,
)


def strict(text: str) -> Node:
    """Read JSON (RFC 8259); an empty text reads as None.

    Raises `Refused`, with the line, also for NaN and Infinity.
    """
    not_deep(text)
    return parsed(text, _DECODER, "JSON")


def reread(text: str) -> Node:
    """`strict`, of a text that has been read before an edit: it is no deeper than the parser bears."""
    return parsed(text, _DECODER, "JSON")


def relaxed(text: str) -> Node:
    """Read JSON with comments and trailing commas, otherwise like `strict`."""

    def blanked(match: re.Match[str]) -> str:
        if match.lastgroup is None:
            return match[0]
        if match.lastgroup == "open":
            raise Refused(_("a comment that never ends"), line=line_of(text, match.start()), cure=_(CORRECT))
        if match.lastgroup == "lone":
            raise Refused(
                _("a comma with no value before it"),
                line=line_of(text, match.start("extra")),
                cure=_(CORRECT),
            )
        return re.sub(r"[^\n]", " ", match[0])

    plain = _JSONC.sub(blanked, text)
    not_deep(plain)
    return parsed(plain, _DECODER, _("JSON with comments"))


_STEP = [0] * 256
_STEP[ord("[")] = _STEP[ord("{")] = 1
_STEP[ord("]")] = _STEP[ord("}")] = -1
_NO_STEP = bytes(code for code in range(256) if not _STEP[code])
_NO_MARK = _NO_STEP.replace(b'"', b"")
_CONSTANT = re.compile(r'(?>(?:[^"NI]++|"[^"\\]*+(?>(?:\\.[^"\\]*+)*)")*)')


def not_deep(plain: str) -> None:
    """Raises `Refused` where JSON is nested too deep; asked before a parser runs, which is recursive."""
    if _depth(plain) > DEPTH:
        raise Refused(_("it is nested deeper than {depth} levels").format(depth=DEPTH), cure=_(BY_HAND))


def _depth(plain: str) -> int:
    """How deep JSON is nested, or more than that if it can be seen at once to be shallow.

    Right up to the first error in it, if there is one, and no parser reads on behind that.
    """
    most = plain.count("[") + plain.count("{")
    if most <= DEPTH:
        return most
    marks = plain.encode("utf-8", "surrogatepass")
    if b"\\" in marks:  # mostly not; one byte is found far quicker than two
        marks = marks.replace(rb"\\", b"").replace(rb"\"", b"")
    # Two quotes side by side have no bracket between them, in a string or outside: most of them go at once.
    marks = marks.translate(None, _NO_MARK).replace(b'""', b"")
    outside = b"".join(marks.split(b'"')[::2])
    return max(accumulate(map(_STEP.__getitem__, outside)), default=0)


def parsed(plain: str, decoder: JSONDecoder, name: str) -> Node:
    """`plain`, JSON on the same lines as the text that it was made from, as a tree.

    Raises `Refused`, with the line.
    """
    start = len(plain) - len(plain.lstrip(_BLANKS))
    if start == len(plain):
        return None
    tree: Node
    try:
        tree, end = decoder.raw_decode(plain, start)
        if rest := plain[end:].lstrip(_BLANKS):
            raise JSONDecodeError("Extra data", plain, len(plain) - len(rest))
    except JSONDecodeError as error:
        raise _refusal(plain, error, name) from None
    except RecursionError:
        raise Refused(_("it is nested too deep"), cure=_(BY_HAND)) from None
    except _Constant:
        found = _CONSTANT.match(plain)
        line = line_of(plain, found.end()) if found else None
        raise Refused(
            _("NaN or Infinity, which {name} does not allow").format(name=name), line=line, cure=_(CORRECT)
        ) from None
    return tree


def _refusal(plain: str, error: JSONDecodeError, name: str) -> Refused:
    """What is wrong, in the words of someone who wrote more than `name` allows."""
    at = plain[error.pos : error.pos + 1]
    before = plain[: error.pos].rstrip()
    if "trailing comma" in error.msg or (at and at in "]}" and re.search(r"[^\s\[{,:]\s*,\Z", before[-99:])):
        line = error.lineno if at == "," else line_of(plain, len(before) - 1)
        return Refused(
            _("a comma after the last member, which {name} does not allow").format(name=name),
            line=line,
            cure=_(CORRECT),
        )
    if at == "/":
        reason = _("a comment")
    elif at == "'":
        reason = _("a single quote")
    elif error.msg.startswith("Expecting property name") and (at.isidentifier() or at == "$"):
        reason = _("a key without quotes")
    else:
        return Refused(
            with_foreign(_("this is not {name}").format(name=name), error.msg),
            line=error.lineno,
            cure=_(CORRECT),
        )
    return Refused(
        _("{reason}, which {name} does not allow").format(reason=reason, name=name),
        line=error.lineno,
        cure=_(CORRECT),
    )
