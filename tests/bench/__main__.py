"""Compare our edits with other tools': `python -m tests.bench [--write FILE] [--only yaml,whole] [--quick]`.

Exits 1 where ours takes more than it may.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench import tools
from tests.bench.homes import cost_needs, homes
from tests.bench.measure import figures, growths
from tests.bench.needs import needs
from tests.bench.report import report
from tests.bench.whole import whole

_WHOLE = "whole"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="write the report there, not to the terminal"
    )
    parser.add_argument(
        "--only",
        default=",".join((*tools.TOOLS, _WHOLE)),
        metavar="SYNTAX,...",
        help=f"just these syntaxes; {_WHOLE}: runs of the whole command",
    )
    parser.add_argument("--quick", action="store_true", help="small files, one round: a first impression")
    parser.add_argument(
        "--install", action="store_true", help="fetch the others that npm has into .cache/bench"
    )
    words = parser.parse_args()
    parts = words.only.split(",")
    syntaxes = [part for part in parts if part != _WHOLE]
    if unknown := set(syntaxes) - set(tools.TOOLS):
        known = ", ".join((*tools.TOOLS, _WHOLE))
        parser.error(f"no figures for {', '.join(sorted(unknown))}; there are {known}")
    if words.install:
        tools.install()
    for absent in tools.missing() if syntaxes else ():
        print(f"left out: {absent}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as name:
        rounds = 1 if words.quick else 3
        found = figures(syntaxes, Path(name), rounds, quick=words.quick)
        grown = {} if words.quick else growths(syntaxes, Path(name))
        runs = whole(Path(name), 5 * rounds) if _WHOLE in parts else []
    costs = homes(rounds) if _WHOLE in parts else {}
    kept = [*needs(found, grown, runs), *cost_needs(costs)]
    text = report(found, syntaxes, runs, kept, rounds)
    if words.write:
        words.write.write_text(text, "utf-8")
    else:
        print(text)
    for need in kept:
        print(f"{need.verdict:5} {need.found:6.2f} <= {need.most:4g}  {need.text}", file=sys.stderr)
    return any(need.verdict != "ok" for need in kept)


if __name__ == "__main__":
    sys.exit(main())
