"""`vsegpt-patch` alone on a terminal: everything step by step, for somebody who has nothing but a key.

It only asks; planning, writing and telling are those of `patch`.
"""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from typing import Any
from urllib.parse import urlsplit

from patcher.cli import key_source, prompts
from patcher.cli.execute import Outcome
from patcher.cli.patch_report import report_run
from patcher.cli.patching import exposed, patch, running, without_beta
from patcher.cli.prompts import Choice, Questions
from patcher.cli.session import Session
from patcher.dataclass import dataclass
from patcher.errors import UsageError
from patcher.i18n import _, ngettext
from patcher.planning import plan, status
from patcher.planning.plan import Plan, ToolPlan
from patcher.registry.profile import Profile
from patcher.secrets import key_format, keyring
from patcher.secrets.secret import Secret

_ROOM = 8
"""Lines that the summary and the question take beside a difference that is shown at once."""


@dataclass(frozen=True)
class Found:
    """A program that is here: where it points now, and why it cannot be chosen, or not yet."""

    profile: Profile
    points_at: str
    is_right: bool
    refused: str = ""
    busy: str = ""
    is_local: bool = False
    """Whether it talks to a server of the person's own."""
    exposed: tuple[str, ...] = ()
    """What to say of files that git would carry away."""
    has_second_models: bool = False

    @property
    def choice(self) -> Choice:
        state = self.busy or self.points_at
        return Choice(
            self.profile.tool,
            f"{self.profile.name}: {state}" if not self.refused else self.profile.name,
            chosen=not (self.is_right or self.busy or self.refused or self.is_local),
            why_not=self.refused,
        )


def run(session: Session) -> int:
    """Ask, write, tell; the exit code is 130 where the person has stopped it."""
    talk = _Talk(session, prompts.here())
    try:
        with prompts.unechoed():
            return talk.run()
    except KeyboardInterrupt:
        if talk.agreed:  # what has been written since is told by the one who catches it
            raise
        session.report.message(_("Stopped. Nothing was changed: everything is as it was."), fg="yellow")
        return 130


