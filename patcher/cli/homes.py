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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

import patcher
from patcher.cli.guard import STOPPED, guarded, say
from patcher.cli.report import JSON_VERSION
from patcher.cli.session import Session
from patcher.errors import Refused, UsageError
from patcher.i18n import _, ngettext
from patcher.machine.owners import Home
from patcher.registry.catalog import Catalog
from patcher.secrets.secret import Secret

Work = Callable[[Session], int]

_KEYED = {"patch", "check"}
"""The commands that work with the key; `key rotate` does with a new one."""


@dataclass(frozen=True)
class _Outcome:
    """What came of one home: exit code, what went wrong with all of it, and the object of `--json`."""

    code: int
    failure: str = ""
    told: str = ""


def run(name: str, words: Mapping[str, Any], work: Work) -> int:
    """Do the work for every home that is named, or for one's own; answers with the exit code.

    All that does not depend on the home is read once and before: profiles, and the key, which is
    handed over in memory alone. Raises `UsageError`.
    """
    homes = list(dict.fromkeys(Home.of(home) for home in words["home"] or [None]))
    one_place = {"project": "--in", "export": "--export", "form": name, "what": name}
    if len(homes) > 1 and (alone := [option for its, option in one_place.items() if words.get(its)]):
        raise UsageError(_("{option} is for one home; several are named").format(option=alone[0]))
    if len(homes) == 1 and not homes[0].is_anothers:
        return work(Session({**words, "home": homes[0].path}))
    if any(home.is_anothers for home in homes):
        _import_all()
    shipped = Catalog.open()
    key = _prepared(name, words, homes[0], shipped)

    def work_on(home: Home) -> int:
        return work(Session({**words, "home": home.path}, key, shipped))

    if len(homes) == 1:
        outcome = _apart(homes[0], work_on, catch=False)
        if outcome.failure:
            say(outcome.failure)
        return outcome.code
    return _each(homes, work_on, as_json=words["json"])


def _each(homes: Sequence[Home], work: Callable[[Home], int], *, as_json: bool) -> int:
    entries, failed, codes = [], [], set()
    for home in homes:
        if not as_json:
            _head(f"{home.path} ({home.owner})" if home.owner else str(home.path))
        outcome = (_apart if home.is_anothers else _here)(home, work, catch=as_json)
        if outcome.failure and not as_json:
            say(outcome.failure)
        if outcome.code == STOPPED:
            raise click.exceptions.Abort
        codes.add(outcome.code)
        if outcome.code in {1, 2}:
            failed.append(str(home.path))
        entries.append(_entry(home, outcome))
    code = next((each for each in (1, 2, 3) if each in codes), 0)
    if as_json:
        whole = {"version": JSON_VERSION, "command": "homes", "homes": entries, "exit_code": code}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))
    if failed:
        told = ngettext("{count} home failed: {homes}", "{count} homes failed: {homes}", len(failed))
        say(told.format(count=len(failed), homes=", ".join(failed)))
    return code


def _entry(home: Home, outcome: _Outcome) -> dict[str, Any]:
    """One home in the object of `--json`, with what a run for it alone would print."""
    return {
        "home": str(home.path),
        "user": home.owner or None,
        "exit_code": outcome.code,
        "error": outcome.failure or None,
        "result": json.loads(outcome.told) if outcome.told else None,
    }


def _head(line: str) -> None:
    """Say whose the next lines are, to the readers of results and to those of messages."""
    click.secho(line, bold=True)
    with contextlib.suppress(OSError, ValueError):
        if os.path.sameopenfile(sys.stdout.fileno(), sys.stderr.fileno()):
            return
    click.secho(line, bold=True, err=True)


def _prepared(name: str, words: Mapping[str, Any], home: Home, shipped: Catalog) -> Secret | None:
    """Read the shipped profiles, and answer with the key where the command takes one."""
    good = []
    for tool in words.get("tools") or shipped:
        with contextlib.suppress(UsageError, Refused):  # it may be one of the home's own
            good.append(shipped.get(tool))
    session = Session({**words, "home": home.path})
    if name == "key" and words["action"] == "rotate":
        return session.new_key()
    if name not in _KEYED:
        return None
    named = name == "patch" and (words["all"] or words["tools"])
    return session.key(needed=bool(named) and not words["dry_run"] and any(each.files for each in good))


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


def _here(home: Home, work: Callable[[Home], int], *, catch: bool) -> _Outcome:
    """Work in this process; `catch` keeps what would be printed as a result."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out) if catch else contextlib.nullcontext():
        code, failure = guarded(lambda: work(home))
    return _Outcome(code, failure, out.getvalue())


def _apart(home: Home, work: Callable[[Home], int], *, catch: bool) -> _Outcome:
    """Work in a process of its own that has the rights of the home's owner and no others."""
    from patcher.disk.interrupts import undisturbed  # noqa: PLC0415 - most runs are about one's own home

    def in_its_place(home: Home) -> int:
        home.become()
        return work(home)

    ours, theirs = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        try:
            os.close(ours)
            outcome = _here(home, in_its_place, catch=catch)
            sys.stdout.flush()
            sys.stderr.flush()
            with os.fdopen(theirs, "w", encoding="utf-8") as pipe:
                json.dump([outcome.code, outcome.failure, outcome.told], pipe)
        finally:
            os._exit(0)  # none of what the parent still has to do is this process's
    with undisturbed():  # a Ctrl-C is for the child, which ends as soon as it safely can
        os.close(theirs)
        with os.fdopen(ours, encoding="utf-8") as pipe:
            text = pipe.read()
        _pid, status = os.waitpid(child, 0)
    if not text:
        ended = os.waitstatus_to_exitcode(status)
        return _Outcome(1, _("the work on it was ended early ({status})").format(status=ended))
    return _Outcome(*json.loads(text))
