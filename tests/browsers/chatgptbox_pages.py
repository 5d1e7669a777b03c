"""ChatGPTBox built and patched, and its own pages as a person uses them: options, a question, an import."""

from __future__ import annotations

import io
import json
import subprocess
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from patcher.gateway.stub import ANSWER, Gateway, ReceivedRequest
from tests.browsers import chromium, firefox
from tests.browsers.chromium import Chromium
from tests.browsers.firefox import Firefox
from tests.browsers.process import command_on, until
from tests.support.homes import KEY, ROOT
from tests.support.unpacking import unpack

STORE_ID = "eobbhoofkanlmddnplfhnmkfbnlhpbbo"
MODEL = "openai/gpt-4o-mini"
NEW_KEY = "sk-or-vv-" + "1" * 64
OLD_KEY = "sk-" + "2" * 40
KEYS = {KEY: "our key", NEW_KEY: "our new key", OLD_KEY: "the old key"}
QUESTION = "Say hello."
UNKNOWN = "Unknown model configuration"
# What a person sees on a tab of the options: the fields that are text, and the modes that are chosen.
_FIELDS = """[...document.querySelectorAll('input, select')].map(e => [
    e.tagName == 'SELECT' ? 'choice' : e.type,
    (e.tagName == 'SELECT' ? e.selectedOptions[0]?.textContent : e.value) ?? '',
]).filter(([kind, value]) => value && !['checkbox', 'radio'].includes(kind))"""
_TABS = "document.querySelectorAll('[role=tab]')"
_INNER = "document.querySelectorAll('[role=tabpanel] [role=tab]')"
# The file that a person would choose is given to the field that the extension makes for it.
_CHOOSES = """(text => {
    const make = document.createElement.bind(document);
    document.createElement = (...names) => {
        const made = make(...names);
        if (names[0] == 'input') made.click = () => {
            const chosen = new DataTransfer();
            chosen.items.add(new File([text], 'import.json'));
            made.files = chosen.files;
            made.dispatchEvent(new Event('change'));
        };
        return made;
    };
    IMPORT.click();
})(%s)"""
# A conversation that was begun before keeps its own mode.
_NEW = "[...document.querySelectorAll('button')].find(e => e.textContent == 'New Chat')"
_IMPORT = "[...document.querySelectorAll('button')].find(e => e.textContent == 'Import All Data')"
_STORAGE = "(globalThis.browser ?? chrome).storage.local"

Browser = Chromium | Firefox
Page = chromium.Page | firefox.Page


class Wrong(Exception):
    """ChatGPTBox did not do what our profile promises."""


def built(checkout: Path, tag: str | None, folder: Path) -> Path:
    """The folder with the unpacked extensions of a version, by the name of the browser."""
    source = checkout
    if tag:
        packed = subprocess.run(["git", "-C", checkout, "archive", tag], check=True, capture_output=True)
        source = folder / "source"
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            unpack(archive, source)
    if not (source / "build").is_dir():
        for words in (["npm", "ci", "--no-audit", "--no-fund"], ["npm", "run", "build"]):
            subprocess.run(words, cwd=source, check=True, stdout=subprocess.DEVNULL)
    return source / "build"


def command(home: Path, browser: Browser, *words: str) -> subprocess.CompletedProcess[str]:
    """Run our command; the profile is the shipped one, for the id of the unpacked extension."""
    (home / "profiles").mkdir(parents=True, exist_ok=True)
    text = (ROOT / "profiles" / "chatgptbox.toml").read_text("utf-8").replace(STORE_ID, browser.id)
    (home / "profiles" / "chatgptbox.toml").write_text(text, "utf-8")
    ran = command_on(home, *words)
    if ran.returncode != 0:
        raise Wrong(ran.stdout + ran.stderr)
    return ran


def patched(home: Path, browser: Browser, gateway: Gateway) -> None:
    command(home, browser, "chatgptbox", "--model", MODEL, "--endpoint", gateway.url)


