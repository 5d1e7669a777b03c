"""Questions on a terminal: yes or no, a hidden word, one of several, some of several; and a long text.

Arrow keys and space where the terminal can move its cursor, numbered lines where it cannot
(`TERM=dumb`). Ctrl-C, Esc and the end of input are all `KeyboardInterrupt`, at every question.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import click

from patcher.dataclass import dataclass
from patcher.i18n import _

_YES = ("y", "yes", "д", "да")
_NO = ("n", "no", "н", "нет", "")

if TYPE_CHECKING:
    from prompt_toolkit.key_binding import KeyBindings
    from questionary import Question


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


@dataclass(frozen=True)
class Choice:
    """Something to choose; `why_not` says why it cannot be chosen, `chosen` whether it is at first."""

    value: str
    title: str
    chosen: bool = False
    why_not: str = ""

    @property
    def line(self) -> str:
        """On one line of the terminal, whatever its width."""
        text = f"{self.title}: {self.why_not}" if self.why_not else self.title
        room = shutil.get_terminal_size().columns - 8
        return text if len(text) <= room else f"{text[: room - 1]}…"


class Questions(Protocol):
    """What can be asked. Each raises `KeyboardInterrupt` where the person wants to stop."""

    def secret(self, prompt: str) -> str:
        """A text that is not shown."""

    def one(self, prompt: str, choices: Sequence[Choice]) -> str:
        """The value of one choice; the first is the one to begin with."""

    def some(self, prompt: str, choices: Sequence[Choice]) -> list[str]:
        """The values of those that are chosen; at least one can be."""

    def show(self, lines: Sequence[tuple[str, str]]) -> None:
        """Look through a text; each line with its colour, or none."""


def here() -> Questions:
    """The questions that this terminal can show."""
    return Plain() if os.environ.get("TERM") == "dumb" else Screen()


class Screen:
    """With arrow keys, by questionary. What is asked goes away when it is answered."""

    def secret(self, prompt: str) -> str:
        import questionary  # noqa: PLC0415 - prompt_toolkit, for the guided run alone

        return str(_asked(questionary.password(prompt, qmark="?", erase_when_done=True)))

    def one(self, prompt: str, choices: Sequence[Choice]) -> str:
        import questionary  # noqa: PLC0415 - as above

        lines = [questionary.Choice(choice.line, choice.value) for choice in choices]
        how = "  " + _("(arrows: move, Enter: take it, Esc: stop)")
        question = questionary.select(
            f"{prompt}\n", lines, instruction=how, use_jk_keys=False, pointer="›", erase_when_done=True
        )
        return str(_asked(question))

    def some(self, prompt: str, choices: Sequence[Choice]) -> list[str]:
        import questionary  # noqa: PLC0415 - as above

        lines = [
            questionary.Choice(
                choice.line,
                choice.value,
                checked=choice.chosen,
                disabled=bool(choice.why_not) or None,  # type: ignore[arg-type] # a flag, so that the reason is not added in brackets
            )
            for choice in choices
        ]
        how = "  " + _("(arrows: move, space: choose or not, Enter: go on, Esc: stop)")
        question = questionary.checkbox(
            f"{prompt}\n", lines, instruction=how, use_jk_keys=False, pointer="›", erase_when_done=True
        )
        return list(_asked(question))

    def show(self, lines: Sequence[tuple[str, str]]) -> None:
        from prompt_toolkit.application import Application  # noqa: PLC0415 - as above
        from prompt_toolkit.document import Document  # noqa: PLC0415
        from prompt_toolkit.layout import HSplit, Layout, Window  # noqa: PLC0415
        from prompt_toolkit.layout.controls import FormattedTextControl  # noqa: PLC0415
        from prompt_toolkit.lexers import Lexer  # noqa: PLC0415
        from prompt_toolkit.widgets import TextArea  # noqa: PLC0415

        class Colours(Lexer):
            def lex_document(self, document: Document) -> Callable[[int], Any]:  # noqa: ARG002 - it is `lines`
                return lambda number: [lines[number]]

        text = TextArea("\n".join(line for _colour, line in lines), read_only=True, lexer=Colours())
        legend = FormattedTextControl(" " + _("arrows, PgUp, PgDn: move   Enter: back   Esc: stop"))
        how = Window(legend, height=1, style="reverse")
        keys = _stopping()
        keys.add("enter", eager=True)(lambda event: event.app.exit())
        application: Application[None] = Application(
            Layout(HSplit([text, how])), key_bindings=keys, full_screen=True, erase_when_done=True
        )
        application.run()


def _asked(question: Question) -> Any:
    from prompt_toolkit.key_binding import merge_key_bindings  # noqa: PLC0415 - as above

    application = question.application
    application.key_bindings = merge_key_bindings([application.key_bindings or _stopping(), _stopping()])
    try:
        return question.unsafe_ask()
    except EOFError:
        raise KeyboardInterrupt from None


def _stopping() -> KeyBindings:
    """Ctrl-C, Esc and Ctrl-D."""
    from prompt_toolkit.key_binding import KeyBindings  # noqa: PLC0415 - as above

    keys = KeyBindings()
    for name in ("c-c", "c-d", "escape"):
        keys.add(name, eager=True)(lambda event: event.app.exit(exception=KeyboardInterrupt()))
    return keys


class Plain:
    """Line by line, for a terminal that can do no more than print."""

    def secret(self, prompt: str) -> str:
        return str(_answered(lambda: click.prompt(prompt, hide_input=True, err=True)))

    def one(self, prompt: str, choices: Sequence[Choice]) -> str:
        for number, choice in enumerate(choices, 1):
            click.echo(f"  {number}. {choice.line}", err=True)
        numbers = click.IntRange(1, len(choices))
        answer: int = _answered(lambda: click.prompt(prompt, type=numbers, default=1, err=True))
        return choices[answer - 1].value

    def some(self, prompt: str, choices: Sequence[Choice]) -> list[str]:
        able = [choice for choice in choices if not choice.why_not]
        for choice in choices:
            number = f"{able.index(choice) + 1:3}." if choice in able else "   -"
            click.echo(f"{number} {'*' if choice.chosen else ' '} {choice.line}", err=True)
        first = " ".join(str(number) for number, choice in enumerate(able, 1) if choice.chosen) or "0"
        click.echo(_("Their numbers, with spaces between; 0 for none."), err=True)
        while True:
            answer = str(_answered(lambda: click.prompt(prompt, default=first, err=True)))
            words = answer.replace(",", " ").split()
            if all(word.isdecimal() and int(word) <= len(able) for word in words):
                return [able[int(word) - 1].value for word in dict.fromkeys(words) if int(word)]
            click.echo(_("These are no numbers of the list."), err=True)

    def show(self, lines: Sequence[tuple[str, str]]) -> None:
        for _colour, line in lines:
            click.echo(line)


def _answered(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except click.Abort:
        raise KeyboardInterrupt from None


@contextlib.contextmanager
def unechoed() -> Iterator[None]:
    """Show nothing of what is typed between two questions: it may be the key, pasted too early."""
    if os.name != "posix" or os.environ.get("TERM") == "dumb":
        yield
        return
    import termios  # noqa: PLC0415 - not on Windows, where nothing is echoed between questions

    before = termios.tcgetattr(sys.stdin)
    quiet = [*before]
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(sys.stdin, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def on_terminal() -> bool:
    """Whether there is somebody to ask, and a screen to show it on."""
    return sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()
