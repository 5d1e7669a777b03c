"""The real tool, run once in a private home that holds what a patch of its files would be.

Nothing of it stays, and no key of the person's gets there: what a patch sets is a made-up one, and
other keys of VseGPT in the files become that one, too.
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
from dataclasses import dataclass
from pathlib import Path

from patcher.disk.safefile import put, scratch, scratch_file
from patcher.errors import PatchError, Refused
from patcher.i18n import _
from patcher.machine.places import Machine
from patcher.planning import plan
from patcher.planning.request import Request
from patcher.registry.profile import Profile
from patcher.secrets.key_format import FAMILY

_OURS = re.compile(rb"%b[\w-]+" % FAMILY.encode())
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
        raise Refused(_("no command is known that asks it one question"))
    program = shutil.which(words[0], path=base.get("PATH"))
    if not program:
        raise Refused(_("the command {command} was not found").format(command=words[0]))
    made = plan.make([profile], machine, request)
    for problem in made.problems:
        where = f"{machine.shown(problem.path)}: " if problem.path else ""
        raise PatchError(f"{where}{problem.reason}")
    with scratch() as folder:
        move = _Move(machine.home, folder)
        files = {file.write.path: file.write for tool in made.tools for file in tool.files}
        for path, write in files.items():
            if write.stored:
                raise Refused(_("its settings are in a database, which cannot be tried so"))
            put(move(path), _OURS.sub(request.key_text.encode(), write.after or b""))
        env = _environment(base, profile, move, request)
        yield Trial([program, *words[1:]], env, machine.work or folder)


@dataclass(frozen=True)
class _Move:
    """Where a path of the person's home is in the private one; what is outside gets a place in there, too."""

    home: Path
    to: Path

    def __call__(self, path: Path) -> Path:
        if path.is_relative_to(self.home):
            return self.to / path.relative_to(self.home)
        return self.to / "outside" / path.relative_to(path.anchor)


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
    key = request.key_text.encode()
    env = {name: os.fsdecode(_OURS.sub(key, os.fsencode(value))) for name, value in env.items()}
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
