"""What the endpoint says of a key: whether it is good, its balance, and which models there are."""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import field
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin, urlsplit

from patcher.dataclass import dataclass
from patcher.endpoint import Endpoint
from patcher.gateway.diagnosis import Trouble
from patcher.gateway.http import Answer, Line
from patcher.i18n import _
from patcher.secrets.secret import Secret

_CABINET = "https://vsegpt.ru/cabinet/"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `kind` is a word for programs, empty where all is well.

    `ok` is None for what could not be told, or needs no doing; what is False has a `cure`.
    """

    about: str
    ok: bool | None
    text: str
    cure: str = ""
    kind: str = ""
    tool: str = ""
    details: Sequence[str] = ()
    """More lines for a person."""

    @classmethod
    def of(cls, about: str, trouble: Trouble) -> Finding:
        return cls(about, ok=False, text=trouble.reason, cure=trouble.cure, kind=trouble.kind)


@dataclass(frozen=True)
class Account:
    """What was found out, in order. `models` is None where the list was not told."""

    findings: Sequence[Finding]
    connections: int
    models: Collection[str] | None = None
    dead: Collection[Endpoint] = field(default=())
    """Of the endpoint and VseGPT's other addresses those that do not answer here."""


def examine(endpoint: Endpoint, key: Secret | None) -> Account:
    """Look at the endpoint and at VseGPT's other addresses, then ask for balance and models.

    Where only another address answers, that one is asked. Without a key what needs none is looked at.
    """
    line = Line()
    troubles = {address: _reach(line, address) for address in (endpoint, *endpoint.others)}
    dead = [address for address, trouble in troubles.items() if trouble]
    way = next((address for address, trouble in troubles.items() if not trouble), None)
    findings = list(_addresses(endpoint, troubles))
    models = None
    if way:
        answers, models = _asked(line, way, key)
        findings += answers
    return Account(findings, line.connections, models, dead)


def _reach(line: Line, endpoint: Endpoint) -> Trouble | None:
    try:
        line.reach(endpoint)
    except Trouble as trouble:
        return trouble
    return None


def _addresses(endpoint: Endpoint, troubles: dict[Endpoint, Trouble | None]) -> Iterator[Finding]:
    live = [address for address, trouble in troubles.items() if not trouble]
    for address, trouble in troubles.items():
        if not trouble:
            yield Finding("address", ok=True, text=_("{endpoint} answers").format(endpoint=address))
        elif address != endpoint:
            text = _("{reason}; it is not needed").format(reason=trouble.reason)
            yield Finding("address", ok=None, text=text, kind=trouble.kind)
        elif live:
            cure = _("{other} answers: use --endpoint {other}").format(other=live[0])
            yield Finding("address", ok=False, text=trouble.reason, cure=cure, kind=trouble.kind)
        else:
            yield Finding.of("address", trouble)


def _asked(
    line: Line, endpoint: Endpoint, key: Secret | None
) -> tuple[list[Finding], Collection[str] | None]:
    """What is told of the key, and the models. After a refusal nothing more is asked."""
    findings = []
    try:
        if key:
            findings += list(_key(key, _answer(endpoint, line.get(endpoint, "/v1/balance", key))))
        else:
            findings.append(_no_key())
        models = _models(_answer(endpoint, line.get(endpoint, "/v1/models", key)))
    except Trouble as trouble:
        if key is None and trouble.kind in {"http-401", "http-403"}:
            text = _("the list of models is told to those with a key only")
            return [*findings, Finding("models", ok=None, text=text, kind="no-key")], None
        return [*findings, Finding.of("models" if findings else "key", trouble)], None
    return findings, models


def _no_key() -> Finding:
    text = _("there is no key, so neither key nor balance was looked at")
    return Finding("key", ok=None, text=text, kind="no-key")


def _key(key: Secret, answer: Any) -> Iterator[Finding]:
    """Of an account status, `{"status": "ok", "data": {"credits": "..."}}`."""
    try:
        credits_ = Decimal(str(answer["data"]["credits"]))
        empty = credits_ <= 0
    except (LookupError, TypeError, ArithmeticError):
        raise Trouble(
            "not-vsegpt",
            _("the answer about the balance is none of VseGPT's"),
            _("look at --endpoint"),
        ) from None
    yield Finding("key", ok=True, text=_("the key {key} is good").format(key=key))
    text = _("the balance is {amount}").format(amount=credits_)
    if empty:
        cure = _("top it up: {page}").format(page=_CABINET)
        yield Finding("balance", ok=False, text=text, cure=cure, kind="no-money")
    else:
        yield Finding("balance", ok=True, text=text)


