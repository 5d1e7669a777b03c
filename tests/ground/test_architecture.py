"""What docs/architecture.md and CONTRIBUTING.md say of the code is so, and links lead somewhere."""

from __future__ import annotations

import re
from importlib import import_module
from itertools import takewhile
from pathlib import Path

import pytest

from patcher.registry.catalog import shipped_profiles
from tests.support.homes import FIXTURES, ROOT
from tests.test_imports import PACKAGE, TOP, WINGS, said

ARCHITECTURE = (ROOT / "docs/architecture.md").read_text("utf-8")
PROFILES = Path(str(shipped_profiles()))
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
FILE = r"(?:py|toml|md|json|yml|svg)"


def in_backticks(page: str) -> list[str]:
    """What stands between backticks, each once; without blocks of code."""
    return sorted(set(re.findall(r"`([^`\n]+)`", BLOCK.sub("", page))))


def names(page: str) -> list[str]:
    """Modules and what is in them, as the page writes them: `wing.module`, `wing.module.function`."""
    dotted = re.compile(rf"[a-z_]+(?:\.\w+)*\.(?!{FILE}$)\w+")
    return [word for word in in_backticks(page) if dotted.fullmatch(word)]


def paths(page: str) -> list[str]:
    """Words that look like files or directories of this repository."""
    path = re.compile(rf"[\w./-]+/[\w./-]*|[\w.-]+\.{FILE}")
    return [word for word in in_backticks(page) if path.fullmatch(word)]


def commands(page: str) -> list[str]:
    """The modules that the page runs."""
    return sorted(set(re.findall(r"python -m ((?:tests|scripts)[\w.]*)", page)))


@pytest.mark.parametrize("name", names(ARCHITECTURE))
def test_what_the_walk_names_is_in_the_code(name: str) -> None:
    parts = name.split(".")
    modules = [size for size in range(1, len(parts) + 1) if is_module(parts[:size])]
    assert modules, f"no module {parts[0]}"
    found = import_module(".".join(["patcher", *parts[: modules[-1]]]))
    for part in parts[modules[-1] :]:
        found = getattr(found, part)


def is_module(parts: list[str]) -> bool:
    return PACKAGE.joinpath(*parts).with_suffix(".py").is_file() or PACKAGE.joinpath(*parts).is_dir()


def test_the_walk_names_enough_to_be_one() -> None:
    assert len(names(ARCHITECTURE)) > 30


def test_what_the_walk_shows_of_the_profile_is_in_it() -> None:
    profile = (PROFILES / "continue.toml").read_text("utf-8")
    for line in block("toml").splitlines():
        assert line in profile


def test_the_difference_that_the_walk_shows_is_that_of_a_fixture() -> None:
    assert block("diff") in (FIXTURES / "continue/existing/expected.diff").read_text("utf-8")


def block(kind: str) -> str:
    """The one block of code of a kind on the page of the walk."""
    [found] = re.findall(rf"^```{kind}\n(.*?)^```", ARCHITECTURE, re.MULTILINE | re.DOTALL)
    return str(found)


ARROWS = re.findall(r'^    (\w+)(?:\[".*?"\])? --> (\w+)', block("mermaid"), re.MULTILINE)


def test_the_picture_of_the_wings_shows_what_they_may_use() -> None:
    for wing in TOP:
        allowed = {*TOP, "ground"} - {wing} if wing == "cli" else {*said(wing, "May use")}
        assert below(wing) == allowed


def below(wing: str) -> set[str]:
    """All that an arrow leads to from a wing, and from there on."""
    direct = {end for start, end in ARROWS if start == wing}
    return direct.union(*map(below, direct))


def test_no_arrow_of_the_picture_says_what_others_say_already() -> None:
    for start, end in ARROWS:
        others = {other for one, other in ARROWS if one == start and other != end}
        assert end not in set[str]().union(*map(below, others)), f"{start} --> {end}"


@pytest.mark.parametrize("path", paths(CONTRIBUTING) + paths(ARCHITECTURE))
def test_paths_that_the_pages_name_are_there(path: str) -> None:
    if path.startswith(".") and not (ROOT / ".github").exists():
        pytest.skip("an sdist has none of it")
    # The made-up tool of the ten minutes stands for any; what is in a fixture is named without its place.
    real = path.replace("example", "continue")
    places = (ROOT, FIXTURES / "continue/existing", PACKAGE.parent, PROFILES.parent)
    assert any((place / real).exists() for place in places)


@pytest.mark.parametrize(
    "page", ["README.md", "README.ru.md", "CONTRIBUTING.md", "SECURITY.md", "ansible/README.md"]
)
def test_links_to_files_lead_to_one(page: str) -> None:
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", (ROOT / page).read_text("utf-8")):
        places = (PACKAGE.parent, PROFILES.parent, (ROOT / page).parent)
        assert any((place / link).exists() for place in places), link


@pytest.mark.parametrize("module", commands(CONTRIBUTING) + commands(ARCHITECTURE))
def test_commands_that_the_pages_name_are_there(module: str) -> None:
    place = ROOT / module.replace(".", "/")
    assert place.with_suffix(".py").is_file() or (place / "__main__.py").is_file()


def test_the_tree_shows_every_wing_and_what_lies_beside_them() -> None:
    [tree] = re.findall(r"^    patcher/\n((?:      .*\n)+)", CONTRIBUTING, re.MULTILINE)
    shown, above = set[str](), list[str]()
    for line in tree.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2 - 3
        words = takewhile(lambda word: word.endswith(("/", ".py")), line.split())
        for word in words:
            above = [*above[:depth], word.rstrip("/")]
            assert PACKAGE.joinpath(*above).exists()
            if word.endswith("/"):
                shown.add(".".join(above))
    assert shown == set(WINGS)
