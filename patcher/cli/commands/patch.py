"""`vsegpt-patch TOOL...`: the main job."""

from __future__ import annotations

import sys
from typing import Any

import click

from patcher.cli import key_source
from patcher.cli.execute import Outcome
from patcher.cli.patch_report import report_run
from patcher.cli.patching import patch, without_beta, writes
from patcher.cli.session import Session
from patcher.errors import UsageError
from patcher.i18n import _, ngettext
from patcher.planning.plan import Plan


def run(session: Session) -> int:
    """Plan, show or write, tell."""
    options, tools = session.options, session.options.tools
    if options.all and tools:
        raise UsageError(_("name tools or say --all, not both"))
    if options.prove and (options.dry_run or options.export):
        other = "--dry-run" if options.dry_run else "--export"
        raise UsageError(_("--prove tries what was written: leave out {option}").format(option=other))
    if options.export:
        from patcher.cli.commands import import_file  # noqa: PLC0415 - another way out, for extensions

        return import_file.run(session)
    if not options.all and not tools:
        from patcher.cli.prompts import on_terminal  # noqa: PLC0415 - few runs ask

        if on_terminal() and not options.json and not options.yes:
            from patcher.cli.commands import guided  # noqa: PLC0415 - few runs are

            return guided.run(session)
        click.echo(click.get_current_context().get_help(), err=True)
        return 2
    profiles, problems = session.found() if options.all else session.profiles(tools)
    profiles = without_beta(session, profiles)
    request = session.request(key=key_source.key(session, needed=writes(session, profiles)))
    can_ask = not options.yes and sys.stdin.isatty() and sys.stderr.isatty()
    agree = (lambda made: _agreed(session, made)) if options.all and can_ask else None
    outcome = patch(session, profiles, problems, request, agree)
    if not outcome.agreed:
        session.report.message(_("Nothing was written."))
        return 0
    asks = can_ask and not options.json
    prove = (lambda: _proved(session, outcome, asks=asks)) if options.prove else None
    return report_run(session, outcome, request, prove)


def _proved(session: Session, outcome: Outcome[Plan], *, asks: bool) -> tuple[list[dict[str, Any]], int]:
    from patcher.cli.commands import prove  # noqa: PLC0415 - few runs do
    from patcher.cli.prompts import confirm  # noqa: PLC0415 - few runs ask

    return prove.run(session, outcome, (lambda question, _yes, _no: confirm(question)) if asks else None)


def _agreed(session: Session, made: Plan) -> bool:
    """Show the diffs and ask. No lock is held: the answer may take its time."""
    from patcher.cli.prompts import confirm  # noqa: PLC0415 - few runs ask

    for tool in made.tools:
        session.report.diffs(tool)
    count = len(made.writes)
    return confirm(ngettext("Change {count} file?", "Change {count} files?", count).format(count=count))