def shown(browser: Browser) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Of each tab of the options page, and of those inside it, the name and what the fields show."""
    with browser.page(browser.url("popup.html")) as page:
        count = until("the options", lambda: page.evaluate(f"{_TABS}.length || null"))
        for number in range(count):
            yield _opened(page, _TABS, number)
            for inner in range(page.evaluate(f"{_INNER}.length")):
                yield _opened(page, _INNER, inner)


def _opened(page: Page, tabs: str, number: int) -> tuple[str, list[tuple[str, str]]]:
    page.evaluate(f"{tabs}[{number}].click(), new Promise(done => setTimeout(done, 300))")
    fields = [(kind, value) for kind, value in page.evaluate(_FIELDS)]
    return page.evaluate(f"{tabs}[{number}].textContent"), fields


def asked(browser: Browser, gateway: Gateway, *, anew: bool = True) -> ReceivedRequest:
    """Ask a question on the extension's own page, in a new chat or the one that it opens.

    What came in over the wire. Raises `Wrong`, or `Hung`.
    """
    before = len(gateway.posts())
    with browser.page(browser.url("IndependentPanel.html")) as page:
        until("the page", lambda: page.evaluate("document.querySelector('textarea') && 1"))
        page.evaluate(f"{anew:d} && {_NEW}.click(), new Promise(done => setTimeout(done, 500))")
        page.evaluate("document.querySelector('textarea').focus()")
        page.write(QUESTION)
        unknown = f"document.body.textContent.includes({UNKNOWN!r})"

        def come() -> ReceivedRequest | None:
            if page.evaluate(unknown):
                raise Wrong(UNKNOWN)
            return next(iter(gateway.posts()[before:]), None)

        request = until("the request", come, 20)
        look = f"document.body.textContent.includes({ANSWER!r}) || null"
        until("the answer", lambda: page.evaluate(look), 20)
    return request


def panel_opened(browser: Browser) -> None:
    """Open the page for questions, and ask none."""
    with browser.page(browser.url("IndependentPanel.html")) as page:
        until("the page", lambda: page.evaluate("document.querySelector('textarea') && 1"))
        until("its conversation", lambda: _all(page).get("sessions"))


def imported(browser: Browser, file: Path) -> None:
    """Press its button for the import, and choose this file."""
    with browser.page(browser.url("popup.html")) as page:
        until("its import", lambda: page.evaluate(f"{_IMPORT} && 1"))
        page.evaluate(_CHOOSES.replace("IMPORT", _IMPORT) % json.dumps(file.read_text("utf-8")))
        name = next(iter(json.loads(file.read_text("utf-8"))))
        until("the imported settings", lambda: True if name in _all(page) else None, 20)


def settings(browser: Browser) -> dict[str, Any]:
    """All that is in its storage."""
    with _plain_page(browser) as page:
        return until("its storage", lambda: _all(page))


def begun_with(browser: Browser, values: Mapping[str, Any]) -> None:
    """Let these settings be all that it has, and have it write nothing of its own to them yet."""
    with _plain_page(browser) as page:
        until("its storage", lambda: _all(page))
        page.evaluate("new Promise(done => setTimeout(done, 1500))")  # what it does as it starts
        page.evaluate(f"{_STORAGE}.clear().then(() => {_STORAGE}.set({json.dumps(values)}))")


def told(request: ReceivedRequest) -> dict[str, Any]:
    """What counts of a request; a key by its name."""
    return {"path": request.path, "key": KEYS.get(request.bearer or "", "another"), "model": request.model}


def named(values: Iterable[tuple[str, bytes]]) -> str:
    """Which of the keys stands where, by a search through the bytes."""
    found = [f"{KEYS[key]} in {name}" for name, value in values for key in KEYS if key.encode() in value]
    return "; ".join(found) or "no key"


def _plain_page(browser: Browser) -> Any:
    """A page of the extension's on which none of its scripts runs."""
    return browser.page(browser.url("manifest.json"))


def _all(page: Page) -> Any:
    return page.evaluate(f"{_STORAGE}.get(null)")
