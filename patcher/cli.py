"""Words in, exit code out."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import NoReturn

import click

from patcher import ASKING, bases, i18n, options
from patcher.errors import PatchError
from patcher.i18n import _


def main(argv: Sequence[str] | None = None) -> None:
    """Run the program and exit. No exception and no key leaves it."""
    words = list(sys.argv[1:] if argv is None else argv)
    if asking := os.environ.get(ASKING):
        _complete(asking)
    try:
        i18n.use(_spoken(words))
        defaults = _defaults(words)
        i18n.use(_spoken(words, defaults.get("lang", "")))
        _run(*_sorted_words(words), defaults)
    except PatchError as error:
        _fail(str(error), error.exit_code)
    except click.exceptions.Abort:
        click.echo(_("Stopped. What was written, if anything: vsegpt-patch history"), err=True)
        sys.exit(130)
    except click.ClickException as error:
        _fail(error.format_message(), error.exit_code)
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:  # a failing disk may show itself at any look at a file
        from patcher.failures import why  # noqa: PLC0415 - seldom needed

        where = error.filename or _("the disk")
        _fail(f"{where}: {why(error)}", 1)
    except Exception as error:  # noqa: BLE001 - a traceback never reaches a user: it may show a key
        _fail(_unexpected(error), 1)


def _complete(asking: str) -> NoReturn:
    """Answer a shell that asks how a word may go on. Where that cannot be said, there is no answer."""
    with contextlib.suppress(Exception):
        from patcher import shells  # noqa: PLC0415 - nobody waits for the others

        shell = shells.asking(asking)
        words, incomplete = shell.get_completion_args()
        with contextlib.suppress(PatchError):
            shell.ctx_args["default_map"] = _defaults(words)
        i18n.use(_spoken(words, shell.ctx_args.get("default_map", {}).get("lang", "")))
        name, rest = _sorted_words(words)
        shell.cli = options.command(name)
        found = shell.get_completions(rest, incomplete)
        for item in found:  # as bytes: a Windows console would put its own line ends in
            click.echo(f"{shell.format_completion(item)}\n".encode(), nl=False)
    sys.exit(0)


def _spoken(words: Sequence[str], default: str = "") -> str:
    """The language, which has to be known before any text is made. A wrong one is refused later."""
    chosen = _value(words, "--lang")
    return chosen if chosen in i18n.LANGUAGES else i18n.preferred(os.environ, default)


def _defaults(words: Sequence[str]) -> dict[str, str]:
    """What the person's own file says, by option."""
    home = _value(words, "--home")
    path = bases.defaults_file(home)
    if not os.path.lexists(path):
        return {}
    from pathlib import Path  # noqa: PLC0415 - few have this file

    from patcher import config  # noqa: PLC0415

    return config.read(Path(path), other_home=bool(home))


def _value(words: Sequence[str], option: str) -> str:
    """What an option is given, before the words are understood; nothing if it is not there."""
    given = ""
    for word, following in pairwise([*words, ""]):
        name, equals, value = word.partition("=")
        if name == option:
            given = value if equals else following
    return given


def _run(name: str, words: list[str], defaults: dict[str, str]) -> None:
    shown = "vsegpt-patch" if name == "patch" else f"vsegpt-patch {name}"
    options.command(name).main(words, prog_name=shown, standalone_mode=False, default_map=defaults)


def _sorted_words(words: list[str]) -> tuple[str, list[str]]:
    """The command that is asked for, wherever its name stands among the options, and the other words."""
    skip = False
    for index, word in enumerate(words):
        if skip:
            skip = False
        elif word in options.COMMANDS and word != "patch":
            return word, words[:index] + words[index + 1 :]
        elif not word.startswith("-") or word == "--":
            break
        else:
            skip = word in options.VALUED
    return "patch", words


def _fail(message: str, code: int) -> None:
    from patcher.secret import Mask  # noqa: PLC0415 - patterns that only a failure needs this early

    mask = Mask([os.environ.get("VSEGPT_API_KEY", "")])
    click.echo(f"vsegpt-patch: {mask(message)}", err=True)
    sys.exit(code)


def _unexpected(error: Exception) -> str:
    """What a bug report needs, without the data that was worked on."""

    trace = error.__traceback__
    where = ""
    while trace:
        where = f"{trace.tb_frame.f_code.co_filename.rpartition(os.sep)[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return _(
        "internal error ({kind} at {where}). No file was left half-written. Please report this line."
    ).format(kind=type(error).__name__, where=where)
