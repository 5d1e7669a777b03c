"""The window of VS Code, on a page of a browser: commands, clicks and texts, in panels as well."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.browsers.chromium import Chromium, Page
from tests.browsers.process import until

# The middle of the last element that is to be seen, has the text, and fits the selector. A panel is a page
# in frames, all of them of one origin here.
_FIND = """((selector, text) => {
    const inFrames = (page, left, top) => {
        const fits = box => box.width && box.height;
        for (const found of [...page.querySelectorAll(selector)].reverse()) {
            const box = found.getBoundingClientRect();
            const words = [found.textContent, found.ariaLabel, found.title, found.placeholder];
            if (fits(box) && words.some(each => each?.includes(text)))
                return [left + box.x + box.width / 2, top + box.y + box.height / 2];
        }
        for (const frame of page.querySelectorAll('iframe')) {
            const box = frame.getBoundingClientRect();
            const found = fits(box) && frame.contentDocument
                && inFrames(frame.contentDocument, left + box.x, top + box.y);
            if (found) return found;
        }
        return null;
    };
    return inFrames(document, 0, 0);
})(%s, %s)"""
_TEXTS = """(() => {
    const texts = page => [page.body?.innerText ?? '', ...[...page.querySelectorAll('iframe')]
        .filter(frame => frame.getBoundingClientRect().width && frame.contentDocument)
        .flatMap(frame => texts(frame.contentDocument))];
    return texts(document).join('\\n');
})()"""
_PAUSE = "new Promise(done => setTimeout(done, %d))"
_CHOICES = ".quick-input-list .monaco-list-row"


class Window:
    """An open window."""

    def __init__(self, page: Page) -> None:
        self._page = page
        until("window", lambda: self._find(".statusbar-item a", "(Git)"))  # the last to come

    def do(
        self,
        *,
        command: str = "",
        click: str = "",
        text: str = "",
        write: str = "",
        escape: bool = False,
        wait: float = 0.5,
    ) -> None:
        """One step as extensions.toml has it. Raises `Hung` where what it names does not come."""
        if command:
            until(f"command {command}", lambda: self._listed(command) or None)
            self._page.press("Enter", 13, "\r")
        if click:
            until(f"{click} {text}", lambda: self._find(click, text), 40)
            self.wait(0.5)  # for it to come to rest
            self._page.click(*self._find(click, text))
        if write:
            self.wait(0.5)
            self._page.insert(write)
            self.wait(2)  # for the panel to have taken it, and for lists to follow
            self._page.press("Enter", 13, "\r")
        if escape:
            self._page.press("Escape", 27)
        self.wait(wait)

    def _listed(self, command: str) -> bool:
        """Whether the list of commands, opened anew, begins with this one: its extension may come late."""
        self._page.press("F1", 112)
        until("list of commands", lambda: self._find(_CHOICES), 20)
        self._page.insert(command)
        self.wait(2)
        if self._find(_CHOICES, command):
            return True
        self._page.press("Escape", 27)
        return False

    def wait(self, seconds: float) -> None:
        self._page.evaluate(_PAUSE % (seconds * 1000))

    def texts(self) -> str:
        """All that is to be read in it."""
        return str(self._page.evaluate(_TEXTS))

    def picture(self) -> bytes:
        return self._page.picture()

    def _find(self, selector: str, text: str = "") -> Any:
        return self._page.evaluate(_FIND % (json.dumps(selector), json.dumps(text)))


@contextlib.contextmanager
def opened(url: str, folder: Path) -> Iterator[Window]:
    """The window of the editor at that address, in a browser whose home is `folder`."""
    with Chromium(folder) as browser, browser.page(url) as page:
        yield Window(page)
