"""`check`: over the network, and only to the endpoint: addresses, key, balance and models."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from urllib.parse import urlsplit

from patcher.cli import key_source, tool_report
from patcher.cli.commands import check_through
from patcher.cli.commands.findings import report_findings
from patcher.cli.session import Session
from patcher.endpoint import Endpoint, host_of
from patcher.gateway import account
from patcher.gateway.account import Account, Finding
from patcher.i18n import _
from patcher.planning.status import ToolStatus, look
from patcher.secrets.key_format import FAMILY
from patcher.secrets.secret import Secret


def run(session: Session) -> int:
    """Say what works; 1 where something does not."""
    tools = session.options.tools
    if session.options.through:
        return check_through.run(session)
    request = session.request(key=None)
    profiles, problems = session.profiles(tools or tool_report.patched(session))
    written = tool_report.written(session)
    seen = [look(profile, session.machine, request, written) for profile in profiles]
    key = key_source.key(session, needed=False) or _key_of(seen, session.endpoint)
    session.report.hide([key] if key else [])
    found = account.examine(session.endpoint, key)
    findings = list(found.findings)
    if found.models is not None:
        findings += [account.model(request.model, found.models)]
        findings += _models(seen, found.models, request.model)
    if tools:
        problems += [file.problem for tool in seen for file in tool.files if file.problem]
        for tool in seen:
            findings += _tool(session, tool, found, key)
    more = {
        "endpoint": str(session.endpoint),
        "model": request.model,
        "connections": found.connections,
        "tools": [tool_report.tool_json(session, tool) for tool in (seen if tools else [])],
    }
    return report_findings(session, findings, problems, more)


def _key_of(seen: Sequence[ToolStatus], endpoint: Endpoint) -> Secret | None:
    """The key that a tool sends to this very host already."""
    for tool in seen:
        hosts = {host_of(url) for url in tool.values("url")}
        if tool.state == "vsegpt" and hosts == {endpoint.host}:
            for value in tool.values("key"):
                if value.startswith(FAMILY):
                    return Secret(value)
    return None


def _models(seen: Sequence[ToolStatus], known: Collection[str], asked: str) -> Iterator[Finding]:
    """Of the tools that point at VseGPT the models that their files name."""
    for tool in seen:
        for name in tool.models if tool.state == "vsegpt" else ():
            if name != asked:
                yield account.model(name, known, tool.profile.tool)


def _tool(session: Session, tool: ToolStatus, found: Account, key: Secret | None) -> Iterator[Finding]:
    """What the files of one tool say, and whether that can work here."""
    name = tool.profile.tool
    says = tool_report.state(tool)
    if tool.state == "vsegpt":
        yield Finding("files", ok=True, text=says, tool=name)
    elif tool.state == "guide":
        text = _("it is set by hand; see: vsegpt-patch show {tool}").format(tool=name)
        yield Finding("files", ok=None, text=text, kind="guide", tool=name)
    elif tool.state != "refused":
        cure = _("point it at VseGPT: vsegpt-patch {tool}").format(tool=name)
        yield Finding("files", ok=False, text=says, cure=cure, kind=tool.state, tool=name)
    for override, reason, cure in tool_report.overridden(session, tool):
        kind = f"overridden-{override.what}" if override.what else "overridden"
        yield Finding("overrides", ok=False, text=reason, cure=cure, kind=kind, tool=name)
    dead = {endpoint.netloc: endpoint for endpoint in found.dead}
    for url in dict.fromkeys(tool.values("url")):
        endpoint = dead.get(urlsplit(url).netloc)
        if endpoint:
            text = _("its file names {endpoint}, which does not answer here").format(endpoint=endpoint)
            cure = _("run vsegpt-patch {tool} with the --endpoint that answers").format(tool=name)
            yield Finding("files", ok=False, text=text, cure=cure, kind="dead-address", tool=name)
    strange = [
        value for value in tool.values("key") if key and value.startswith(FAMILY) and value != key.reveal()
    ]
    if strange:
        session.report.hide(strange)
        text = _("its file has another key, {other}, which was not tried").format(other=Secret(strange[0]))
        yield Finding("files", ok=None, text=text, kind="other-key", tool=name)
