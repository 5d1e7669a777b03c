"""`kill`, `error` and `stuck`: one fault at one call of one run, and what must be true after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.crash.traced import CHANGES, LOOKS, Call, Ran
from tests.crash.world import State, Subject, World

ERRORS = ("ENOSPC", "EIO", "EINTR", "EROFS", "EACCES", "EDQUOT")
LOOK_ERRORS = ("EIO", "EACCES")
"""What a call that changes nothing can fail with."""
STUCK = ("ENOSPC", "EIO", "EROFS")
_NEEDS_SPACE = frozenset("openat write fsync mkdir mkdirat link linkat rename renameat renameat2".split())


END = Call("", 0, changes=False, text="after its end")
"""No call: the run comes to its end."""


@dataclass(frozen=True)
class Point:
    """Where a fault strikes: `error` is empty for a kill."""

    campaign: str
    subject: str
    call: Call
    error: str = ""

    def __str__(self) -> str:
        what = f"{self.error} at" if self.error else "before"
        return f"{self.subject}: {what} {self.call.name} {self.call.nth}: {self.call.text}"


def points(campaign: str, world: World, *, thorough: bool = False) -> Iterator[Point]:
    """The points of a campaign: of the plain runs all, of the others those that change something."""
    for subject in world.subjects.values():
        calls = world.count(subject)
        assert len(calls) > 50, f"{subject.name}: only {len(calls)} calls"
        whole = thorough or subject.name == "patch" or (subject.name == "undo" and campaign == "kill")
        if campaign == "kill":
            yield from (Point(campaign, subject.name, call) for call in calls if whole or call.changes)
        elif campaign == "error":
            for call in calls:
                for error in _errors(call, whole=whole):
                    yield Point(campaign, subject.name, call, error)
        else:
            for call in calls:
                for error in (STUCK if whole else STUCK[:1]) if call.changes else ():
                    yield Point(campaign, subject.name, call, error)


def _errors(call: Call, *, whole: bool) -> Sequence[str]:
    if not call.changes:
        return LOOK_ERRORS if whole else ()
    return ERRORS if whole else ERRORS[:2]


def strike(point: Point, world: World) -> list[str]:
    """Let the fault happen on a fresh home; answers with all that is wrong then."""
    subject = world.subjects[point.subject]
    world.fresh(subject)
    if point.campaign == "kill":
        return _kill(point, subject, world)
    if point.campaign == "error":
        ran = world.fail(subject, {point.call.name: point.call.nth}, point.error)
    else:
        ran = world.fail(subject, _from_here(point), point.error, on=True)
    if not ran.fired_on(world.home):
        return ["the fault did not fire"]
    told = world.torn(subject) + _said(ran)
    if ran.code == 0 and point.campaign == "error":
        now = {name: data for name, data in world.state().items() if name in subject.end}
        if now != subject.end:
            told.append("exit 0, but not all files are new")
    kept = point.call.name == "rmdir" or point.campaign == "stuck"  # an empty directory does no harm
    return told + world.look(subject, [subject.begin if ran.code else subject.end], folders=not kept)


def _kill(point: Point, subject: Subject, world: World) -> list[str]:
    ran = world.kill(subject, point.call.name, point.call.nth)
    if ran.code != -9:
        return [f"the fault did not fire: exit {ran.code}"]
    states: list[State] = [subject.end] if "is done" in ran.err else [subject.begin, subject.end]
    return world.torn(subject) + world.look(subject, states)


def _from_here(point: Point) -> dict[str, int]:
    """From this moment on each call fails that such a disk would fail."""
    if point.error == "ENOSPC":
        names = _NEEDS_SPACE
    elif point.error == "EROFS":
        names = frozenset(CHANGES)
    else:
        names = frozenset([*CHANGES, *LOOKS]) - {"close", "lseek"}
    so_far = dict(point.call.so_far)
    return {name: so_far.get(name, 0) + 1 for name in names} | {point.call.name: point.call.nth}


def _said(ran: Ran) -> list[str]:
    """What a failing run may not do, and what it has to say."""
    told = []
    if ran.code not in {0, 1}:
        told.append(f"exit {ran.code}")
    if "Traceback" in ran.err or "internal error" in ran.err:
        told.append(f"not explained: {ran.err.strip().splitlines()[-1]}")
    if "sk-" in ran.out + ran.err:
        told.append("a key is shown")
    if ran.code and not ran.err.strip():
        told.append("it failed without a word")
    return told
