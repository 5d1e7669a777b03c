"""A process that dies at a chosen call: what is on disk then is what a kill would leave."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from patcher.disk.safefile import Folder

NEVER = 10**9
"""No run has so many calls: all of them happen, and are told."""


class Crash(BaseException):
    """The process dies here; nobody catches it."""


@contextmanager
def crash_at(at: int) -> Iterator[list[str]]:
    """Let the `at`-th call that changes a file, and all later ones, not happen; answers with the calls."""
    calls: list[str] = []

    def deadly(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **names: Any) -> Any:
            if name != "open" or arguments[1] & (os.O_CREAT | os.O_WRONLY):
                calls.append(name)
            if len(calls) >= at:
                raise Crash(name)
            return real(*arguments, **names)

        return call

    with mock.patch.object(Folder, "exchange", deadly("exchange", Folder.exchange)):  # by ctypes, not by `os`
        names = "open write fsync replace unlink link mkdir rmdir fchmod ftruncate".split()
        patches = [mock.patch.object(os, name, deadly(name, getattr(os, name))) for name in names]
        for each in patches:
            each.start()
        try:
            yield calls
        finally:
            for each in patches:
                each.stop()
