"""The collection, by the real Ansible, on hosts with users and homes of their own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.ansible.control import CANARY, Control, recap
from tests.ansible.hosts import ADMIN, TOOLS, Host, host
from tests.ansible.watch import Watch
from tests.support.homes import ROOT, STATE, run

pytestmark = pytest.mark.ansible
NAME = "vsegpt.patch.vsegpt_patch"
_KEPT = """\
- hosts: all
  become: true
  roles:
    - role: vsegpt.patch.vsegpt_patch
      vsegpt_patch_tools: [crush]
      vsegpt_patch_users: "{{ vsegpt_users }}"
      vsegpt_patch_key: "{{ vsegpt_key }}"
  tasks:
    - vsegpt.patch.vsegpt_patch: {tools: [crush], users: "{{ vsegpt_users }}", key: "{{ vsegpt_key }}"}
      register: its
    - set_fact: {its: "{{ its }}", cacheable: true}
"""


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    for program in ("sshd", "sudo", "unshare", "ssh"):
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None or os.geteuid() != 0:
            reason = f"LEFT OUT: needs root and {program} (Debian's openssh-server, sudo)"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def control(folder: Path) -> Control:
    (folder / "control").mkdir()
    return Control(folder / "control")


@pytest.fixture(scope="module")
def three(folder: Path, control: Control) -> Iterator[list[Host]]:
    """Two that are reached as root, one as a user who becomes root by sudo."""
    with contextlib.ExitStack() as stack:
        its = [
            stack.enter_context(host("alpha", folder / "alpha", 1)),
            stack.enter_context(host("beta", folder / "beta", 2)),
            stack.enter_context(host("gamma", folder / "gamma", 3, user=ADMIN)),
        ]
        (control.folder / "inventory").write_text("".join(each.line for each in its))
        yield its


def changed(ran: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """By host how many tasks changed something; none failed."""
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return {name: its["changed"] for name, its in recap(ran).items()}


def everything(its: Host) -> dict[Path, bytes | None]:
    """All that is in the users' homes, our own state too."""
    return {
        path: path.read_bytes() if path.is_file() else None
        for user in its.users
        for path in (its.home / user).rglob("*")
    }


def test_check_and_diff_show_each_change_with_no_key_and_make_none(
    control: Control, three: list[Host]
) -> None:
    before = [everything(each) for each in three]
    checked = control.play("--check", "--diff")
    assert changed(checked) == {each.name: 1 for each in three}
    for user in (user for each in three for user in each.users):
        assert f"# {user}\n" in checked.stdout
    assert checked.stdout.count("sk-or-vv-…6789") >= 3 * 4 * len(TOOLS)
    theirs = {
        key for each in before for data in each.values() for key in re.findall(rb"sk-[\w-]{8,}", data or b"")
    }
    assert theirs
    assert not any(key.decode() in checked.stdout for key in (*theirs, CANARY.encode()))
    assert [everything(each) for each in three] == before


def test_patched_then_unchanged_then_back_byte_by_byte(control: Control, three: list[Host]) -> None:
    before = [each.files() for each in three]
    once, never = ({each.name: count for each in three} for count in (1, 0))

    assert changed(control.play()) == once
    for each in three:
        key = CANARY.encode()
        patched = {name for name, (data, _, _) in each.files().items() if key in data}
        assert {name.split("/")[0] for name in patched} == set(each.users)
        assert len(patched) == len(each.users) * len(TOOLS)
        its = control.results()[each.name]["users"]
        assert [user["user"] for user in its] == each.users
        assert {tool["status"] for user in its for tool in user["tools"]} == {"patched"}

    assert changed(control.play()) == never
    assert changed(control.play("-e", "vsegpt_state=absent")) == once
    assert [each.files() for each in three] == before
    assert changed(control.play("-e", "vsegpt_state=absent")) == never


def test_the_key_is_nowhere_but_in_the_patched_files(control: Control, three: list[Host]) -> None:
    """Of what a watcher, a log, a callback or a cache can see, with `-vvv`; also where a task fails."""
    etc = [Path(each.home).parent for each in three]
    folders = [control.folder, *(root / "root" for root in etc), etc[2] / f"home/{ADMIN}"]
    (control.folder / "kept.yml").write_text(_KEPT)
    several = (["--check", "--diff"], ["--diff"], ["-e", '{"vsegpt_users": ["nobody"]}'])
    with Watch(CANARY, folders) as watch:
        outputs = [control.play("-vvv", *words) for words in several]
        outputs.append(control.play("-vvv", playbook="kept.yml"))
    assert [ran.returncode for ran in outputs] == [0, 0, 2, 0]
    assert {"vsegpt-patch.pyz", "ansible-playbook"} <= watch.seen
    for each in three:
        (cached,) = (control.folder / "facts").glob(f"*{each.name}")
        assert each.users[0] in cached.read_text()
    assert watch.found == set()
    assert not any(CANARY in ran.stdout + ran.stderr for ran in outputs)
    assert (control.folder / "everything").stat().st_size > 0
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        assert CANARY.encode() not in path.read_bytes(), path
    for each in three:
        holding = [
            path for path in each.home.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()
        ]
        assert holding
        assert {path.stat().st_mode & 0o077 for path in holding if STATE.as_posix() in str(path)} <= {0}
    purged = control.play("-e", '{"vsegpt_state": "absent", "vsegpt_purge": true}')
    assert purged.returncode == 0
    assert not any(
        CANARY.encode() in path.read_bytes()
        for each in three
        for path in each.home.rglob("*")
        if path.is_file()
    )


