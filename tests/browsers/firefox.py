"""Firefox over Marionette, its own remote protocol: no driver, no package, a loopback port."""

from __future__ import annotations

import contextlib
import json
import socket
import zipfile
from pathlib import Path
from typing import Any, Self

from tests.browsers.process import EXTENSION, TIMEOUT, Hung, end, kill, program, start, until

_PREFS = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
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


class Firefox:
    """A running Firefox with the extension; in its `with` block."""

    def __init__(self, folder: Path) -> None:
        binary = program("firefox-esr", "firefox")
        self.profile = folder / ".config" / "mozilla" / "firefox" / "test.default"
        if not self.profile.exists():
            self._make_profile()
        self._port_file = self.profile / "MarionetteActivePort"
        self._port_file.unlink(missing_ok=True)
        command = [binary, "--headless", "--no-remote", "--marionette", "--remote-allow-system-access"]
        self._process = start([*command, "--profile", str(self.profile), "about:blank"], folder)
        self._socket: socket.socket | None = None
        self._number = 0

    def _make_profile(self) -> None:
        (self.profile / "extensions").mkdir(parents=True)
        entry = f"[Profile0]\nName=default\nIsRelative=1\nPath={self.profile.name}\n"
        (self.profile.parent / "profiles.ini").write_text(entry)
        lines = [f'user_pref("{name}", {json.dumps(value)});\n' for name, value in _PREFS.items()]
        (self.profile / "user.js").write_text("".join(lines))
        with zipfile.ZipFile(self.profile / "extensions" / f"{_ID}.xpi", "w") as xpi:
            for name in ("background.js", "options.html", "options.js"):
                xpi.write(EXTENSION / name, name)
            xpi.write(EXTENSION / "firefox.json", "manifest.json")

    def __enter__(self) -> Self:
        try:
            port = until("the port", self._port)
            self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
            self._read()  # its greeting
            self._ask("WebDriver:NewSession", {})
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
                    self._ask("Marionette:Quit", {"flags": ["eAttemptQuit"]})
                self._socket.close()
        finally:
            end(self._process, TIMEOUT if self._socket is not None else 0)

    def crash(self) -> None:
        """End it at once, as a power cut would."""
        kill(self._process)

    def settings(self) -> Any:
        """What the extension's own page reads from its storage."""
        self._ask("Marionette:SetContext", {"value": "chrome"})
        uuids = "Services.prefs.getStringPref('extensions.webextensions.uuids', '{}')"
        look = f"return WebExtensionPolicy.getByID('{_ID}') ? JSON.parse({uuids})['{_ID}'] ?? null : null"
        uuid = until("the extension", lambda: self._script(look))
        self._ask("Marionette:SetContext", {"value": "content"})
        self._ask("WebDriver:Navigate", {"url": f"moz-extension://{uuid}/options.html"})
        text = until(
            "the settings", lambda: self._script("return document.getElementById('all').textContent || null")
        )
        return json.loads(text)

    def _script(self, script: str) -> Any:
        return self._ask("WebDriver:ExecuteScript", {"script": script, "args": []})["value"]

    def _ask(self, command: str, params: dict[str, Any]) -> Any:
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
