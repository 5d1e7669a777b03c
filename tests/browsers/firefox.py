"""Firefox over Marionette, its own remote protocol: no driver, no package, a loopback port."""

from __future__ import annotations

import contextlib
import json
import socket
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from patcher.stores.firefox import store as firefox
from patcher.stores.sqlite import store as sqlite
from tests.browsers.process import EXTENSION, TIMEOUT, Hung, end, kill, program, start, until

_PREFS = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "devtools.jsonview.enabled": False,  # so that a page of JSON is one of the extension's
    "extensions.autoDisableScopes": 0,
    "extensions.update.enabled": False,
    "marionette.port": 0,  # a free one, which it writes down in the profile
    "network.connectivity-service.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.proxy.http": "127.0.0.1",  # no connection to anywhere
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.type": 1,
    "remote.prefs.recommended": True,
    "xpinstall.signatures.required": False,
}
_ID = "settings@test.example"
_ENTER = "\ue007"


class Firefox:
    """A running Firefox with the extension, ours or the unpacked one in a folder; in its `with` block.

    `person` is the folder of one of its profiles: each has its own settings.
    """

    def __init__(self, folder: Path, extension: Path | None = None, person: str = "test.default") -> None:
        binary = program("firefox-esr", "firefox")
        self.id = _ID
        self.profile = folder / ".config" / "mozilla" / "firefox" / person
        if not self.profile.exists():
            self._make_profile(extension)
        self._port_file = self.profile / "MarionetteActivePort"
        self._port_file.unlink(missing_ok=True)
        command = [binary, "--headless", "--no-remote", "--marionette", "--remote-allow-system-access"]
        self._process = start([*command, "--profile", str(self.profile), "about:blank"], folder)
        self._socket: socket.socket | None = None
        self._number = 0

    def _make_profile(self, extension: Path | None) -> None:
        (self.profile / "extensions").mkdir(parents=True)
        known = self.profile.parent / "profiles.ini"
        number = known.read_text().count("[") if known.exists() else 0
        entry = f"[Profile{number}]\nName={self.profile.name}\nIsRelative=1\nPath={self.profile.name}\n"
        with known.open("a") as profiles:
            profiles.write(entry)
        lines = [f'user_pref("{name}", {json.dumps(value)});\n' for name, value in _PREFS.items()]
        (self.profile / "user.js").write_text("".join(lines))
        source = extension or EXTENSION
        manifest = json.loads(
            (source / ("manifest.json" if extension else "firefox.json")).read_text("utf-8")
        )
        manifest["browser_specific_settings"] = {"gecko": {"id": _ID}}  # as a store's signature gives it one
        with zipfile.ZipFile(self.profile / "extensions" / f"{_ID}.xpi", "w") as xpi:
            for file in sorted(source.rglob("*")):
                if file.name not in {"manifest.json", "firefox.json", "chromium.json"}:
                    xpi.write(file, file.relative_to(source))
            xpi.writestr("manifest.json", json.dumps(manifest))

    def __enter__(self) -> Self:
        try:
            port = until("the port", self._port)
            self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
            self._read()  # its greeting
            self.ask("WebDriver:NewSession", {})
        except BaseException:
            self.__exit__()
            raise
        return self

    def _port(self) -> int | None:
        if self._process.poll() is not None:
            raise Hung("it ended")
        with contextlib.suppress(OSError, ValueError):
            return int(self._port_file.read_text())
        return None

    def __exit__(self, *_: object) -> None:
        """Quit, as a person does."""
        try:
            if self._socket is not None:
                with contextlib.suppress(Hung, OSError):
                    self.ask("Marionette:Quit", {"flags": ["eAttemptQuit"]})
                self._socket.close()
        finally:
            end(self._process, TIMEOUT if self._socket is not None else 0)

    def crash(self) -> None:
        """End it at once, as a power cut would."""
        kill(self._process)

    def settings(self) -> Any:
        """What the extension's own page reads from its storage."""
        with self.page(self.url("options.html")) as page:
            look = "document.getElementById('all').textContent || null"
            return json.loads(until("the settings", lambda: page.evaluate(look)))

    def url(self, name: str) -> str:
        """The address of a page of the extension's."""
        return f"moz-extension://{self._uuid}/{name}"

    @cached_property
    def _uuid(self) -> str:
        self.ask("Marionette:SetContext", {"value": "chrome"})
        uuids = "Services.prefs.getStringPref('extensions.webextensions.uuids', '{}')"
        look = f"return WebExtensionPolicy.getByID('{_ID}') ? JSON.parse({uuids})['{_ID}'] ?? null : null"
        uuid = until("the extension", lambda: self.script(look))
        self.ask("Marionette:SetContext", {"value": "content"})
        return str(uuid)

    @contextlib.contextmanager
    def page(self, url: str) -> Iterator[Page]:
        """A page, in the one tab, which stays there: its end would let Firefox write to the store."""
        self.ask("WebDriver:Navigate", {"url": url})
        yield Page(self)

    @property
    def store(self) -> Path:
        """The folder of the extension's database."""
        [add_on] = [each for each in firefox.add_ons(self.profile, self._name) if each.id == _ID]
        return add_on.database.parent

    @property
    def _name(self) -> str:
        with zipfile.ZipFile(self.profile / "extensions" / f"{_ID}.xpi") as xpi:
            return str(json.loads(xpi.read("manifest.json"))["name"])

    def stored(self) -> dict[str, bytes]:
        """The values of the store, as JSON, with the browser closed."""
        [database] = self.store.glob("*.sqlite")
        image = sqlite.read(database)
        return {
            firefox.text(key): json.dumps(firefox.decode(cell)).encode()
            for key, cell in sqlite.rows(image, firefox.table(image)).items()
            if isinstance(key, bytes)
        }

    def script(self, script: str) -> Any:
        return self.ask("WebDriver:ExecuteScript", {"script": script, "args": []})["value"]

    def ask(self, command: str, params: dict[str, Any]) -> Any:
        """A message is its length, a colon, and JSON: [kind, number, error or command, result]."""
        assert self._socket is not None
        self._number += 1
        message = json.dumps([0, self._number, command, params]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, number, error, result = self._read()
        if error or number != self._number:
            raise Hung(f"{command}: {error}")
        return result

    def _read(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self._some(1)
        size, message = int(length[:-1]), b""
        while len(message) < size:
            message += self._some(size - len(message))
        return json.loads(message)

    def _some(self, size: int) -> bytes:
        assert self._socket is not None
        part = self._socket.recv(size)
        if not part:
            raise Hung("it closed the connection")
        return part


@dataclass(frozen=True)
class Page:
    """The open page."""

    browser: Firefox

    def evaluate(self, script: str) -> Any:
        """What a script comes to, as JSON has it."""
        return self.browser.script(f"return ({script})")

    def write(self, text: str) -> None:
        """What typing the text and pressing Enter does."""
        [element] = self.browser.ask("WebDriver:GetActiveElement", {})["value"].values()
        for keys in (text, _ENTER):  # one after the other, for the page to take the text first
            self.browser.ask("WebDriver:ElementSendKeys", {"id": element, "text": keys})
