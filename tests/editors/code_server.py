"""A VS Code that is served to a browser: code-server, from npm, on a loopback port."""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.browsers.process import kill, until
from tests.live.tools import cache

VERSION = "4.139.1"
NODE = "24"
_ENTRY = Path("node_modules/code-server/out/node/entry.js")
_OPTIONS = [
    *("--bind-addr", "127.0.0.1:0"),
    *("--auth", "none"),
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-workspace-trust",
    "--disable-getting-started-override",
]


def node() -> Path:
    """The directory of the Node.js that it runs on, of npm's own package."""
    return cache() / f"code-server-{VERSION}" / "node" / "node_modules" / ".bin"


def headers() -> Path:
    """What that Node.js brings along for what is compiled for it."""
    [found] = (node().parent / "node" / "node_modules").glob("*/include")
    return found.parent


def install(env: Mapping[str, str]) -> Path:
    """Make it ready in the cache; give its folder. Raises CalledProcessError.

    Without the install scripts: these would compile what no extension here needs.
    """
    folder = cache() / f"code-server-{VERSION}"
    mark = folder / ".installed"
    if not mark.exists():
        vscode = folder / "node_modules" / "code-server" / "lib" / "vscode"
        without_scripts = ["--ignore-scripts", "--omit=dev"]
        for where, words in (
            (folder / "node", [f"node@{NODE}"]),
            (folder, ["--ignore-scripts", f"code-server@{VERSION}"]),
            (vscode, without_scripts),
            (vscode / "extensions", without_scripts),
        ):
            where.mkdir(parents=True, exist_ok=True)
            subprocess.run(
                ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(where), *words],
                cwd=where,
                env=env,
                check=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        mark.touch()
    return folder


@contextlib.contextmanager
def started(folder: Path, home: Path, project: Path, env: Mapping[str, str]) -> Iterator[str]:
    """The address of a window on the project, with the settings and extensions of the home's editor.

    That is VS Code, or the only one of its family that the home has.
    """
    output = home.parent / "code-server.txt"
    editors = sorted((home / ".config").glob("*/User"), key=lambda user: user.parent.name != "Code")
    data = editors[0].parent if editors else home / ".config" / "Code"
    where = [
        *("--user-data-dir", str(data)),
        *("--extensions-dir", str(home / ".vscode" / "extensions")),
    ]
    with output.open("wb") as out:
        process = subprocess.Popen(
            ["node", str(folder / _ENTRY), *_OPTIONS, *where],
            cwd=project,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        listens = re.compile(r"listening on (http://127\.0\.0\.1:\d+)")
        found = until("code-server", lambda: listens.search(output.read_text("utf-8", "replace")))
        yield f"{found[1]}/?folder={project}"
    finally:
        kill(process)
