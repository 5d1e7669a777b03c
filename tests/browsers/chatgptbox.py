"""ChatGPTBox itself, built from its public repository, patched by our command, and asked a question.

`python -m tests.browsers.chatgptbox CHECKOUT [--tag v2.5.9]...`: needs chromium, git, npm. Without
a tag the checkout is taken as it is, and built only if it is not built yet.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from patcher.gateway.stub import ANSWER, CHAT, Gateway
from tests.browsers.chromium import Chromium, Page
from tests.browsers.process import Hung, until
from tests.support.homes import KEY, ROOT
from tests.support.unpacking import unpack

STORE_ID = "eobbhoofkanlmddnplfhnmkfbnlhpbbo"
MODEL = "openai/gpt-4o-mini"
QUESTION = "Say hello."
# What a person sees on a tab of the options: the fields that are text, and the modes that are chosen.
_FIELDS = """[...document.querySelectorAll('input, select')].map(e => [
    e.tagName == 'SELECT' ? 'choice' : e.type,
    (e.tagName == 'SELECT' ? e.selectedOptions[0]?.textContent : e.value) ?? '',
]).filter(([kind, value]) => value && !['checkbox', 'radio'].includes(kind))"""
_TABS = "document.querySelectorAll('[role=tab]')"
_INNER = "document.querySelectorAll('[role=tabpanel] [role=tab]')"


class Wrong(Exception):
    """ChatGPTBox did not do what our profile promises."""


def built(checkout: Path, tag: str | None, folder: Path) -> Path:
    """The unpacked extension of a version."""
    source = checkout
    if tag:
        packed = subprocess.run(["git", "-C", checkout, "archive", tag], check=True, capture_output=True)
        source = folder / "source"
        with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
            unpack(archive, source)
    extension = source / "build" / "chromium"
    if not extension.is_dir():
        for words in (["npm", "ci", "--no-audit", "--no-fund"], ["npm", "run", "build"]):
            subprocess.run(words, cwd=source, check=True, stdout=subprocess.DEVNULL)
    return extension


def patched(home: Path, browser: Chromium, gateway: Gateway) -> None:
    """Run our command; the profile is the shipped one, for the id of the unpacked extension."""
    (home / "profiles").mkdir(exist_ok=True)
    text = (ROOT / "profiles" / "chatgptbox.toml").read_text("utf-8").replace(STORE_ID, browser.id)
    (home / "profiles" / "chatgptbox.toml").write_text(text, "utf-8")
    options = ["--home", str(home), "--profiles", str(home / "profiles"), "--endpoint", gateway.url]
    told = subprocess.run(
        [sys.executable, "-m", "patcher", "chatgptbox", "--model", MODEL, *options],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "VSEGPT_API_KEY": KEY},
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode != 0:
        raise Wrong(told.stdout + told.stderr)


def shown(browser: Chromium) -> Iterator[tuple[str, list[str]]]:
    """Of each tab of the options page, and of those inside it, the name and what the fields show."""
    with browser.page(f"chrome-extension://{browser.id}/popup.html") as page:
        count = until("the options", lambda: page.evaluate(f"{_TABS}.length || null"))
        for number in range(count):
            yield _opened(page, _TABS, number)
            for inner in range(page.evaluate(f"{_INNER}.length")):
                yield _opened(page, _INNER, inner)


def _opened(page: Page, tabs: str, number: int) -> tuple[str, list[str]]:
    page.evaluate(f"{tabs}[{number}].click(), new Promise(done => setTimeout(done, 300))")
    fields = [_said(kind, value) for kind, value in page.evaluate(_FIELDS)]
    return page.evaluate(f"{tabs}[{number}].textContent"), fields


def _said(kind: str, value: str) -> str:
    return f"{kind}: {value.replace(KEY, 'the key')}"


def asked(browser: Chromium, gateway: Gateway) -> dict[str, Any]:
    """Ask a question on the extension's own page; what came in over the wire."""
    with browser.page(f"chrome-extension://{browser.id}/IndependentPanel.html") as page:
        until("the page", lambda: page.evaluate("document.querySelector('textarea') && 1"))
        page.evaluate("new Promise(done => setTimeout(done, 500))")
        page.evaluate("document.querySelector('textarea').focus()")
        page.write(QUESTION)
        request = until("the request", lambda: next(iter(gateway.posts()), None), 20)
        look = f"document.body.textContent.includes({ANSWER!r}) || null"
        until("the answer", lambda: page.evaluate(look), 20)
    return {"path": request.path, "key": request.bearer == KEY, "model": request.body.get("model")}


def tried(extension: Path, folder: Path) -> None:
    """One version, from its first start to its answer. Raises `Wrong`, or `Hung`."""
    home = folder / "home"
    with Gateway() as gateway:
        with Chromium(home, extension) as browser:
            for _ in shown(browser):
                pass
        patched(home, browser, gateway)
        with Chromium(home, extension) as browser:
            tabs = list(shown(browser))
            for name, fields in tabs:
                print(f"  {name}: {'; '.join(fields)}")
            told = asked(browser, gateway)
        print(f"  request: {told}")
        seen = {field.partition(": ")[2] for _, fields in tabs for field in fields}
        if not {gateway.url, "the key"} <= seen:
            raise Wrong("the options do not show the address and the key")
        if told != {"path": CHAT, "key": True, "model": MODEL}:
            raise Wrong("the request is not what was patched")


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("checkout", type=Path)
    words.add_argument("--tag", action="append", default=[])
    options = words.parse_args()
    failed = False
    for tag in options.tag or [None]:
        print(tag or options.checkout)
        with tempfile.TemporaryDirectory() as folder:
            try:
                tried(built(options.checkout.absolute(), tag, Path(folder)), Path(folder))
            except (Wrong, Hung) as error:
                failed = True
                print(f"  FAILED: {error}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
