"""Files that are only looked at, read as their names say what they are."""

from __future__ import annotations

import re
from pathlib import Path

from patcher.errors import PatchError
from patcher.formats.editing import Document

_FRONT_MATTER = re.compile(rb"(?:\xef\xbb\xbf)?---[ \t]*\r?\n(.*?)^---", re.DOTALL | re.MULTILINE)
_KINDS = {
    ".yml": "yaml",
    ".yaml": "yaml",
    ".toml": "toml",
    ".ini": "ini",
    ".xml": "xml",
    ".md": "markdown",
}
_ONE_WORD = re.compile(rb"^([\w-]+:[ \t]+\S+)[ \t]*\r?$", re.MULTILINE)


def syntax_of(path: Path) -> str:
    """The syntax that a file's name says."""
    if re.fullmatch(r"(.*\.)?env(\..*)?|\.env.*", path.name):
        return "dotenv"
    return _KINDS.get(path.suffix, "jsonc")


def document_of(syntax: str, data: bytes | None) -> Document | None:
    """What a file says; None where it cannot be read. Of Markdown it is the front matter."""
    if syntax == "markdown":
        return _front_matter(data or b"")
    try:
        return Document.read(syntax, data or b"")
    except PatchError:
        return None


def _front_matter(data: bytes) -> Document | None:
    """The YAML between `---` lines at the start.

    Tools forgive there what YAML does not, such as a second colon in a description: what is one word
    in a line of its own counts all the same.
    """
    found = _FRONT_MATTER.match(data)
    if not found:
        return None
    return document_of("yaml", found[1]) or document_of("yaml", b"\n".join(_ONE_WORD.findall(found[1])))
