"""`attack`: somebody else who may write here tries to make us write, read or remove what is not ours."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from unittest import mock

from tests.crash import program
from tests.crash.program import KEY, STATE
from tests.crash.traced import tracing
from tests.crash.world import PATCH, World

_GUESSED = "0" * 12
_TARGET = b"precious\n"
_TEMPORARY = f".config.vsegpt-patch-{_GUESSED}"


def _link(place: Path, target: Path) -> None:
    place.symlink_to(target)


def _hard_link(place: Path, target: Path) -> None:
    os.link(target, place)


def _file(place: Path, _: Path) -> None:
    place.write_bytes(b"planted")


PLANTED: dict[str, Callable[[Path, Path], None]] = {"link": _link, "hard link": _hard_link, "file": _file}


def planted_temporary(world: World, plant: Callable[[Path, Path], None]) -> list[str]:
    """Even a temporary name that was guessed is not written through: refused, and all is as it was."""
    world.fresh(world.subjects["patch"])
    target = world.base / "precious"
    target.write_bytes(_TARGET)
    plant(world.home / ".one" / _TEMPORARY, target)
    with mock.patch("patcher.disk.safefile.secrets.token_hex", return_value=_GUESSED) as guess:
        code, text = program.quiet(["--home", str(world.home), "--lang", "en", *PATCH])
    assert guess.called
    told = [] if code == 1 and "File exists" in text else [f"exit {code}: {text}"]
    if target.read_bytes() != _TARGET:
        told.append("the target of the planted name was written to")
    return told + _untouched(world)


def planted_state(world: World, name: str) -> list[str]:
    """A link where we keep our own things is not written through."""
    world.fresh(world.subjects["patch"])
    elsewhere = world.base / f"elsewhere-{Path(name).name}"
    elsewhere.mkdir()
    (elsewhere / "file").write_bytes(_TARGET)
    place = world.home / STATE / name
    place.parent.mkdir(parents=True)
    place.symlink_to(elsewhere / "file" if name == "lock" else elsewhere)
    code, text = program.quiet(["--home", str(world.home), "--lang", "en", *PATCH])
    told = [] if code == 1 and "internal" not in text else [f"exit {code}: {text}"]
    if program.files(elsewhere) != {"file": _TARGET}:
        told.append("something was written where the planted link leads")
    return told + _untouched(world)


def open_state(world: World, mode: int) -> list[str]:
    """Where others may write to the state directory, no backup is put, and none believed."""
    world.fresh(world.subjects["patch"])
    folder = world.home / STATE
    folder.mkdir(parents=True)
    folder.chmod(mode)
    code, text = program.quiet(["--home", str(world.home), "--lang", "en", *PATCH])
    told = [] if code == 1 and "may change" in text else [f"exit {code}: {text}"]
    return told + _untouched(world)


def _untouched(world: World) -> list[str]:
    original = world.subjects["patch"].begin
    now = {name: world.state().get(name) for name in original}
    return [] if now == dict(original) else ["not all files are as they were"]


def swapped_folder(world: World, call: str, nth: int) -> list[str]:
    """A directory that is swapped for a link while we are at work leads us nowhere."""
    subject = world.subjects["patch"]
    world.fresh(subject)
    evil = world.base / "evil"
    evil.mkdir(exist_ok=True)
    (evil / "config").write_bytes(_TARGET)
    swapped: list[bool] = []
    ran = world.run(
        subject,
        [*tracing([call]), "-e", f"inject={call}:delay_enter=800000:when={nth}"],
        partial(_swap_folder, world.home, evil, swapped),
    )
    if not swapped or not ran.fired_on(world.home):
        return [f"nothing was swapped in time (exit {ran.code}: {ran.err})"]
    told = [] if ran.code in {0, 1} and "internal" not in ran.err else [f"exit {ran.code}: {ran.err}"]
    if [path.name for path in evil.iterdir()] != ["config"] or (evil / "config").read_bytes() != _TARGET:
        told.append("something was written where the link leads")
    wanted = subject.begin if ran.code else subject.end  # the directory that we hold open is the right one
    for name, place in ((".one/config", ".one-moved/config"), (".two/config", ".two/config")):
        if (world.home / place).read_bytes() != wanted[name]:
            told.append(f"exit {ran.code}, but {place} is not as it should be")
    (world.home / ".one").unlink()
    (world.home / ".one-moved").rename(world.home / ".one")
    code, text = program.quiet(["--home", str(world.home), "--lang", "en", *PATCH])
    if code != 0 or KEY.encode() not in (world.home / ".one/config").read_bytes():
        told.append(f"the next run: exit {code}: {text}")
    return told


def _swap_folder(home: Path, evil: Path, swapped: list[bool]) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if list((home / ".one").glob(".*.vsegpt-patch-*")):
            time.sleep(0.1)  # the call that follows is held up by then
            (home / ".one").rename(home / ".one-moved")
            (home / ".one").symlink_to(evil)
            swapped.append(True)
            return
        time.sleep(0.001)


def cases(base: Path) -> Iterator[tuple[str, list[str]]]:
    """Every attack by its name, with what was wrong."""
    world = World(base / "attack")
    for kind, plant in PLANTED.items():
        yield f"a planted {kind} of the temporary's name", planted_temporary(world, plant)
    for name in ("runs/1.new", "lock"):
        yield f"a planted link {name} in the state directory", planted_state(world, name)
    for mode in (0o777, 0o770):
        yield f"a state directory of mode {mode:o}", open_state(world, mode)
    for call, nth in (("fchmod", 1), ("renameat2", 1)):
        yield f"a directory is swapped for a link before {call} {nth}", swapped_folder(world, call, nth)
