"""Made-up programs of the terminal that can be asked one question, and somebody who has one."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.support.homes import Person
from tests.support.made_up_tools import profile

PROFILES = ".config/vsegpt-patch/profiles"
PROFILE = """
found_by = ["~/.toy.json", "~/.toy", "toy-cli"]
ask = ["toy-cli", "--say", "{question}"]
overridden_by = [{ env = "TOY_URL", what = "url" }, { file = ".toy.json" }]

[[file]]
format = "json"
path = ["$TOY_HOME/.toy.json", "~/.toy.json"]
create = {}

  [[file.edit]]
  key = { api_key = "{key}" }
  url = { api_base = "https://api.openai.com/v1" }
  model = { model = "{model}" }
"""
# A program as there are many: a file in the home, one of the project over it, variables over both.
TOY = """\
#!{python}
import json, os, pathlib, socket, sys, time, urllib.request
home = pathlib.Path(os.environ.get("TOY_HOME") or os.environ["HOME"])
its = json.loads((home / ".toy.json").read_text())
if pathlib.Path(".toy.json").exists() and pathlib.Path.cwd() != home:
    its |= json.loads(pathlib.Path(".toy.json").read_text())
remembered = pathlib.Path(os.environ["HOME"], ".toy/state.json")
if remembered.exists():
    its |= json.loads(remembered.read_text()).get("last", {{}})
url = os.environ.get("TOY_URL") or its["api_base"]
key = os.environ.get("TOY_KEY") or its["api_key"]
model = os.environ.get("TOY_MODEL") or its["model"]
if its.get("dump"):
    files = [path for path in pathlib.Path(os.environ["HOME"]).rglob("*") if path.is_file()]
    seen = {{str(path): path.read_bytes().decode("latin-1") for path in files}}
    pathlib.Path(its["dump"]).write_text(json.dumps([dict(os.environ), seen, sys.argv[1:]]))
print("hello", key, flush=True)
if its.get("writes"):
    pathlib.Path(its["writes"]).write_text("was here")
if its.get("straight"):
    try:
        socket.create_connection(its["straight"], 5).close()
    except OSError as error:
        print("straight on:", error, flush=True)
direct = urllib.request.build_opener(urllib.request.ProxyHandler({{}}))
opened = direct.open if its.get("heedless") else urllib.request.urlopen
def look(hosts):
    for host in hosts:
        try:
            host = host.replace(",", ".")  # so written that no search of the state finds it
            opened(f"https://{{host}}/", timeout=10)
        except OSError:
            pass
look(its.get("before", ()))
if its.get("hangs"):
    time.sleep(600)
if its.get("fails"):
    sys.exit(3)
body = json.dumps({{"model": model, "messages": [{{"role": "user", "content": sys.argv[2]}}]}}).encode()
headers = {{"Authorization": "Bearer " + key, "Content-Type": "application/json"}}
question = urllib.request.Request(url + its.get("path", "/chat/completions"), body, headers)
urllib.request.urlopen(question).read()
look(its.get("after", ()))
"""


def toy_home(folder: Path, more: str = "") -> Person:
    """Somebody who has the toy, and a directory to work in; `more` is added to its profile."""
    home = folder / "home"
    profile(home / PROFILES, "toy", PROFILE + more)
    (home / ".local/bin").mkdir(parents=True)
    (home / ".local/bin/toy-cli").write_text(TOY.format(python=sys.executable), "utf-8")
    (home / ".local/bin/toy-cli").chmod(0o755)
    (home / "bot").mkdir()
    return Person(home, home / "bot")


def with_toy(person: Person, **env: str) -> dict[str, str]:
    """The variables of somebody whose shell finds the toy; temporary files go beside the home."""
    temporary = person.home.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    return {"PATH": f"{person.home}/.local/bin:{os.environ['PATH']}", "TMPDIR": str(temporary)} | env


def setting(person: Person, **settings: Any) -> None:
    """Put more into the toy's settings file."""
    file = person.home / ".toy.json"
    there = json.loads(file.read_text()) if file.exists() else {}
    file.write_text(json.dumps(there | settings))


def remembers(person: Person, **settings: Any) -> None:
    """Let the toy have a remembered choice, in a file that its profile does not know."""
    (person.home / ".toy").mkdir(exist_ok=True)
    (person.home / ".toy/state.json").write_text(json.dumps({"last": settings}, indent=1))
