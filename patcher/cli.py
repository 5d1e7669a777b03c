"""Words in, exit code out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from patcher import __version__
from patcher.endpoint import DEFAULT
from patcher.errors import PatchError
from patcher.secret import Mask
from patcher.wanted import DEFAULT_MODEL

_VALUED = {
    "--endpoint",
    "--model",
    "--key-file",
    "--home",
    "--profiles",
    "--lang",
    "--browser",
    "--export",
    "--in",
    "--from",
    "--format",
    "--into",
}

_SHARED = [
    click.option(
        "--endpoint", metavar="URL", default=DEFAULT, show_default=True, help="The gateway's address."
    ),
    click.option("--model", metavar="ID", default=DEFAULT_MODEL, show_default=True, help="The model to use."),
    click.option("--key-file", metavar="FILE", help="Read the key from there (- is standard input)."),
    click.option("--home", metavar="DIR", help="Work on another home; your own variables do not count then."),
    click.option("--profiles", metavar="DIR", help="Profiles of your own, besides the shipped ones."),
    click.option("--strict", is_flag=True, help="If one tool is refused, write nothing at all."),
    click.option("--yes", "-y", is_flag=True, help="Do not ask."),
    click.option("--json", is_flag=True, help="Print one JSON object for programs."),
    click.option("--lang", type=click.Choice(["en", "ru"]), help="The language (else your locale's)."),
]


def _command(where: str, name: str, help_text: str, *own: Callable[[Any], Any]) -> click.Command:
    """A command with its own options and those that all take; its module is imported when it runs."""

    def run(**words: Any) -> None:
        from patcher.session import Session  # noqa: PLC0415 - help and version need none of this

        module, function = where.split(":")
        does = getattr(import_module(f"patcher.commands.{module}"), function)
        arguments = {
            argument: words[argument] for argument in ("tools", "action", "what") if argument in words
        }
        sys.exit(does(Session(words), **arguments))

    for option in reversed([*own, *_SHARED]):
        run = option(run)
    return click.command(name, help=help_text)(run)


_TOOLS = click.argument("tools", nargs=-1, metavar="[TOOL]...")
_DRY = click.option("--dry-run", "-n", is_flag=True, help="Show the diffs, write nothing.")
_BROWSER = click.option(
    "--browser", metavar="NAME", help="Of extensions only those in this browser, or this profile of it."
)

_IN = click.option(
    "--in", "project", metavar="DIR", help="Also the project files in this directory (.env, config.yml ...)."
)

PATCH = _command(
    "patch:patch",
    "patch",
    """Point programs at VseGPT: their handler, key and URL, in their own settings files.

    \b
    vsegpt-patch continue          one tool
    vsegpt-patch --all --dry-run   show what would change in all that are found here
    vsegpt-patch undo              take the last run back

    \b
    Commands:
      list            tools: known, found here, pointed at VseGPT
      show TOOL       where a tool keeps its settings on this machine
      status [TOOL]   what the files say now
      undo [TOOL]     take it back
      history         past runs
      profile         make or check a profile of your own
    """,
    _TOOLS,
    click.option("--all", is_flag=True, help="Every supported tool found on this machine."),
    _DRY,
    _IN,
    _BROWSER,
    click.option("--exit-code", is_flag=True, help="With --dry-run: exit with 3 if there are changes."),
    click.option("--repoint", is_flag=True, help="Also re-point other entries that use OpenAI's own host."),
    click.option("--beta", is_flag=True, help="Also patch tools whose address at VseGPT is a beta."),
    click.option("--tighten", is_flag=True, help="Let nobody else read the files that hold your key."),
    click.option(
        "--export",
        metavar="FILE",
        help="Of an extension: write a file that it can import itself, and change nothing.",
    ),
    click.option("--force", is_flag=True, help="Also patch a tool that runs and may write over it."),
    click.version_option(__version__, prog_name="vsegpt-patch", message="%(prog)s %(version)s"),
)

COMMANDS = {
    "list": _command(
        "look:list_", "list", "Tools: known, found here, pointed at VseGPT; and how each was verified.", _IN
    ),
    "show": _command(
        "look:show",
        "show",
        "Where a tool keeps handler, key, URL and model, on this machine.",
        _TOOLS,
        _IN,
        _BROWSER,
    ),
    "status": _command(
        "look:status_",
        "status",
        "What the files say now: VseGPT, other host, changed since, not set.",
        _TOOLS,
        _IN,
        _BROWSER,
    ),
    "undo": _command(
        "back:undo_",
        "undo",
        "Take it back: the last run, or that of these tools, or the runs of these numbers.",
        _TOOLS,
        click.option("--all", is_flag=True, help="Everything that was written and not taken back yet."),
        click.option("--exact", is_flag=True, help="The very bytes of before; refused if edited since."),
        _DRY,
        click.option("--browser", metavar="NAME", help="Only in this browser, or this profile of it."),
    ),
    "history": _command(
        "back:history",
        "history",
        "Past runs; each can be undone by its number.",
        click.option("--purge", is_flag=True, help="Forget them all, with every backup and old key."),
    ),
    "profile": _command(
        "profile:profile",
        "profile",
        """A profile of your own.

        \b
        vsegpt-patch profile new TOOL --from FILE   a first one, from settings that have a URL and a key
        vsegpt-patch profile lint FILE              check one
        """,
        click.argument("action", type=click.Choice(["new", "lint"])),
        click.argument("what", metavar="TOOL|FILE"),
        click.option("--from", "source", metavar="FILE", help="The settings file of the tool."),
        click.option(
            "--format", "syntax", metavar="NAME", help="The file's format, if its name does not say it."
        ),
        click.option(
            "--into",
            metavar="DIR",
            help="A checkout of this project (else the one you are in, else your own profiles).",
        ),
    ),
}


def main(argv: Sequence[str] | None = None) -> None:
    """Run the program and exit. No exception and no key leaves it."""
    command, words = _sorted_words(list(sys.argv[1:] if argv is None else argv))
    mask = Mask([os.environ.get("VSEGPT_API_KEY", "")])
    try:
        _run(command, words)
    except PatchError as error:
        _fail(mask(str(error)), error.exit_code)
    except click.exceptions.Abort:
        click.echo("Stopped. What was written, if anything: vsegpt-patch history", err=True)
        sys.exit(130)
    except click.ClickException as error:
        _fail(mask(error.format_message()), error.exit_code)
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:  # a failing disk may show itself at any look at a file
        _fail(mask(f"{error.filename or 'the disk'}: {error.strerror or error}"), 1)
    except Exception as error:  # noqa: BLE001 - a traceback never reaches a user: it may show a key
        _fail(mask(_unexpected(error)), 1)


def _run(command: click.Command, words: list[str]) -> None:
    name = "vsegpt-patch" if command is PATCH else f"vsegpt-patch {command.name}"
    command.main(words, prog_name=name, standalone_mode=False)


def _sorted_words(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that is asked for, wherever its name stands among the options, and the other words."""
    skip = False
    for index, word in enumerate(words):
        if skip:
            skip = False
        elif word in COMMANDS:
            return COMMANDS[word], words[:index] + words[index + 1 :]
        elif not word.startswith("-") or word == "--":
            break
        else:
            skip = word in _VALUED
    return PATCH, words


def _fail(message: str, code: int) -> None:
    click.echo(f"vsegpt-patch: {message}", err=True)
    sys.exit(code)


def _unexpected(error: Exception) -> str:
    """What a bug report needs, without the data that was worked on."""
    trace = error.__traceback__
    where = ""
    while trace:
        where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return (
        f"internal error ({type(error).__name__} at {where}). "
        "No file was left half-written. Please report this line."
    )
