"""ChatGPTBox itself, built from its public repository, through what our command promises of it.

`python -m tests.browsers.chatgptbox CHECKOUT [--tag v2.5.9]...`: needs chromium, firefox-esr, git, npm.
Without a tag the checkout is taken as it is, and built only if it is not built yet. Another provider stands
on this machine, too: what goes there when all is taken back is seen as well.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from patcher.gateway.stub import CHAT, Gateway
from tests.browsers.chatgptbox_pages import (
    KEYS,
    MODEL,
    NEW_KEY,
    OLD_KEY,
    Browser,
    Wrong,
    asked,
    begun_with,
    built,
    command,
    imported,
    named,
    panel_opened,
    patched,
    settings,
    shown,
    told,
)
from tests.browsers.chromium import Chromium
from tests.browsers.firefox import Firefox
from tests.browsers.process import Hung
from tests.support.homes import KEY

BROWSERS: dict[str, type[Browser]] = {"chromium": Chromium, "firefox": Firefox}
Start = Callable[..., Browser]
"""Starts the browser in a folder, and in a profile of a name."""
OLD_MODEL = "chatgptApi35"  # 2.6 has another name for it
OLD_MODELS = ("gpt-3.5-turbo", "gpt-4o-mini")
"""What 2.5.9 and 2.6 ask for by that name."""
OLD_MODE = {
    "groupName": "chatgptApiModelKeys",
    "itemName": "custom",
    "isCustom": True,
    "customName": "gpt-4o",
    "customUrl": "",
    "apiKey": "",
    "active": True,
}


def expect(step: str, seen: Any, *wanted: Any) -> None:
    """Print what was seen. Raises `Wrong` where it is none of what was wanted."""
    print(f"  {step}: {seen}")
    if wanted and seen not in wanted:
        raise Wrong(f"{step}: not {' or '.join(map(str, wanted))}")


def first_start(start: Start, folder: Path) -> None:
    """A fresh store: from its first start to its answer."""
    with Gateway() as gateway:
        with start(folder) as browser:
            for _ in shown(browser):
                pass
        patched(folder, browser, gateway)
        with start(folder) as browser:
            tabs = list(shown(browser))
            for name, fields in tabs:
                print(f"  {name}: {'; '.join(f'{kind}: {KEYS.get(value, value)}' for kind, value in fields)}")
            seen = told(asked(browser, gateway))
        expect("request", seen, {"path": CHAT, "key": "our key", "model": MODEL})
        texts = {value for _, fields in tabs for _, value in fields}
        expect("the options show the address and the key", {gateway.url, KEY} <= texts, True)
        command(folder, browser, "undo")
        expect("undo", named(browser.stored().items()), "no key")
        with start(folder) as browser:
            for _ in shown(browser):
                pass
        expect("after its start", named(browser.stored().items()), "no key")


def before_its_update(start: Start, folder: Path) -> None:
    """A store as 2.5.9 has it, patched, then opened: 2.6 copies our key; and undo."""
    _there_and_back(start, folder)


def after_its_update(start: Start, folder: Path) -> None:
    """The same with a store that was opened before: 2.6 has copied the old key."""
    _there_and_back(start, folder, opened=True)


def new_key(start: Start, folder: Path) -> None:
    """A new key where 2.6 has copied ours."""
    _there_and_back(start, folder, rotated=True)


def new_key_after_its_update(start: Start, folder: Path) -> None:
    """A new key where both are ours."""
    _there_and_back(start, folder, opened=True, rotated=True)


def _there_and_back(start: Start, folder: Path, *, opened: bool = False, rotated: bool = False) -> None:
    ours = {"path": CHAT, "key": "our key", "model": MODEL}
    with Gateway() as gateway, Gateway() as other:
        old = {"apiKey": OLD_KEY, "customOpenAiApiUrl": other.url, "modelName": OLD_MODEL, "apiMode": None}
        with start(folder) as browser:
            begun_with(browser, old)
            if opened:
                for _ in shown(browser):
                    pass
        before = browser.stored()
        if not opened:
            expect("names", sorted(before), sorted(old))
        expect("before", f"{named(before.items())}; apiMode {before.get('apiMode')!r}")
        patched(folder, browser, gateway)
        expect("patched", named(browser.stored().items()))
        with start(folder) as browser:
            expect("request", told(asked(browser, gateway)), ours)
        expect("after its start", named(browser.stored().items()))
        if rotated:
            _rotated(folder, browser)
            with start(folder) as browser:
                expect("request", told(asked(browser, gateway)), ours | {"key": "our new key"})
        command(folder, browser, "undo", "--all")
        _back(browser.stored(), before)
        with start(folder) as browser:
            seen = told(asked(browser, other))
            values = {name: json.dumps(value).encode() for name, value in settings(browser).items()}
        expect(
            "request to the other provider",
            seen,
            *(ours | {"key": "the old key", "model": m} for m in OLD_MODELS),
        )
        expect("what it has then", named(values.items()))
        _without_ours(values)
        raw = [(path.name, path.read_bytes()) for path in sorted(browser.store.glob("*")) if path.is_file()]
        expect("its files, with what LevelDB has not cleared away yet", named(raw))
        expect(
            "questions to the other provider",
            [KEYS.get(r.bearer or "") for r in other.posts()],
            ["the old key"],
        )


def _rotated(folder: Path, browser: Browser) -> None:
    (folder / "key").write_text(NEW_KEY, "utf-8")
    command(folder, browser, "key", "rotate", "--key-file", str(folder / "key"))
    values = browser.stored()
    expect("key rotate", named(values.items()))
    expect("values with the key of before", [name for name, v in values.items() if KEY.encode() in v], [])


def _back(values: dict[str, bytes], before: dict[str, bytes]) -> None:
    """Whether undo has left nothing of ours, and brought back what was there."""
    expect("undo", named(values.items()))
    _without_ours(values)
    expect("apiMode", values.get("apiMode"), b"null")
    expect("apiKey is as it was", values["apiKey"] == before["apiKey"], True)
    expect("address is as it was", values["customOpenAiApiUrl"] == before["customOpenAiApiUrl"], True)
    others = sorted(name for name in {*values, *before} if values.get(name) != before.get(name))
    expect("other than before, all of it the extension's own", ", ".join(others))


def _without_ours(values: dict[str, bytes]) -> None:
    left = [name for name, value in values.items() if KEY.encode() in value or NEW_KEY.encode() in value]
    expect("values with a key of ours", left, [])


def undone_one_by_one(start: Start, folder: Path) -> None:
    """A new key before 2.6 has copied any; then the runs are taken back one by one."""
    with Gateway() as gateway, Gateway() as other:
        with start(folder) as browser:
            begun_with(browser, {"apiKey": OLD_KEY, "customOpenAiApiUrl": other.url, "modelName": OLD_MODEL})
        expect("before", named(browser.stored().items()), "the old key in apiKey")
        patched(folder, browser, gateway)
        _rotated(folder, browser)
        for step, key, goes_to in (
            ("key rotate", "our new key", gateway),
            ("undo of it", "our key", gateway),
            ("undo of the first run", "the old key", other),
        ):
            if step != "key rotate":
                command(folder, browser, "undo")
            expect(step, named(browser.stored().items()))
            with start(folder) as browser:
                expect("key of the request", told(asked(browser, goes_to))["key"], key)
            expect("after its start", named(browser.stored().items()))


def empty_conversation(start: Start, folder: Path) -> None:
    """A conversation that its page has begun by being opened, before we patch: it keeps its own mode."""
    with Gateway() as gateway, Gateway() as other:
        with start(folder) as browser:
            begun_with(browser, {"apiKey": OLD_KEY, "customOpenAiApiUrl": other.url, "apiMode": OLD_MODE})
            panel_opened(browser)
        patched(folder, browser, gateway)
        with start(folder) as browser:
            wanted = {"path": CHAT, "key": "our key"}
            expect("request in it", told(asked(browser, gateway, anew=False)), wanted | {"model": "gpt-4o"})
            expect("request in a new chat", told(asked(browser, gateway)), wanted | {"model": MODEL})


def to_import(start: Start, folder: Path) -> None:
    """A file to import, made without a store, through its own import."""
    file = folder / "import.json"
    with Gateway() as gateway, start(folder / "other") as browser:
        words = ("chatgptbox", "--model", MODEL, "--endpoint", gateway.url, "--export", str(file))
        said = command(folder / "home", browser, *words).stderr
        expect("said", " ".join(said.split()))
        expect("it warns", "its import replaces" in " ".join(said.split()), True)
        imported(browser, file)
        seen = told(asked(browser, gateway))
    expect("request", seen, {"path": CHAT, "key": "our key", "model": MODEL})


def two_people(start: Start, folder: Path) -> None:
    """Two profiles of a browser: `status` tells of each by itself."""
    with Gateway() as gateway, Gateway() as other:
        with start(folder) as browser:
            for _ in shown(browser):
                pass
        patched(folder, browser, gateway)
        with start(folder, "Profile 2") as second:
            begun_with(second, {"apiKey": OLD_KEY, "customOpenAiApiUrl": other.url})
        _status(folder, browser, gateway, [("vsegpt", []), ("other", ["127.0.0.1"])])
        patched(folder, browser, gateway)
        _status(folder, browser, gateway, [("vsegpt", []), ("vsegpt", [])])
        wanted = {"path": CHAT, "key": "our key", "model": MODEL}
        for person in ([], ["Profile 2"]):
            with start(folder, *person) as browser:
                expect(f"request of {person or 'the first'}", told(asked(browser, gateway)), wanted)


def _status(folder: Path, browser: Browser, gateway: Gateway, wanted: list[tuple[str, list[str]]]) -> None:
    said = command(folder, browser, "status", "chatgptbox", "--endpoint", gateway.url, "--json").stdout
    [tool] = json.loads(said)["tools"]
    for file in tool["files"]:
        print(f"  status of {file['path']}: {file['state']} {file['hosts']}")
    print(command(folder, browser, "status", "chatgptbox", "--endpoint", gateway.url).stdout)
    expect("status", [(file["state"], file["hosts"]) for file in tool["files"]], wanted)


SCENES: tuple[Callable[[Start, Path], None], ...] = (
    first_start,
    before_its_update,
    after_its_update,
    new_key,
    new_key_after_its_update,
    undone_one_by_one,
    empty_conversation,
    to_import,
    two_people,
)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("checkout", type=Path)
    words.add_argument("--tag", action="append", default=[])
    words.add_argument("--browser", choices=BROWSERS, action="append")
    words.add_argument("--only", choices=[scene.__name__ for scene in SCENES], action="append")
    options = words.parse_args()
    scenes = [scene for scene in SCENES if scene.__name__ in (options.only or scene.__name__)]
    failed = 0
    for tag in options.tag or [None]:
        with tempfile.TemporaryDirectory() as source:
            extensions = built(options.checkout.absolute(), tag, Path(source))
            for name in options.browser or BROWSERS:
                for scene in scenes:
                    print(f"{tag or options.checkout}, {name}: {scene.__name__}", flush=True)
                    failed += not _played(scene, partial(_started, BROWSERS[name], extensions / name))
    return min(failed, 1)


def _started(kind: type[Browser], extension: Path, folder: Path, *person: str) -> Browser:
    return kind(folder, extension, *person)


def _played(scene: Callable[[Start, Path], None], start: Start) -> bool:
    """Whether all was as it has to be in a scene; if not, what was not is printed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            scene(start, Path(folder))
        except (Wrong, Hung) as error:
            print(f"  FAILED: {error}", flush=True)
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
