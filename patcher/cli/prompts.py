"""What click says and asks, in the language that is spoken."""

from __future__ import annotations

import sys

import click

from patcher import i18n
from patcher.i18n import _

_YES = ("y", "yes", "д", "да")
_NO = ("n", "no", "н", "нет", "")


def translate_click() -> None:
    """Let click's modules look up their texts in our catalog, which has them.

    They bind gettext's functions by name, and those know only a catalog in a directory, which a program
    in one file does not have. A module of click that is imported later keeps its English; those hold no text
    that we show.
    """
    for name, module in list(sys.modules.items()):
        if name.startswith("click."):
            for theirs in ("_", "ngettext"):
                if hasattr(module, theirs):
                    setattr(module, theirs, getattr(i18n, theirs))


def confirm(question: str) -> bool:
    """Ask on standard error; no answer is no. Both languages' answers are taken in both.

    Raises click's `Abort` where the person stops.
    """
    choice = _("y/N")
    while True:
        # click's own confirm knows only English answers.
        answer = click.prompt(f"{question} [{choice}]", default="", show_default=False, err=True)
        if answer.strip().lower() in _YES:
            return True
        if answer.strip().lower() in _NO:
            return False
        click.echo(_("Please answer y or n."), err=True)
