"""`python -m tests.laws DIR`: the laws over a folder of one's own configuration files.

A file's format comes from its name, or from that of the folder it is in. Every file is edited at
random places, as it is and with CRLF, without a final line end and with tabs; the files themselves
are only read.

`python -m tests.laws --fuzz N` makes N edits of texts at random, judged by the real programs
(`tests.laws.fuzz`), or as many as fit into `--minutes`. Both exit with 1 where a law is broken.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

from patcher.errors import Refused
from patcher.formats import editing
from patcher.formats.ops import Add, Insert, LastItemStays, LastStays, Op
from patcher.formats.order import successor
from patcher.formats.text import Text
from tests.laws import campaign
from tests.laws.check import Broken, Subject, check, check_crlf, check_taken_away, variants
from tests.laws.ops import Wishes, node_at
from tests.laws.reasons import without

NAMES = (
    (re.compile(r"prefs\.js|user\.js"), "prefs"),
    (re.compile(r".*\.env(?:[.-].*)?|env|dotenv"), "dotenv"),
    (re.compile(r".*\.jsonc"), "jsonc"),
    (re.compile(r".*\.json5"), "json5"),
    (re.compile(r".*\.json"), "json"),
    (re.compile(r".*\.ya?ml"), "yaml"),
    (re.compile(r".*\.toml"), "toml"),
    (re.compile(r".*\.(?:ini|cfg|conf)"), "ini"),
    (re.compile(r".*\.xml"), "xml"),
)
T = TypeVar("T")
KNOWN = sorted({name for _, name in NAMES})
SEVERAL = 0.2
"""How many of the edits are of several operations at once."""


@dataclass
class Tally:
    """What came out, for one format."""

    files: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    unjudged: int = 0
    edits: int = 0
    proved: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def count(self, label: str, ops: Sequence[Op], edit: Callable[[], T]) -> T | None:
        """One edit, and what becomes of it; None where nothing does."""
        self.edits += 1
        try:
            edited = edit()
        except Refused as refusal:
            self.refused[without(refusal.reason, _words(ops))] += 1
        except Broken as broken:
            self.wrong.append(f"{label}: {ops}: {broken}")
        else:
            self.proved += 1
            return edited
        return None


def format_of(path: Path) -> str | None:
    """The format of a file, by its folder's name or by its own."""
    if path.parent.name in KNOWN:
        return path.parent.name
    return next((name for pattern, name in NAMES if pattern.fullmatch(path.name.lower())), None)


class File(NamedTuple):
    """A file by its name, for messages, and its bytes."""

    label: str
    data: bytes


def run(name: str, file: File, tally: Tally, rng: Random, times: int) -> None:
    """Edit one file `times` times in each of its forms, and count."""
    tally.files += 1
    try:
        if len(file.data) > editing.syntax_of(name).limit:
            raise Refused("more bytes than the limit")
        subject = Subject.of(name, Text.decode(file.data).body)
    except Refused as refusal:
        tally.unread[refusal.reason] += 1
        return
    except Broken as broken:
        tally.wrong.append(f"{file.label}: {broken}")
        return
    tally.unjudged += subject.judged is None
    others = list(forms(subject, file.label, tally))
    wishes = Wishes(editing.format_of(name), subject.tree, subject.syntax.plain)
    for _ in range(times):
        ops = wishes.several(rng) if rng.random() < SEVERAL else wishes.single(rng)
        if ops:
            edit(subject, ops, others, file.label, tally)


def edit(
    subject: Subject, ops: Sequence[Op], others: Sequence[tuple[str, Subject]], label: str, tally: Tally
) -> None:
    """One edit in every form of a file, by all laws."""
    wrong = len(tally.wrong)
    edited = tally.count(label, ops, lambda: subject.edit(ops))
    if edited is not None:
        try:
            check(subject, ops, edited)
        except Broken as broken:
            tally.wrong.append(f"{label}: {ops}: {broken}")
        match ops:
            case [Add() | Insert() as op]:
                tally.count(label, ops, lambda: check_taken_away(subject, op, edited))
    sure = len(tally.wrong) == wrong
    for form, other in others:
        if form == "CRLF" and sure:
            tally.count(f"{label}, {form}", ops, partial(check_crlf, other, ops, edited))
        else:
            tally.count(f"{label}, {form}", ops, partial(other.edit, [fitted(other, op) for op in ops]))


