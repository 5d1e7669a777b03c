"""`powercut`: a file system of its own is shut down without writing out what it still holds.

Linux's FS_IOC_SHUTDOWN drops what was not synced, as a power cut does; ext4 and xfs have it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.crash import faults
from tests.crash.faults import Point
from tests.crash.traced import tracing
from tests.crash.world import State, World

_SHUTDOWN = 0x8004587D
_NO_LOG_FLUSH = 2
NO_LOOP = "this machine has no loop devices"
SYSTEMS = {"ext4": ("mkfs.ext4", "-q", "-F"), "xfs": ("mkfs.xfs", "-q")}
_SIZE = 320 << 20  # xfs makes no smaller one; the file is sparse


def missing() -> str:
    """What is lacking here for this campaign, or nothing."""
    if os.geteuid() != 0:
        return "only root can mount"
    if subprocess.run(["losetup", "--find"], capture_output=True, check=False).returncode != 0:
        return NO_LOOP
    return ""


@dataclass
class Disk:
    """A file system in a file."""

    image: Path
    place: Path

    def mount(self) -> None:
        _command("mount", "-o", "loop", str(self.image), str(self.place))

    def unmount(self) -> None:
        _command("umount", str(self.place))

    def sync(self) -> None:
        """Make all that is there durable."""
        fd = os.open(self.place, os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(fd) != 0:
                raise OSError(ctypes.get_errno(), "syncfs")
        finally:
            os.close(fd)

    def cut(self) -> None:
        """Cut the power, and start again."""
        fd = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, _SHUTDOWN, ctypes.c_uint32(_NO_LOG_FLUSH))
        finally:
            os.close(fd)
        self.unmount()
        self.mount()


def _command(*words: str) -> None:
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {result.stderr.strip()}")


@contextlib.contextmanager
def disk(system: str, folder: Path) -> Iterator[Disk]:
    """A new file system of this kind, mounted."""
    folder.mkdir(parents=True)
    made = Disk(folder / "image", folder / "mounted")
    made.place.mkdir()
    with made.image.open("wb") as file:
        file.truncate(_SIZE)
    program = shutil.which(SYSTEMS[system][0], path="/usr/sbin:/sbin:" + os.environ.get("PATH", ""))
    if program is None:
        raise RuntimeError(f"needs {SYSTEMS[system][0]}")
    _command(program, *SYSTEMS[system][1:], str(made.image))
    made.mount()
    try:
        yield made
    finally:
        made.unmount()


def unmount_all(base: Path) -> None:
    """Unmount what is still mounted below."""
    for line in Path("/proc/mounts").read_text().splitlines():
        place = line.split()[1]
        if Path(place).is_relative_to(base):
            _command("umount", "-l", place)


def points(world: World) -> Iterator[Point]:
    """Before every call that changes something; and after a run's end, told by a call 0."""
    for subject in world.subjects.values():
        calls = [call for call in world.count(subject) if call.changes]
        yield from (Point("powercut", subject.name, call) for call in calls)
        yield Point("powercut", subject.name, faults.END)


def strike(point: Point, world: World, its: Disk) -> list[str]:
    """Kill the run there and cut the power at once."""
    subject = world.subjects[point.subject]
    world.fresh(subject)
    its.sync()
    if point.call == faults.END:
        ran = world.run(subject, [*tracing(["sync", "renameat2"]), *subject.strace])
        if ran.code != 0:
            return [f"a clean run failed: {ran.err}"]
    else:
        ran = world.kill(subject, point.call.name, point.call.nth)
        if ran.code != -9:
            return [f"the fault did not fire: exit {ran.code}"]
    its.cut()
    done = ran.code == 0 or "is done" in ran.err
    states: list[State] = [subject.end] if done else [subject.begin, subject.end]
    return world.torn(subject) + world.look(subject, states)
