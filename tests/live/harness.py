"""Runs the command under test and the tool in a clean home, and judges what the gateway saw."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any
from urllib.parse import urlsplit

import websockets.sync.client

from patcher.gateway.stub import Gateway, ReceivedRequest
from tests.live.tools import ROOT, Tool

KEY = "sk-or-vv-" + "0" * 64


def environment(home: Path, path: list[Path]) -> dict[str, str]:
    """All that a run sees of the environment: nothing of the caller's own."""
    temporary = home.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    git = shutil.which("git")
    system = [Path(git).parent] if git else []
    return {
        "HOME": str(home),
        "PATH": os.pathsep.join(str(each) for each in [*path, *system, Path("/usr/bin"), Path("/bin")]),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "TMPDIR": str(temporary),
    }


def project(tool: Tool, home: Path) -> Path | None:
    """The project in the home, if its fixture or the tool's table has one, with the table's files."""
    folder = home / "project"
    for name, text in tool.project.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.write_text(text, "utf-8")
    return folder if folder.is_dir() else None


def patch(tool: Tool, home: Path, gateway: Gateway) -> str:
    """Let the program under test write the tool's files; give what it printed. Raises CalledProcessError."""
    key = home.parent / "key"
    key.write_text(KEY + "\n", "utf-8")
    key.chmod(0o600)
    gateway.serves = urlsplit(tool.path).path
    options = [*tool.args, "--endpoint", gateway.url, "--key-file", str(key), "--yes", *_where(tool, home)]
    return _ours(home, home, tool.profile, "--home", str(home), *options)


def status(tool: Tool, home: Path, gateway: Gateway) -> str:
    """What the program says of the patched tool where that is going to run, as JSON.

    Without --home, as the person whose home it is: files of the directory that it is run in count, too.
    """
    options = ["--endpoint", gateway.url, "--json", *_where(tool, home)]
    return _ours(home, _work(tool, home), "status", tool.profile, *options)


def _where(tool: Tool, home: Path) -> list[str]:
    folder = project(tool, home)
    has_project = "{project}" in (ROOT / "profiles" / f"{tool.profile}.toml").read_text("utf-8")
    return ["--in", str(folder)] if folder and has_project else []


def _work(tool: Tool, home: Path) -> Path:
    """Where the tool runs: its project, or an empty directory."""
    work = project(tool, home) or home.parent / "work"
    work.mkdir(exist_ok=True)
    return work


def _ours(home: Path, work: Path, *words: str) -> str:
    """Run the program under test."""
    return subprocess.run(
        [sys.executable, "-m", "patcher", *words],
        check=True,
        cwd=work,
        env=environment(home, []) | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
    ).stdout


def run(tool: Tool, path: list[Path], home: Path, gateway: Gateway) -> str:
    """Run the tool to its end, or to its time's end; give what it printed, without the key."""
    # For https the gateway is the proxy, and refuses: calls to the tool's own makers fail at once.
    env = environment(home, path) | {"HTTPS_PROXY": gateway.url, "NO_PROXY": "127.0.0.1,localhost"}
    env |= {"https_proxy": gateway.url, "no_proxy": env["NO_PROXY"], "NODE_USE_ENV_PROXY": "1"}
    site = next(path[0].parent.glob("lib/python*/site-packages"), None)
    env |= {name: value.replace("{site}", str(site)) for name, value in tool.env.items()}
    work = _work(tool, home)
    if tool.git:
        _repository(work, env)
    command = tool.command
    command[:1] = [shutil.which(command[0], path=env["PATH"]) or command[0]]
    (home.parent / "stdin").write_text(tool.stdin, "utf-8")
    printed = home.parent / "printed"
    with printed.open("wb") as out, contextlib.ExitStack() as stack:
        stdin: IO[bytes] | int = stack.enter_context((home.parent / "stdin").open("rb"))
        stdout: IO[bytes] | int = out
        if tool.pty:
            stdin = stdout = stack.enter_context(_terminal(out, tool.stdin))
        # A group of its own: what the tool starts and leaves behind ends with it.
        process = subprocess.Popen(
            command, cwd=work, env=env, stdin=stdin, stdout=stdout, stderr=stdout, start_new_session=True
        )
        try:
            _wait(tool, process, gateway)
        finally:
            _end(process)
    return masked(printed.read_text("utf-8", "replace"))


