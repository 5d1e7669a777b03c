"""What the words on the command line come to: machine, catalog, endpoint, key, report."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from patcher.cli.report import Report
from patcher.disk.write import Write
from patcher.endpoint import Endpoint, model_id
from patcher.errors import Refused, UsageError
from patcher.i18n import _, quoted
from patcher.machine.places import Machine
from patcher.os_errors import why
from patcher.planning import plan
from patcher.planning.plan import Problem
from patcher.planning.request import Request
from patcher.registry.catalog import Catalog
from patcher.registry.profile import Profile
from patcher.secrets import key_format, keyring
from patcher.secrets.secret import Secret

if TYPE_CHECKING:
    from patcher.disk.manifest import Entry, Run
    from patcher.disk.runs import Journal


@dataclass
class Session:
    """What the words on the command line come to, each made when it is first needed."""

    words: dict[str, Any]
    read_key: Secret | None = None
    """The key, where it was read before."""
    shipped: Catalog | None = None
    """The shipped profiles, where they were read before."""

    @cached_property
    def machine(self) -> Machine:
        browser, project = self.words.get("browser"), self.words.get("project")
        if project is not None and not Path(project).is_dir():
            raise UsageError(_("--in {project}: there is no such directory").format(project=project))
        machine = Machine.here(
            self.words["home"], browser or "", Path(project).absolute() if project else None
        )
        if browser is not None and not (browser and machine.chosen_browsers):
            found = ", ".join(dict.fromkeys(profile.label for profile in machine.browsers))
            raise UsageError(
                _("no browser here is called {browser}; found: {names}").format(
                    browser=quoted(browser), names=found or _("none")
                )
            )
        return machine

    @cached_property
    def store(self) -> Journal:
        from patcher.disk.runs import Journal  # noqa: PLC0415 - a dry run keeps nothing

        return Journal(self.machine.state)

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Be the only run on this home; to be held from planning to having written."""
        from patcher.disk import transaction  # noqa: PLC0415 - only for those who write

        with transaction.turn(self.store) as left:
            for entry in left:
                place = self.machine.shown(Path(entry.path))
                self.report.message(
                    _("note: a run was cut short, and {place} was edited since; it is kept").format(
                        place=place
                    )
                )
            yield

    @cached_property
    def report(self) -> Report:
        return Report(self.machine, as_json=self.words["json"])

    @cached_property
    def catalog(self) -> Catalog:
        own = [self.machine.own_profiles] if self.machine.own_profiles.is_dir() else []
        if self.words["profiles"]:
            own.append(Path(self.words["profiles"]))
        return Catalog.open(own, self.shipped)

    @cached_property
    def endpoint(self) -> Endpoint:
        endpoint = Endpoint.parse(self.words["endpoint"])
        if not endpoint.is_vsegpt:
            self.report.message(
                _("note: {host} is not VseGPT's address").format(host=endpoint.host), fg="yellow"
            )
        return endpoint

    def request(self, *, key: Secret | None) -> Request:
        try:
            model = model_id(self.words["model"])
        except UsageError as error:
            raise UsageError(_("--model: {problem}").format(problem=error)) from None
        options = {name: self.words.get(name, False) for name in ("repoint", "tighten")}
        return Request(self.endpoint, key, model, **options)

    def key(self, *, needed: bool) -> Secret | None:
        """The key that is known, else, where it is needed, asked for without showing it.

        Raises `UsageError` where there is none, or one of another service.
        """
        if self.read_key is not None:
            return self.read_key
        known = self.known_key(in_keyring=needed)
        if known is None and not needed:
            return None
        return self.checked(known[0] if known else self.asked_key())

    def known_key(self, *, in_keyring: bool = True) -> tuple[Secret, str] | None:
        """The key that needs no asking, and where it is from: --key-file, VSEGPT_API_KEY or the keyring."""
        if self.words["key_file"]:
            return self.key_of_file(), f"--key-file {self.words['key_file']}"
        if os.environ.get("VSEGPT_API_KEY", "").strip():
            return Secret.parse(os.environ["VSEGPT_API_KEY"]), "VSEGPT_API_KEY"
        if in_keyring and self.has_keyring:
            try:
                kept = keyring.get()
            except keyring.NoKeyring as reason:
                self.report.message(_("note: {reason}").format(reason=reason), fg="yellow")
            else:
                return (kept, _("the system's keyring")) if kept else None
        return None

    @cached_property
    def has_keyring(self) -> bool:
        """Whether a keyring counts: it is the caller's own, so it does not for another home."""
        return self.words["home"] is None and keyring.is_there()

    def key_of_file(self) -> Secret:
        return Secret.parse(_key_file(self.words["key_file"]))

    def new_key(self) -> Secret:
        """From --key-file, else asked for. VSEGPT_API_KEY may well be the old one, so it does not count."""
        if self.read_key is not None:
            return self.read_key
        return self.checked(self.key_of_file() if self.words["key_file"] else self.asked_key())

    def asked_key(self) -> Secret:
        """The key, asked for without showing it. Raises `UsageError` where there is nobody to ask."""
        if sys.stdin.isatty():
            return Secret.parse(click.prompt(_("VseGPT key"), hide_input=True, err=True))
        raise UsageError(_("no key: set VSEGPT_API_KEY, or name a file that holds it with --key-file FILE"))

    def checked(self, key: Secret) -> Secret:
        """The key, if it may be VseGPT's; a doubt is a warning. Other gateways have keys of other forms."""
        self.report.hide([key])
        if self.endpoint.is_vsegpt and (doubt := key_format.check(key)):
            self.report.warning(doubt)
        return key

    def profiles(self, tools: Sequence[str]) -> tuple[list[Profile], list[Problem]]:
        """The profiles of these tools; those that cannot be used as problems."""
        good, bad = [], []
        for tool in self.report.watched(list(dict.fromkeys(tools)), _("Reading profiles")):
            try:
                good.append(self.catalog.get(tool))
            except Refused as refusal:
                bad.append(Problem.of(tool, None, refusal))
        return good, bad

    def found(self) -> tuple[list[Profile], list[Problem]]:
        """The tools that are on this machine."""
        good, bad = self.profiles(list(self.catalog))
        looked = self.report.watched(good, _("Looking for tools"))
        return [profile for profile in looked if plan.found_as(profile, self.machine)], bad

    def running(self, profiles: Iterable[Profile]) -> dict[str, Problem]:
        """Of these tools those that run now and would write their files anew, with what to say of it."""
        named = [(profile, name) for profile in profiles for name in profile.processes]
        if not named:
            return {}
        from patcher.machine import processes  # noqa: PLC0415 - few tools write their files while they run

        user = self.machine.home.stat().st_uid
        found = processes.running({name for _, name in named}, self.machine.system, user)
        return {
            profile.tool: Problem(
                profile.tool,
                None,
                None,
                _("{name} is running (process {process}, pid {pid})").format(
                    name=profile.name, process=found[name].name, pid=found[name].pid
                ),
                _("close it and run again, or use --force"),
            )
            for profile, name in named
            if name in found
        }

    def in_use(self, tool: str, place: Path, *, export: bool = True) -> Problem:
        """What to say of a store whose program runs; `export`: a file to import would do as well."""
        label = self.machine.label(place)
        browser, _dot, profile = label.partition(" · ")
        if not browser:
            reason = _("the program that it belongs to is running")
            return Problem(tool, place, None, reason, _("close it and run again"))
        who = _("{browser} (profile {profile})") if profile else "{browser}"
        who = who.format(browser=browser, profile=profile)
        if export:
            cure = _(
                "close {who} and run again, or: "
                "vsegpt-patch {tool} --export FILE, and import that in the extension"
            )
        else:
            cure = _("close {who} and run again")
        reason = _("{who} is running").format(who=who)
        return Problem(tool, place, None, reason, cure.format(who=who, tool=tool))

    def apply(self, writes: Sequence[Write], kind: str) -> Run | None:
        """Bring all the writes about, or none, as `transaction.apply` says. To be called within `turn`."""
        from patcher.disk import transaction  # noqa: PLC0415 - only for those who write

        told = _("Writing")
        return transaction.apply(writes, self.store, kind, lambda jobs: self.report.watched(jobs, told))

    def overwritten(self, run: Run) -> list[Problem]:
        """The files that another program has written over already. To be asked within `turn`."""
        from patcher.disk import transaction  # noqa: PLC0415 - only for those who write

        reason = _("it was changed by another program right after it was written")
        return [
            Problem(entry.tool, Path(entry.path), None, reason, _("run again when that program is closed"))
            for entry in transaction.overwritten(run)
        ]

    def written(self) -> dict[str, str | None]:
        """By path the hash of what this program last left there."""
        return {
            path: entry.stored.after if entry.stored else entry.after for path, entry in self._last.items()
        }

    def patched(self) -> list[str]:
        """The tools that this program has pointed at VseGPT, as far as their profiles are still there."""
        return sorted({entry.tool for entry in self._last.values()} & set(self.catalog))

    @cached_property
    def _last(self) -> dict[str, Entry]:
        """By path what this program did there last, unless it took something back."""
        entries = [entry for run in reversed(self.store.runs()) for entry in run.entries]
        last = {entry.stored.place if entry.stored else entry.path: entry for entry in entries}
        return {path: entry for path, entry in last.items() if not entry.undoes}


def _key_file(name: str) -> str:
    try:
        if name == "-":
            return sys.stdin.readline(8192)
        with Path(name).open("rb") as file:
            return file.read(8192).decode("utf-8-sig")
    except OSError as error:
        raise UsageError(
            _("--key-file {name}: it cannot be read ({why})").format(name=name, why=why(error))
        ) from None
    except UnicodeDecodeError:
        raise UsageError(_("--key-file {name}: it is not text").format(name=name)) from None
