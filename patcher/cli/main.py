"""Words in, exit code out."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import NoReturn

import click

from patcher import ASKING, i18n
from patcher.cli import command_table, parameters
from patcher.cli.guard import guarded, say
from patcher.errors import PatchError
from patcher.machine import base_dirs


def main(argv: Sequence[str] | None = None) -> None:
    """Run the program and exit. No exception and no key leaves it."""
    words = list(sys.argv[1:] if argv is None else argv)
    if asking := os.environ.get(ASKING):
        _complete(asking)
    code, failure = guarded(lambda: _run(words))
    if failure:
        say(failure)
    sys.exit(code)


def _complete(asking: str) -> NoReturn:
    """Answer a shell that asks how a word may go on. Where that cannot be said, there is no answer."""
    with contextlib.suppress(Exception):
        from patcher.cli import shells  # noqa: PLC0415 - nobody waits for the others

        shell = shells.asking(asking)
        words, incomplete = shell.get_completion_args()
        with contextlib.suppress(PatchError):
            shell.ctx_args["default_map"] = _defaults(words)
        i18n.use(_spoken(words, shell.ctx_args.get("default_map", {}).get("lang", "")))
        name, rest = split_command(words)
        shell.cli = command_table.command(name)
        found = shell.get_completions(rest, incomplete)
        for item in found:  # as bytes: a Windows console would put its own line ends in
            click.echo(f"{shell.format_completion(item)}\n".encode(), nl=False)
    sys.exit(0)


def _spoken(words: Sequence[str], default: str = "") -> str:
    """The language, which has to be known before any text is made. A wrong one is refused later."""
    chosen = _value(words, "--lang")
    return chosen if chosen in i18n.LANGUAGES else i18n.preferred(os.environ, default)


def _defaults(words: Sequence[str]) -> dict[str, str]:
    """What the person's own file says, by option. That of one home is not for root, nor for other homes."""
    homes = _values(words, "--home")
    home = os.path.expanduser(homes[0]) if homes else ""  # noqa: PTH111 - text, as in bases
    if len(homes) > 1 or base_dirs.is_anothers(home):
        return {}
    path = base_dirs.defaults_file(home)
    if not os.path.lexists(path):
        return {}
    from pathlib import Path  # noqa: PLC0415 - few have this file

    from patcher.cli import config  # noqa: PLC0415

    return config.read(Path(path), other_home=bool(home))


def _value(words: Sequence[str], option: str) -> str:
    """What an option is given, before the words are understood; nothing if it is not there."""
    return (_values(words, option) or [""])[-1]


def _values(words: Sequence[str], option: str) -> list[str]:
    given = []
    for word, following in pairwise([*words, ""]):
        name, equals, value = word.partition("=")
        if name == option:
            given.append(value if equals else following)
    return given


def _run(words: list[str]) -> int:
    i18n.use(_spoken(words))
    defaults = _defaults(words)
    i18n.use(_spoken(words, defaults.get("lang", "")))
    name, rest = split_command(words)
    shown = "vsegpt-patch" if name == "patch" else f"vsegpt-patch {name}"
    made = command_table.command(name)
    return int(made.main(rest, prog_name=shown, standalone_mode=False, default_map=defaults))


def split_command(words: list[str]) -> tuple[str, list[str]]:
    """The command that is asked for, wherever its name stands among the options, and the other words."""
    skip = False
    for index, word in enumerate(words):
        if skip:
            skip = False
        elif word in command_table.COMMANDS and word != "patch":
            return word, words[:index] + words[index + 1 :]
        elif not word.startswith("-") or word == "--":
            break
        else:
            skip = word in parameters.VALUED
    return "patch", words
