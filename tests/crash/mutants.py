"""`mutants`: deliberate bugs, each of which a named campaign has to see; else the campaigns see nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.crash.program import SOURCE
from tests.mutants import __main__ as of_editors
from tests.mutants.__main__ import Edit, Stale


@dataclass(frozen=True)
class Mutant:
    """One bug: in which module which text becomes which, and the campaign that sees it."""

    name: str
    seen_by: str
    module: str
    old: str
    new: str
    also: tuple[str, str, str] | None = None
    """Another module that has to be changed with it, and how."""


MUTANTS = (
    Mutant(
        "write in place",
        "kill",
        "disk/transaction",
        "        elif folder.exchange(name, temporary_name):\n            _look(folder, job)\n",
        "        elif job.write.after is not None:\n"
        "            (folder.path / name).write_bytes(job.write.after)\n",
    ),
    Mutant(
        "rename the original away",
        "kill",
        "disk/transaction",
        "        elif folder.exchange(name, temporary_name):\n            _look(folder, job)\n",
        "        elif job.write.after is not None:\n"
        "            folder.rename(name, temporary_name + OLD)\n"
        "            folder.rename(temporary_name, name)\n",
    ),
    Mutant(
        "backup after the rename",
        "kill",
        "disk/transaction",
        '            with explained(_("the run cannot be recorded")):\n',
        "            for index, write in enumerate(writes):\n"
        "                if write.before is not None:\n"
        "                    late = run.backup(index)\n"
        "                    late.with_suffix('.late').rename(late)\n"
        '            with explained(_("the run cannot be recorded")):\n',
        (
            "disk/runs",
            'folder.write_new(f"{index}.before", data)\n            folder.write_new("manifest.json"',
            'folder.write_new(f"{index}.late", data)\n            folder.write_new("manifest.json"',
        ),
    ),
    Mutant(
        "the commit before the renames",
        "kill",
        "disk/transaction",
        "            for job in jobs:\n"
        "                with _blamed(job.write):\n"
        "                    _swap(job)\n",
        "            store.mark(run, PREPARED, COMMITTED)\n"
        "            for job in jobs:\n"
        "                with _blamed(job.write):\n"
        "                    _swap(job)\n"
        "            store.mark(run, COMMITTED, PREPARED)\n",
    ),
    Mutant(
        "no recovery at the start",
        "kill",
        "disk/transaction",
        "            left = recover(store)\n",
        "            left: list[Entry] = []\n",
    ),
    Mutant(
        "an error is not rolled back",
        "error",
        "disk/transaction",
        "            _take_back(run, store, failure)\n            raise\n",
        "            return run\n",
    ),
    Mutant(
        "an error after the commit is rolled back",
        "stuck",
        "disk/runs",
        "            except OSError:\n                return False\n        return True\n",
        "            except OSError:\n                raise\n        return True\n",
    ),
    Mutant(
        "no fsync of the file",
        "powercut",
        "disk/safefile",
        "            os.fsync(fd)\n",
        "            pass\n",
    ),
    Mutant(
        "no fsync of the directory",
        "powercut",
        "disk/safefile",
        "        if self._fd is not None:\n            os.fsync(self._fd)\n",
        "        return\n",
    ),
    Mutant(
        "look, then rename",
        "race",
        "disk/transaction",
        "        elif folder.exchange(name, temporary_name):\n            _look(folder, job)\n",
        "        elif folder.exchange(name, temporary_name):\n            pass\n",
    ),
    Mutant(
        "the plan is made outside the lock",
        "race",
        "cli/execute",
        "        with exclusive_run(session):\n            plan = job.plan(())\n",
        "        plan = job.plan(())\n        with exclusive_run(session):\n",
    ),
    Mutant(
        "a planted link is followed",
        "attack",
        "disk/safefile",
        "os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOFOLLOW |",
        "os.O_WRONLY | os.O_CREAT | os.O_TRUNC |",
    ),
)


def mutated(mutant: Mutant, tree: Path) -> dict[str, str]:
    """By path in the tree, the text of the modules that the mutant changes. Raises `Stale`."""
    parts = ((mutant.module, mutant.old, mutant.new), *([mutant.also] if mutant.also else []))
    edits = tuple(Edit(f"patcher/{name}.py", old, new) for name, old, new in parts)
    return of_editors.mutated(of_editors.Mutant(mutant.name, edits), tree)


def caught(mutant: Mutant, base: Path) -> tuple[bool, str]:
    """Whether the campaign sees the bug, and the line that says so."""
    source = base / "source"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(SOURCE / "patcher", source / "patcher", ignore=shutil.ignore_patterns("__pycache__"))
    try:
        for file, text in mutated(mutant, source).items():
            (source / file).write_text(text, "utf-8")
    except Stale as stale:
        return False, f"mend the mutant: {stale}"
    words = [sys.executable, "-m", "tests.crash", mutant.seen_by, "--source", str(source)]
    words += ["--first", "--plain"]
    code, lines = _run(words, base / "said")
    failed = [number for number, line in enumerate(lines) if line.startswith("FAILED")]
    if code == 0 or not failed:
        return False, " ".join(lines[-2:])
    return True, f"{lines[failed[0]].removeprefix('FAILED ')[:70]}: {lines[failed[0] + 1].strip()}"


def _run(words: list[str], said: Path) -> tuple[int, list[str]]:
    """Exit code and output of a campaign; what it leaves stopped halfway ends with it."""
    with said.open("wb") as out:
        ran = subprocess.Popen(
            words, stdout=out, stderr=out, cwd=Path(__file__).parent.parent.parent, start_new_session=True
        )
        try:
            code = ran.wait(900)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(ran.pid, signal.SIGKILL)
            ran.wait()
    return code, said.read_text("utf-8", "replace").splitlines()


def cases(base: Path) -> Iterator[tuple[Mutant, bool, str]]:
    """Every mutant, with whether it was caught and how."""
    for mutant in MUTANTS:
        yield mutant, *caught(mutant, base)
