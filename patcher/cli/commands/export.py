"""`vsegpt-patch export`: what is to be done here, as something that does it elsewhere, without the key."""

from __future__ import annotations

import json
import shlex
import textwrap
from collections.abc import Sequence

from patcher.cli.session import Session
from patcher.dataclass import dataclass
from patcher.errors import UsageError
from patcher.i18n import _
from patcher.registry.profile import Profile

NAMES = {
    "ansible": "vsegpt.yml",
    "chezmoi": "run_onchange_after_vsegpt-patch.sh.tmpl",
    "sh": "vsegpt.sh",
}
"""What can be made, and what its file is called; of chezmoi's the name says when it runs."""

_ANSIBLE = """\
---
{note}
- name: {play}
  hosts: all
  tasks:
    - name: {task}
      vsegpt.patch.vsegpt_patch:
        tools: {tools}
        endpoint: {endpoint}
        model: {model}
        key: "{{{{ vsegpt_key }}}}"
        users: "{{{{ vsegpt_users | default(omit) }}}}"
{flags}      become: "{{{{ vsegpt_users | default([]) | length > 0 }}}}"
"""
_SH = """\
#!/bin/sh
{note}
set -eu
set -- {words} "$@" -- {tools}
[ -n "${{VSEGPT_API_KEY:-}}" ] || [ -t 0 ] || set -- --key-file - "$@"
exec "${{VSEGPT_PATCH:-vsegpt-patch}}" "$@"
"""
# The key is looked up when the script runs: were it filled in by chezmoi, `chezmoi diff` would show it.
_CHEZMOI = """\
#!/bin/sh
# {{{{ pass "{entry}" | sha256sum }}}}
{note}
set -eu
pass show {entry} | sed -n 1p | vsegpt-patch --key-file - {words} -- {tools}
"""


@dataclass(frozen=True)
class _Carried:
    """What is to be done: these tools, this endpoint, this model, these flags."""

    tools: Sequence[str]
    endpoint: str
    model: str
    flags: Sequence[str]

    @property
    def ansible(self) -> str:
        note = _(
            "Made by vsegpt-patch export, for the collection vsegpt.patch. The key is not in here: put it"
            " into a vault, as vsegpt_key. Where vsegpt_users is a list, it is done for these users of each"
            " host, by root."
        )
        texts = {
            "play": _("Programs use VseGPT"),
            "task": _("Point them at VseGPT"),
            "tools": self.tools,
            "endpoint": self.endpoint,
            "model": self.model,
        }
        quoted = {name: json.dumps(text, ensure_ascii=False) for name, text in texts.items()}
        flags = "".join(f"        {flag}: true\n" for flag in self.flags)
        return _ANSIBLE.format(**quoted, flags=flags, note=_commented(note))

    @property
    def sh(self) -> str:
        note = _(
            "Made by vsegpt-patch export. The key is not in here: it is read from VSEGPT_API_KEY, else from"
            " standard input, or asked for on a terminal. Further options (--dry-run, --home DIR) may follow"
            " the script's name; VSEGPT_PATCH is the program, where that is not on the path."
        )
        return _SH.format(**self._words, note=_commented(note))

    @property
    def chezmoi(self) -> str:
        note = _(
            "Made by vsegpt-patch export, for chezmoi's source directory. The key is not in here: it is the"
            " first line of the entry vsegpt of pass; for another store change both places. The line above"
            " changes with the key, and with any change chezmoi runs this once more. Where chezmoi manages"
            " one of the files itself, call this run_after_vsegpt-patch.sh.tmpl: it then runs after every"
            " apply, and changes nothing where there is nothing to do."
        )
        return _CHEZMOI.format(**self._words, note=_commented(note), entry="vsegpt")

    @property
    def _words(self) -> dict[str, str]:
        options = ["--endpoint", self.endpoint, "--model", self.model, *(f"--{flag}" for flag in self.flags)]
        return {"words": shlex.join(options), "tools": shlex.join(self.tools)}


def _commented(text: str) -> str:
    return textwrap.fill(text, 100, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def run(session: Session) -> int:
    """Print it; on standard error, where it goes. Raises `UsageError` where nothing would be done."""
    options, report = session.options, session.report
    if options.all is bool(options.tools):
        raise UsageError(_("name the tools, or say --all"))
    profiles, problems = session.found() if options.all else session.profiles(options.tools)
    left_out = {profile.tool: why for profile in profiles if (why := _left_out(session, profile))}
    for tool, why in left_out.items():
        report.message(f"{tool}: {why}", fg="yellow")
    for problem in problems:
        report.problem(problem)
    carried = [profile.tool for profile in profiles if profile.tool not in left_out]
    if not carried:
        raise UsageError(_("none of these tools can be patched elsewhere"))
    request = session.request(key=None)
    if "{{" in request.model:
        raise UsageError(_("--model: {{ would be a template's"))
    flags = {"beta": options.beta, "repoint": options.repoint, "tighten": options.tighten}
    plan = _Carried(
        carried, str(request.endpoint), request.model, [name for name, is_set in flags.items() if is_set]
    )
    form = options.form
    text = getattr(plan, form)
    report.text(text)
    report.message(_("The key is not in it. Its file is to be called {name}").format(name=NAMES[form]))
    report.json("export-as", {"as": form, "name": NAMES[form], "tools": carried, "text": text})
    return 1 if problems else 0


def _left_out(session: Session, profile: Profile) -> str:
    """Why a tool cannot be patched elsewhere; nothing where it can."""
    if profile.own:
        return _("left out, as its profile is your own")
    if not profile.files:
        return _("left out, as it is set by hand")
    if profile.beta and not session.options.beta:
        return _("left out without --beta")
    return ""