def masked(text: str) -> str:
    return text.replace(KEY, "‹key›")


def _repository(work: Path, env: dict[str, str]) -> None:
    (work / "hello.txt").write_text("hello\n", "utf-8")
    for words in (
        "init -q",
        "config user.name Nobody",
        "config user.email nobody@example.org",
        "add hello.txt",
    ):
        subprocess.run(["git", *words.split()], check=True, cwd=work, env=env)


@contextlib.contextmanager
def _terminal(out: IO[bytes], keys: str) -> Iterator[int]:
    """A terminal for the tool; what is printed there goes to `out`, and `keys` are typed, one a second."""
    import pty  # noqa: PLC0415 (Windows has none, and must be able to skip these tests)

    ours, theirs = pty.openpty()
    done = threading.Event()

    def copy() -> None:
        with contextlib.suppress(OSError):  # EIO: the other side is closed
            while data := os.read(ours, 4096):
                out.write(data)

    def type_keys() -> None:
        for key in keys:
            if done.wait(1):
                return
            os.write(ours, key.encode())

    threads = [threading.Thread(target=copy), threading.Thread(target=type_keys)]
    for thread in threads:
        thread.start()
    try:
        yield theirs
    finally:
        done.set()
        os.close(theirs)
        for thread in threads:
            thread.join(timeout=5)
        os.close(ours)


def _wait(tool: Tool, process: subprocess.Popen[bytes], gateway: Gateway) -> None:
    end = time.monotonic() + tool.timeout
    with contextlib.ExitStack() as sockets:
        steps: list[Callable[[], bool]] = []
        if tool.then_open:
            steps.append(partial(_open, sockets, **tool.then_open))
        if tool.then_post:
            steps.append(partial(_post, **tool.then_post))
        while time.monotonic() < end and process.poll() is None:
            time.sleep(0.1)
            if steps and steps[0]():
                del steps[0]
            if tool.stays and gateway.posts():
                time.sleep(0.5)  # for the answer to arrive
                return


def _open(sockets: contextlib.ExitStack, url: str, message: dict[str, Any] | None = None) -> bool:
    """Whether a server was there to take the web socket, and the message in it; it stays open for the run."""
    try:
        socket = sockets.enter_context(websockets.sync.client.connect(url, proxy=None))
        if message is not None:
            socket.send(json.dumps(message))
    except (OSError, websockets.WebSocketException):
        return False
    return True


def _post(url: str, body: dict[str, Any], headers: Mapping[str, str] = MappingProxyType({})) -> bool:
    """Whether a server was there to take it."""
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=30) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    for sent in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=3)


def complaints(tool: Tool, posts: Sequence[ReceivedRequest], kept: Collection[str] = ()) -> list[str]:
    """What is wrong with the questions that came: nothing, if the tool talks to the gateway as it must.

    `kept` are the models that are as good as the tool's, since our command left them.
    """
    found = [] if posts else ["the tool sent no request"]
    for post in posts:
        if post.path != tool.path:
            found.append(f"POST {post.path}, not {tool.path}")
        if post.bearer != KEY:
            found.append(f"POST {post.path} without the key")
        if post.model not in {tool.model, *kept}:
            found.append(f"POST {post.path} for the model {post.model!r}, not {tool.model!r}")
    return list(dict.fromkeys(found))


def account(tool: Tool, gateway: Gateway, patched: str, printed: str) -> str:
    """Everything of a run, for people."""
    seen = [
        f"{each.method} {each.path}{f' to {each.elsewhere}' if each.elsewhere else ''}"
        for each in gateway.requests
    ]
    parts = ["--- the gateway saw:", *seen, "--- vsegpt-patch:", patched, f"--- {tool.name}:", printed]
    return "\n".join(parts)
