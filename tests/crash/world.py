"""A home for every situation that a fault can hit, and what has to be true afterwards."""

from __future__ import annotations

import os
import pickle
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.crash import program, traced
from tests.crash.program import KEY, OLD_KEY, ORIGINAL, STATE
from tests.crash.traced import CHANGES, LOOKS, Call, Ran, tracing

State = Mapping[str, bytes]
PATCH = ("one", "two", "--strict")
UNDO = ("undo", "--all", "--strict")
MEMBERS = ("three", "--strict")
_CLEAN = re.compile(
    r"\.local(/state(/vsegpt-patch(/(lock|runs|originals|runs/\d+(/(done|manifest\.json|\d+\.before))?"
    r"|originals/[0-9a-f]{32}\.(json|before)))?)?)?"
)
_TEMPORARY = re.compile(r"(.*/)?\.(config|extra)\.vsegpt-patch-[0-9a-f]{12}(\.old)?")


@dataclass(frozen=True)
class Subject:
    """A command on a home: the files as they are, if nothing comes of it, and as they shall be."""

    name: str
    words: Sequence[str]
    template: Path
    begin: State
    end: State
    strace: tuple[str, ...] = ()
    then: Sequence[tuple[Sequence[str], State]] = ()
    """Commands that come after the next start, and the files as each of them leaves them."""


class World:
    """One home at a place of its own, with a template for each subject."""

    def __init__(self, base: Path, scratch: Path | None = None, *, plain: bool = False) -> None:
        """`scratch` is where notes are kept that are no part of the home; `plain`: only patch and undo."""
        self.base = base
        self.scratch = scratch or base
        self.home = base / "home"
        self.scratch.mkdir(parents=True, exist_ok=True)
        subjects = [*self._subjects(plain=plain), *self._member_subjects(plain=plain)]
        self.subjects = {subject.name: subject for subject in subjects}

    def _begin(self, files: State = ORIGINAL) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        for name, data in files.items():
            (self.home / name).parent.mkdir(parents=True, exist_ok=True)
            (self.home / name).write_bytes(data)

    def _save(self, name: str) -> Path:
        template = self.base / f"template-{name}"
        shutil.rmtree(template, ignore_errors=True)
        shutil.copytree(self.home, template)
        return template

    def _must(self, words: Sequence[str], key: str = KEY) -> None:
        code, told = program.quiet(["--home", str(self.home), "--lang", "en", *words], key)
        assert code == 0, told

    def _pair(self, name: str, words: Sequence[str], files: State) -> tuple[Subject, Subject]:
        """A patch of these files, and its undo."""
        self._begin(files)
        begin, before = self.state(), self._save(f"{name}original")
        self._must(words)
        end, after = self.state(), self._save(f"{name}patched")
        self._must(UNDO)
        assert self.state() == begin
        then = ((words, end), (UNDO, begin))
        return (
            Subject(f"{name}patch", words, before, begin, end, then=then),
            Subject(f"{name}undo", UNDO, after, end, begin, then=then),
        )

    def _member_subjects(self, *, plain: bool) -> Iterator[Subject]:
        """Lists, limits and what is taken out, in files of several edits; and an undo by receipts."""
        patch, undo = self._pair("members-", MEMBERS, program.MEMBERS)
        assert patch.end == {**patch.begin, **program.SET_RIGHT}
        yield from (patch, undo)
        self._begin(program.MEMBERS)
        self._must(MEMBERS)
        for name, changes in program.SINCE.items():
            path = self.home / name
            for old, new in changes:
                assert old in path.read_bytes()
                path.write_bytes(path.read_bytes().replace(old, new))
        begin, template = self.state(), self._save("members-changed")
        end = {**begin, **program.LEFT}
        later = Subject("members-undo-later", UNDO, template, begin, end, then=((UNDO, end), (UNDO, end)))
        yield later
        if not plain:
            stopped = self._killed("recover-a-half-members-undo", later, "renameat2:2")
            yield replace(later, name="recover-a-half-members-undo", template=stopped)

    def _subjects(self, *, plain: bool) -> Iterator[Subject]:
        no_exchange = ("-e", "inject=renameat2:error=ENOSYS")
        patch, undo = self._pair("", PATCH, ORIGINAL)
        begin, end = patch.begin, patch.end
        yield from (patch, undo)
        if plain:
            return
        yield replace(patch, name="patch-by-rename", strace=no_exchange)
        for of, name, stop, before in (
            (patch, "recover-a-half-patch", "renameat2:2", begin),
            (patch, "recover-a-whole-patch", "unlinkat:-3", end),
            (undo, "recover-a-half-undo", "renameat2:2", end),
        ):
            yield replace(of, name=name, template=self._killed(name, of, stop), begin=before)
        self._begin()
        for number in range(11):  # one more than are kept, so that each further run forgets one
            self._must(PATCH, f"sk-or-vv-{number:064}")
        yield replace(patch, name="patch-after-many", template=self._save("many"), begin=self.state())

    def _killed(self, name: str, origin: Subject, stop: str) -> Path:
        """The home that a run leaves which is killed before a call."""
        call, number = stop.split(":")
        nth = int(number)
        if nth < 0:
            self.fresh(origin)
            nth += 1 + max(each.nth for each in self.count(origin) if each.name == call)
        self.fresh(origin)
        assert self.kill(origin, call, nth).code == -9
        return self._save(name)

    def state(self) -> State:
        """The files of the home without our own, which lie where they may."""
        return outside(program.files(self.home))

    def fresh(self, subject: Subject) -> None:
        """Begin anew."""
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.copytree(subject.template, self.home)

    def run(
        self, subject: Subject, strace: Sequence[str], meanwhile: Callable[[], None] | None = None
    ) -> Ran:
        """Run the subject's command under strace."""
        words = ["--home", str(self.home), "--lang", "en", *subject.words]
        return traced.run(lambda: program.main(words), self.scratch, strace, meanwhile)

    def count(self, subject: Subject) -> list[Call]:
        """The calls of a clean run that touch the home, in order."""
        self.fresh(subject)
        ran = self.run(subject, [*tracing([*LOOKS, *CHANGES]), *subject.strace])
        assert ran.code == 0, ran.err
        assert self.state() == subject.end
        found = list(traced.calls(ran, self.home))
        return [call for call in found if not (subject.strace and call.name == "renameat2")]

    def kill(self, subject: Subject, name: str, nth: int) -> Ran:
        """Kill the run before a call."""
        names = [name, *(["renameat2"] if subject.strace else [])]
        inject = ["-e", f"inject={name}:signal=SIGKILL:when={nth}"]
        return self.run(subject, [*tracing(names), *inject, *subject.strace])

    def fail(self, subject: Subject, wanted: Mapping[str, int], error: str, *, on: bool = False) -> Ran:
        """Let calls of these names fail at their nth time; with `on` from then on."""
        names = [*wanted, *(["renameat2"] if subject.strace else [])]
        plus = "+" if on else ""
        inject = [f"inject=?{name}:error={error}:when={nth}{plus}" for name, nth in wanted.items()]
        words = [word for each in inject for word in ("-e", each)]
        return self.run(subject, [*tracing(names), *words, *subject.strace])

    def torn(self, subject: Subject) -> list[str]:
        """Files that are neither old nor new, or new without a backup; only temporary files lie beside."""
        told = []
        backups = [path.read_bytes() for path in (self.home / STATE).glob("runs/*/*.before")]
        for name, data in self.state().items():
            states = (subject.begin, subject.end, *(state for _words, state in subject.then))
            known = [state[name] for state in states if name in state]
            if data not in known and not _TEMPORARY.fullmatch(name):
                told.append(f"{name} is neither old nor new: {data[:40]!r}")
            old = subject.begin.get(name)
            if old not in {None, data, b"/"} and old not in backups:
                told.append(f"{name} is new, and its old bytes are in no backup")
        here = subject.begin.keys() & subject.end.keys()
        return told + [f"{name} is missing" for name in here if name not in self.state()]

    def look(self, subject: Subject, allowed: Sequence[State], *, folders: bool = True) -> list[str]:
        """What is wrong after the next start, and after each of the commands that come then.

        Without `folders` an empty directory may stay.
        """
        steps = _forked(lambda: self._steps(subject))
        told = []
        wanted: list[tuple[str, Sequence[State]]] = [
            ("recovery", allowed),
            *((f"then {words[0]}", [state]) for words, state in subject.then),
        ]
        for (what, states), (code, text, found) in zip(wanted, steps, strict=True):
            if code != 0:
                told.append(f"{what}: exit {code}: {text}")
            now = outside(found)
            if now not in states and (folders or _plain(now) not in map(_plain, states)):
                told.append(f"{what}: {difference(now, states[0])}")
            told += [f"{what}: {each}" for each in dirt(found)]
        return told

    def _steps(self, subject: Subject) -> list[tuple[int, str, dict[str, bytes]]]:
        program.recover(self.home)
        steps = [(0, "", program.files(self.home))]
        for words, _state in subject.then:
            code, text = program.quiet(["--home", str(self.home), "--lang", "en", *words])
            steps.append((code, text, program.files(self.home)))
        return steps


