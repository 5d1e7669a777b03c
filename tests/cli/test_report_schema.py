"""What `--json` prints is documented: `every_run` checks each object of the suite, this is the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from patcher.cli import command_table
from patcher.cli.report import JSON_VERSION
from tests.support.every_run import REPORT_SCHEMA, documented
from tests.support.homes import run

SCHEMA = json.loads(REPORT_SCHEMA.read_bytes())
OBJECTS = {each["$ref"].rpartition("/")[2] for each in SCHEMA["oneOf"]}
SILENT: set[str] = set()
"""Commands that have nothing for a program to read."""


def test_every_command_has_its_object_in_the_schema() -> None:
    named = {"export-as" if command == "export" else command for command in command_table.COMMANDS}
    assert OBJECTS - {"export", "homes"} == named - SILENT  # `export` is what --export prints


@pytest.mark.parametrize("command", sorted(OBJECTS))
def test_an_object_says_its_command_and_version(command: str) -> None:
    fields = SCHEMA["$defs"][command]["properties"]
    assert (fields["command"], fields["version"]) == ({"const": command}, {"const": JSON_VERSION})


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every part of the schema that describes an object."""
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    own = [schema] if isinstance(schema, dict) and "properties" in schema else []
    return own + [found for each in inner for found in objects(each)]


def test_no_field_goes_undocumented() -> None:
    found = objects(SCHEMA["$defs"])
    assert len(found) > 10
    assert all(each["additionalProperties"] is False for each in found)


def test_what_the_schema_does_not_know_is_noticed(tmp_path: Path) -> None:
    told = json.loads(run(tmp_path, "list", "--json").out)
    told["tools"][0]["more"] = 1
    with pytest.raises(AssertionError, match=r"^\$\.tools\[0\]: .*'more' was unexpected"):
        documented(told)
    with pytest.raises(AssertionError, match="nothing is said of it"):
        documented({"version": 1, "command": "nosuch"})
    with pytest.raises(AssertionError, match="'version' is a required property"):
        documented({"command": "list", "tools": [], "problems": []})
