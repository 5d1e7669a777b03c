"""Whatever goes wrong, as one line for a person: no traceback and no key in it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import click

from patcher.errors import PatchError
from patcher.i18n import _

STOPPED = 130
"""Exit code of what a person stopped, as a shell has it."""


def guarded(work: Callable[[], int]) -> tuple[int, str]:
    """The exit code of `work`, and what to say of its failure; nothing where there was none."""
    try:
        return work(), ""
    except PatchError as error:
        return error.exit_code, _safe(str(error))
    except (click.exceptions.Abort, KeyboardInterrupt):
        return STOPPED, _("Stopped. What was written, if anything: vsegpt-patch history")
    except click.ClickException as error:
        return error.exit_code, _safe(error.format_message())
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1, ""
    except OSError as error:  # a failing disk may show itself at any look at a file
        from patcher.os_errors import why  # noqa: PLC0415 - seldom needed

        where = error.filename or _("the disk")
        return 1, _safe(f"{where}: {why(error)}")
    except Exception as error:  # noqa: BLE001 - a traceback never reaches a user: it may show a key
        return 1, _safe(_unexpected(error))


def say(failure: str) -> None:
    click.echo(f"vsegpt-patch: {failure}", err=True)


def _safe(text: str) -> str:
    from patcher.secrets.secret import Mask  # noqa: PLC0415 - patterns that only a failure needs this early

    return Mask([os.environ.get("VSEGPT_API_KEY", "")])(text)


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
