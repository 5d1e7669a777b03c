"""Write what the fixtures expect anew: `python -m tests.fixtures [TOOL...]`.

The result is to be read line by line, like code: is every line what a careful person would write?
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.support.homes import Case, cases, run, shape


def write(case: Case) -> None:
    """Make `after/` and `expected.diff` of one case by our own command."""
    with tempfile.TemporaryDirectory() as folder:
        home = case.home(Path(folder) / "home")
        dry = run(home, *case.words, "--dry-run", key=None)
        real = run(home, *case.words)
        if dry.code or real.code:
            sys.exit(f"{case.name}: {dry.err}{real.err}")
        after = case.folder / "after"
        shutil.rmtree(after, ignore_errors=True)
        for name, data in shape(home).items():
            path = after / "home" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (case.folder / "expected.diff").write_text(dry.out, "utf-8")


if __name__ == "__main__":
    for each in cases():
        if not sys.argv[1:] or each.tool in sys.argv[1:]:
            write(each)
            print(each.name)
