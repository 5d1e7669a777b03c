"""Chromium over its debugging pipe (Chrome DevTools Protocol): no port, no driver, no package."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import select
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from patcher.stores.leveldb import store as leveldb
from tests.browsers.process import EXTENSION, TIMEOUT, Hung, end, kill, program, start, until

# The browser reads commands from file 3 and answers to file 4.
_LAUNCH = (
    "import os, sys, fcntl\n"
    "ends = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 10) for fd in sys.argv[1:3]]\n"
    "os.dup2(ends[0], 3); os.dup2(ends[1], 4)\n"
    "os.execv(sys.argv[3], sys.argv[3:])"
)
_FLAGS = [
    "--headless=new",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no connection to anywhere else
    "--disable-features=DisableLoadExtensionCommandLineSwitch",
    "--password-store=basic",
    "--remote-debugging-pipe",
    "--window-size=1400,1000",
]


class Chromium:
    """A running Chromium with the extension, ours or the unpacked one in a folder; in its `with` block.

    `person` is the folder of one of its profiles: each has its own settings.
    """

    def __init__(self, folder: Path, extension: Path | None = None, person: str = "Default") -> None:
        binary = program("chromium", "chromium-browser", "google-chrome")
        self.profile = folder / ".config" / "chromium"
        self._person = person
        if extension is None:
            extension = _ours(folder / "extension")
        # The id of an unpacked extension is the hash of its path, in letters.
        digest = hashlib.sha256(os.fsencode(extension)).hexdigest()[:32]
        self.id = digest.translate(str.maketrans("0123456789abcdef", "abcdefghijklmnop"))
        theirs, self._out = os.pipe()
        self._in, answers = os.pipe()
        command = [sys.executable, "-c", _LAUNCH, str(theirs), str(answers), binary, *_FLAGS]
        command += [f"--user-data-dir={self.profile}", f"--profile-directory={person}"]
        command += [f"--load-extension={extension}", "about:blank"]
        if os.geteuid() == 0:
            command.insert(-1, "--no-sandbox")
        self._process = start(command, folder, (theirs, answers))
        os.close(theirs)
        os.close(answers)
        self._rest = b""
        self._number = 0

    @property
    def store(self) -> Path:
        """The folder of the extension's database."""
        return self.profile / self._person / "Local Extension Settings" / self.id

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Quit, as a person does."""
        try:
            with contextlib.suppress(Hung, OSError):
                self.ask("Browser.close")
        finally:
            os.close(self._out)
            end(self._process)
            os.close(self._in)

    def crash(self) -> None:
        """End it at once, as a power cut would."""
        kill(self._process)

    def settings(self) -> Any:
        """What the extension's own page reads from its storage."""
        return until("the extension's page", lambda: self._shown(self.url("options.html")))

    def url(self, name: str) -> str:
        """The address of a page of the extension's."""
        return f"chrome-extension://{self.id}/{name}"

    def stored(self) -> dict[str, bytes]:
        """The values of the store, as JSON, with the browser closed."""
        return {name.decode(): value for name, value in leveldb.read(self.store).values.items()}

    def _shown(self, url: str) -> Any:
        look = "document.getElementById('all')?.textContent || null"
        with self.page(url) as page:
            try:
                return json.loads(until("the settings", lambda: page.evaluate(look), 3))
            except Hung:
                return None  # the extension was not there yet: the page is opened anew

    @contextlib.contextmanager
    def page(self, url: str) -> Iterator[Page]:
        """A page in a tab of its own."""
        target = self.ask("Target.createTarget", {"url": url})["targetId"]
        to = {"targetId": target, "flatten": True}
        try:
            yield Page(self, self.ask("Target.attachToTarget", to)["sessionId"])
        finally:
            self.ask("Target.closeTarget", {"targetId": target})

    def ask(self, method: str, params: dict[str, Any] | None = None, session: str = "") -> dict[str, Any]:
        """The answer to a command of the protocol. Raises `Hung` where there is none."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        limit = time.monotonic() + TIMEOUT
        while True:
            answer = self._next(limit)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise Hung(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result

    def _next(self, limit: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            if not select.select([self._in], [], [], max(0, limit - time.monotonic()))[0]:
                raise Hung("no answer")
            part = os.read(self._in, 1 << 16)
            if not part:
                raise Hung("it ended")
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer


@dataclass(frozen=True)
class Page:
    """An open page."""

    browser: Chromium
    session: str

    def evaluate(self, script: str) -> Any:
        """What a script comes to, as JSON has it."""
        look = {"expression": script, "returnByValue": True, "awaitPromise": True}
        return self.browser.ask("Runtime.evaluate", look, self.session)["result"].get("value")

    def write(self, text: str) -> None:
        """What typing the text and pressing Enter does."""
        self.insert(text)
        self.press("Enter", 13, "\r")

    def insert(self, text: str) -> None:
        """Put the text where the cursor is."""
        self._focus()
        self.browser.ask("Input.insertText", {"text": text}, self.session)

    def press(self, key: str, code: int, text: str = "") -> None:
        """What pressing a key does: its name, its virtual key code, and what it types."""
        self._focus()
        pressed = {"key": key, "code": key, "windowsVirtualKeyCode": code, "text": text}
        for kind in ("keyDown", "keyUp"):
            self.browser.ask("Input.dispatchKeyEvent", {"type": kind, **pressed}, self.session)

    def click(self, x: float, y: float) -> None:
        """What a click at this place does, whatever frame is there."""
        self._focus()
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            event = {"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}
            self.browser.ask("Input.dispatchMouseEvent", event, self.session)

    def picture(self) -> bytes:
        """What is to be seen of it, as a PNG."""
        return base64.b64decode(self.browser.ask("Page.captureScreenshot", {}, self.session)["data"])

    def _focus(self) -> None:
        self.browser.ask("Emulation.setFocusEmulationEnabled", {"enabled": True}, self.session)


def _ours(folder: Path) -> Path:
    """Our own extension, put into that folder."""
    if not folder.exists():
        shutil.copytree(EXTENSION, folder)
        (folder / "chromium.json").rename(folder / "manifest.json")
        (folder / "firefox.json").unlink()
    return folder
