"""What else in a tool's own files decides where its requests go: stronger settings, second models."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from patcher.dataclass import dataclass
from patcher.endpoint import belongs, host_of, is_private
from patcher.formats.editing import Document
from patcher.formats.ops import Absent, KeyPath, Value, same, shown
from patcher.planning.request import Request
from patcher.planning.settings import CHOOSING, RequestedChange, texts_in
from patcher.registry.condition import expand, is_filled
from patcher.registry.profile import Override
from patcher.secrets.secret import names_secret

_NOTHING: tuple[Value, ...] = (None, "", False, 0, "0", "false", "False", [], {})
_LOCAL = re.compile(
    r"(?i)(?:ollama|lm[-_ ]?studio|llama[-_.]?cpp|llamafile|local(?:ai|host)?|gpt4all|jan|kobold(?:cpp)?"
    r"|vllm|tabbyapi|mlx)\b.*"
)
"""Names by which tools call the servers that people run themselves."""


@dataclass(frozen=True)
class SecondModel:
    """A second model that leads elsewhere: where it stands, and what it is, as far as may be shown."""

    at: str
    value: str


def second_models(requested: Sequence[RequestedChange], document: Document) -> list[SecondModel]:
    """The second models of a document that are not as they would be with `--slots`, each once."""
    groups: dict[int, list[RequestedChange]] = {}
    for each in requested:
        if each.slot and each.role in CHOOSING and is_filled(document, each.path):
            groups.setdefault(each.group, []).append(each)
    found = []
    for settings in groups.values():
        wrong = [each for each in settings if not _is_ours(document.get(each.path), each)]
        if wrong:
            told = next((each for role in ("model", "url") for each in wrong if each.role == role), wrong[0])
            hidden = names_secret(told.path[-1])
            found.append(SecondModel(shown(told.path), "…" if hidden else plain(document.get(told.path))))
    return found


def _is_ours(there: Value | Absent, wanted: RequestedChange) -> bool:
    if wanted.role == "url":
        return bool(texts_in(there)) and all(belongs(text) == "vsegpt" for text in texts_in(there))
    if wanted.role == "model" and isinstance(there, str) and isinstance(wanted.value, str):
        lead = re.match(r"[\w.-]+[/:|]", wanted.value)  # the tool's own name for our entry
        return there == wanted.value or (lead is not None and there.startswith(lead[0]))
    return same(there, wanted.value) or any(fnmatchcase(str(there), each) for each in wanted.accepts)


def stronger(
    override: Override, document: Document, request: Request
) -> Iterator[tuple[KeyPath, Value | Absent]]:
    """What stands at an override's path in a document, and decides, unless it is harmless there."""
    harmless = [str(request.fill(pattern)) for pattern in override.harmless]
    for path in expand(document, override.at):
        there = document.get(path)
        if not document.has(path) or any(same(there, nothing) for nothing in _NOTHING):
            continue
        text = there if isinstance(there, str) else json.dumps(there, ensure_ascii=False, default=str)
        if not any(fnmatchcase(text, pattern) for pattern in harmless):
            yield path, there


def plain(value: Value | Absent, most: int = 60) -> str:
    """A short value for people: of an address the host alone."""
    text = next(iter(texts_in(value)), "") if isinstance(value, (str, list)) else ""
    if "://" in text:
        return host_of(text) or "…"
    return printable(text[:most]) or (str(value) if isinstance(value, (bool, int, float)) else "…")


def printable(text: str) -> str:
    """A text as it may stand in a terminal: without controls and what reorders its letters."""
    return "".join(letter if letter.isprintable() else "…" for letter in text)


def local_addresses(requested: Sequence[RequestedChange], document: Document) -> list[str]:
    """The addresses on this machine, or in a private network, that a tool uses now and a patch would leave.

    They stand where our address goes, or in the entry that the tool's present choice names; a choice that
    is called as such servers are is one, too.
    """
    found: dict[str, None] = {}
    for each in requested:
        if each.slot:
            continue
        there = document.get(each.path)
        if each.role == "url":
            found |= dict.fromkeys(host_of(text) for text in texts_in(there) if is_private(text))
        elif each.role in {"handler", "model", "set"} and isinstance(there, str) and there != each.value:
            found |= dict.fromkeys(_chosen(document, there))
    return [host for host in found if host]


def hosts_before(requested: Sequence[RequestedChange], document: Document) -> list[str]:
    """The hosts of others that stand where our address goes."""
    texts = [text for each in requested if each.role == "url" for text in texts_in(document.get(each.path))]
    return list(dict.fromkeys(host_of(text) for text in texts if belongs(text) == "other" and host_of(text)))


def _chosen(document: Document, choice: str) -> Iterator[str]:
    """The private hosts of the entry that a choice (`lmstudio/qwen3`, `My server`) names."""
    names = {choice, re.split(r"[/:|]", choice, maxsplit=1)[0]}
    hosts = [
        host_of(text)
        for entry in _entries(document.outline(()), names)
        for text in _addresses(entry)
        if is_private(text)
    ]
    if not hosts and any(_LOCAL.fullmatch(name) for name in names):
        hosts = [min(names, key=len)]
    yield from hosts


def _entries(value: Value | Absent, names: set[str]) -> Iterator[Value]:
    """The maps that stand at one of these keys, or have one of these names for a field."""
    if isinstance(value, dict):
        for key, each in value.items():
            if isinstance(each, dict) and key in names:
                yield each
            yield from _entries(each, names)
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict) and any(isinstance(each, str) and each in names for each in item.values()):
            yield item
        yield from _entries(item, names)


def _addresses(value: Value) -> Iterator[str]:
    if isinstance(value, str) and re.match(r"https?://", value):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _addresses(each)
