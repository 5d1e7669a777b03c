"""What a tool has now that a patch leaves to it: its model, where that is at VseGPT already."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable

from patcher.errors import PatchError
from patcher.formats.editing import Document
from patcher.machine.places import Places
from patcher.planning.reading import Setting, settings_of
from patcher.planning.request import Request
from patcher.planning.settings import requested_changes
from patcher.planning.target import target_of
from patcher.registry.profile import FileSpec

_MENTIONS = re.compile(rb"vsegpt\.ru")


def present_model(candidates: Iterable[tuple[FileSpec, Places]], request: Request) -> str | None:
    """The model that a tool has now, if its files point at VseGPT already; None where they do not."""
    settings: list[Setting] = []
    for spec, places in candidates:
        for path in places.paths:
            with contextlib.suppress(PatchError):
                data = target_of(spec, path).document or b""
                if not _MENTIONS.search(data) and request.endpoint.host.encode() not in data:
                    continue  # spares most files a second reading
                document = Document.read(spec.format, data)
                settings += settings_of(
                    list(requested_changes(spec, request, document)), document, request.model
                )
    urls = [each for each in settings if each.role == "url"]
    models = [model for each in settings for model in each.models]
    return models[0] if models and urls and all(each.right for each in urls) else None
