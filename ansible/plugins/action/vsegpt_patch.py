# Copyright: the authors of vsegpt-patch
# MIT license (see LICENSE)
"""Ships the program to the host for the time of the task, and gives it the key by standard input alone."""

from __future__ import annotations

import json
import os
import shlex

from ansible.errors import AnsibleActionFail

from ansible.plugins.action import ActionBase

PROGRAM = "vsegpt-patch.pyz"
OLDEST = (3, 11)
HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
FLAGS = ("beta", "force", "repoint", "strict", "tighten")

ARGUMENTS = {
    "tools": {"type": "list", "elements": "str"},
    "all": {"type": "bool"},
    "users": {"type": "list", "elements": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "key": {"type": "str", "no_log": True},
    "endpoint": {"type": "str"},
    "model": {"type": "str"},
    "lang": {"type": "str", "choices": ["en", "ru"], "default": "en"},
    "purge": {"type": "bool", "default": False},
    **{flag: {"type": "bool", "default": False} for flag in FLAGS},
}


class ActionModule(ActionBase):
    """The module `vsegpt.patch.vsegpt_patch`; its documentation says what it does."""

    _key = None  # of the class: a task that is tried again gets a new object, in the same process

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        args = self._arguments()
        if not getattr(self._connection, "has_pipelining", False):
            raise AnsibleActionFail(
                f"the connection {self._connection.transport} cannot pass the key by standard input; use ssh"
            )
        python, login = self._host(task_vars)
        program = self._ship()
        users = args["users"] or [login]
        homes = [f"--home=~{user}" for user in args["users"] or ()]
        absent = args["state"] == "absent"
        told = self._told(
            [python, "-I", program, *_words(args, check=self._task.check_mode), *homes, *_tools(args)]
        )
        entries = _entries(told)
        done = [_user(user, error, entry, absent) for user, (error, entry) in zip(users, entries)]
        result = {"users": done, "changed": any(_changed(tool) for user in done for tool in user["tools"])}
        if self._task.diff:
            result["diff"] = {"prepared": "".join(_diffs(users, entries, absent))}
        if absent and args["purge"] and not self._task.check_mode and told["exit_code"] == 0:
            purged = self._told([python, "-I", program, "history", "--purge", "--yes", "--json", *homes])
            result["changed"] |= any(home["purged"]["runs"] for _error, home in _entries(purged))
        warnings = [warning for _error, home in entries for warning in home.get("warnings", ())]
        if warnings:
            result["warnings"] = warnings
        if told["exit_code"] != 0:
            result.update(failed=True, msg="; ".join(_failures(done)) or "the program failed")
        return result

    def _arguments(self):
        """The task's arguments. The key is taken out of them, since callbacks get to see them afterwards."""
        key = self._task.args.get("key")
        if key != HIDDEN:
            type(self)._key = None if key is None else str(key)
        if key is not None:
            self._task.args = {**self._task.args, "key": HIDDEN}
        _result, args = self.validate_argument_spec(
            ARGUMENTS, mutually_exclusive=[("tools", "all")], required_one_of=[("tools", "all")]
        )
        if not args["all"] and not args["tools"]:
            raise AnsibleActionFail("name the tools, or say all: true")
        for user in args["users"] or ():
            if not user or "/" in user:
                raise AnsibleActionFail(f"{user!r} is no user's name")
        return args

    def _host(self, task_vars):
        """The host's Python, and the name of the user that the task runs as."""
        subset = {"gather_subset": ["!all", "!min", "python", "user"]}
        facts = self._execute_module("ansible.builtin.setup", module_args=subset, task_vars=task_vars)
        if facts.get("failed"):
            raise AnsibleActionFail(facts.get("msg", "the host could not be looked at"), result=facts)
        facts = facts["ansible_facts"]
        python = facts["ansible_python"]
        if tuple(python["version_info"][:2]) < OLDEST:
            version = ".".join(map(str, python["version_info"][:3]))
            raise AnsibleActionFail(
                f"Python 3.11 or newer is needed on the host; {python['executable']} is {version}."
                " Set ansible_python_interpreter to a newer one"
            )
        return python["executable"], facts["ansible_user_id"]

    def _ship(self):
        """Put the program into the task's temporary directory, which Ansible removes afterwards."""
        source = os.path.join(os.path.dirname(__file__), "..", "..", "files", PROGRAM)
        if not os.path.exists(source):
            raise AnsibleActionFail(
                f"the collection lacks {PROGRAM}: build it with python -m scripts.collection, and install that"
            )
        shell = self._connection._shell
        if shell.tmpdir is None:
            self._make_tmp_path()
        remote = shell.join_path(shell.tmpdir, PROGRAM)
        self._transfer_file(os.path.abspath(source), remote)
        self._fixup_perms2((shell.tmpdir, remote))
        return remote

    def _told(self, words):
        """Run the program, and answer with the object that it prints."""
        # There is always an input, also without a key: without one, ssh may be given a terminal.
        ran = self._low_level_execute_command(shlex.join(words), in_data=f"{self._key or ''}\n".encode())
        try:
            told = json.loads(ran["stdout"])
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise AnsibleActionFail(
                (ran["stderr"] or ran["stdout"]).strip() or f"the program ended with {ran['rc']}"
            )
        return {**told, "exit_code": ran["rc"]}


# What is to be done


def _words(args, check):
    words = ["--json", "--yes", f"--lang={args['lang']}"]
    words += [f"--{name}={args[name]}" for name in ("endpoint", "model") if args[name]]
    words += ["--dry-run"] if check else []
    if args["state"] == "absent":
        return ["undo", *words, *(["--strict"] if args["strict"] else [])]
    return [
        *words,
        *(f"--{flag}" for flag in FLAGS if args[flag]),
        *(["--key-file=-"] if args["key"] else []),
    ]


def _tools(args):
    return ["--all"] if args["all"] else ["--", *args["tools"]]


# What was done


def _entries(told):
    """For each home why nothing could be done, and what the program said; one home has no list."""
    if "homes" in told:
        return [(home["error"], home["result"] or {}) for home in told["homes"]]
    return [(None, told)]


def _user(user, error, told, absent):
    tools = _taken_back(told) if absent else told.get("tools", ())
    done = [
        {
            "tool": tool["tool"],
            "status": tool["status"],
            "files": [{"path": file["path"], "action": file["action"]} for file in tool["files"]],
            "problems": [_problem(problem) for problem in tool["problems"]],
            "guide": tool.get("guide"),
        }
        for tool in tools
    ]
    known = {problem for tool in done for problem in tool["problems"]}
    others = [_problem(problem) for problem in told.get("problems", ())]
    errors = [error, *(problem for problem in others if problem not in known)]
    return {"user": user, "error": "; ".join(filter(None, errors)) or None, "tools": done}


def _taken_back(told):
    """The files of an undo, put together by tool."""
    tools = {}
    for file in told.get("files", ()):
        tool = tools.setdefault(file["tool"], {"tool": file["tool"], "files": [], "problems": []})
        tool["files"].append(file)
        tool["problems"] += [file["problem"]] if file["problem"] else []
    done = "would-take-back" if told.get("dry_run") else "taken-back" if told.get("run") else "unchanged"
    for tool in tools.values():
        changed = any(file["action"] != "none" for file in tool["files"])
        tool["status"] = "refused" if tool["problems"] else done if changed else "unchanged"
    return tools.values()


def _changed(tool):
    return tool["status"] in ("patched", "would-patch", "taken-back", "would-take-back")


def _problem(problem):
    where = ":".join(str(part) for part in (problem["path"], problem["line"]) if part)
    reason = "; ".join(part for part in (problem["reason"], problem["cure"]) if part)
    return f"{where}: {reason}" if where else reason


def _failures(users):
    for user in users:
        if user["error"]:
            yield f"{user['user']}: {user['error']}"
        for tool in user["tools"]:
            for problem in tool["problems"]:
                yield f"{user['user']}: {tool['tool']}: {problem}"


def _diffs(users, entries, absent):
    """The diffs as the program masked them; with several users each under its name."""
    for user, (_error, home) in zip(users, entries):
        tools = [home] if absent else home.get("tools", ())
        diffs = [file["diff"] for tool in tools for file in tool.get("files", ()) if file["diff"]]
        if diffs and len(users) > 1:
            yield f"# {user}\n"
        yield from diffs
