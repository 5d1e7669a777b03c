"""The options and arguments that several commands take, with their help and the shell's completion."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from patcher import i18n
from patcher.endpoint import DEFAULT, DEFAULT_MODEL
from patcher.i18n import LANGUAGES, _

VALUED = frozenset(
    "--as --browser --endpoint --export --format --from --home --in --into --key-file --lang --model"
    " --profiles".split()
)
"""The options that take a value, of all commands."""

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Parameter = Callable[[Any], Any]
option = click.option


def translate_click() -> None:
    """Let click's modules look up their texts in our catalog, which has them.

    They bind gettext's functions by name, and those know only a catalog in a directory, which a program
    in one file does not have. A module of click that is imported later keeps its English; those hold no text
    that we show.
    """
    for name, module in list(sys.modules.items()):
        if name.startswith("click."):
            for function in ("_", "ngettext"):
                if hasattr(module, function):
                    setattr(module, function, getattr(i18n, function))


translate_click()


def completed(by: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem[str]]]:
    """What the shell completes a word with: a function of `completion`, or `file` or `dir`."""

    def complete(
        context: click.Context, _parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem[str]]:
        if by in {"file", "dir"}:
            from click.shell_completion import CompletionItem  # noqa: PLC0415 - for a shell that asks

            return [CompletionItem(incomplete, type=by)]
        from patcher.cli import completion  # noqa: PLC0415 - nothing else needs it

        found: list[CompletionItem[str]] = getattr(completion, by)(context, incomplete)
        return found

    return complete


def valued(name: str, metavar: str, help_text: str, by: str, *more: str, **how: Any) -> Parameter:
    """An option with a value that the shell can complete."""
    return option(name, *more, metavar=metavar, help=help_text, shell_complete=completed(by), **how)


def shared() -> list[Parameter]:
    return [
        option(
            "--endpoint", metavar="URL", default=DEFAULT, show_default=True, help=_("The gateway's address.")
        ),
        valued("--model", "ID", _("The model to use."), "models", default=DEFAULT_MODEL, show_default=True),
        valued("--key-file", _("FILE"), _("Read the key from there (- is standard input)."), "file"),
        valued(
            "--home",
            _("DIR"),
            _("Work on another home, or on several; your own variables do not count then."),
            "dir",
            "homes",
            multiple=True,
        ),
        valued("--profiles", _("DIR"), _("Profiles of your own, besides the shipped ones."), "dir"),
        option("--strict", is_flag=True, help=_("If one tool is refused, write nothing at all.")),
        option("--yes", "-y", is_flag=True, help=_("Do not ask.")),
        option("--json", is_flag=True, help=_("Print one JSON object for programs.")),
        option(
            "--lang",
            type=click.Choice(LANGUAGES),
            help=_("The language (else VSEGPT_PATCH_LANG, else your locale's)."),
        ),
    ]


def tools(complete: Any = None) -> Parameter:
    return click.argument(
        "tools", nargs=-1, metavar=_("[TOOL]..."), shell_complete=complete or completed("tools")
    )


def dry() -> Parameter:
    return option("--dry-run", "-n", is_flag=True, help=_("Show the diffs, write nothing."))


def browser() -> Parameter:
    help_text = _("Of extensions only those in this browser, or this profile of it.")
    return valued("--browser", _("NAME"), help_text, "browsers")


def project() -> Parameter:
    help_text = _("Also the project files in this directory (.env, config.yml ...).")
    return valued("--in", _("DIR"), help_text, "dir", "project")


def ways() -> list[Parameter]:
    """How tools are patched, here or elsewhere."""
    return [
        option("--repoint", is_flag=True, help=_("Also re-point other entries that use OpenAI's own host.")),
        option(
            "--slots", is_flag=True, help=_("Also the second models of a tool: titles, commits, fallbacks.")
        ),
        option("--beta", is_flag=True, help=_("Also patch tools whose address at VseGPT is a beta.")),
        option("--tighten", is_flag=True, help=_("Let nobody else read the files that hold your key.")),
    ]
