"""The programs themselves that read dotenv files, one function a dialect: what each sees of a text.

    node      npm dotenv, in Node.js: npm installs it into `.cache`
    python    python-dotenv          decouple  python-decouple
    go        joho/godotenv, built by Go from Debian's golang-github-joho-godotenv-dev
    compose   compose-go, built by Go from a checkout that the variable COMPOSE_GO names

A program that is not here raises `Missing`. A variable is filled in as in an empty environment.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import decouple as python_decouple
import dotenv

from tests.laws.judges import Unreadable

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "dotenv"
GODOTENV = Path("/usr/share/gocode/src/github.com/joho/godotenv")
_NODE = """
const dotenv = require("dotenv");
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  console.log(JSON.stringify(dotenv.parse(JSON.parse(line))));
});
"""
_GO = """package main

import (
	"bufio"
	dotenv "PACKAGE"
	"encoding/json"
	"os"
	"strings"
)

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
		if found, err := dotenv.Parse(strings.NewReader(text)); err != nil {
			out.Encode(err.Error())
		} else {
			out.Encode(found)
		}
	}
}
"""
_LOGRUS = "package logrus\n\nfunc Warnf(string, ...interface{}) {}\n"
"""All that compose-go asks of it: it would warn of a variable that is not set."""


class Missing(Exception):  # read as a word
    """A program is not here; the message says what would bring it."""


def node(text: str) -> dict[str, Any]:
    return _asked(_node(), text)


def python(text: str) -> dict[str, Any]:
    with patch.dict(os.environ, clear=True):
        return dict(dotenv.dotenv_values(stream=io.StringIO(text, newline=None)))


def decouple(text: str) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        return dict(python_decouple.RepositoryEnv(file.name).data)


def go(text: str) -> dict[str, Any]:
    return _asked(_go(), text)


def compose(text: str) -> dict[str, Any]:
    return _asked(_compose(), text)


JUDGES: dict[str, Callable[[str], dict[str, Any]]] = {
    judge.__name__: judge for judge in (node, python, decouple, go, compose)
}


def _asked(program: subprocess.Popen[str], text: str) -> dict[str, Any]:
    """What a program answers for a text, a line of JSON for a line of JSON. Raises `Unreadable`."""
    assert program.stdin
    assert program.stdout
    program.stdin.write(json.dumps(text) + "\n")
    program.stdin.flush()
    found = json.loads(program.stdout.readline())
    if isinstance(found, str):
        raise Unreadable(found)
    return dict(found)


def _started(*words: str, **variables: str) -> subprocess.Popen[str]:
    """A program that ends with this one, as its input then ends."""
    pipe = subprocess.PIPE
    return subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True, env=os.environ | variables)


@cache
def _node() -> subprocess.Popen[str]:
    command, npm = shutil.which("node"), shutil.which("npm")
    if not command or not npm:
        raise Missing("npm dotenv is left out: there is no node and npm")
    if not (CACHE / "node_modules" / "dotenv").is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        words = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(CACHE), "dotenv@17"]
        if subprocess.run(words, capture_output=True, check=False).returncode:
            raise Missing("npm dotenv is left out: npm does not install it")
    return _started(command, "-e", _NODE, NODE_PATH=str(CACHE / "node_modules"))


@cache
def _go() -> subprocess.Popen[str]:
    if not GODOTENV.is_dir():
        raise Missing("godotenv is left out: it is Debian's golang-github-joho-godotenv-dev")
    return _built("github.com/joho/godotenv", GODOTENV.parents[3], {})


@cache
def _compose() -> subprocess.Popen[str]:
    checkout = os.environ.get("COMPOSE_GO")
    if not checkout:
        raise Missing("compose-go is left out: the variable COMPOSE_GO names a checkout")
    package = "github.com/compose-spec/compose-go/v2"
    sources = {
        f"{package}/{part}/{file.name}": file.read_text("utf-8")
        for part in ("dotenv", "template")
        for file in Path(checkout, part).glob("*.go")
        if not file.name.endswith("_test.go")
    }
    logrus = {"github.com/sirupsen/logrus/logrus.go": _LOGRUS}
    return _built(f"{package}/dotenv", CACHE, sources | logrus)


def _built(package: str, gopath: Path, sources: dict[str, str]) -> subprocess.Popen[str]:
    """The program for a package that lies below `gopath`, or is among the sources."""
    command = shutil.which("go")
    if not command:
        raise Missing(f"{package} is left out: there is no go (Debian's golang-go)")
    with tempfile.TemporaryDirectory(prefix="judge-") as folder:
        for name, source in {**sources, "judge/main.go": _GO.replace("PACKAGE", package)}.items():
            path = Path(folder, "src", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, "utf-8")
        program = Path(folder, "program")
        its = {"GOPATH": f"{folder}{os.pathsep}{gopath}", "GO111MODULE": "off", "GOFLAGS": ""}
        its["GOCACHE"] = str(CACHE / "go")
        subprocess.run([command, "build", "-o", program, "judge"], env=os.environ | its, check=True)
        started = _started(str(program))
        _asked(started, "")  # it runs, so that its file may go
        return started