def _models(answer: Any) -> Collection[str]:
    data = answer.get("data") if isinstance(answer, dict) else None
    entries = data if isinstance(data, list) else []
    ids = [each["id"] for each in entries if isinstance(each, dict) and isinstance(each.get("id"), str)]
    if not ids:
        raise Trouble("not-vsegpt", _("the answer has no list of models"), _("look at --endpoint"))
    return frozenset(ids)


def model(name: str, known: Collection[str], tool: str = "") -> Finding:
    """Whether a model is one of those that are known; if not, the nearest names."""
    if name in known:
        return Finding("model", ok=True, text=_("the model {model} is there").format(model=name), tool=tool)
    namesakes = sorted(each for each in known if each.rpartition("/")[2] == name.rpartition("/")[2])
    if namesakes and "/" not in name:
        text = _("the model {model} is there as {other}; VseGPT's own mapping of names decides").format(
            model=name, other=", ".join(namesakes)
        )
        return Finding("model", ok=None, text=text, kind="bare-name", tool=tool)
    near = [*namesakes, *difflib.get_close_matches(name, known, n=3, cutoff=0.5)]
    text = _("there is no model {model} at VseGPT").format(model=name)
    cure = _("take one of {models}").format(models=", ".join(dict.fromkeys(near))[:200])
    if not near:
        cure = _("see the list: {page}").format(page="https://vsegpt.ru/Docs/Models")
    return Finding("model", ok=False, text=text, cure=cure, kind="no-model", tool=tool)


def _answer(endpoint: Endpoint, answer: Answer) -> Any:
    """The JSON of an answer. Raises `Trouble` for every other."""
    status = answer.status
    if 300 <= status < 400:
        host = urlsplit(urljoin(str(endpoint), answer.location)).hostname or "?"
        raise Trouble(
            "redirect",
            _("{endpoint} sends us on to {host}, where the key does not go").format(
                endpoint=endpoint, host=_plain(host)
            ),
            _("open a web page in a browser: the network may want you to log in; else look at --endpoint"),
        )
    try:
        data = json.loads(answer.body)
    except (ValueError, RecursionError):
        data = None
    if status >= 400:
        raise _refusal(endpoint, status, data)
    if data is None and (answer.media == "text/html" or answer.body.lstrip()[:1] == b"<"):
        raise Trouble(
            "portal",
            _("{endpoint} answers with a web page instead of data").format(endpoint=endpoint),
            _("open a web page in a browser: the network may want you to log in"),
        )
    if data is None:
        raise Trouble(
            "not-json",
            _("{endpoint} answers with something that is no JSON").format(endpoint=endpoint),
            _("look at --endpoint, and at what stands between"),
        )
    return data


def _refusal(endpoint: Endpoint, status: int, data: Any) -> Trouble:
    error = data.get("error") if isinstance(data, dict) else None
    said = error.get("message") if isinstance(error, dict) else error
    reasons = {
        401: (
            _("the key is not known (401)"),
            _("copy it anew from {page}, whole and without spaces").format(page=_CABINET),
        ),
        402: (_("there is no money on the account (402)"), _("top it up: {page}").format(page=_CABINET)),
        403: (
            _("the key is refused (403)"),
            _(
                "it may be closed, after too many bad requests for one, or not be good for this: see {page}"
            ).format(page=_CABINET),
        ),
        404: (
            _("{endpoint} answers, but has no such address as VseGPT (404)").format(endpoint=endpoint),
            _("look at --endpoint"),
        ),
        429: (
            _("too many requests (429): VseGPT takes one a second from an account"),
            _("another program may be using the key right now; wait a minute, and run check again"),
        ),
    }
    reasons[430] = reasons[429]  # VseGPT's own number for it until April 2024
    reason, cure = reasons.get(
        status,
        (
            _("{endpoint} answers with {status}").format(endpoint=endpoint, status=status),
            _("that is a fault over there: try again later")
            if status >= 500
            else _("look at --endpoint, and at the key"),
        ),
    )
    if isinstance(said, str) and said.strip():
        reason += _(", it says: {words}").format(words=_plain(said))
    return Trouble(f"http-{status}", reason, cure)


def _plain(text: str) -> str:
    """A stranger's words in one short line, without anything that a terminal would obey."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[:1000]).split())[:200]
