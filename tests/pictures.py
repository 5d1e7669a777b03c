"""The pictures of the READMEs, docs/*.svg: `python -m tests.pictures` draws them anew.

Each shows what the program itself writes to a terminal, in a home made of fixtures, and what a
person types there. A test fails where one is out of date.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from pyte.screens import Char

from patcher import i18n
from patcher.i18n import N_, _
from tests.support.homes import KEY, ROOT, cases
from tests.support.terminals import Terminal

FOLDER = ROOT / "docs"
COLUMNS, LINES = 88, 40
_WIDTH, _HEIGHT, _EDGE, _TOP = 8.4, 19, 18, 40  # of a letter, a line, the margin, and above the first line
_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace"
_WORDS = re.compile(r"\S+(?: \S+)*")  # renderers differ in what several blanks come to
_COLOURS = {
    "black": "#6e7681",
    "red": "#ff7b72",
    "green": "#56d364",
    "brown": "#e3b341",
    "blue": "#79c0ff",
    "magenta": "#d2a8ff",
    "cyan": "#76e3ea",
    "white": "#f0f6fc",
}
"""Of a terminal's colours those that can be read on our dark ground; bright ones are the same."""


class Scene(NamedTuple):
    """What happens at a terminal: commands, one after the other, and what is typed while the last runs."""

    fixtures: tuple[str, ...]
    """What is in the home."""
    commands: tuple[str, ...]
    keys: tuple[tuple[str, str], ...] = ()
    """What is waited for, as it stands in the code, and what is typed then; nothing: that is the moment."""


SCENES = {
    "continue": Scene(("continue/existing",), ("vsegpt-patch continue --dry-run", "vsegpt-patch continue")),
    "guided": Scene(
        ("aider/existing", "continue/existing", "obsidian-copilot/existing"),
        ("vsegpt-patch",),
        (
            (N_("Paste it and press Enter (it is not shown):"), KEY),
            (N_("Paste it and press Enter (it is not shown):"), "\r"),
            (N_("Which programs shall use VseGPT?"), "\r"),
            (N_("No, leave everything as it is"), ""),
        ),
    ),
}


def pictures() -> Iterator[tuple[str, str]]:
    """The name and the text of every file."""
    for name, scene in SCENES.items():
        for language in i18n.LANGUAGES:
            i18n.use(language)
            yield f"{name}.svg" if language == "en" else f"{name}.{language}.svg", drawn(scene, language)
    i18n.use("en")


def drawn(scene: Scene, language: str) -> str:
    """The scene as an SVG."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        for case in cases():
            if case.name in scene.fixtures:
                case.home(home)
        for path in home.rglob("*"):  # whatever the checkout's modes are
            path.chmod(0o700 if path.is_dir() else 0o600)
        lines: list[list[Char]] = []
        for number, command in enumerate(scene.commands, 1):
            lines += [[], _prompt(command)] if lines else [_prompt(command)]
            lines += _played(command, home, language, scene.keys if number == len(scene.commands) else ())
    return _svg(lines, scene.commands[0])


def _prompt(command: str) -> list[Char]:
    return [Char("$", fg="green"), *map(Char, f" {command}")]


def _played(command: str, home: Path, language: str, keys: Sequence[tuple[str, str]]) -> list[list[Char]]:
    """The lines that are on the terminal at the end, or at the moment that is asked for."""
    env = {"HOME": str(home), "PATH": "", "VSEGPT_PATCH_LANG": language}
    if not keys:
        env["VSEGPT_API_KEY"] = KEY
    words = [sys.executable, "-m", "patcher", *command.split()[1:]]
    with Terminal(words, env, columns=COLUMNS, lines=LINES) as terminal:
        for text, typed in keys:
            terminal.sees(_(text))
            if not typed:
                break
            terminal.types(typed)
        else:
            terminal.ends()
        return _trimmed(terminal.letters)


def _trimmed(lines: list[list[Char]]) -> list[list[Char]]:
    """Without the empty lines at the end."""
    while lines and all(letter.data == " " for letter in lines[-1]):
        lines = lines[:-1]
    return lines


def _svg(lines: Sequence[Sequence[Char]], title: str) -> str:
    width, height = round(COLUMNS * _WIDTH + 2 * _EDGE), _TOP + len(lines) * _HEIGHT + _EDGE
    texts = "\n".join(text for number, line in enumerate(lines) for text in _texts(line, number))
    colours = "".join(f" .{name} {{ fill: {colour} }}" for name, colour in _COLOURS.items())
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"
 role="img">
<title>{escape(title)}</title>
<style>
text {{ font: 14px {_FONT}; fill: #d1d7e0 }}
.bold {{ font-weight: 700 }}{colours}
</style>
<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8" fill="#0d1117" stroke="#484f58"/>
<g fill="#484f58">{"".join(f'<circle cx="{_EDGE + 6 + 18 * n}" cy="20" r="5.5"/>' for n in range(3))}</g>
{texts}
</svg>
"""


def _texts(line: Sequence[Char], number: int) -> Iterator[str]:
    """The words of a line that look alike, at their column, whatever the width of the font is."""
    y = _TOP + number * _HEIGHT + 10
    column = 0
    for (classes, ground), letters in groupby(line, _look):
        text = "".join(letter.data for letter in letters)
        start, column = column, column + len(text)
        if ground:
            x, wide = _EDGE + start * _WIDTH, len(text) * _WIDTH
            yield f'<rect x="{x:.1f}" y="{y - 14}" width="{wide:.1f}" height="{_HEIGHT}" fill="{ground}"/>'
        for words in _WORDS.finditer(text):
            x, wide = _EDGE + (start + words.start()) * _WIDTH, len(words[0]) * _WIDTH
            look = f' class="{classes}"' if classes else ""
            yield f'<text x="{x:.1f}" y="{y}" textLength="{wide:.1f}"{look}>{escape(words[0])}</text>'


def _look(letter: Char) -> tuple[str, str]:
    """The classes of a letter, and its ground where it has one of its own."""
    front, back = letter.fg.removeprefix("bright"), letter.bg.removeprefix("bright")
    if letter.reverse:
        return "", "#30363d"
    classes = [front] if front in _COLOURS else []
    return " ".join(classes + ["bold"] * letter.bold), _COLOURS.get(back, "")


if __name__ == "__main__":
    for name, text in pictures():
        (FOLDER / name).write_text(text, "utf-8")
