"""What a tool has now that a patch leaves to it: its model, where that is at VseGPT already."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from patcher.errors import PatchError
from patcher.formats.editing import Document
from patcher.machine.places import Places
from patcher.planning.reading import Setting, settings_of, state_of
from patcher.planning.request import Request
from patcher.planning.settings import requested_changes
from patcher.planning.target import target_of
from patcher.registry.profile import FileSpec

_MENTIONS = re.compile(rb"vsegpt\.ru")


def present_model(candidates: Sequence[tuple[FileSpec, Places]], request: Request) -> str | None:
    """The model that a tool has now, if all that decides in its files leads to VseGPT; else None."""
    documents = list(_documents(candidates, request))
    models = [model for each in _settings(documents, request) for model in each.models]
    for model in dict.fromkeys(models):
        if state_of(_settings(documents, replace(request, model=model))) == "vsegpt":
            return model
    return None


def _documents(
    candidates: Sequence[tuple[FileSpec, Places]], request: Request
) -> Iterator[tuple[FileSpec, Document]]:
    """The files of a tool, if any of them mentions VseGPT: that spares most tools a second reading."""
    found: list[tuple[FileSpec, bytes]] = []
    for spec, places in candidates:
        for path in places.paths:
            with contextlib.suppress(PatchError):
                found.append((spec, target_of(spec, path).document or b""))
    if any(_MENTIONS.search(data) or request.endpoint.host.encode() in data for _spec, data in found):
        for spec, data in found:
            with contextlib.suppress(PatchError):
                yield spec, Document.read(spec.format, data)


def _settings(documents: Sequence[tuple[FileSpec, Document]], request: Request) -> list[Setting]:
    return [
        setting
        for spec, document in documents
        for setting in settings_of(list(requested_changes(spec, request, document)), document, request.model)
    ]
