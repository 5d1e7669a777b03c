"""Programs that read dotenv files, one function a dialect: what each sees of a text, as `tests.laws.programs`
has it for npm dotenv and python-dotenv.

    decouple  python-decouple
    go        joho/godotenv, built by Go from Debian's golang-github-joho-godotenv-dev
    compose   compose-go, built by Go from a checkout that the variable COMPOSE_GO names

They raise `Unreadable` where the program fails, `Missing` where it is not here. A variable is nothing to
godotenv where the file does not set it, and its own name to compose-go.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import decouple as python_decouple

from tests.laws.child import Child, Missing
from tests.laws.judges import Unreadable

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "judges"
GODOTENV = Path("/usr/share/gocode/src/github.com/joho/godotenv")
COMPOSE = "github.com/compose-spec/compose-go/v2"
_MAIN = """package main

import (
	"bufio"
	dotenv "PACKAGE"
	"encoding/json"
	"os"
	"strings"
)

func named(name string) (string, bool) { return "$" + name, true }

func main() {
	lines := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\\n')
		if err != nil {
			return
		}
		var text string
		if err := json.Unmarshal(line, &text); err != nil {
			panic(err)
		}
		if found, err := dotenv.PARSE; err != nil {
			out.Encode(err.Error())
		} else {
			out.Encode(found)
		}
	}
}
"""
_LOGRUS = "package logrus\n\nfunc Warnf(string, ...interface{}) {}\n"
"""All that compose-go asks of it: it would warn of a variable that is not set."""


def decouple(text: str) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        return dict(python_decouple.RepositoryEnv(file.name).data)


def go(text: str) -> dict[str, Any]:
    return _asked(_go(), text)


def compose(text: str) -> dict[str, Any]:
    return _asked(_compose(), text)


def _asked(program: Child, text: str) -> dict[str, Any]:
    found = program.ask(text)
    if isinstance(found, str):
        raise Unreadable(found)
    return dict(found)


@cache
def _go() -> Child:
    if not GODOTENV.is_dir():
        raise Missing("it is Debian's golang-github-joho-godotenv-dev")
    main = _MAIN.replace("PARSE", "Parse(strings.NewReader(text))")
    return _built({"judge/main.go": main.replace("PACKAGE", "github.com/joho/godotenv")}, GODOTENV.parents[3])


@cache
def _compose() -> Child:
    checkout = os.environ.get("COMPOSE_GO")
    if not checkout:
        raise Missing("the variable COMPOSE_GO names no checkout of compose-go")
    sources = {
        f"{COMPOSE}/{part}/{file.name}": file.read_text("utf-8")
        for part in ("dotenv", "template")
        for file in Path(checkout, part).glob("*.go")
        if not file.name.endswith("_test.go")
    }
    sources["github.com/sirupsen/logrus/logrus.go"] = _LOGRUS
    main = _MAIN.replace("PARSE", "ParseWithLookup(strings.NewReader(text), named)")
    return _built({**sources, "judge/main.go": main.replace("PACKAGE", f"{COMPOSE}/dotenv")}, CACHE)


def _built(sources: dict[str, str], gopath: Path) -> Child:
    """The program of these sources, and of what they import from below `gopath`."""
    command = shutil.which("go")
    if not command:
        raise Missing("there is no go (Debian's golang-go)")
    with tempfile.TemporaryDirectory(prefix="judge-") as folder:
        for name, source in sources.items():
            path = Path(folder, "src", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, "utf-8")
        program = Path(folder, "program")
        its = {"GOPATH": f"{folder}{os.pathsep}{gopath}", "GO111MODULE": "off", "GOFLAGS": ""}
        its["GOCACHE"] = str(CACHE / "go")
        subprocess.run([command, "build", "-o", program, "judge"], env=os.environ | its, check=True)
        child = Child(str(program))
        child.ask("")  # it runs, so that its file may go
        return child
