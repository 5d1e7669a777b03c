"""Whether a file lies where git would carry it away: tracked, or not ignored, in somebody's work tree.

No `git` is run: a repository of others can make it run their programs.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

Exposure = Literal["tracked", "not ignored"]

_LARGEST_INDEX = 64 * 1024 * 1024


def exposure(path: Path) -> Exposure | None:
    """How git sees a file, after links; None where no work tree is above it, or where it is ignored.

    A repository that cannot be read counts as one that ignores nothing.
    """
    real = Path(os.path.realpath(path))
    root = next((folder for folder in real.parents if os.path.lexists(folder / ".git")), None)
    if root is None:
        return None
    try:
        return _seen(root, real.relative_to(root).as_posix())
    except Exception:  # noqa: BLE001 - whatever is in a repository of others, a doubt is a warning
        return "not ignored"


def _seen(root: Path, name: str) -> Exposure | None:
    from dulwich.ignore import IgnoreFilterManager  # noqa: PLC0415 - few settings are in a work tree
    from dulwich.repo import Repo  # noqa: PLC0415

    with Repo(str(root)) as repo:
        index = Path(repo.index_path())
        if index.exists():
            if index.stat().st_size > _LARGEST_INDEX:
                return "not ignored"
            if os.fsencode(name) in repo.open_index():
                return "tracked"
        return None if IgnoreFilterManager.from_repo(repo).is_ignored(name) else "not ignored"
