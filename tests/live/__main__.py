"""The tools in homes where somebody has lived: `python -m tests.live --lived-in [TOOL...]`.

A line for each home, and one for them all; 1 where a run went wrong, or a tool could not be run.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.live import lived_in
from tests.live.tools import Missing, Tool, install, tools


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.live", description=__doc__)
    parser.add_argument("--lived-in", action="store_true", required=True)
    parser.add_argument("-v", "--verbose", action="store_true", help="what was seen, of every run")
    parser.add_argument("tools", metavar="TOOL", nargs="*")
    options = parser.parse_args()
    known = {tool.name: tool for tool in tools()}
    if unknown := set(options.tools) - set(known):
        parser.error(f"not in tools.toml: {', '.join(sorted(unknown))}")
    words: Counter[str] = Counter()
    ran = 0
    asked = [known[name] for name in options.tools or known]
    for tool in asked:
        found = _homes(tool, verbose=options.verbose)
        ran += found is not None
        words.update(found or ())
    counts = ", ".join(f"{word} {words[word]}" for word in ("arrived", "named", "wrong"))
    print(f"tools {ran}, homes {words.total()}, {counts}")
    return 1 if words["wrong"] or ran < len(asked) else 0


def _homes(tool: Tool, *, verbose: bool) -> list[str] | None:
    """A word for each home of a tool; None where the tool cannot be run here."""
    try:
        path = install(tool)
    except Missing as missing:
        print(f"{tool.name}: left out: {missing}", flush=True)
        return None
    except subprocess.CalledProcessError as error:
        print(f"{tool.name}: left out: it cannot be installed", flush=True)
        print(error.stdout, file=sys.stderr)
        return None
    words: list[str] = []
    for case in lived_in.lived_in(tool):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            verdict = lived_in.run(tool, case, path, Path(folder))
        words.append(verdict.word)
        print(f"{case.name}: {verdict.line}", flush=True)
        if verbose or verdict.word == "wrong":
            print(verdict.details, file=sys.stderr, flush=True)
    return words


if __name__ == "__main__":
    sys.exit(main())
