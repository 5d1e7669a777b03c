"""The seed's rule: VseGPT's address in the form of the tool's own example.

The examples of VseGPT's integration guide:

    https://api.openai.com                      -> https://api.vsegpt.ru:6070
    https://api.openai.com/v1                   -> https://api.vsegpt.ru:6070/v1
    https://api.openai.com/v1/chat/completions  -> https://api.vsegpt.ru:6070/v1/chat/completions
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from patcher.errors import PatchError, UsageError
from patcher.i18n import _, quoted

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address
    from urllib.parse import SplitResult

DEFAULT = "https://api.vsegpt.ru:6070"
DEFAULT_MODEL = "openai/gpt-4o-mini"
_OPENAI = "api.openai.com"
_ANTHROPIC = "api.anthropic.com"
_VSEGPT = "api.vsegpt.ru"
# VseGPT's address for programs that speak Anthropic's protocol, a beta: a host of its own, with Anthropic's
# own paths (`/v1/messages`), which the api host answers with 404. Two users' setups of Claude Code say so
# (June and July 2026: Fozar/saby-brain, and a comparison of providers); VseGPT's own page is not public.
_VSEGPT_ANTHROPIC = "services.vsegpt.ru"
_VSEGPT_PORTS = {None, 443, 6070, 7090}
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.ASCII)

Belongs = Literal["vsegpt", "openai", "other"]


class Endpoint(NamedTuple):
    """Where requests shall go: scheme, host (lower case, IPv6 without brackets) and port."""

    scheme: str
    host: str
    port: int | None

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """Read an address such as `https://api.vsegpt.ru:6070`.

        Raises `UsageError` for what is no address of a host alone, and for plain http anywhere
        but on this machine itself, since that would show the key to the network.
        """
        text = text.strip()
        parts = _split(text)
        if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError(
                _("{text} is not an address; it should look like {default}").format(
                    text=quoted(text), default=DEFAULT
                )
            )
        if "@" in parts.netloc:
            raise UsageError(_("the endpoint must not hold a user name or password"))
        if parts.path not in {"", "/"} or "?" in text or "#" in text:
            raise UsageError(
                _(
                    "the endpoint is the address alone, without a path, such as {default}: "
                    "each program's own path is added to it"
                ).format(default=DEFAULT)
            )
        host = parts.hostname
        if not (_HOST.fullmatch(host) or _is_ip(host)):
            raise UsageError(_("{host} is not the name of a host").format(host=quoted(host)))
        if parts.scheme == "http" and not _is_loopback(host):
            raise UsageError(
                _("http://{host} would send the key unencrypted; use https://").format(host=host)
            )
        usual = {"http": 80, "https": 443}[parts.scheme]
        return cls(parts.scheme, host, None if parts.port == usual else parts.port)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"

    @property
    def netloc(self) -> str:
        """Host and port as they stand in a URL; the scheme's usual port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def effective_port(self) -> int:
        """The port as a number, for tools that want it apart."""
        return self.port or {"http": 80, "https": 443}[self.scheme]

    @property
    def is_vsegpt(self) -> bool:
        return self.host == _VSEGPT

    @property
    def others(self) -> list[Endpoint]:
        """The other ports of the same host that VseGPT's API is at."""
        return [each for each in ADDRESSES if each.host == self.host and each != self]

    @property
    def is_loopback(self) -> bool:
        return _is_loopback(self.host)

    def rewrite(self, example: str) -> str:
        """The tool's example URL with scheme, host and port replaced, the rest kept as it is.

        An example without a scheme (`api.openai.com/v1`) gives an address without one. Raises
        `PatchError` for an example at any other host than OpenAI's or Anthropic's.
        """
        parts = _split(example if "://" in example else f"https://{example}")
        if parts is None or parts.scheme != "https" or parts.hostname not in {_OPENAI, _ANTHROPIC}:
            raise PatchError(
                _("{example} is not an address at https://{host}").format(
                    example=quoted(example), host=_OPENAI
                )
            )
        if "@" in parts.netloc:
            raise PatchError(_("{example} holds a user name").format(example=quoted(example)))
        target = self
        if parts.hostname == _ANTHROPIC and self.is_vsegpt:
            target = Endpoint("https", _VSEGPT_ANTHROPIC, 3000)
        netloc = re.escape(parts.netloc)
        if "://" in example:
            return re.sub(rf"^[^:]+://{netloc}", lambda _found: str(target), example, count=1)
        return re.sub(rf"^{netloc}", lambda _found: target.netloc, example, count=1)


def model_id(text: str) -> str:
    """A model's id as a person hands it over. Raises `UsageError` for what cannot be one."""
    model = text.strip()
    if not model or any(letter.isspace() or not letter.isprintable() for letter in model):
        raise UsageError(_("a model's id is one word, such as openai/gpt-4o-mini"))
    return model


ADDRESSES = (Endpoint("https", _VSEGPT, 6070), Endpoint("https", _VSEGPT, None))
"""Where VseGPT's API is: the port of its guide, and the one that its API page names first."""


def belongs(url: str) -> Belongs:
    """Whose address a setting holds; one without a scheme counts too."""
    parts = _split(url if "://" in url else f"https://{url}")
    if parts is None or "@" in parts.netloc:
        return "other"
    if parts.hostname == _VSEGPT and parts.port in _VSEGPT_PORTS and parts.scheme == "https":
        return "vsegpt"
    if parts.hostname == _VSEGPT_ANTHROPIC and parts.port == 3000:
        return "vsegpt"
    return "openai" if parts.hostname == _OPENAI else "other"


def is_private(url: str) -> bool:
    """Whether an address is on this machine or in a private network: nobody's service that the world knows.

    A name without a dot (`ollama`, a service of Docker) and one that ends with `.local`, `.lan`, `.internal`
    or `.home.arpa` (RFC 6762, RFC 8375) is such a one.
    """
    host = host_of(url)
    address = _address(host)
    if address is not None:
        return not address.is_global
    return bool(host) and (
        "." not in host or host.endswith((".local", ".lan", ".internal", ".home.arpa", ".localhost"))
    )


def host_of(url: str) -> str:
    """The host that an address names, also one without a scheme; nothing for what names none."""
    parts = _split(url if "://" in url else f"https://{url}")
    return (parts.hostname or "") if parts else ""


def _split(url: str) -> SplitResult | None:
    if re.search(r"[\s\\\x00-\x20\x7f]", url):
        return None
    from urllib.parse import urlsplit  # noqa: PLC0415 - the help names an endpoint and splits none

    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - reading it is the check: a bad port raises here
    except ValueError:
        return None
    return parts


def _is_ip(host: str) -> bool:
    return _address(host) is not None


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _address(host: str) -> IPv4Address | IPv6Address | None:
    from ipaddress import ip_address  # noqa: PLC0415 - hardly any endpoint is a number

    try:
        return ip_address(host)
    except ValueError:
        return None