def outside(found: State) -> State:
    """The files that are not our own."""
    return {name: data for name, data in found.items() if not name.startswith(".local")}


def _plain(found: State) -> State:
    return {name: data for name, data in found.items() if data != b"/"}


def dirt(found: State) -> list[str]:
    """What is left over in the state directory, and keys where none may be."""
    told = [
        f"{name} is left over" for name in found if name.startswith(".local") and not _CLEAN.fullmatch(name)
    ]
    for name in found:
        if re.fullmatch(rf"{STATE}/runs/\d+", name) and f"{name}/done" not in found:
            told.append(f"{name} has not come to its end")
        if name.endswith(".json") and any(key.encode() in found[name] for key in (KEY, OLD_KEY)):
            told.append(f"a key is in {name}")
    return told


def difference(found: State, wanted: State) -> str:
    """In one line where two states differ."""
    names = sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
    return "; ".join(f"{name} is {found.get(name, b'missing')[:30]!r}" for name in names)


def _forked(job: Callable[[], object]) -> list[tuple[int, str, dict[str, bytes]]]:
    """Do a job in a child, so that it leaves nothing in this process; answers with its answer."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            try:
                answer = pickle.dumps(job())
            except BaseException as error:  # noqa: BLE001 - it is told in the parent
                answer = pickle.dumps([(97, f"{type(error).__name__}: {error}", {})] * 3)
            with os.fdopen(writer, "wb") as file:
                file.write(answer)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        answer = file.read()
    os.waitpid(pid, 0)
    steps: list[tuple[int, str, dict[str, bytes]]] = pickle.loads(answer)
    return steps
