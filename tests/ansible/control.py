"""A control node: Ansible itself, the collection, and the key in a vault."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.ansible import hosts
from tests.support.homes import ROOT

CANARY = "sk-or-vv-" + "0" * 48 + "c0ffee0123456789"
_CONFIG = """\
[defaults]
inventory = inventory
vault_password_file = password
callback_plugins = callbacks
callbacks_enabled = everything
fact_caching = jsonfile
fact_caching_connection = facts
local_tmp = tmp
log_path = log
display_args_to_stdout = True
[ssh_connection]
ssh_args = -o ControlMaster=no -o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR
"""
_EVERYTHING = """\
import json, os
from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
    # Writes down all that any callback gets to see.
    CALLBACK_VERSION, CALLBACK_TYPE, CALLBACK_NAME = 2.0, "notification", "everything"
    CALLBACK_NEEDS_ENABLED = True
    def _write(self, result, **_):
        with open(os.environ["EVERYTHING"], "a") as file:
            fields = {"result": result._result, "args": result._task_fields["args"]}
            json.dump({"host": result._host.name, **fields}, file, default=str)
            file.write("\\n")
    v2_runner_on_ok = v2_runner_on_failed = v2_runner_item_on_ok = _write
"""


class Control:
    """A directory with everything of Ansible's in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = hosts.ansible()
        for name in ("callbacks", "facts", "tmp", "group_vars"):
            (folder / name).mkdir()
        (folder / "ansible.cfg").write_text(_CONFIG)
        (folder / "callbacks/everything.py").write_text(_EVERYTHING)
        (folder / "password").write_text("of the vault\n")
        self.env = {
            "PATH": f"{self.bin}:{os.environ['PATH']}:/usr/sbin:/sbin",
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"),
            "ANSIBLE_NOCOLOR": "1",
            "EVERYTHING": str(folder / "everything"),
        }
        subprocess.run(
            [sys.executable, "-m", "scripts.collection", str(folder)], cwd=ROOT, env=self.env, check=True
        )
        self.run("ansible-galaxy", "collection", "install", *map(str, folder.glob("*.tar.gz")))
        vault = ["ansible-vault", "encrypt_string", "--stdin-name", "vsegpt_key"]
        (folder / "group_vars/all.yml").write_text(self.run(*vault, stdin=CANARY).stdout)

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.bin / words[0], *words[1:]],
            cwd=self.folder,
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def play(
        self, *words: str, playbook: str = "vsegpt.patch.many_users"
    ) -> subprocess.CompletedProcess[str]:
        return self.run("ansible-playbook", playbook, *words)

    def play_this(self, text: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Play a playbook of a test's own."""
        (self.folder / "own.yml").write_text(text)
        return self.play(*words, playbook="own.yml")

    def results(self) -> dict[str, dict[str, Any]]:
        """By host the last result that a callback saw."""
        lines = (self.folder / "everything").read_text().splitlines()
        return {entry["host"]: entry["result"] for entry in map(json.loads, lines)}


def recap(ran: subprocess.CompletedProcess[str]) -> dict[str, dict[str, int]]:
    """Ansible's own counts of each host."""
    lines = ran.stdout.rpartition("PLAY RECAP")[2].splitlines()[1:]
    return {
        line.split()[0]: {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", line)}
        for line in lines
        if line.strip()
    }
