"""What a profile that did not ship with us must not be able to do.

A profile is data, but it says where a key is written. One that could send the key elsewhere,
leave the home, or touch what other programs trust (`.ssh`, shell start-up files) is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from patcher.cures import PROFILE
from patcher.errors import Refused
from patcher.i18n import N_, _, quoted
from patcher.machine.places import ROOTS, is_relative
from patcher.registry.value_rules import check_conditions, check_edit, check_values

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

SUBCOMMANDS = frozenset(
    {"list", "show", "status", "undo", "history", "check", "profile", "key", "export", "help", "completion"}
)
"""Words of the command line; a tool's name is none of them."""

_TOOL = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
_ROOT = re.compile(rf"~|\$\w+|\$\{{\w+\}}|\{{(?:{'|'.join(ROOTS)})\}}")
# Names that are never a tool's settings but lead to code being run or doors being opened.
_FORBIDDEN = frozenset(
    """
    .ssh .gnupg .gpg .aws .azure .kube .docker .password-store .pki .git .gitconfig .gitmodules .hg
    .bashrc .bash_profile .bash_login .bash_logout .bash_aliases .profile .zshrc .zshenv .zprofile
    .zlogin .zlogout .kshrc .mkshrc .cshrc .tcshrc .login .logout .inputrc .envrc .pam_environment
    .xinitrc .xprofile .xsession .xsessionrc .xsessionid .netrc .npmrc .yarnrc .pypirc .pythonrc
    .config/fish config.fish fish autostart systemd environment.d launchagents launchdaemons startup
    .cron crontab cron cron.d .rhosts .shosts .forward .sudo_as_admin_successful .local/bin bin
    powershell windowspowershell profile.ps1 microsoft.powershell_profile.ps1 authorized_keys
    .vimrc .exrc .emacs .gemrc .cargo .m2 .gradle .terraformrc .my.cnf .pgpass .vault-token
    """.split()
)
_COMMAND = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
_RUNS_OTHERS = re.compile(
    r"(?:ba|z|da|k|c|tc|fi)?sh|busybox|env|sudo|su|doas|xargs|nohup|find|awk|sed|vi|vim|emacs|make|git|ssh|docker"
    r"|podman|cmd|powershell|pwsh|wscript|cscript|mshta|python[\d.]*|pypy[\d.]*|node|deno|bun|perl|ruby|php|lua"
    r"|npx|npm|pnpm|yarn|uvx?|pipx?|cargo|go|java|curl|wget|nc|ncat|socat|osascript|open|start|xdg-open"
)


def check(tool: str, profile: Mapping[str, Any]) -> None:
    """Raises `Refused`, with the key in the profile and the reason, for what breaks a rule.

    `profile` is the TOML document as JSON data. Everything the schema says is checked first.
    """
    check_name(tool)
    _schema(profile)
    for mark in profile.get("found_by", ()):
        for template in [mark] if isinstance(mark, str) else mark.values():
            if "/" in template:
                _path(template, "found_by")
    _ask(profile.get("ask", ()), [mark for mark in profile.get("found_by", ()) if isinstance(mark, str)])
    for number, each in enumerate(profile.get("overridden_by", ()), 1):
        _overriding(each, f"overridden_by {number}")
    for number, each in enumerate(profile.get("installed", ()), 1):
        _overriding({"file": each.get("file") or each["folder"]}, f"installed {number}")
    _shapes(profile.get("file", ()))
    for number, file in enumerate(profile.get("file", ()), 1):
        _file(file, f"file {number}")


def _file(file: Mapping[str, Any], where: str) -> None:
    for entry in file["path"]:
        for template in [entry] if isinstance(entry, str) else entry.values():
            _path(template, f"{where}.path")
    check_values(file.get("create", {}), f"{where}.create", key=False)
    check_conditions(file.get("when", ()), f"{where}.when")
    for part in ("refuse", "warn"):
        for objection in file.get(part, ()):
            check_conditions(objection.get("if", ()), f"{where}.{part}")
    for count, edit in enumerate(file.get("edit", ()), 1):
        check_edit(edit, f"{where}.edit {count}")


def check_name(tool: str) -> None:
    """Raises `Refused` for what cannot be a tool's word on the command line."""
    if not _TOOL.fullmatch(tool):
        raise Refused(
            _("the name {tool} may have small letters, digits and dashes only").format(tool=quoted(tool)),
            cure=_(PROFILE),
        )
    if tool in SUBCOMMANDS:
        raise Refused(
            _("{tool} is a word of the command line; call the profile something else").format(
                tool=quoted(tool)
            ),
            cure=_(PROFILE),
        )


@cache
def judge() -> Callable[[Mapping[str, Any]], ValidationError | None]:
    """What answers with the schema's main objection to a profile, or None.

    Raises `Refused` where the library for it is missing.
    """
    try:
        import jsonschema  # noqa: PLC0415 - a third of a second, only for profiles that are not ours
    except ImportError:  # the zipapp has none: it is compiled in part
        raise Refused(
            _("a profile of your own cannot be checked here: jsonschema is missing"),
            cure=_("install it for this Python (pip install jsonschema), or take the profile away"),
        ) from None
    schema = json.loads((files("patcher.registry") / "profile.schema.json").read_bytes())
    validator = jsonschema.Draft202012Validator(schema)
    return lambda profile: jsonschema.exceptions.best_match(validator.iter_errors(profile))


