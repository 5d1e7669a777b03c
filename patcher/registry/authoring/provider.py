"""Which settings of a document are those of a provider: its address, key, handler and model. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple
from urllib.parse import urlsplit

from patcher.dataclass import dataclass
from patcher.errors import Refused
from patcher.formats.ops import Item, KeyPath, Value
from patcher.i18n import _
from patcher.registry.authoring.masking import FAKE, is_reference, is_secret_name, is_writable, leaves, words

_URL = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/[^\s\"'<>{}$]*)?", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:/[\w./-]*)?", re.IGNORECASE)
_URL_NAME = re.compile(r"url|uri|host|endpoint|server|address|domain|apibase|basepath|gateway")
_NO_URL = frozenset(
    (
        "schema proxy docs doc documentation homepage repository repo icon image avatar logo "
        "webhook callback redirect update oauth auth login telemetry sentry help support feedback "
        "mcp"
    ).split()
)
_HANDLER = frozenset(
    ("provider type kind handler backend engine protocol vendor service adapter npm style api client").split()
)
_OPENAI_WORD = re.compile(r"(?i)[\w@/ -]{0,20}open[-_]?ai[\w@/ -]{0,20}")
_NO_CHAT = re.compile(r"(?i)azure|responses|assistant")
_OTHER = frozenset(("anthropic claude gemini vertex bedrock cohere azure").split())
"""Words of protocols that VseGPT's address does not speak."""
_VENDORS = _OTHER | frozenset(
    (
        "openai google mistral groq deepseek openrouter ollama together xai perplexity huggingface vsegpt"
    ).split()
)
# Names of maps that are a part of a provider's.
_PART = frozenset(("options settings config auth credentials connection api").split())
_SIDE_MODEL = frozenset(
    (
        "embed embedding embeddings fast small weak vision image tts stt whisper rerank autocomplete list"
    ).split()
)


class Leaf(NamedTuple):
    """A value in the file."""

    path: KeyPath
    name: str
    value: Value


@dataclass(frozen=True)
class FoundProvider:
    """The settings of one provider: where they are, by role, and the address in the form of OpenAI's."""

    leaves: Mapping[str, Leaf]
    url: str

    @property
    def at(self) -> KeyPath:
        """The map that they share."""
        shared = [leaf.path[:-1] for leaf in self.leaves.values()]
        at = shared[0]
        for path in shared[1:]:
            at = _common(at, path)
        return at


def settings_of(content: Value) -> Iterator[Leaf]:
    """The values that a profile could name."""
    for path, name, value in leaves(content):
        if path and is_writable(path) and not any("{" in str(step) or "}" in str(step) for step in path):
            yield Leaf(path, name, value)


def best(settings: Sequence[Leaf]) -> FoundProvider:
    """The provider that is most like OpenAI. Raises `Refused` with what is missing."""
    urls = [leaf for leaf in settings if _is_url(leaf)]
    keys = [leaf for leaf in settings if _is_key(leaf)]
    pairs = [(url, key) for url in urls for key in keys if _fit(url, key)]
    found = [(_likeness(pair, settings), pair) for pair in pairs if _is_nearest(pair, pairs)]
    found = [ranked for ranked in found if ranked[0] >= 0]
    if not found:
        missing = (
            _("no URL and key were found")
            if not urls and not keys
            else _("no URL was found")
            if not urls
            else _("no key was found")
        )
        if urls and keys:
            missing = _("no URL and key that belong together, of OpenAI's protocol, were found")
        raise Refused(
            missing,
            cure=_("set both in the program once (any OpenAI-compatible ones), and try again"),
        )
    url, key = max(
        found, key=lambda ranked: (ranked[0], _nearness(ranked[1]), bool(_URL_NAME.search(ranked[1][0].name)))
    )[1]
    return _with_beside(url, key, settings)


def _is_url(leaf: Leaf) -> bool:
    if not isinstance(leaf.value, str) or _NO_URL.intersection(words(leaf.name)) or leaf.name.startswith("$"):
        return False
    named = _URL_NAME.search("".join(words(leaf.name)))
    return bool(_URL.fullmatch(leaf.value) or (named and _HOST.fullmatch(leaf.value)))


def _is_key(leaf: Leaf) -> bool:
    """Whether a key is there; a list of keys counts by its first."""
    first = leaf.value[0] if isinstance(leaf.value, list) and leaf.value else leaf.value
    if not isinstance(first, str) or not first:
        return False
    return FAKE in first or (is_secret_name(leaf.name) and is_reference(first))


def _shared(one: KeyPath, other: KeyPath) -> KeyPath:
    return _common(one[:-1], other[:-1])


def _common(one: KeyPath, other: KeyPath) -> KeyPath:
    same = takewhile(lambda steps: steps[0] == steps[1], zip(one, other, strict=False))
    return tuple(step for step, _ in same)


def _vendors(leaf: Leaf) -> set[str]:
    text = " ".join(str(step) for step in leaf.path).lower().replace("open_ai", "openai")
    return {vendor for vendor in _VENDORS if vendor in text}


