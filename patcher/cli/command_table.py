"""What each word of the command line does: the commands, each with its own options and help.

A command's module is imported when it runs, and no text is made before the language is known.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from patcher import SHELLS, __version__
from patcher.cli.parameters import (
    Parameter,
    browser,
    completed,
    dry,
    option,
    project,
    shared,
    tools,
    valued,
    ways,
)
from patcher.i18n import _

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def command(name: str) -> click.Command:
    """The command of this name, one of `COMMANDS`; `patch` is the one that has no name of its own."""
    return COMMANDS[name](name)


def _made(name: str, help_text: str, *own: Parameter) -> click.Command:
    """A command with its own options and those that all take; its module is imported when it runs."""

    def run(**given: Any) -> int:
        from patcher.cli import homes  # noqa: PLC0415 - help and version need none of this
        from patcher.cli.options import Options  # noqa: PLC0415 - the same

        module = import_module(f"patcher.cli.commands.{name}")
        source = click.get_current_context().get_parameter_source("model")
        named = source is not click.core.ParameterSource.DEFAULT
        return homes.run(name, Options(**given, model_given=named), module.run)

    for parameter in reversed([*own, *shared()]):
        run = parameter(run)
    return click.command(name, help=help_text, options_metavar=_("[OPTIONS]"))(run)


def _first_words(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Of the command without a name: the commands that have one, and the tools."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - for a shell that asks

    names = [] if context.params.get("tools") else [name for name in COMMANDS if name != "patch"]
    commands = [
        CompletionItem(name, help=command(name).get_short_help_str(100))
        for name in names
        if name.startswith(incomplete)
    ]
    return commands + completed("tools")(context, parameter, incomplete)


def _patch(name: str) -> click.Command:
    return _made(
        name,
        _(
            """Point programs at VseGPT: their handler, key and URL, in their own settings files.

    \b
    vsegpt-patch                   on a terminal: asks, step by step
    vsegpt-patch continue          one tool
    vsegpt-patch --all --dry-run   show what would change in all that are found here
    vsegpt-patch undo              take the last run back

    \b
    Commands:
      list            tools: known, found here, pointed at VseGPT
      show TOOL       where a tool keeps its settings on this machine
      status [TOOL]   what the files say now
      check [TOOL]    over the network: key, balance, model, both ports
      undo [TOOL]     take it back
      history         past runs
      key             keep the key in the system's keyring, or put a new one everywhere
      export          the same for elsewhere: Ansible, chezmoi, a shell script
      profile         make or check a profile of your own
      completion      a script for your shell
    """
        ),
        tools(_first_words),
        option("--all", is_flag=True, help=_("Every supported tool found on this machine.")),
        dry(),
        project(),
        browser(),
        option("--exit-code", is_flag=True, help=_("With --dry-run: exit with 3 if there are changes.")),
        *ways(),
        valued(
            "--export",
            _("FILE"),
            _("Of an extension: write a file that it can import itself, and change nothing."),
            "file",
        ),
        option(
            "--prove",
            is_flag=True,
            help=_("Then run each of these tools once, off line, and see where its request goes."),
        ),
        option("--force", is_flag=True, help=_("Also patch a tool that runs and may write over it.")),
        click.version_option(
            __version__,
            prog_name="vsegpt-patch",
            message="%(prog)s %(version)s",
            help=_("Show the version and exit."),
        ),
    )


def _list(name: str) -> click.Command:
    help_text = _("Tools: known, found here, pointed at VseGPT; and how each was verified.")
    return _made(name, help_text, project())


def _show(name: str) -> click.Command:
    help_text = _("Where a tool keeps handler, key, URL and model, on this machine.")
    return _made(name, help_text, tools(), project(), browser())


def _status(name: str) -> click.Command:
    help_text = _("What the files say now: VseGPT, other host, changed since, not set.")
    return _made(name, help_text, tools(), project(), browser())


def _check(name: str) -> click.Command:
    return _made(
        name,
        _(
            """Over the network, and only to the endpoint: does it answer, is the key good, what is the
    balance, is the model there? Of these tools also: do their files say so, and can that work here?"""
        ),
        tools(),
        option(
            "--through",
            is_flag=True,
            help=_("Instead, off line: run the tool itself, and see where its request goes."),
        ),
        project(),
        browser(),
    )


def _undo(name: str) -> click.Command:
    return _made(
        name,
        _("Take it back: the last run, or that of these tools, or the runs of these numbers."),
        tools(completed("undoable")),
        option("--all", is_flag=True, help=_("Everything that was written and not taken back yet.")),
        option("--exact", is_flag=True, help=_("The very bytes of before; refused if edited since.")),
        dry(),
        valued("--browser", _("NAME"), _("Only in this browser, or this profile of it."), "browsers"),
    )


def _history(name: str) -> click.Command:
    return _made(
        name,
        _("Past runs; each can be undone by its number."),
        option("--purge", is_flag=True, help=_("Forget them all, with every backup and old key.")),
    )


def _key(name: str) -> click.Command:
    return _made(
        name,
        _(
            """Your VseGPT key: in the system's keyring, and in the files that hold it.

        \b
        vsegpt-patch key set      keep it in the keyring, where it is found when it is needed
        vsegpt-patch key forget   take it out of the keyring
        vsegpt-patch key rotate   put a new key wherever this program has put one, and in the keyring

        The key is asked for, or read with --key-file.
        """
        ),
        click.argument("action", type=click.Choice(["set", "forget", "rotate"])),
        dry(),
        option("--force", is_flag=True, help=_("Also in files of a tool that runs and may write over it.")),
    )


def _profile(name: str) -> click.Command:
    return _made(
        name,
        _(
            """A profile of your own.

        \b
        vsegpt-patch profile new TOOL --from FILE   a first one, from settings that have a URL and a key
        vsegpt-patch profile lint FILE              check one
        """
        ),
        click.argument("action", type=click.Choice(["new", "lint"])),
        click.argument("what", metavar=_("TOOL|FILE"), shell_complete=completed("file")),
        valued("--from", _("FILE"), _("The settings file of the tool."), "file", "source"),
        option(
            "--format", "syntax", metavar=_("NAME"), help=_("The file's format, if its name does not say it.")
        ),
        valued(
            "--into",
            _("DIR"),
            _("A checkout of this project (else the one you are in, else your own profiles)."),
            "dir",
        ),
    )


def _completion(name: str) -> click.Command:
    return _made(
        name,
        _("A script for your shell, which completes commands, options and tools; its end says what to do."),
        click.argument("what", metavar=_("SHELL"), type=click.Choice(SHELLS)),
    )


def _export(name: str) -> click.Command:
    return _made(
        name,
        _("What is to be done for these tools, as something that does it elsewhere; without the key."),
        tools(),
        option(
            "--as",
            "form",
            type=click.Choice(["ansible", "chezmoi", "sh"]),
            required=True,
            help=_("A playbook, a script for chezmoi, or one for any shell."),
        ),
        option("--all", is_flag=True, help=_("Every supported tool found on this machine.")),
        *ways(),
    )


COMMANDS: dict[str, Callable[[str], click.Command]] = {
    "patch": _patch,
    "list": _list,
    "show": _show,
    "status": _status,
    "check": _check,
    "undo": _undo,
    "history": _history,
    "key": _key,
    "export": _export,
    "profile": _profile,
    "completion": _completion,
}
"""By name what makes a command; none is made before the language is known."""
