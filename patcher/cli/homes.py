"""The homes that a run is for. Each is worked on with the rights of its owner, and fails alone.

Where root works on somebody else's home, a process of its own gives up root's rights for good before it
touches anything in there: whatever lies in that home can lead to nothing that its owner could not do.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, BinaryIO

import click

import patcher
from patcher.cli.guard import STOPPED, guarded, say
from patcher.cli.options import Options
from patcher.cli.report import JSON_VERSION
from patcher.cli.session import Session
from patcher.dataclass import dataclass
from patcher.errors import Refused, UsageError
from patcher.i18n import _, ngettext
from patcher.machine.owners import Home
from patcher.registry.catalog import Catalog
from patcher.secrets.secret import Secret

Work = Callable[[Session], int]

_KEYED = {"patch", "check"}
"""The commands that work with the key; `key rotate` does with a new one."""


@dataclass(frozen=True)
class HomeOutcome:
    """What came of one home: exit code, what went wrong with all of it, and the object of `--json`."""

    code: int
    failure: str = ""
    printed: str = ""


def run(name: str, options: Options, work: Work) -> int:
    """Do the work for every home that is named, or for one's own; the exit code.

    All that does not depend on the home is read once and before: profiles, and the key, which is
    handed over in memory alone. Raises `UsageError`.
    """
    homes = list(dict.fromkeys(Home.of(home) for home in options.homes or [None]))
    if len(homes) > 1 and (alone := _for_one_home(name, options)):
        raise UsageError(_("{option} is for one home; several are named").format(option=alone))
    if len(homes) == 1 and not homes[0].is_anothers:
        return work(Session(options, homes[0].path))
    if any(home.is_anothers for home in homes):
        _import_all()
    shipped = Catalog.open()
    key = _prepared(name, options, homes[0], shipped)

    def work_on(home: Home) -> int:
        return work(Session(options, home.path, key, shipped))

    if len(homes) == 1:
        outcome = with_its_rights(homes[0], work_on, catch=False)
        if outcome.failure:
            say(outcome.failure)
        return outcome.code
    return _one_by_one(homes, work_on, as_json=options.json)


def _for_one_home(name: str, options: Options) -> str | None:
    """What was asked for that makes no sense for several homes."""
    if options.project:
        return "--in"
    if options.export:
        return "--export"
    return name if options.form or options.what else None


def _one_by_one(homes: Sequence[Home], work: Callable[[Home], int], *, as_json: bool) -> int:
    entries, failed, codes = [], [], set()
    for home in homes:
        if not as_json:
            _head(f"{home.path} ({home.owner})" if home.owner else str(home.path))
        outcome = (with_its_rights if home.is_anothers else in_process)(home, work, catch=as_json)
        if outcome.failure and not as_json:
            say(outcome.failure)
        if outcome.code == STOPPED:
            raise click.exceptions.Abort
        codes.add(outcome.code)
        if outcome.code in {1, 2}:
            failed.append(str(home.path))
        entries.append(_entry(home, outcome))
    code = next((code for code in (1, 2, 3) if code in codes), 0)
    if as_json:
        whole = {"version": JSON_VERSION, "command": "homes", "homes": entries, "exit_code": code}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
    if failed:
        text = ngettext("{count} home failed: {homes}", "{count} homes failed: {homes}", len(failed))
        say(text.format(count=len(failed), homes=", ".join(failed)))
    return code


def _entry(home: Home, outcome: HomeOutcome) -> dict[str, Any]:
    """One home in the object of `--json`, with what a run for it alone would print."""
    return {
        "home": str(home.path),
        "user": home.owner or None,
        "exit_code": outcome.code,
        "error": outcome.failure or None,
        "result": json.loads(outcome.printed) if outcome.printed else None,
    }


def _head(line: str) -> None:
    """Say whose the next lines are, to the readers of results and to those of messages."""
    click.secho(line, bold=True)
    with contextlib.suppress(OSError, ValueError):
        if os.path.sameopenfile(sys.stdout.fileno(), sys.stderr.fileno()):
            return
    click.secho(line, bold=True, err=True)


def _prepared(name: str, options: Options, home: Home, shipped: Catalog) -> Secret | None:
    """Read the shipped profiles; the key, where the command takes one."""
    from patcher.cli import key_source, patching  # noqa: PLC0415 - most runs are about one's own home

    good = []
    for tool in options.tools or shipped:
        with contextlib.suppress(UsageError, Refused):  # it may be one of the home's own
            good.append(shipped.get(tool))
    session = Session(options, home.path)
    if name == "key" and options.action == "rotate":
        return key_source.new_key(session)
    if name not in _KEYED:
        return None
    named = name == "patch" and bool(options.all or options.tools)
    return key_source.key(session, needed=named and patching.writes(session, good))


def _import_all() -> None:
    """Load all of the program now: who gives up root's rights may have none to read it."""
    import pkgutil  # noqa: PLC0415 - most runs are about one's own home

    from patcher.registry import rules  # noqa: PLC0415 - the same

    for module in pkgutil.walk_packages(patcher.__path__, "patcher."):
        if module.name != "patcher.__main__":
            import_module(module.name)
    with contextlib.suppress(Refused):
        rules.judge()({})  # a library loads some of itself when it is first used
    import_module("tomlkit")


def in_process(home: Home, work: Callable[[Home], int], *, catch: bool) -> HomeOutcome:
    """Work in this process; `catch` keeps what would be printed as a result."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out) if catch else contextlib.nullcontext():
        code, failure = guarded(lambda: work(home))
    return HomeOutcome(code, failure, out.getvalue())


def with_its_rights(home: Home, work: Callable[[Home], int], *, catch: bool) -> HomeOutcome:
    """Work in a process of its own that has the rights of the home's owner and no others."""
    from patcher.cli.child import in_child  # noqa: PLC0415 - most runs are about one's own home

    def in_its_place(home: Home) -> int:
        home.become()
        return work(home)

    def tell(pipe: BinaryIO) -> None:
        outcome = in_process(home, in_its_place, catch=catch)
        sys.stdout.flush()
        sys.stderr.flush()
        pipe.write(json.dumps([outcome.code, outcome.failure, outcome.printed]).encode())

    told, ended = in_child(tell)
    if not told:
        return HomeOutcome(1, _("the work on it was ended early ({status})").format(status=ended))
    return HomeOutcome(*json.loads(told))