@dataclass
class _Talk:
    session: Session
    ask: Questions
    agreed: bool = False
    """Whether the person has said yes, so that files may have been written."""
    keep: Secret | None = field(default=None, repr=False)
    """The key, where it is to go to the keyring."""

    def run(self) -> int:
        session, report = self.session, self.session.report
        self._say(
            _(
                "This points the programs on this computer at VseGPT, step by step. Nothing is changed"
                " before you have said yes, and all of it can be taken back. To stop: Esc or Ctrl-C."
            )
        )
        report.message("")
        profiles, problems = session.found()
        found = list(self._look(without_beta(session, profiles)))
        if not found:
            report.message(_("No supported tool was found here; see: vsegpt-patch list"))
            return 0
        report.table((_("FOUND HERE"), _("NOW AT")), [(tool.profile.name, tool.points_at) for tool in found])
        report.message("")
        for problem in problems:
            report.problem(problem)
        by_hand = [tool.profile for tool in found if not tool.profile.files]
        able = any(not tool.refused for tool in found)
        key = self._key() if able and not session.options.dry_run else None
        chosen = self._chosen(found) if able else []
        chosen = self._without_exposed(found, chosen)
        request = replace(session.request(key=key), slots=self._slots(found, chosen))
        outcome = patch(session, [*chosen, *by_hand], (), request, self._agree)
        if not outcome.agreed:
            report.message(_("Nothing was changed: everything is as it was."))
            return 0
        return report_run(session, outcome, request, lambda: self._at_the_end(outcome))

    def _at_the_end(self, outcome: Outcome[Plan]) -> tuple[list[dict[str, Any]], int]:
        """Keep the key, if that is wanted, and try what can be tried."""
        if self.keep:
            self._keep(self.keep)
        if self.session.options.dry_run:
            return [], 0
        from patcher.cli.commands import prove  # noqa: PLC0415 - it is not always come to

        able = prove.able(self.session, outcome)
        names = ", ".join(profile.name for profile in able)
        if able and not self.session.options.prove:
            self._say(
                _(
                    "These can be asked one question now, to see that it goes to VseGPT: on this computer,"
                    " off line and with a made-up key: {names}"
                ).format(names=names)
            )
        if not able or not (self.session.options.prove or self._yes(_("Try it?"), _("Yes, try it"), _("No"))):
            return [], 0
        return prove.run(self.session, outcome, self._yes)

    # What is here

    def _look(self, profiles: Sequence[Profile]) -> Iterator[Found]:
        session = self.session
        request = session.request(key=None)
        made = plan.make(profiles, session.machine, request)
        session.report.prepare(made, request)
        busy = running(session, made, force=session.options.force)
        for tool in made.tools:
            seen = status.look(tool.profile, session.machine, request, {})
            refused = _("to be set by hand; how is said at the end") if not tool.profile.files else ""
            if tool.problems:
                first = tool.problems[0]
                refused = f"{first.reason}; {first.cure}" if first.cure else first.reason
            local = ", ".join(dict.fromkeys(host for file in tool.files for host in file.local))
            points_at = _("{host}, a server of your own").format(host=local) if local else _points_at(seen)
            reason = busy[tool.profile.tool].reason if tool.profile.tool in busy else ""
            yield Found(
                tool.profile,
                session.report.safe(points_at),
                seen.state == "vsegpt",
                session.report.safe(refused),
                _("{reason}: close it first").format(reason=reason) if reason else "",
                is_local=bool(local),
                exposed=tuple(exposed(session, tool)),
                has_second_models=any(file.second_models for file in tool.files),
            )

    # The key

    def _key(self) -> Secret:
        session, report = self.session, self.session.report
        try:
            if known := key_source.known_key(session):
                key = key_source.checked(session, known[0])
                report.message(_("Key: {key}, from {place}").format(key=key, place=known[1]))
                return key
        except UsageError as refusal:
            self._say(str(refusal), fg="yellow")
        key = self._typed_key()
        report.message(_("Key: {key}").format(key=key))
        if key_source.has_keyring(session):
            prompt = _("Keep the key in this system's keyring, so that you need not type it again?")
            if self._yes(prompt, _("Yes, keep it"), _("No")):
                self.keep = key
        return key

    def _typed_key(self) -> Secret:
        report = self.session.report
        self._say(_("Your VseGPT key is needed. You find it in your account at https://vsegpt.ru."))
        while True:
            text = self.ask.secret(_("Paste it and press Enter (it is not shown):"))
            try:
                key = Secret.parse(text)
                doubt = key_format.check(key) if self.session.endpoint.is_vsegpt else ""
            except UsageError as refusal:
                self._say(_("{reason}. Please try again.").format(reason=refusal), fg="yellow")
                continue
            report.hide([key])
            if doubt:
                self._say(doubt, fg="yellow")
            if not doubt or not self._yes(_("Type it again?"), _("Yes, again"), _("No, take it as it is")):
                return key

    def _keep(self, key: Secret) -> None:
        try:
            keyring.put(key)
        except keyring.NoKeyring as reason:
            self.session.report.warning(str(reason))
        else:
            self.session.report.message(_("The key is kept in the system's keyring."))

    # What to do

    def _chosen(self, found: Sequence[Found]) -> list[Profile]:
        names = self.ask.some(_("Which programs shall use VseGPT?"), [tool.choice for tool in found])
        return [tool.profile for tool in found if tool.profile.tool in names]

    def _without_exposed(self, found: Sequence[Found], chosen: Sequence[Profile]) -> list[Profile]:
        """The programs, without those whose files git would carry away unless the person wants them."""
        exposed = [each for each in found if each.profile in chosen and each.exposed]
        if not exposed:
            return list(chosen)
        for line in (line for each in exposed for line in each.exposed):
            self._say(line, fg="yellow")
        if self._yes(_("Write the key there?"), _("Yes, there too"), _("No, leave these programs out")):
            return list(chosen)
        return [profile for profile in chosen if profile not in [each.profile for each in exposed]]

    def _slots(self, found: Sequence[Found], chosen: Sequence[Profile]) -> bool:
        """Whether second models are set, too."""
        having = [each.profile.name for each in found if each.profile in chosen and each.has_second_models]
        if not having or self.session.options.slots:
            return self.session.options.slots
        self._say(
            _("Second models (titles, commits) go elsewhere in: {names}").format(names=", ".join(having))
        )
        return self._yes(_("Point them at VseGPT, too?"), _("Yes, these too"), _("No, only the main model"))

    def _agree(self, made: Plan) -> bool:
        """Say in short what would be changed, show it, ask."""
        self.agreed = False
        session, report = self.session, self.session.report
        report.result()
        for tool in made.tools:
            _summary(session, tool)
        lines = [line for tool in made.tools for file in tool.files for line in report.write_diff(file.write)]
        short = len(lines) <= shutil.get_terminal_size().lines - _ROOM - len(made.writes)
        if short:
            report.print_diff(lines)
        count = len(made.writes)
        yes = ngettext("Yes, change {count} file", "Yes, change {count} files", count).format(count=count)
        choices = [Choice("yes", yes), Choice("no", _("No, leave everything as it is"))]
        if not short:
            more = ngettext("Show the change, {count} line", "Show the changes, {count} lines", len(lines))
            choices.insert(1, Choice("show", more.format(count=len(lines))))
        while (answer := self.ask.one(_("Write these changes?"), choices)) == "show":
            self.ask.show([(report.colour(line), line) for line in lines])
        self.agreed = answer == "yes"
        if self.agreed:
            report.message(_("Writing …"))
        return self.agreed

    def _say(self, text: str, **style: str) -> None:
        """A few sentences, broken between words."""
        report = self.session.report
        width = shutil.get_terminal_size().columns - 1
        report.message(textwrap.fill(report.safe(text), width, break_on_hyphens=False), **style)

    def _yes(self, prompt: str, yes: str, no: str) -> bool:
        return self.ask.one(prompt, [Choice("yes", yes), Choice("no", no)]) == "yes"


def _points_at(tool: status.ToolStatus) -> str:
    """Where a program points, for people."""
    urls = [setting.value for file in tool.files for setting in file.settings if setting.role == "url"]
    hosts = [host for url in urls if isinstance(url, str) and (host := _host(url))]
    return {
        "vsegpt": _("VseGPT already"),
        "incomplete": _("VseGPT, but not complete"),
        "other": hosts[0] if hosts else _("another address"),
        "unset": _("not set up"),
        "refused": _("cannot be read"),
        "guide": _("to be set by hand"),
    }[tool.state]


def _host(url: str) -> str:
    try:
        return urlsplit(url if "://" in url else f"https://{url}").hostname or ""
    except ValueError:
        return ""


def _summary(session: Session, tool: ToolPlan) -> None:
    """One line for each file that would be changed."""
    for file in tool.files:
        if file.changed:
            place = session.machine.label(file.write.place) or session.machine.shown(file.write.place)
            new = " " + _("(a new file)") if file.write.texts[0] is None else ""
            session.report.result(f"{tool.profile.name}: {place}{new}")
