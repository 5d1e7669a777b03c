"""Work in a copy of this process that has no network but this machine's loopback, if the system can."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

from patcher.cli.child import in_child
from patcher.errors import PatchError
from patcher.i18n import _

T = TypeVar("T")

_ISOLATED = b"i"


def offline(isolate: Callable[[], bool], work: Callable[[bool], T]) -> tuple[T, bool]:
    """What comes of `work`, done where `isolate` has taken the network away, and whether that could be done.

    `work` is told it, too. Its process is one of its own; what comes of it has to be plain data. It is
    done in this one where the system has no such thing, or this one has threads, which a copy of it could
    wait for in vain.
    Raises `PatchError` where that process was ended early.
    """
    if sys.platform == "linux" and len(list(Path("/proc/self/task").iterdir())) == 1:
        is_isolated, answer, status = _in_child(isolate, work)
        if is_isolated and not answer:
            raise PatchError(_("the work on it was ended early ({status})").format(status=status))
        if is_isolated:
            stopped, outcome = pickle.loads(answer)  # noqa: S301 - of our own copy
            if stopped:
                raise KeyboardInterrupt
            return outcome, True
    return work(False), False


def _in_child(isolate: Callable[[], bool], work: Callable[[bool], T]) -> tuple[bool, bytes, int]:
    """Whether it had no network; pickled, whether a person stopped it, and what came of it; its exit code."""

    def tell(pipe: BinaryIO) -> None:
        if isolate():
            pipe.write(_ISOLATED)
            pipe.flush()
            try:
                answer = pickle.dumps((False, work(True)))
            except KeyboardInterrupt:
                answer = pickle.dumps((True, None))
            sys.stdout.flush()
            sys.stderr.flush()
            pipe.write(answer)

    said, status = in_child(tell)
    return said[:1] == _ISOLATED, said[1:], status
