"""What was asked for on the command line, as one value with a type for each word."""

from __future__ import annotations

from patcher.dataclass import dataclass
from patcher.endpoint import DEFAULT, DEFAULT_MODEL


@dataclass(frozen=True, eq=False, repr=False)  # every start would make what nobody compares or prints
class Options:
    """The options and arguments of a run, by click's names; what a command does not take is not set."""

    # Of all commands
    endpoint: str = DEFAULT
    model: str = DEFAULT_MODEL
    model_given: bool = False
    """Whether the person has named it, here or in config.toml."""
    key_file: str | None = None
    homes: tuple[str, ...] = ()
    profiles: str | None = None
    strict: bool = False
    yes: bool = False
    json: bool = False
    lang: str | None = None

    # Of several
    tools: tuple[str, ...] = ()
    all: bool = False
    browser: str | None = None
    project: str | None = None
    dry_run: bool = False
    force: bool = False
    repoint: bool = False
    slots: bool = False
    beta: bool = False
    tighten: bool = False
    action: str = ""
    what: str = ""

    # Of one
    exit_code: bool = False
    export: str | None = None
    prove: bool = False
    through: bool = False
    exact: bool = False
    purge: bool = False
    form: str = ""
    source: str | None = None
    syntax: str | None = None
    into: str | None = None
