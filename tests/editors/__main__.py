"""Extensions of VS Code in the editor itself: `python -m tests.editors [EXTENSION...]`.

Needs chromium, git, npm. In each home of a profile's fixtures: our command, then code-server with the real
extension, and one question as a person asks it. A line for each home says `arrived`, `named` or `wrong`, as
those of `python -m tests.live --lived-in`; 1 where one is wrong, or an extension could not be built.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from patcher.gateway.hosts import kind_of
from patcher.gateway.stub import Gateway
from tests.browsers.process import Hung, until
from tests.editors import code_server
from tests.editors.extensions import Extension, extensions, package, put
from tests.editors.window import opened
from tests.live import harness
from tests.live.lived_in import Said, Verdict, fitted, judge
from tests.support.homes import Case, cases

PICTURE = "window.png"


def main() -> int:
    known = extensions()
    words = argparse.ArgumentParser(prog="python -m tests.editors", description=__doc__)
    words.add_argument("--checkouts", type=Path, help="where checkouts are, each by its profile's name")
    words.add_argument("--only", metavar="FIXTURE", help="this home alone")
    words.add_argument("--pictures", type=Path, help="where to put a picture of each window at its end")
    words.add_argument("extensions", metavar="EXTENSION", nargs="*")
    options = words.parse_args()
    if unknown := set(options.extensions) - set(known):
        words.error(f"not in extensions.toml: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended
    env = {**os.environ, "PATH": f"{code_server.node()}{os.pathsep}{os.environ['PATH']}"}
    counts: Counter[str] = Counter()
    editor = code_server.install(env)
    env["npm_config_nodedir"] = str(code_server.headers())
    for extension in [known[name] for name in options.extensions or known]:
        try:
            unpacked = extension.built(options.checkouts and options.checkouts.absolute(), env)
        except subprocess.CalledProcessError as error:
            counts["left out"] += 1
            print(f"{extension.name}: left out: it cannot be built\n{error.stdout}", flush=True)
            continue
        version = package(unpacked)["version"] if unpacked else f"of code-server {code_server.VERSION}"
        print(f"{extension.name} {version}", flush=True)
        for case in cases():
            if case.tool == extension.name and options.only in {None, case.folder.name}:
                with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                    verdict = run(extension, case, editor, unpacked, Path(folder))
                    _keep(Path(folder) / PICTURE, case, options.pictures)
                counts[verdict.word] += 1
                print(f"{case.name}: {verdict.line}", flush=True)
                if verdict.word == "wrong":
                    print(verdict.details, file=sys.stderr, flush=True)
    print(", ".join(f"{word} {count}" for word, count in sorted(counts.items())))
    return 1 if counts["wrong"] or counts["left out"] else 0


def _keep(picture: Path, case: Case, pictures: Path | None) -> None:
    if pictures and picture.exists():
        pictures.mkdir(parents=True, exist_ok=True)
        shutil.move(picture, pictures / f"{case.name.replace('/', '-')}.png")


def run(extension: Extension, case: Case, editor: Path, unpacked: Path | None, folder: Path) -> Verdict:
    """Patch a copy of a case's home and ask in the editor there; `folder` is an empty directory."""
    tool = fitted(extension.tool, case)
    home = case.home(folder / "home")
    project = harness.project(tool, home) or home
    if unpacked:
        put(unpacked, home / ".vscode" / "extensions")
    with Gateway(tool.model) as gateway:
        try:
            patched = harness.patch(tool, home, gateway)
            said = Said.by(json.loads(harness.status(tool, home, gateway)))
        except subprocess.CalledProcessError as error:
            return Verdict("wrong", [f"exits with {error.returncode}"], details=harness.masked(error.stdout))
        env = harness.environment(home, [code_server.node()])
        for words in (["init", "-q"], ["add", "hello.txt"]):
            subprocess.run(["git", *words], check=True, cwd=project, env=env)
        env |= {"https_proxy": gateway.url, "no_proxy": "127.0.0.1,localhost", "NODE_USE_ENV_PROXY": "1"}
        env |= {name.upper(): env[name] for name in ("https_proxy", "no_proxy")}
        with code_server.started(editor, home, project, env) as url:
            seen = asked(extension, url, gateway, folder)
        counted = [
            each for each in gateway.requests if not {each.path, each.elsewhere} & {*extension.besides}
        ]
        # In an editor much goes on: any host counts that is not known as one for updates and the like.
        elsewhere = {each.elsewhere for each in counted if kind_of(each.elsewhere) == "unknown"}
        verdict = judge(tool, counted, elsewhere, said)
        if verdict.word == "named" and verdict.wrong == ["the tool sent no request"]:
            verdict = replace(verdict, word="wrong")  # what we said explains no silence: the question failed
        return replace(verdict, details=harness.account(tool, gateway, patched, seen))


def asked(extension: Extension, url: str, gateway: Gateway, folder: Path) -> str:
    """Ask as the table says, and give what the window then shows."""
    seen = ""
    try:
        with opened(url, folder / "browser") as window:
            try:
                for step in extension.ask:
                    window.do(**step)
                until("question", lambda: _came(extension, gateway) or None, 30)
                window.wait(3)  # for the answer, and for what follows it
            finally:
                seen = harness.masked(window.texts())
                (folder / PICTURE).write_bytes(window.picture())
    except Hung as error:
        return f"no {error}\n{seen}"
    return seen


def _came(extension: Extension, gateway: Gateway) -> bool:
    return any(post.path not in extension.besides for post in gateway.posts())


if __name__ == "__main__":
    sys.exit(main())
