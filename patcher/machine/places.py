"""Where things live on this machine: path templates to files of one home."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from patcher.dataclass import dataclass
from patcher.errors import Refused
from patcher.machine import base_dirs
from patcher.machine.base_dirs import System

if TYPE_CHECKING:
    from patcher.machine.browsers import BrowserProfile

Template: TypeAlias = str | Mapping[str, str]
"""A path template, or one for each system."""

ROOTS = (
    "config",
    "data",
    "state",
    "xdg_config",
    "xdg_data",
    "local",
    "vscode",
    "chromium",
    "firefox_storage",
    "obsidian",
    "jetbrains",
    "zotero",
    "thunderbird",
    "project",
)
"""What may stand in braces at the start of a template."""

_ROOT = re.compile(r"(~|\$\{?\w+\}?|\{\w+\})(?:/(.*))?", re.DOTALL)
# Each is a directory beside the others in {config}: VS Code, its builds, its relatives.
_VSCODE = (
    "Code",
    "Code - Insiders",
    "Code - Exploration",
    "Code - OSS",
    "VSCodium",
    "VSCodium - Insiders",
    "Cursor",
    "Windsurf",
    "Windsurf - Next",
    "Trae",
    "Trae CN",
    "Kiro",
    "Positron",
    "Antigravity",
)


def is_relative(template: str) -> bool:
    """Whether it is neither a template of `expand` nor an absolute path of some system."""
    return not (_ROOT.fullmatch(template) or template.startswith("/") or re.match(r"[A-Za-z]:/", template))


@dataclass(frozen=True)
class Machine:
    """One home on one system, and the variables that move things in it."""

    system: System
    home: Path
    env: Mapping[str, str]
    browser: str = ""
    """The only browser, or profile of one, whose extensions count; all do if it is empty."""
    project: Path | None = None
    """The directory whose project files may be patched: it was named, nothing is searched for."""
    work: Path | None = None
    """Where tools are run: the project, else the caller's current directory; not known for another home."""

    @classmethod
    def here(cls, home: Path | None = None, browser: str = "", project: Path | None = None) -> Machine:
        """This machine; with `home` that home, and then none of the caller's own variables."""
        system = base_dirs.here()
        if home is not None:
            return cls(system, home.absolute(), {}, browser, project, project)
        work = project
        with contextlib.suppress(FileNotFoundError):  # somebody may have removed it
            work = work or Path.cwd()
        return cls(system, Path.home(), dict(os.environ), browser, project, work)

    @cached_property
    def roots(self) -> Mapping[str, Path | None]:
        """The base directories, as `bases` has them."""
        found = base_dirs.roots(self.system, str(self.home), self.env)
        return {"local": None} | {name: Path(path) for name, path in found.items()}

    @property
    def state(self) -> Path:
        """Where this program keeps its own journal and backups."""
        root = self.roots["state"]
        assert root is not None  # there is one on every system
        return root / base_dirs.OURS

    @property
    def own(self) -> Path:
        """Where the person keeps what they tell this program: profiles and defaults."""
        root = self.roots["config"]
        assert root is not None  # there is one on every system
        return root / base_dirs.OURS

    @property
    def own_profiles(self) -> Path:
        """Where the person's own profiles are."""
        return self.own / "profiles"

    def expand(self, template: Template) -> list[Path]:
        """The paths a template stands for here; none where its root does not exist here.

        `*` is matched with what is there, in order of name.
        """
        template = self.chosen(template)
        found = _ROOT.fullmatch(template)
        if not found:
            return []
        rest = found[2] or ""
        if found[1] == "{firefox_storage}":
            return self._firefox_storage(rest)
        bases = self._bases(found[1])
        if "*" not in rest:
            return [base / rest if rest else base for base in bases]
        return [path for base in bases for path in sorted(base.glob(rest))]

    def chosen(self, template: Template) -> str:
        """Of a template for each system that of this one; nothing where it has none."""
        return template if isinstance(template, str) else template.get(self.system, "")

    def _bases(self, root: str) -> list[Path]:
        if root == "~":
            return [self.home]
        if root.startswith("$"):
            path = Path(self.env.get(root.strip("${}"), ""))
            return [path] if path.is_absolute() else []
        if root == "{vscode}":
            config = self.roots["config"]
            assert config is not None  # there is one on every system
            users = [config / name / "User" for name in _VSCODE]
            return [user for user in users if user.is_dir()]
        if root == "{chromium}":
            return [profile.path for profile in self.chosen_browsers if profile.family == "chromium"]
        if root == "{project}":
            return [self.project] if self.project else []
        name = root.strip("{}")
        if name in self.roots:
            base = self.roots[name]
            return [base] if base else []
        from patcher.machine import apps  # noqa: PLC0415 - most tools have one folder

        return apps.folders(name, self) if name in apps.ROOTS else []

    def _firefox_storage(self, add_on: str) -> list[Path]:
        """The settings of an extension in each profile of Firefox that has it; what is broken has none."""
        found = []
        for profile in (each for each in self.chosen_browsers if each.family == "firefox"):
            from patcher.stores.firefox import store as firefox  # noqa: PLC0415 - SQLite and more, where there is a Firefox

            with contextlib.suppress(Refused):
                found += [each.database for each in firefox.add_ons(profile.path, add_on)]
        return found

    @cached_property
    def browsers(self) -> Sequence[BrowserProfile]:
        """The profiles of all browsers, as they are when this is first asked for."""
        from patcher.machine import browsers  # noqa: PLC0415 - most tools are no extensions

        return browsers.profiles(self)

    @property
    def chosen_browsers(self) -> Sequence[BrowserProfile]:
        """Of these the ones that count."""
        return [each for each in self.browsers if not self.browser or each.is_called(self.browser)]

    def label(self, path: Path) -> str:
        """The profile of a browser that a path lies in, for people (`Chrome · Default`), or nothing."""
        from patcher.machine import browsers  # noqa: PLC0415 - most tools are no extensions

        owner = browsers.owner_of(path, self)
        return owner.label if owner else ""

    def counts(self, path: Path) -> bool:
        """Whether a path is in the one browser that counts; if all do, every path is right."""
        if not self.browser:
            return True
        return any(path.is_relative_to(profile.path) for profile in self.chosen_browsers)

    def has(self, mark: Template) -> bool:
        """Whether a path is there, or a command can be found."""
        if isinstance(mark, str) and not re.match(r"[~${]", mark):
            path = self.env.get("PATH")
            if not path:
                return False
            import shutil  # noqa: PLC0415 - it imports what packs files, and another home has no commands

            return shutil.which(mark, path=path) is not None
        return any(os.path.lexists(path) for path in self.expand(mark))

    def shown(self, path: Path) -> str:
        """A path for people: the home as `~`."""
        try:
            return "~/" + path.relative_to(self.home).as_posix()
        except ValueError:
            return str(path)


