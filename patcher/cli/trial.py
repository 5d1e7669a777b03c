"""The real tool, run once in a private home: its whole state, and its files as a patch makes them.

Nothing of it stays, and no key of the person's gets there: what a patch sets is a made-up one, other keys
of VseGPT become that one, too, and those of others are made up each for itself.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from patcher.cli import tool_state
from patcher.cures import ASK_IT
from patcher.dataclass import dataclass
from patcher.disk.safefile import put_for_a_while, scratch, scratch_file
from patcher.errors import PatchError, Refused
from patcher.i18n import _
from patcher.machine.places import Machine
from patcher.planning import plan
from patcher.planning.request import Request
from patcher.planning.settings import texts_in
from patcher.registry.profile import Profile
from patcher.secrets.key_format import FAMILY
from patcher.secrets.made_up import MadeUp

_OURS = re.compile(rb"%b[\w-]+" % FAMILY.encode())
_VSEGPT = re.compile(rb"https://(?:api|services)\.vsegpt\.ru(?::\d+)?(?![\w.:-])")
_CODE = frozenset(".js .mjs .cjs .ts .mts .py .rb .sh .bash .zsh .fish .ps1 .lua .go .rs .wasm".split())
# What a run for another home takes from its caller: what every program needs to start at all.
_NEEDED = "PATH LANG LC_ALL TERM TMPDIR TEMP TMP SYSTEMROOT COMSPEC PATHEXT".split()
_XDG = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code, None where it had to be ended, and what it printed."""

    code: int | None
    printed: str


@dataclass(frozen=True)
class Trial:
    """A tool in its private home: the command, its variables, and the directory that it is run in."""

    command: Sequence[str]
    env: Mapping[str, str]
    work: Path
    files: Mapping[Path, bytes]
    """What is in the private home, by the place in the person's own."""
    left_out: int
    """Files of its state that were too large, or too many."""

    def run(self, seconds: float, asked: Callable[[], bool]) -> Ended:
        """Run it to its end, or until it has `asked` and had time to print the answer, or for `seconds`."""
        with scratch_file() as printed:
            process = subprocess.Popen(  # noqa: S603 - the profile's command, with fixed words and no shell
                self.command,
                cwd=self.work,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                start_new_session=True,  # what it leaves behind ends with it
            )
            try:
                code = _wait(process, seconds, asked)
            finally:
                _end(process)
            printed.seek(0)
            return Ended(code, printed.read().decode("utf-8", "replace"))


def asking(words: Sequence[str], question: str, model: str) -> list[str]:
    """A profile's `ask` with its placeholders filled in."""
    return [word.replace("{question}", question).replace("{model}", model) for word in words]


@contextlib.contextmanager
def prepared(profile: Profile, machine: Machine, request: Request, question: str) -> Iterator[Trial]:
    """A private home for the tool, with its files as `request` wants them. Raises `PatchError`.

    `request` leads to a gateway on this machine, which is the proxy for all other addresses, too.
    """
    base = dict(machine.env) or {name: os.environ[name] for name in _NEEDED if name in os.environ}
    words = asking(profile.ask, question, request.model)
    if not words:
        raise Refused(_("no command is known that asks it one question"), cure=_(ASK_IT))
    program = shutil.which(words[0], path=base.get("PATH"))
    if not program:
        raise Refused(
            _("the command {command} was not found").format(command=words[0]),
            cure=_("install it, or put its directory into PATH"),
        )
    made = plan.make([profile], machine, request)
    for problem in made.problems:
        where = f"{machine.shown(problem.path)}: " if problem.path else ""
        raise PatchError(f"{where}{problem.reason}")
    if any(file.write.stored for tool in made.tools for file in tool.files):
        raise Refused(_("its settings are in a database, which cannot be tried so"), cure=_(ASK_IT))
    state = tool_state.read(profile, machine)
    planned = {file.write.path: file.write.after or b"" for tool in made.tools for file in tool.files}
    set_texts = frozenset(
        text
        for tool in made.tools
        for file in tool.files
        for each in file.requested
        for text in texts_in(each.value)
    )
    with scratch() as folder:
        move = _Move(machine.home, folder)
        cleaned = _Cleaned(request, MadeUp(set_texts), move, state)
        files = {path: cleaned(path, data) for path, data in (state.files | planned).items()}
        for path, data in files.items():
            put_for_a_while(move(path), data)
        env = _environment(base, profile, move, request)
        work = machine.work if machine.work and machine.work != machine.home else folder
        yield Trial([program, *words[1:]], env, work, files, state.left_out)