def _fit(url: Leaf, key: Leaf) -> bool:
    """Whether both can be settings of one provider."""
    far = max(len(url.path), len(key.path)) - len(_shared(url.path, key.path))
    ours, theirs = _vendors(url), _vendors(key)
    return far <= 3 and not (ours and theirs and not ours & theirs)


def _nearness(pair: tuple[Leaf, Leaf]) -> tuple[int, int, int, int]:
    url, key = pair
    kin = len(set(words(url.name)) & set(words(key.name)))
    apart = len(url.path) + len(key.path) - 2 * len(_shared(url.path, key.path))
    return (-apart, kin, "api" in words(key.name) or words(key.name) == ["key"], -len(words(key.name)))


def _is_nearest(pair: tuple[Leaf, Leaf], pairs: Sequence[tuple[Leaf, Leaf]]) -> bool:
    """Whether neither of the two has one that is nearer to it."""
    rivals = [other for other in pairs if other[0] is pair[0] or other[1] is pair[1]]
    return all(_nearness(other) <= _nearness(pair) for other in rivals)


def _likeness(pair: tuple[Leaf, Leaf], settings: Sequence[Leaf]) -> int:
    """How much a provider is like OpenAI: below 0 for another protocol."""
    url, key = pair
    handler = _handler(_shared(url.path, key.path), pair, settings)
    vendors = (
        _vendors(url)
        | _vendors(key)
        | {v for v in _VENDORS if v in (urlsplit(str(url.value)).hostname or "")}
    )
    if handler is not None:
        return 3
    if _OTHER & vendors and ("openai" not in vendors or "azure" in vendors):
        return -1
    if not vendors and -_nearness(pair)[0] > 2 and _model(pair, settings) is None:
        return -1  # an address and a key in different maps, and nothing that tells of a language model
    return 2 if "openai" in vendors else 0 if vendors else 1


def _handler(at: KeyPath, pair: Sequence[Leaf], settings: Sequence[Leaf]) -> Leaf | None:
    """The setting beside them that says OpenAI, of the chat completions kind."""
    for leaf in _beside(at, pair, settings):
        value = leaf.value if _HANDLER.intersection(words(leaf.name)[-1:]) else None
        if isinstance(value, str) and _OPENAI_WORD.fullmatch(value) and not _NO_CHAT.search(value):
            return leaf
    return None


def _beside(at: KeyPath, pair: Sequence[Leaf], settings: Sequence[Leaf]) -> Iterator[Leaf]:
    """The settings of the same map, and of the maps in it, but for those of another vendor.

    Entries of lists count only where URL and key are such entries themselves.
    """
    if at and isinstance(at[-1], str) and _PART.intersection(words(at[-1])):
        at = at[:-1]
    theirs = _vendors(pair[0]) | _vendors(pair[1])
    in_lists = any(isinstance(step, Item) for step in pair[0].path[len(at) :])
    for leaf in settings:
        rest = leaf.path[len(at) :]
        near = leaf.path[: len(at)] == at and len(rest) <= (3 if in_lists else 2) and leaf not in pair
        strange = _vendors(leaf) and theirs and not _vendors(leaf) & theirs
        if near and not strange and (in_lists or all(isinstance(step, str) for step in rest)):
            yield leaf


def _with_beside(url: Leaf, key: Leaf, settings: Sequence[Leaf]) -> FoundProvider:
    pair, at = (url, key), _shared(url.path, key.path)
    handler = _handler(at, pair, settings)
    roles = {"handler": handler, "key": key, "url": url, "model": _model(pair, settings)}
    return FoundProvider(
        {role: leaf for role, leaf in roles.items() if leaf is not None}, _example(str(url.value))
    )


def _model(pair: tuple[Leaf, Leaf], settings: Sequence[Leaf]) -> Leaf | None:
    at = _shared(pair[0].path, pair[1].path)
    models = [leaf for leaf in _beside(at, pair, settings) if _is_model(leaf)]
    kin = {word for leaf in pair for word in words(leaf.name)}
    return max(models, key=lambda leaf: (-len(leaf.path), len(kin & set(words(leaf.name)))), default=None)


def _is_model(leaf: Leaf) -> bool:
    parts = words(leaf.name)
    is_text = isinstance(leaf.value, str) and leaf.value and not _URL.fullmatch(leaf.value)
    return (
        bool(is_text)
        and "model" in parts
        and parts[-1] in {"model", "name", "id"}
        and not _SIDE_MODEL & set(parts)
    )


def _example(url: str) -> str:
    """The address in the form that it would have at OpenAI: what other hosts have before /v1 goes."""
    scheme, _, rest = url.rpartition("://")
    path = rest.partition("/")[1] + re.split(r"[?#]", rest.partition("/")[2])[0]
    path = path[path.rfind("/v1") :] if re.search(r"/v1(?:/|$)", path) else path
    if FAKE in path or "//" in path:
        path = ""
    return f"{'https://' if scheme else ''}api.openai.com{path}"
