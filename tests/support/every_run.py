"""What every run of the command holds besides; `tests/conftest.py` asks for it after each test."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

import patcher
from tests.support import translatable
from tests.support.homes import Result

REPORT_SCHEMA = Path(patcher.__file__).parent / "cli/report.schema.json"


def check(run: Result) -> None:
    """All that it said is there in Russian, too, and what it printed with `--json` is as the schema says."""
    if run.said is not None:
        unheard = translatable.untranslatable(run.said, run.out, run.err)
        assert not unheard, f"{' '.join(run.words)}: not in the catalogue: {unheard}"
    if "--json" in run.words and run.out:
        documented(json.loads(run.out))


def documented(told: Any) -> None:
    """What `--json` printed is as the schema says, or this fails."""
    for home in told.get("homes", ()):
        if home["result"] is not None:
            documented(home["result"])
    error = best_match(_schema_of(told["command"]).iter_errors(told))
    assert error is None, f"{error.json_path}: {error.message}"


@cache
def _schema_of(command: str) -> Draft202012Validator:
    """Of the schema the part about one command: where it does not fit, the others are no reason."""
    schema = json.loads(REPORT_SCHEMA.read_bytes())
    Draft202012Validator.check_schema(schema)
    part = {"$ref": f"#/$defs/{command}"}
    assert part in schema.pop("oneOf"), f"{command}: nothing is said of it"
    return Draft202012Validator(schema | part)