def _schema(profile: Mapping[str, Any]) -> None:
    error = judge()(profile)
    if error is not None:
        place = "".join(
            f" {step + 1}" if isinstance(step, int) else f".{step}" for step in error.absolute_path
        )
        where = place.lstrip(".") or _("the profile")
        raise Refused(f"{where}: {_wrong(error)}", cure=_(PROFILE))


_KINDS = {
    "object": N_("a table"),
    "array": N_("a list"),
    "string": N_("text"),
    "number": N_("a number"),
    "boolean": N_("true or false"),
}


def _wrong(error: ValidationError) -> str:  # noqa: C901 - one rule, one case
    """What the schema finds wrong, by the rule that was broken."""
    rule: Any = error.validator_value
    found: Any = error.instance
    schema: Any = error.schema
    match error.validator:
        case "required":
            return _("{name} is missing").format(name=next(name for name in rule if name not in found))
        case "dependentRequired":
            missing = next(name for names in rule.values() for name in names if name not in found)
            return _("{name} is missing").format(name=missing)
        case "additionalProperties" if rule is False:
            known = schema.get("properties", {})
            unknown = ", ".join(quoted(name) for name in found if name not in known)
            return _("a setting that is not known here: {names}").format(names=unknown)
        case "type":
            kinds = [rule] if isinstance(rule, str) else rule
            return _("expected {kind}").format(kind=_(" or ").join(_(_KINDS[kind]) for kind in kinds))
        case "enum":
            return _("{text} is none of {names}").format(
                text=quoted(str(found)), names=", ".join(map(str, rule))
            )
        case "const":
            return _("{value} is the only value that is allowed here").format(value=json.dumps(rule))
        case "pattern":
            return _("{text} is not of the form {pattern}").format(text=quoted(found), pattern=rule)
        case "minLength" | "minItems" | "minProperties":
            return _("it must not be empty")
        case "not" if "enum" in rule:
            return _("{text} is a word of the command line").format(text=quoted(found))
        case "not":
            return _("{names} cannot stand here").format(names=", ".join(rule["required"]))
        case _:
            return _("it has none of the forms that are allowed here")


def _ask(words: Sequence[str], commands: Sequence[str]) -> None:
    if words and (words[0] not in commands or not _COMMAND.fullmatch(words[0])):
        raise Refused(
            _("ask: {word} is no command of found_by").format(word=quoted(words[0])), cure=_(PROFILE)
        )
    if words and _RUNS_OTHERS.fullmatch(words[0].casefold()):
        raise Refused(_("ask: {word} runs other programs").format(word=quoted(words[0])), cure=_(PROFILE))
    for word in words:
        if re.search(r"[{}]", re.sub(r"\{(?:question|model)\}", "", word)):
            raise Refused(
                _("ask: {word} has an unknown placeholder").format(word=quoted(word)), cure=_(PROFILE)
            )


def _overriding(override: Mapping[str, Any], where: str) -> None:
    """A file that is looked at may be anywhere but where secrets are."""
    file = override.get("file", [])
    for template in [
        text for each in (file if isinstance(file, list) else [file]) for text in _templates(each)
    ]:
        relative = is_relative(template)
        if override.get("above") and not relative:
            raise Refused(
                _("{where}: {path} is at one place; above is for a relative one").format(
                    where=where, path=quoted(template)
                ),
                cure=_(PROFILE),
            )
        rooted = template.lstrip("/") if template.startswith("/") else re.sub(r"^[A-Za-z]:/", "", template)
        _path(rooted if _ROOT.match(rooted) else f"~/{rooted}", where)


def _templates(path: str | Mapping[str, str]) -> Iterable[str]:
    return [path] if isinstance(path, str) else path.values()


def _path(template: str, where: str) -> None:
    parts = template.split("/")
    if not _ROOT.fullmatch(parts[0]):
        raise Refused(
            _("{where}: {template} must begin with ~, $VARIABLE or {{config}} and the like").format(
                where=where, template=quoted(template)
            ),
            cure=_(PROFILE),
        )
    if re.search(r"[\\\x00-\x1f\x7f]", template) or any(part in {"", ".", ".."} for part in parts[1:]):
        raise Refused(
            _("{where}: {template} must be plain names joined by single slashes").format(
                where=where, template=quoted(template)
            ),
            cure=_(PROFILE),
        )
    forbidden = [part for part in parts[1:] if part.casefold() in _FORBIDDEN]
    if forbidden:
        raise Refused(
            _("{where}: {name} is no place for a tool's settings").format(
                where=where, name=quoted(forbidden[0])
            ),
            cure=_(PROFILE),
        )
    if len(parts) < 2 and not template.startswith("$"):  # a variable may name a file
        raise Refused(
            _("{where}: {template} names no file").format(where=where, template=quoted(template)),
            cure=_(PROFILE),
        )


def _shapes(files_: Sequence[Mapping[str, Any]]) -> None:
    for number, file in enumerate(files_, 1):
        beside = [file, *files_[number : number + 1]]
        if "when" in file and not any("instead" in other for other in beside):
            raise Refused(
                _("file {number}.when: no other file stands in for this one, so it decides nothing").format(
                    number=number
                ),
                cure=_(PROFILE),
            )
