"""Work in a copy of this process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import BinaryIO

from patcher.disk.interrupts import undisturbed


def in_child(work: Callable[[BinaryIO], None]) -> tuple[bytes, int]:
    """What `work` has written to its pipe when its process has ended, and how that ended."""
    ours, theirs = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        try:
            os.close(ours)
            with os.fdopen(theirs, "wb") as pipe:
                work(pipe)
        finally:
            os._exit(0)  # none of what the parent still has to do is this process's
    with undisturbed():  # a Ctrl-C is for the child, which ends as soon as it safely can
        os.close(theirs)
        with os.fdopen(ours, "rb") as pipe:
            said = pipe.read()
        _pid, status = os.waitpid(child, 0)
    return said, os.waitstatus_to_exitcode(status)
