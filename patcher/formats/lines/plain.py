"""Files that hold one value and nothing else, such as llm's `default_model.txt`.

The tree is `{"content": the text without its last line end}`, or `{}` where there is nothing but
line ends. Line ends inside the content read as LF and are written as the file has them. A file
that was empty gets no line end, for not every program takes it off a key.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from patcher.cures import ANOTHER_VALUE, PROFILE
from patcher.errors import Refused
from patcher.formats.linewise import eol_near
from patcher.formats.ops import Add, Drop, Node, Op, Put, Scalar
from patcher.formats.syntax import Syntax
from patcher.formats.text import Splice
from patcher.i18n import _

# A NUL, a CR, half of a letter; a line end at the end; nothing but line ends.
_FORBIDDEN = re.compile(r"[\x00\r\ud800-\udfff]|\n\Z|\A\n*\Z")
_LAST_EOL = re.compile(r"\r?\n\Z")


def _tree(text: str) -> Node:
    """Never refuses."""
    if not text.strip("\r\n"):
        return {}
    return {"content": text.replace("\r\n", "\n").removesuffix("\n")}


def _plain(leaf: Node) -> Scalar:
    assert isinstance(leaf, str)  # the only leaf that `_tree` makes
    return leaf


def _splices(text: str, ops: Sequence[Op]) -> list[Splice]:
    """Raises `Refused` for a value that is no text, is empty or ends in a line end."""
    if len(ops) != 1:
        raise Refused(_("a text file holds one value"), cure=_(PROFILE))
    op = ops[0]
    last = _LAST_EOL.search(text)
    end = last.start() if last else len(text)
    if isinstance(op, Drop) and op.place == ("content",):
        return [Splice(0, end, "")]
    if isinstance(op, Put) and op.place == ("content",):
        return [Splice(0, end, _content(text, op.value))]
    if isinstance(op, Add) and not op.place and op.key == "content":
        return [Splice(0, end, _content(text, op.value))]
    raise Refused(_("a text file has one value, named content"), cure=_(PROFILE))


def _content(text: str, value: object) -> str:
    if not isinstance(value, str) or _FORBIDDEN.search(value):
        raise Refused(_("content must be text that does not end in a line end"), cure=_(ANOTHER_VALUE))
    crlf = eol_near(text, len(text)).endswith("\r\n")  # of CR CR LF, the first would be part of the value
    return value.replace("\n", "\r\n" if crlf else "\n")


SYNTAX: dict[str, Syntax] = {"text": Syntax(_tree, _plain, _splices)}
