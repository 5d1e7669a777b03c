"""What a gateway saw of a tool that was tried, against what its files say; and why, as far as that shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from patcher.cli import unknown_choice
from patcher.cli.trial import Ended
from patcher.dataclass import dataclass
from patcher.endpoint import host_of
from patcher.gateway.account import Finding
from patcher.gateway.hosts import kind_of, providers
from patcher.gateway.stub import Gateway, ReceivedRequest
from patcher.i18n import _
from patcher.machine.places import Machine
from patcher.planning.request import Request
from patcher.planning.status import ToolStatus
from patcher.secrets.secret import masked

_LINES = 8


@dataclass(frozen=True)
class Reasons:
    """Why a tool goes elsewhere: what its profile knows of, then variables, then what its files name."""

    seen: ToolStatus
    machine: Machine
    files: Mapping[Path, bytes]
    """What is in the private home, by the place in the person's own."""

    def names(self, said: str) -> list[str]:
        """What says this host, key or model here."""
        known = self._known(said)
        if known or not said:
            return known
        names = self._variables(said)
        return names or [place.told(self.machine.shown) for place in self._places(said)]

    def advice(self, host: str) -> list[str]:
        """Where what leads to a host stands, and the line that a profile would need, if none has it."""
        if self._known(host):
            return []
        if names := self._variables(host):
            said = _("{name} says so; a profile would need:")
            each = unknown_choice.of_variable
            return [line for name in names for line in (said.format(name=name), each(name))]
        own = {file.path for file in self.seen.files}
        return list(unknown_choice.advice(host, self._places(host), own, self.machine.shown))

    def overridden(self) -> list[str]:
        """What counts more than the files as the profile knows, for people."""
        files = ", ".join(self.machine.shown(file.path) for file in self.seen.files)
        return ["; ".join(override.told(files)) for override in self.seen.overridden]

    def _known(self, said: str) -> list[str]:
        services = providers(said)
        found = [
            _("{setting} in {name}").format(setting=each.setting, name=each.name)
            if each.setting
            else each.name
            for each in self.seen.overrides
            if each.value in {said, masked(said)} or (_service(each.value) in services and not each.harmless)
        ]
        found += [
            _("the second model {setting}").format(setting=each.at)
            for each in self.seen.second_models
            if each.value == said or _service(each.value) in services
        ]
        return sorted(dict.fromkeys(found))

    def _variables(self, said: str) -> list[str]:
        return sorted(name for name, value in self.machine.env.items() if said in {value, host_of(value)})

    def _places(self, said: str) -> list[unknown_choice.Place]:
        return unknown_choice.places(said, sorted(providers(said)), self.files) if "." in said else []


def _service(text: str) -> str:
    """The service that a choice (`anthropic/claude-3`, `anthropic`) names."""
    return re.split(r"[/:|]", text, maxsplit=1)[0].lower()


@dataclass(frozen=True)
class Judge:
    """What the gateway saw, against what the files say."""

    tool: str
    gateway: Gateway
    wanted: Request
    reasons: Reasons
    patience: float

    def findings(self, ended: Ended) -> Iterator[Finding]:
        """What is right, wrong, and to be known. A tool is right if its first request for a model arrives."""
        requests = list(self.gateway.requests)
        posts = self.gateway.posts()
        hosts = list(dict.fromkeys(each.elsewhere for each in requests if each.elsewhere))
        hosts = [host for host in hosts if kind_of(host) != "background"]
        arrived = [post for post in posts if post.path.partition("?")[0] == self.gateway.serves]
        if arrived and (before := _models_before(requests, arrived[0])):
            text = _("before its request arrives it wants to go to {hosts}")
            yield self._elsewhere(text, before, ended)
        elif arrived:
            yield from self._arrived(arrived)
            if hosts:
                text = _("besides it wants to talk to {hosts}").format(hosts=self._said(hosts))
                yield Finding("through", ok=None, text=text, kind="also-elsewhere", tool=self.tool)
        elif posts and not _models_before(requests, posts[0]):
            yield self._wrong(
                "other-path",
                _("its request arrives at {path}, not at {wanted}").format(
                    path=posts[0].path.partition("?")[0], wanted=self.gateway.serves
                ),
                ended,
                self.reasons.overridden(),
            )
        elif hosts:
            yield self._elsewhere(_("no request arrives: it wants to go to {hosts} instead"), hosts, ended)
        else:
            text = _("no request arrives within {seconds:.0f} seconds").format(seconds=self.patience)
            if ended.code is not None:
                text = _("no request arrives: it ends with code {code}").format(code=ended.code)
            yield self._wrong("nothing", text, ended, self.reasons.overridden())

    def _arrived(self, posts: Sequence[ReceivedRequest]) -> Iterator[Finding]:
        keys = [post.bearer or post.headers.get("x-api-key") or "" for post in posts]
        models = [post.model or "" for post in posts]
        key = next((key for key in keys if key != self.wanted.key_text), None)
        model = next((model for model in models if model != self.wanted.model), None)
        if key is not None:
            shown = masked(key) if key else _("none")
            text = _("its request arrives with another key: {key}{why}")
            yield self._wrong("other-key", text.format(key=shown, why=self._because(key)))
        if model is not None:
            text = _("its request arrives for another model: {model}{why}")
            yield self._wrong("other-model", text.format(model=model or _("none"), why=self._because(model)))
        if key is None and model is None:
            text = _("its request arrives at {path}, with the key of its file and the model {model}").format(
                path=self.gateway.serves, model=self.wanted.model
            )
            yield Finding("through", ok=True, text=text, tool=self.tool)

    def _elsewhere(self, text: str, hosts: Sequence[str], ended: Ended) -> Finding:
        """It goes to these hosts; what it printed is told only where nothing else says why."""
        because = any(self.reasons.names(host) for host in hosts)
        advice = [line for host in hosts for line in self.reasons.advice(host)]
        said = text.format(hosts=self._said(hosts))
        return self._wrong("other-host", said, None if because else ended, advice)

    def _said(self, hosts: Sequence[str]) -> str:
        return ", ".join(f"{host}{self._because(host)}" for host in hosts)

    def _because(self, said: str) -> str:
        """What says so, in brackets; else nothing."""
        names = self.reasons.names(said)
        return _(" (because of {names})").format(names=", ".join(names)) if names else ""

    def _wrong(self, kind: str, text: str, ended: Ended | None = None, advice: Sequence[str] = ()) -> Finding:
        cure = _("see what counts more than its files: vsegpt-patch status {tool}").format(tool=self.tool)
        lines = ended.printed.strip().splitlines()[-_LINES:] if ended else []
        plain = ["".join(letter for letter in line if letter.isprintable())[:200] for line in lines]
        return Finding(
            "through", ok=False, text=text, cure=cure, kind=kind, tool=self.tool, details=[*advice, *plain]
        )


def _models_before(requests: Sequence[ReceivedRequest], first: ReceivedRequest) -> list[str]:
    """The hosts of models that were asked before a request, each once."""
    end = next((index for index, each in enumerate(requests) if each is first), len(requests))
    hosts = [each.elsewhere for each in requests[:end] if each.elsewhere]
    return list(dict.fromkeys(host for host in hosts if kind_of(host) == "model"))