class Places(NamedTuple):
    """The files that a list of templates leads to."""

    paths: tuple[Path, ...]
    exist: bool
    """Whether they are there; if not, the one path is where a new file goes."""


def locate(templates: Sequence[Template], machine: Machine) -> Places:
    """The files of the first template that has any; else where the first one that can would be.

    A tool that a variable has moved reads nothing elsewhere: once a template's own variable is
    set, only templates that begin with it count. A link that leads nowhere is there too: it is
    refused later, by name, not written over.
    """
    makeable: list[Path] = []
    for template in _moved(templates, machine):
        paths = machine.expand(template)
        there = tuple(path for path in paths if os.path.lexists(path))
        if there:
            return Places(there, exist=True)
        makeable += paths
    return Places(tuple(makeable[:1]), exist=False)


def locate_all(templates: Sequence[Template], machine: Machine) -> Places:
    """The files of all templates."""
    found = dict.fromkeys(path for template in templates for path in machine.expand(template))
    there = tuple(path for path in found if os.path.lexists(path))
    return Places(there, exist=bool(there))


def _moved(templates: Sequence[Template], machine: Machine) -> Sequence[Template]:
    for template in templates:
        if isinstance(template, str) and template.startswith("$") and machine.expand(template):
            root = template.partition("/")[0]
            return [each for each in templates if isinstance(each, str) and each.partition("/")[0] == root]
    return templates