def fitted(subject: Subject, op: Op) -> Op:
    """The operation as it is planned for a form of a file: where nothing may stand last, before the last."""
    node = node_at(subject.tree, op.place)
    if isinstance(op, Add) and op.before is None and isinstance(node, LastStays):
        return replace(op, before=successor(node, op.key))
    if isinstance(op, Insert) and isinstance(node, LastItemStays):
        return replace(op, index=min(op.index, len(node) - 1))
    return op


def forms(subject: Subject, label: str, tally: Tally) -> Iterator[tuple[str, Subject]]:
    """The other forms of a file that are read."""
    for form, text in variants(subject.name, subject.text).items():
        try:
            other = Subject.of(subject.name, text)
        except Refused as refusal:
            if form == "CRLF":
                tally.wrong.append(f"{label}, CRLF: crlf: cannot be read: {refusal}")
        except Broken as broken:
            tally.wrong.append(f"{label}, {form}: {broken}")
        else:
            yield form, other


def _words(ops: Sequence[Op]) -> set[str]:
    """What in a reason is only of this file."""
    return {str(step) for op in ops for step in (*op.place, getattr(op, "key", ""))}


def table(tallies: dict[str, Tally]) -> Iterator[str]:
    """The figures, a line a format, and the reasons of refusals."""
    yield f"{'':8} {'files':>6} {'unread':>6} {'edits':>8} {'proved':>8} {'refused':>8} {'wrong':>6}"
    for name, it in sorted(tallies.items()):
        unread, refused = it.unread.total(), it.refused.total()
        yield (
            f"{name:8} {it.files:6,} {unread:6,} {it.edits:8,} {it.proved:8,} {refused:8,} {len(it.wrong):6,}"
            + (f"   ({it.unjudged} files that no judge reads)" if it.unjudged else "")
        )
        for title, reasons in (("file", it.unread), ("edit", it.refused)):
            for reason, times in reasons.most_common():
                yield f"{times:17,}  {title} refused: {reason}"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; see the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.laws", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--fuzz", type=int, metavar="N", help="so many edits of texts at random instead")
    parser.add_argument("--minutes", type=float, help="of the fuzz, at most")
    parser.add_argument(
        "--found", type=Path, metavar="FILE", help="where the fuzz puts its failures, as cases"
    )
    parser.add_argument("--format", help="only this one, perhaps in a dialect, as in ini:glib")
    parser.add_argument("--per-file", type=int, default=5, metavar="N", help="places in a file (default 5)")
    parser.add_argument("--seed", default="0", help="other places for another seed")
    options = parser.parse_args(arguments)
    if options.fuzz is not None or options.minutes is not None:
        return campaign.run(
            campaign.Options(options.fuzz, options.minutes, options.format, options.seed, options.found)
        )
    wanted, _colon, dialect = (options.format or "").partition(":")
    if options.folder is None or wanted not in ("", *KNOWN):
        parser.error("wanted: a folder with one of the formats that are known, or --fuzz")
    tallies: dict[str, Tally] = {}
    for path in sorted(options.folder.rglob("*")):
        name = format_of(path)
        if name is None or wanted not in ("", name) or not path.is_file():
            continue
        name += f":{dialect}" if dialect else ""
        tally = tallies.setdefault(name, Tally())
        known = len(tally.wrong)
        rng = Random(f"{options.seed} {path.name}")
        run(name, File(path.name, path.read_bytes()), tally, rng, options.per_file)
        for wrong in tally.wrong[known:]:
            print(f"WRONG {wrong}", flush=True)
    print("\n".join(table(tallies)))
    return 1 if any(tally.wrong for tally in tallies.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
