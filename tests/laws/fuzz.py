"""Edits at random, judged by the real programs: `python -m tests.laws --fuzz N`.

For each edit of each text it holds that

read        every program that read the old text reads in the new one what was asked, and else the same
bytes       every line and every comment that was not asked about is there still
refuse      nothing but `Refused` is raised, and never `Unproved`
mark        behind a byte order mark the same comes out
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from patcher.errors import Refused, Unproved
from patcher.formats import editing
from patcher.formats.ops import Change, Node
from patcher.formats.text import BOM
from tests.laws import lines_of, trees_of
from tests.laws.expected import MISSING, Unfit, at, changed, lost
from tests.laws.judges import equal
from tests.laws.programs import DIALECTS, Answer, Program, programs
from tests.laws.reasons import reason
from tests.laws.wished import wished

WRITERS: dict[str, Callable[[Random], str]] = {
    "ini": lines_of.ini,
    "dotenv": lines_of.dotenv,
    "keyvalue": lines_of.keyvalue,
    "prefs": lines_of.prefs,
    "json": trees_of.json,
    "jsonc": trees_of.jsonc,
    "json5": trees_of.json5,
    "yaml": trees_of.yaml,
    "toml": trees_of.toml,
    "xml": trees_of.xml,
}
EACH = 5
"""Edits of one text."""
BATCH = 400
"""Texts that the programs are asked about at once."""


class Trial(NamedTuple):
    """One edit: what was asked of which text."""

    name: str
    text: str
    changes: tuple[Change, ...]

    @property
    def syntax(self) -> str:
        return self.name.partition(":")[0]


class Broken(NamedTuple):
    """A law that does not hold for a trial."""

    law: str
    detail: str
    trial: Trial
    after: str = ""


@dataclass
class Tally:
    """What came out, for one format."""

    texts: int = 0
    edits: int = 0
    proved: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    broken: list[Broken] = field(default_factory=list)

    def of(self, *laws: str) -> int:
        return sum(each.law in laws for each in self.broken)


NAMES = [
    name
    for syntax in WRITERS
    for name in (syntax, *(f"{syntax}:{each}" for each in DIALECTS.get(syntax, ())))
]
"""Every syntax, by itself and in each dialect."""


def formats(wanted: str | None) -> list[str]:
    """Those that the editors know and a program judges that is here."""
    names = [name for name in NAMES if wanted in (None, name, name.partition(":")[0])]
    return [name for name in names if known(name) and programs(name)]


def known(name: str) -> bool:
    """Whether the editors know this dialect."""
    try:
        editing.syntax_of(name)
    except (KeyError, AttributeError):  # a syntax without dialects has no function for them
        return False
    return True


def run(name: str, rng: Random, tally: Tally, edits: int) -> None:
    """About so many edits of texts of one format."""
    trials: list[Trial] = []
    for _ in range(-(-edits // EACH)):
        trials += _trials(name, rng, tally, min(EACH, edits))
    for start in range(0, len(trials), BATCH):
        tally.broken += judged(trials[start : start + BATCH], tally)


def _trials(name: str, rng: Random, tally: Tally, times: int) -> Iterator[Trial]:
    syntax = name.partition(":")[0]
    text = WRITERS[syntax](rng).removeprefix(BOM)
    tally.texts += 1
    tree: Node = None
    try:
        tree = editing.Document.read(name, text.encode()).tree
    except Refused as refusal:
        tally.unread[reason(refusal.reason, ())] += 1
        return
    except Exception as error:  # noqa: BLE001  # it is what is looked for
        tally.broken.append(Broken("refuse", repr(error), Trial(name, text, ())))
        return
    for _ in range(times):
        yield Trial(name, text, tuple(wished(syntax, tree, rng)))


def judged(trials: Sequence[Trial], tally: Tally) -> list[Broken]:
    """The laws that do not hold for these trials, which are all of one format."""
    found: list[Broken] = []
    edited: list[tuple[Trial, str]] = []
    for trial in trials:
        tally.edits += 1
        try:
            edited.append((trial, _edited(trial)))
        except Unproved as error:
            found.append(Broken("unproved", reason(error.reason, trial.changes), trial))
        except Refused as refusal:
            tally.refused[reason(refusal.reason, trial.changes)] += 1
        except _Marked:
            found.append(Broken("mark", "other bytes behind a byte order mark", trial))
        except Exception as error:  # noqa: BLE001  # it is what is looked for
            found.append(Broken("refuse", repr(error), trial))
    if not edited:
        return found
    texts = list(dict.fromkeys(text for trial, after in edited for text in (trial.text, after)))
    answers = [
        (each, dict(zip(texts, each.read(texts), strict=True))) for each in programs(edited[0][0].name)
    ]
    for trial, after in edited:
        broken = _against(trial, after, answers)
        found += broken
        tally.proved += not broken
    return found


class _Marked(Exception):
    """Behind a byte order mark something else comes out."""


def _edited(trial: Trial) -> str:
    data = trial.text.encode()
    after = editing.edit(trial.name, data, trial.changes).after
    if len(data) % 8 == 0 and not trial.text.startswith(BOM):
        mark = BOM.encode()
        if editing.edit(trial.name, mark + data, trial.changes).after != mark + after:
            raise _Marked
    return after.decode()


def _against(trial: Trial, after: str, answers: Sequence[tuple[Program, dict[str, Answer]]]) -> list[Broken]:
    read = [
        (program, before, said[after])
        for program, said in answers
        if not isinstance(before := said[trial.text], str)  # else it is no file of this program's
    ]
    seen = [
        [at(before[0], path) for program, before, _now in read if (path := program.place(change.path))]
        for change in trial.changes
    ]
    if any(change.if_absent and _mixed(values) for change, values in zip(trial.changes, seen, strict=True)):
        return []  # to some of them it is there
    for program, before, now in read:
        if all(program.place(change.path) for change in trial.changes):
            wrong = _wrong(trial, program, before, now)
            if wrong:
                return [Broken("read", f"{program.title}: {wrong}", trial, after)]
    gone = lost(
        trial.syntax, trial.text, after, trial.changes, [value for values in seen for value in values]
    )
    return [Broken("bytes", f"{gone} is lost", trial, after)] if gone else []


def _mixed(values: Sequence[object]) -> bool:
    return len({value is MISSING for value in values}) > 1


def _wrong(trial: Trial, program: Program, before: tuple[object], now: Answer) -> str:
    if isinstance(now, str):
        return f"cannot read it any more: {now}"
    wanted, found = before[0], now[0]
    try:
        for change in trial.changes:
            wanted = changed(wanted, program.place(change.path) or (), change)
    except Unfit as unfit:
        return f"saw {unfit}"
    if trial.syntax == "ini":  # to some programs a section without keys is none
        wanted, found = _pruned(wanted), _pruned(found)
    return "" if equal(wanted, found, ordered=False) else difference(wanted, found)


def _pruned(tree: object) -> object:
    if not isinstance(tree, dict):
        return tree
    made = {key: _pruned(value) for key, value in tree.items()}
    return {key: value for key, value in made.items() if value != {}}


def difference(wanted: object, found: object) -> str:
    """Where two trees part, in a few words."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for key in [*wanted, *found]:
            if key not in found:
                return f"{key!r} is not there"
            if key not in wanted:
                return f"{key!r} is there"
            if not equal(wanted[key], found[key], ordered=False):
                return f"{key!r}: {difference(wanted[key], found[key])}"
    return f"reads {found!r:.80}, not {wanted!r:.80}"
