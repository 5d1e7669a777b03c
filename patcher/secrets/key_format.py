"""Whose key it is, as far as its form tells: VseGPT's, surely another service's, or unknown."""

from __future__ import annotations

import re
from typing import Final

from patcher.errors import UsageError
from patcher.i18n import _
from patcher.secrets.secret import Secret

FAMILY: Final = "sk-or-vv-"
"""How VseGPT's keys begin; 64 hexadecimal digits follow."""

_SHOWN: Final = f"{FAMILY}…"  # without the dots it would be masked as a key
_USUAL = re.compile(rf"{FAMILY}[0-9a-fA-F]{{64}}")

# By the prefixes that each service documents, or that scanners of leaked keys look for (gitleaks, GitHub).
# OpenAI's first keys, and those of many services since, are `sk-` and one run of letters and digits: they
# have no name here.
_OTHERS: Final = (
    ("OpenRouter", r"sk-or-v1-"),
    ("Anthropic", r"sk-ant-"),
    ("OpenAI", r"sk-(?:proj|svcacct|admin|None)-"),
    ("", r"sk-[A-Za-z0-9]{20,}\Z"),
    ("Google", r"AIza|ya29\."),
    ("GitHub", r"gh[pousr]_|github_pat_"),
    ("GitLab", r"glpat-"),
    ("Groq", r"gsk_"),
    ("xAI", r"xai-"),
    ("Hugging Face", r"hf_"),
    ("Perplexity", r"pplx-"),
    ("Replicate", r"r8_"),
    ("Together AI", r"tgp_v1_"),
    ("Cerebras", r"csk-"),
    ("Fireworks", r"fw_"),
    ("NVIDIA", r"nvapi-"),
    ("Amazon", r"A[KS]IA[0-9A-Z]{16}\Z"),
    ("Slack", r"xox[abeoprs]-"),
    ("Telegram", r"\d{8,10}:[\w-]{35}\Z"),
)


def is_anothers(text: str) -> bool:
    """Whether a key is recognisably one of another service."""
    return _service(text) is not None


def _service(text: str) -> str | None:
    """Whose key it is, "" for one of several; None where it is not to be told."""
    return next((service for service, form in _OTHERS if re.match(form, text)), None)


def check(key: Secret) -> str:
    """What a person should be told before a key is used at VseGPT; nothing of one in the usual form.

    VseGPT may change the form of its keys, so an unknown one is only warned of. Raises `UsageError`
    for what is recognisably a key of another service; no part of it is repeated.
    """
    text = key.reveal()
    if _USUAL.fullmatch(text):
        return ""
    if text.startswith(FAMILY):
        return _(
            "the key begins like VseGPT's, but {count} characters follow and not the usual 64:"
            " was it copied whole?"
        ).format(count=len(text) - len(FAMILY))
    service = _service(text)
    if service is not None:
        raise UsageError(
            _(
                "this is a key of {service}, and VseGPT would not take it; VseGPT's begin with {family}:"
                " copy yours from your account at https://vsegpt.ru"
            ).format(service=service or _("OpenAI, DeepSeek or another service"), family=_SHOWN)
        )
    warning = _("the key does not begin with {family} as VseGPT's do: is it the right one?")
    return warning.format(family=_SHOWN)
