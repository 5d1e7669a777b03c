"""`check --through`: the tool itself asks one question, of a gateway on this machine that sees all of it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from patcher.cli.commands.findings import report_findings
from patcher.cli.session import Session
from patcher.cli.trial import Ended, prepared
from patcher.endpoint import Endpoint, host_of
from patcher.errors import PatchError, UsageError
from patcher.gateway.account import Finding
from patcher.gateway.stub import CHAT, MESSAGES, Gateway, ReceivedRequest
from patcher.i18n import _
from patcher.planning import status
from patcher.planning.plan import Problem
from patcher.planning.request import Request
from patcher.registry.profile import Profile
from patcher.secrets.key_format import FAMILY
from patcher.secrets.secret import Secret, is_secret, masked, names_secret

QUESTION = "say hi"
PATIENCE = 120.0
"""Seconds that a tool may take."""
_LINES = 8


def run(session: Session) -> int:
    """Try each tool; 1 where a request does not arrive as its file says."""
    if not session.options.tools:
        raise UsageError(_("check --through which tool?"))
    profiles, problems = session.profiles(session.options.tools)
    findings: list[Finding] = []
    for profile in profiles:
        if profile.own and profile.ask and not session.options.yes:
            cure = _("look at it, and say --yes")
            reason = _("the profile is your own, and would run: {command}").format(
                command=" ".join(profile.ask)
            )
            problems.append(Problem(profile.tool, None, None, reason, cure))
            continue
        try:
            findings += _tried(session, profile)
        except PatchError as refusal:
            problems.append(Problem.of(profile.tool, None, refusal))
    return report_findings(session, findings, problems, {"question": QUESTION})


def _tried(session: Session, profile: Profile) -> list[Finding]:
    request = session.request(key=None)
    seen = status.look(profile, session.machine, request, {})
    model = (seen.models or [request.model])[0]
    key = Secret(FAMILY + secrets.token_hex(32))
    session.report.hide([key, *_secrets(session.machine.env)])
    with Gateway(model, MESSAGES if profile.beta else CHAT) as gateway:
        ours = Request(Endpoint.parse(gateway.url), key, model)
        with prepared(profile, session.machine, ours, QUESTION) as trial:
            session.report.message(
                _("{tool}: it is asked now: {command}").format(
                    tool=profile.tool, command=" ".join([profile.ask[0], *trial.command[1:]])
                )
            )
            ended = trial.run(PATIENCE, lambda: bool(gateway.posts()))
        names = {override.value: override.name for override in seen.overrides if override.path}
        judge = _Judge(profile.tool, gateway, ours, {**session.machine.env}, names)
    return list(judge.findings(ended))


def _secrets(env: Mapping[str, str]) -> Iterator[str]:
    return (value for name, value in env.items() if names_secret(name) and is_secret(value))


@dataclass(frozen=True)
class _Judge:
    """What the gateway saw, against what the files say."""

    tool: str
    gateway: Gateway
    wanted: Request
    env: Mapping[str, str]
    files: Mapping[str, str]
    """By what it says a project file that counts more."""

    def findings(self, ended: Ended) -> Iterator[Finding]:
        posts = self.gateway.posts()
        hosts = list(dict.fromkeys(asked.elsewhere for asked in self.gateway.requests if asked.elsewhere))
        arrived = [post for post in posts if post.path.partition("?")[0] == self.gateway.serves]
        if arrived:
            yield from self._arrived(arrived)
            if hosts:
                text = _("besides it wants to talk to {hosts}").format(hosts=", ".join(hosts))
                yield Finding("through", ok=None, text=text, kind="also-elsewhere", tool=self.tool)
        elif posts:
            yield self._wrong(
                "other-path",
                _("its request arrives at {path}, not at {wanted}").format(
                    path=posts[0].path.partition("?")[0], wanted=self.gateway.serves
                ),
                ended,
            )
        elif hosts:
            because = [self._because(host) for host in hosts]
            said = ", ".join(f"{host}{why}" for host, why in zip(hosts, because, strict=True))
            text = _("no request arrives: it wants to go to {hosts} instead").format(hosts=said)
            yield self._wrong("other-host", text, ended, always=not any(because))
        else:
            text = _("no request arrives within {seconds:.0f} seconds").format(seconds=PATIENCE)
            if ended.code is not None:
                text = _("no request arrives: it ends with code {code}").format(code=ended.code)
            yield self._wrong("nothing", text, ended)

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

    def _because(self, said: str) -> str:
        """The variable or the project file that says so, in brackets; else nothing."""
        names = [name for name, value in self.env.items() if said and said in {value, host_of(value)}]
        names += [name for value, name in self.files.items() if said and value in {said, masked(said)}]
        return _(" (because of {names})").format(names=", ".join(sorted(names))) if names else ""

    def _wrong(self, kind: str, text: str, ended: Ended | None = None, *, always: bool = True) -> Finding:
        cure = _("see what counts more than its files: vsegpt-patch status {tool}").format(tool=self.tool)
        lines = ended.printed.strip().splitlines()[-_LINES:] if ended and always else []
        plain = ["".join(letter for letter in line if letter.isprintable())[:200] for line in lines]
        return Finding("through", ok=False, text=text, cure=cure, kind=kind, tool=self.tool, details=plain)
