"""Reading a profile backwards: what one file says now of the settings that a patch would make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Literal

from patcher.dataclass import dataclass
from patcher.endpoint import belongs, host_of
from patcher.formats.editing import Document
from patcher.formats.ops import ABSENT, Absent, Value, same, shown
from patcher.planning.settings import RequestedChange, texts_in
from patcher.secrets.key_format import is_anothers

State = Literal["vsegpt", "incomplete", "other", "unset"]
"""`incomplete`: the address is VseGPT's, but not all that must go with it is there."""

_CORRECTIONS = frozenset({"member", "nonmember", "cap", "unset"})


@dataclass(frozen=True, eq=False, repr=False)
class Setting:
    """One setting as the file has it now."""

    role: str
    at: str
    value: Value | Absent
    right: bool
    """Whether it is as a patch would leave it (any VseGPT address will do for a URL)."""
    models: tuple[str, ...] = ()
    """Of a model's setting the ids, without what the tool writes around them."""
    group: int = 0
    """The edit that it belongs to."""

    @property
    def is_decisive(self) -> bool:
        """Whether the tool's next request depends on it."""
        return self.role != "model" or not self.right


def settings_of(requested: Sequence[RequestedChange], document: Document, model: str) -> Iterator[Setting]:
    """What stands at the places of all that decides; `model` is the one that was asked for.

    Of several that are asked for one place the last counts, as in writing.
    """
    others = _other_handlers(requested, document)
    counting = [each for each in requested if not each.slot and each.role not in {"default", "create"}]
    last = {document.place(each.path) or each.path: each for each in counting}
    for each in last.values():
        if each.group in others and each.role in {"set", "model"}:
            continue  # it goes with the handler that we would write
        value, want = document.get(each.path), each.value
        models = tuple(_models(value, want, model)) if each.role == "model" else ()
        yield Setting(
            each.role, shown(each.path), value, _is_right(each, value, models, model), models, each.group
        )


def state_of(settings: Sequence[Setting]) -> State:
    """Where these settings lead: to VseGPT only if all that decides does."""
    decisive = [each for each in settings if each.is_decisive]
    urls = [each for each in decisive if each.role == "url" and each.value is not ABSENT]
    if settings and all(each.right for each in decisive):
        return "vsegpt"
    if not urls and any(each.role == "url" for each in decisive):
        return "unset"
    if not urls:
        return "incomplete" if any(each.value is not ABSENT for each in decisive) else "unset"
    return "incomplete" if all(each.right for each in urls) else "other"


def hosts_of(settings: Sequence[Setting]) -> list[str]:
    """The other hosts that settings name."""
    wrong = [each for each in settings if each.role == "url" and not each.right]
    hosts = dict.fromkeys(host_of(text) for each in wrong for text in texts_in(each.value))
    return [host for host in hosts if "." in host or ":" in host or host == "localhost"]


def without_accepted(requested: Sequence[RequestedChange], document: Document) -> list[RequestedChange]:
    """Without handlers that are right as they stand, and what would go with ours instead of them."""
    others = _other_handlers(requested, document)
    return [
        each for each in requested if each.group not in others or each.role not in {"handler", "set", "model"}
    ]


def _other_handlers(requested: Sequence[RequestedChange], document: Document) -> set[int]:
    """The edits whose handler is right as a whole, but another one than ours."""
    handlers = [(each, document.get(each.path)) for each in requested if each.role == "handler"]
    others = {each.group for each, value in handlers if not same(value, each.value)}
    wrong = {
        each.group for each, value in handlers if not same(value, each.value) and not _accepts(each, value)
    }
    return others - wrong


def _accepts(requested: RequestedChange, value: Value | Absent) -> bool:
    known = value is not ABSENT and value is not None
    return known and any(fnmatchcase(str(value), pattern) for pattern in requested.accepts)


def _models(value: Value | Absent, want: Value | Absent, model: str) -> Iterator[str]:
    """The ids in a setting that would be `want` for `model`: aider's `openai/ID` for one."""
    for pattern in texts_in(want)[:1]:
        before, _, after = pattern.partition(model)
        for text in texts_in(value):
            inner = text.removeprefix(before).removesuffix(after)
            if inner and f"{before}{inner}{after}" == text:
                yield inner


def _is_right(requested: RequestedChange, value: Value | Absent, models: Sequence[str], model: str) -> bool:
    want = requested.value
    if requested.role in _CORRECTIONS:
        return False  # it is asked for only where something is not as it has to be
    if requested.role == "url":
        if isinstance(value, list):
            return bool(value) and all(isinstance(one, str) and belongs(one) == "vsegpt" for one in value)
        if isinstance(value, str) and ("." in value or ":" in value):
            return belongs(value) == "vsegpt" or same(value, want)
        return same(value, want)  # a part of an address: scheme, host or port
    if requested.role == "key":
        return value not in (ABSENT, "", None, []) and not any(map(is_anothers, texts_in(value)))
    if requested.role == "model":  # any model will do, but in the tool's own form, which names our entry
        return bool(models) or want == model or same(value, want)
    return same(value, want) or _accepts(requested, value)