@dataclass(frozen=True)
class _Move:
    """Where a path of the person's home is in the private one; what is outside gets a place in there, too."""

    home: Path
    to: Path

    def __call__(self, path: Path) -> Path:
        if path.is_relative_to(self.home):
            return self.to / path.relative_to(self.home)
        return self.to / "outside" / path.relative_to(path.anchor)


@dataclass(frozen=True)
class _Cleaned:
    """A file as it goes into the private home: without keys, and led to the gateway and to that home."""

    request: Request
    made_up: MadeUp
    move: _Move
    state: tool_state.ToolState

    def __call__(self, path: Path, data: bytes) -> bytes:
        data = _with_our_key(data, self.request)
        named = path.suffix not in _CODE
        try:
            text = data.decode()
        except ValueError:
            text = "\0"
        if "\0" in text:  # what has lengths in it keeps them
            return self.made_up(data.decode("latin-1"), named=named, binary=True).encode("latin-1")
        data = self.made_up(text, named=named).encode()
        data = _VSEGPT.sub(str(self.request.endpoint).encode(), data)
        for root in self.state.roots:
            place = re.compile(re.escape(os.fsencode(root)) + rb"(?:/[^\s\"']*)?(?![\w.-])")
            data = place.sub(self._moved, data)
        return data

    def _moved(self, found: re.Match[bytes]) -> bytes:
        """The path of what was copied, or is not there, or is a directory, in the private home."""
        path = Path(os.fsdecode(found.group()))
        moves = path in self.state.files or not path.is_file()
        return os.fsencode(self.move(path)) if moves else found.group()


def _with_our_key(data: bytes, request: Request) -> bytes:
    return _OURS.sub(request.key_text.encode(), data)


def _environment(base: Mapping[str, str], profile: Profile, move: _Move, request: Request) -> dict[str, str]:
    """The person's own variables, but for those that lead into the home or past the gateway."""
    templates = [template for spec in profile.files for template in spec.path]
    texts = [
        text
        for template in templates
        for text in ([template] if isinstance(template, str) else template.values())
    ]
    moved = {found[1] for text in texts if (found := re.match(r"\$\{?(\w+)", text))}
    moved |= {*_XDG, "APPDATA", "LOCALAPPDATA"}
    env = {
        name: str(move(Path(value))) if name in moved and Path(value).is_absolute() else value
        for name, value in base.items()
    }
    gateway = str(request.endpoint).encode()
    env = {
        name: os.fsdecode(_VSEGPT.sub(gateway, _with_our_key(os.fsencode(value), request)))
        for name, value in env.items()
    }
    env |= {"HOME": str(move.to), "USERPROFILE": str(move.to)}
    # Programs that pip put into the home are still found there.
    env.setdefault("PYTHONUSERBASE", str(move.home / ".local"))
    env |= {variable: str(request.endpoint) for name in _PROXIES for variable in (name, name.lower())}
    own = "127.0.0.1,localhost"
    return env | {"NO_PROXY": own, "no_proxy": own, "NODE_USE_ENV_PROXY": "1"}


def _wait(process: subprocess.Popen[bytes], seconds: float, asked: Callable[[], bool]) -> int | None:
    end = time.monotonic() + seconds
    has_asked = False
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.1)
        if not has_asked and asked():
            has_asked = True
            end = min(end, time.monotonic() + 5)
    return process.returncode


def _end(process: subprocess.Popen[bytes]) -> None:
    """End it, and on systems that have groups of processes what it started, too."""
    if os.name != "posix":
        process.kill()
        process.wait()
        return
    for sent in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, sent)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=3)