def test_a_host_whose_disk_is_full_fails_alone_and_clean(
    control: Control, three: list[Host], folder: Path
) -> None:
    with host("full", folder / "full", 4, full=True) as full:
        its = [three[0], full]
        (control.folder / "two").write_text("".join(each.line for each in its))
        before, known = [each.files() for each in its], everything(full)
        ran = control.play("-i", "two")
        counts = recap(ran)
        assert ran.returncode == 2
        assert (counts["alpha"]["changed"], counts["alpha"]["failed"]) == (1, 0)
        assert (counts["full"]["changed"], counts["full"]["failed"]) == (0, 1)
        failed = control.results()["full"]
        assert all(f"{user}: " in failed["msg"] for user in full.users)
        assert failed["msg"].count("No space left on device") == len(full.users)
        assert full.files() == before[1]
        assert not any(data for path, data in everything(full).items() if path not in known)
        assert list((folder / "full/root/.ansible/tmp").iterdir()) == []
        (full.home / "rest").unlink()
        assert recap(control.play("-i", "two"))["full"]["changed"] == 1
        back = control.play("-i", "two", "-e", "vsegpt_state=absent")
        assert back.returncode == 0
        assert [each.files() for each in its] == before


def test_one_who_may_not_become_root_is_told_why(control: Control, three: list[Host]) -> None:
    before = three[2].files()
    ran = control.play_this(
        "- hosts: gamma\n  gather_facts: false\n  tasks:\n    - vsegpt.patch.vsegpt_patch:\n"
        "        {tools: [crush], users: [gamma1], key: '{{ vsegpt_key }}'}\n",
        *("-e", "ansible_become=false", "--limit", "gamma"),
    )
    assert ran.returncode == 2
    assert "gamma1" in control.results()["gamma"]["msg"]
    assert three[2].files() == before


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ("{all: true, tools: [crush]}", "mutually exclusive"),
        ("{key: x}", "one of the following is required"),
        ("{tools: [crush], users: [../x], key: '{{ vsegpt_key }}'}", "is no user's name"),
        ("{tools: [crush], users: [zed], key: '{{ vsegpt_key }}'}", "~zed: there is no such directory"),
        ("{tools: [crsh], key: '{{ vsegpt_key }}'}", "did you mean crush"),
        ("{tools: [crush]}", "no key"),
    ],
)
def test_wrong_words_get_one_clear_message(
    args: str, reason: str, control: Control, three: list[Host]
) -> None:
    task = f"- hosts: {three[0].name}\n  tasks:\n    - vsegpt.patch.vsegpt_patch: {args}\n"
    ran = control.play_this(task, "--diff")
    assert ran.returncode == 2
    assert reason in control.results()[three[0].name]["msg"]


def test_fifty_users_with_three_tools_by_the_playbook_and_by_the_role(control: Control, folder: Path) -> None:
    (control.folder / "role.yml").write_text(
        "- hosts: all\n  gather_facts: false\n  roles: [vsegpt.patch.vsegpt_patch]\n  vars:\n"
        f"    vsegpt_patch_tools: [{', '.join(TOOLS)}]\n    vsegpt_patch_key: '{{{{ vsegpt_key }}}}'\n"
        "    vsegpt_patch_users: \"{{ query('sequence', 'start=1 end=50 format=user%02d') }}\"\n"
    )
    with host("many", folder / "many", 5, users=[f"user{each:02}" for each in range(1, 51)]) as many:
        (control.folder / "fifty").write_text(many.reached + "\n")
        before = many.files()
        assert changed(control.play("-i", "fifty")) == {"many": 1}
        patched = [name for name, (data, _, _) in many.files().items() if CANARY.encode() in data]
        assert len(patched) == len(many.users) * len(TOOLS)
        assert changed(control.play("-i", "fifty", playbook="role.yml")) == {"many": 0}
        back = ("-e", "vsegpt_patch_state=absent")
        assert changed(control.play("-i", "fifty", *back, playbook="role.yml")) == {"many": 1}
        assert many.files() == before


def test_the_role_has_the_options_of_the_module(control: Control) -> None:
    module = json.loads(control.run("ansible-doc", "-j", NAME).stdout)[NAME]
    (task,) = yaml.safe_load((ROOT / "ansible/roles/vsegpt_patch/tasks/main.yml").read_text())
    assert set(task[NAME]) == set(module["doc"]["options"])
    for option, value in task[NAME].items():
        assert re.match(rf"\{{\{{ vsegpt_patch_{option}\b", value)


def test_a_task_that_is_tried_again_still_has_the_key(control: Control, three: list[Host]) -> None:
    ran = control.play_this(
        f"- hosts: {three[0].name}\n  tasks:\n    - vsegpt.patch.vsegpt_patch:\n"
        "        {tools: [crush], users: [alpha1], key: '{{ vsegpt_key }}'}\n"
        "      register: its\n      until: its.attempts == 2\n      retries: 2\n      delay: 0\n",
        "--check",
    )
    assert ran.returncode == 0, ran.stdout


def test_an_exported_playbook_does_what_was_planned(
    control: Control, three: list[Host], tmp_path: Path
) -> None:
    told = run(tmp_path, "export", "--as", "ansible", *TOOLS, "--tighten", "--model", "openai/gpt-4o")
    assert control.play_this(told.out, "--syntax-check").returncode == 0
    ran = control.play_this(told.out, "--check", "--diff")
    assert ran.returncode == 0, ran.stdout
    for each in three:
        its = control.results()[each.name]["users"]
        assert {tool["status"] for user in its for tool in user["tools"]} == {"would-patch"}
    assert ran.stdout.count("openai/gpt-4o") >= 3 * 4 * len(TOOLS)


def test_the_documentation_can_be_read(control: Control) -> None:
    told = control.run("ansible-doc", NAME)
    assert told.returncode == 0, told.stderr
    assert "VseGPT" in told.stdout
