"""What the options come to: machine, catalog, endpoint, journal, report."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from patcher.cli.options import Options
from patcher.cli.report import Report
from patcher.dataclass import dataclass
from patcher.endpoint import Endpoint, model_id
from patcher.errors import Refused, UsageError
from patcher.i18n import _, quoted
from patcher.machine.places import Machine
from patcher.planning.detection import found_as
from patcher.planning.problem import Problem
from patcher.planning.request import Request
from patcher.registry.catalog import Catalog
from patcher.registry.profile import Profile
from patcher.secrets.secret import Secret

if TYPE_CHECKING:
    from patcher.disk.runs import Journal


@dataclass(eq=False, repr=False)
class Session:
    """A run on one home: what its options come to, each made when it is first needed."""

    options: Options
    home: Path | None
    """The home that was named; None is one's own, where the caller's variables count."""
    read_key: Secret | None = None
    """The key, where it was read before."""
    shipped: Catalog | None = None
    """The shipped profiles, where they were read before."""

    @cached_property
    def machine(self) -> Machine:
        browser, project = self.options.browser, self.options.project
        if project is not None and not Path(project).is_dir():
            raise UsageError(_("--in {project}: there is no such directory").format(project=project))
        machine = Machine.here(self.home, browser or "", Path(project).absolute() if project else None)
        if browser is not None and not (browser and machine.chosen_browsers):
            found = ", ".join(dict.fromkeys(profile.label for profile in machine.browsers))
            raise UsageError(
                _("no browser here is called {browser}; found: {names}").format(
                    browser=quoted(browser), names=found or _("none")
                )
            )
        return machine

    @cached_property
    def journal(self) -> Journal:
        from patcher.disk.runs import Journal  # noqa: PLC0415 - a dry run keeps nothing

        return Journal(self.machine.state)

    @cached_property
    def report(self) -> Report:
        return Report(self.machine, as_json=self.options.json)

    @cached_property
    def catalog(self) -> Catalog:
        own = [self.machine.own_profiles] if self.machine.own_profiles.is_dir() else []
        if self.options.profiles:
            own.append(Path(self.options.profiles))
        return Catalog.open(own, self.shipped)

    @cached_property
    def endpoint(self) -> Endpoint:
        endpoint = Endpoint.parse(self.options.endpoint)
        if not endpoint.is_vsegpt:
            self.report.message(
                _("note: {host} is not VseGPT's address").format(host=endpoint.host), fg="yellow"
            )
        return endpoint

    def request(self, *, key: Secret | None) -> Request:
        options = self.options
        try:
            model = model_id(options.model)
        except UsageError as error:
            raise UsageError(_("--model: {problem}").format(problem=error)) from None
        return Request(
            self.endpoint,
            key,
            model,
            repoint=options.repoint,
            tighten=options.tighten,
            slots=options.slots,
            takes_local=not options.all,
            model_given=options.model_given,
        )

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
        watched = self.report.watched(good, _("Looking for tools"))
        return [profile for profile in watched if found_as(profile, self.machine)], bad
