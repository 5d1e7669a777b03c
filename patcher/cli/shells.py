"""Completion by the shell: the script that a shell loads, and how it asks and is answered.

Both are click's, for bash, zsh, fish and PowerShell. The script calls this program with `ASKING` set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    PowerShellComplete,
    ShellComplete,
    ZshComplete,
)

from patcher import ASKING
from patcher.i18n import N_, _

PROGRAM: Final = "vsegpt-patch"


class _Bash(BashComplete):
    """Puts a word that has blanks on the command line as one word; click's leaves it to break."""

    def format_completion(self, item: CompletionItem[Any]) -> str:
        value = re.sub(r"[^\w@%+=:,./-]", r"\\\g<0>", item.value) if item.type == "plain" else item.value
        return super().format_completion(CompletionItem(value, item.type, item.help))


class _PowerShell(PowerShellComplete):
    """The same; PowerShell quotes."""

    def format_completion(self, item: CompletionItem[Any]) -> str:
        blank = item.type == "plain" and re.search(r"[^\w+./:-]", item.value)
        value = "'" + item.value.replace("'", "''") + "'" if blank else item.value
        return super().format_completion(CompletionItem(value, item.type, item.help))


_SHELLS: Mapping[str, tuple[type[ShellComplete], str]] = {
    "bash": (_Bash, N_('In ~/.bashrc: eval "$(vsegpt-patch completion bash)"')),
    "zsh": (ZshComplete, N_('In ~/.zshrc, after compinit: eval "$(vsegpt-patch completion zsh)"')),
    "fish": (
        FishComplete,
        N_("Once: vsegpt-patch completion fish > ~/.config/fish/completions/vsegpt-patch.fish"),
    ),
    "powershell": (
        _PowerShell,
        N_("In $PROFILE: vsegpt-patch completion powershell | Out-String | Invoke-Expression"),
    ),
}


def script(shell: str) -> str:
    """What the shell has to load; its last line is a comment that says how."""
    kind, how = _SHELLS[shell]
    made = kind(click.Command(PROGRAM), {}, PROGRAM, ASKING)
    text = ShellComplete.source(made)  # bash's own would start bash, to see how old it is
    return f"{text.rstrip()}\n\n# {_(how)}\n"


def asking(instruction: str) -> ShellComplete:
    """The shell that asks (`zsh_complete`); its command is still to be set. Raises `KeyError`."""
    kind, _how = _SHELLS[instruction.removesuffix("_complete")]
    return kind(click.Command(PROGRAM), {}, PROGRAM, ASKING)
