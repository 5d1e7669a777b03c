"""`check --through`: the tool itself asks one question, of a gateway on this machine that sees all of it."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence

from patcher.cli.commands.findings import report_findings
from patcher.cli.commands.verdict import Judge, Reasons
from patcher.cli.offline import offline
from patcher.cli.session import Session
from patcher.cli.trial import prepared
from patcher.endpoint import Endpoint
from patcher.errors import PatchError, UsageError
from patcher.gateway.account import Finding
from patcher.gateway.netns import isolate
from patcher.gateway.sinkhole import sinkhole
from patcher.gateway.stub import CHAT, MESSAGES, Gateway
from patcher.i18n import _
from patcher.planning import status
from patcher.planning.problem import Problem
from patcher.planning.request import Request
from patcher.registry.profile import Profile
from patcher.secrets.key_format import FAMILY
from patcher.secrets.secret import Secret, is_secret, names_secret

QUESTION = "say hi"
PATIENCE = 120.0
"""Seconds that a tool may take."""


def run(session: Session) -> int:
    """Try each tool; 1 where a request does not arrive as its file says."""
    if not session.options.tools:
        raise UsageError(_("check --through which tool?"))
    profiles, problems = session.profiles(session.options.tools)
    findings, refused = tried(session, profiles)
    return report_findings(session, findings, [*problems, *refused], {"question": QUESTION})


def tried(
    session: Session, profiles: Sequence[Profile], agreed: Collection[str] = ()
) -> tuple[list[Finding], list[Problem]]:
    """What was found out about these tools, and why some could not be tried.

    `agreed` are those that the person has agreed to run. Raises `PatchError` where it was ended early.
    """
    unasked = [each for each in profiles if is_unasked(session, each) and each.tool not in agreed]
    problems = [_unasked(profile) for profile in unasked]
    able = [profile for profile in profiles if profile not in unasked]
    if not able:
        return [], problems
    key = Secret(FAMILY + secrets.token_hex(32))
    session.report.hide([key, *_secrets(session.machine.env)])
    (findings, refused), isolated = offline(isolate, lambda alone: _all(session, able, key, alone=alone))
    if not isolated and findings:
        text = _(
            "there is no network of its own for such a trial here: a program that does not heed HTTPS_PROXY"
            " could reach others"
        )
        findings.append(Finding("through", ok=None, text=text, kind="not-isolated"))
    return findings, problems + refused


def is_unasked(session: Session, profile: Profile) -> bool:
    """Whether it would run a command that nobody but the person vouches for, and has not."""
    return bool(profile.own and profile.ask and not session.options.yes)


def _unasked(profile: Profile) -> Problem:
    reason = _("the profile is your own, and would run: {command}").format(command=" ".join(profile.ask))
    return Problem(profile.tool, None, None, reason, _("look at it, and say --yes"))


def _all(
    session: Session, profiles: Sequence[Profile], key: Secret, *, alone: bool
) -> tuple[list[Finding], list[Problem]]:
    findings: list[Finding] = []
    problems: list[Problem] = []
    for profile in profiles:
        try:
            findings += _tried(session, profile, key, alone=alone)
        except PatchError as refusal:
            problems.append(Problem.of(profile.tool, None, refusal))
    return findings, problems


def _tried(session: Session, profile: Profile, key: Secret, *, alone: bool) -> list[Finding]:
    """`alone`: in a network of its own, in which the hosts that it wants can be seen."""
    request = session.request(key=None)
    seen = status.look(profile, session.machine, request, {})
    model = (seen.models or [request.model])[0]
    with contextlib.ExitStack() as stack:
        gateway = stack.enter_context(Gateway(model, MESSAGES if profile.beta else CHAT))
        if alone:
            stack.enter_context(sinkhole(gateway.keep_elsewhere))
        ours = Request(Endpoint.parse(gateway.url), key, model)
        with prepared(profile, session.machine, ours, QUESTION) as trial:
            session.report.message(
                _("{tool}: it is asked now: {command}").format(
                    tool=profile.tool, command=" ".join([profile.ask[0], *trial.command[1:]])
                )
            )
            if trial.left_out:
                session.report.message(
                    _(
                        "{tool}: files of its own that are too large, or too many, to be copied: {count}"
                    ).format(tool=profile.tool, count=trial.left_out)
                )
            ended = trial.run(PATIENCE, lambda: bool(gateway.posts()))
        reasons = Reasons(seen, session.machine, trial.files)
        judge = Judge(profile.tool, gateway, ours, reasons, PATIENCE)
    return list(judge.findings(ended))


def _secrets(env: Mapping[str, str]) -> Iterator[str]:
    return (value for name, value in env.items() if names_secret(name) and is_secret(value))
