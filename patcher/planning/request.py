"""What the tools shall be set to: endpoint, key and model, filled into what profiles say."""

from __future__ import annotations

import re

from patcher.dataclass import dataclass
from patcher.endpoint import DEFAULT_MODEL, Endpoint
from patcher.formats.ops import Scalar
from patcher.secrets.key_format import FAMILY
from patcher.secrets.secret import Secret

_PLACEHOLDER = re.compile(r"\{(key|model|scheme|host|port)\}")


@dataclass(frozen=True, eq=False, repr=False)
class Request:
    """What the tools shall be set to. Without a key a stand-in is planned with, to be shown only."""

    endpoint: Endpoint
    key: Secret | None
    model: str = DEFAULT_MODEL
    repoint: bool = False
    tighten: bool = False
    """Whether a file that holds a key loses the rights of others."""
    slots: bool = False
    """Whether second models are set, too."""
    takes_local: bool = True
    """Whether tools that talk to a server of the person's own are changed as well."""
    model_given: bool = True
    """Whether the person has named the model; else one that already stands at a VseGPT address stays."""
    stand_in: str = FAMILY + "5" * 8 + "0" * 48 + "5" * 8

    @property
    def key_text(self) -> str:
        return self.key.reveal() if self.key else self.stand_in

    def fill(self, text: str) -> Scalar:
        """A profile's text with its placeholders filled in; a lone {port} is a number."""
        if text == "{port}":
            return self.endpoint.effective_port
        words = {
            "key": self.key_text,
            "model": self.model,
            "scheme": self.endpoint.scheme,
            "host": self.endpoint.host,
            "port": str(self.endpoint.effective_port),
        }
        return _PLACEHOLDER.sub(lambda found: words[found[1]], text)

    def guide(self, text: str) -> str:
        """A guide with {model} filled in, and {url:https://api.openai.com/...} at the gateway."""
        text = re.sub(r"\{url:([^{}]+)\}", lambda found: self.endpoint.rewrite(found[1]), text)
        return text.replace("{model}", self.model)
