"""What can stand at a place of the command line, by what is known off line: for the shell's completion."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from click import Context
from click.shell_completion import CompletionItem

from patcher import i18n
from patcher.cli.options import Options
from patcher.cli.session import Session
from patcher.endpoint import DEFAULT_MODEL
from patcher.errors import PatchError
from patcher.machine.owners import Home

MODELS: Final = (DEFAULT_MODEL, "anthropic/claude-3-haiku", "deepseek/deepseek-chat", "openai/gpt-3.5-turbo")
"""Some that VseGPT's documentation and guides name; which there are now only the network could say."""

_MANY = 60  # profiles; to read more of them for their descriptions would be felt


def tools(context: Context, incomplete: str) -> list[CompletionItem[str]]:
    """Tools by their words, with what they are."""
    session = _session(context)
    typed = context.params.get("tools") or ()
    names = [name for name in session.catalog if name.startswith(incomplete) and name not in typed]
    return [
        CompletionItem(name, help=_about(session, name) if len(names) <= _MANY else None) for name in names
    ]


def undoable(context: Context, incomplete: str) -> list[CompletionItem[str]]:
    """The tools and the runs that something is left of to take back."""
    from patcher.planning import undo  # noqa: PLC0415 - other words need no history

    session = _session(context)
    steps = undo.undoable_steps(session.journal)
    names = sorted({step.entry.tool for step in steps})
    runs = {run.number: run for run in session.journal.runs()}
    found = [CompletionItem(name, help=_about(session, name)) for name in names]
    for number in dict.fromkeys(step.run for step in steps if step.run in runs):
        moment = datetime.fromtimestamp(runs[number].at, UTC).astimezone()
        tools = ", ".join(sorted({step.entry.tool for step in steps if step.run == number}))
        found.append(CompletionItem(str(number), help=f"{moment:%Y-%m-%d %H:%M}, {tools}"))
    typed = context.params.get("tools") or ()
    return [item for item in found if item.value.startswith(incomplete) and item.value not in typed]


def browsers(context: Context, incomplete: str) -> list[CompletionItem[str]]:
    """Browsers of this home, and their profiles."""
    profiles = _session(context).machine.browsers
    names = dict.fromkeys(
        [*(profile.browser for profile in profiles), *(profile.label for profile in profiles)]
    )
    return _matching(names, incomplete)


def models(context: Context, incomplete: str) -> list[CompletionItem[str]]:
    """The model that is the default here, those in files that this program has written, some more."""
    default = (context.default_map or {}).get("model", DEFAULT_MODEL)
    with contextlib.suppress(PatchError, OSError):
        return _matching(dict.fromkeys([default, *_seen(_session(context)), *MODELS]), incomplete)
    return _matching(dict.fromkeys([default, *MODELS]), incomplete)


def _matching(names: Iterable[str], incomplete: str) -> list[CompletionItem[str]]:
    return [CompletionItem(name) for name in names if name.casefold().startswith(incomplete.casefold())]


def _session(context: Context) -> Session:
    """The session of the options that are typed already."""
    homes, profiles = context.params.get("homes") or [None], context.params.get("profiles")
    options = Options(profiles=profiles if isinstance(profiles, str) else None)
    return Session(options, Home.of(homes[-1]).path)


def _about(session: Session, tool: str) -> str | None:
    """What a tool is; nothing of one that has no good profile any more."""
    with contextlib.suppress(PatchError):
        profile = session.catalog.get(tool)
        return f"{profile.name}: {profile.about.get(i18n.language(), '')}"
    return None


def _seen(session: Session) -> Iterator[str]:
    """The models in the files that this program has written."""
    from patcher.disk.snapshot import read  # noqa: PLC0415 - other words need no files
    from patcher.formats import editing  # noqa: PLC0415 - the same
    from patcher.planning import undo  # noqa: PLC0415 - the same

    for step in undo.undoable_steps(session.journal):
        paths = [receipt.path for receipt in step.entry.receipts if receipt.role == "model"]
        if step.entry.stored or not paths:
            continue
        with contextlib.suppress(PatchError):
            snapshot = read(Path(step.entry.path))
            document = editing.Document.read(step.entry.format, snapshot.data if snapshot else b"")
            yield from (value for path in paths if isinstance(value := document.get(path), str))
