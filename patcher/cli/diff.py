"""A unified diff as a person may see it: real paths, keys masked, nothing a terminal would obey."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from patcher.cli.tables import visible
from patcher.formats.text import BOM, encoding_of

_CONTEXT = 3
_HUNK = re.compile(r"@@ -(\d+)(,\d+)? \+(\d+)(,\d+)? @@")


def unified(
    before: bytes | None, after: bytes | None, name: str, mask: Callable[[str], str]
) -> Iterator[str]:
    """The lines of a unified diff, without line ends; none where the bytes are equal.

    Keys are masked after comparing, so that a changed key shows as a change.
    """
    if before == after:
        return
    import difflib  # noqa: PLC0415 - few runs show a difference

    old, new = _lines(before), _lines(after)
    yield f"--- {name if before is not None else '/dev/null'}"
    yield f"+++ {name if after is not None else '/dev/null'}"
    # difflib takes quadratic time: only what lies between the first and last difference is compared.
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    start = max(0, head - _CONTEXT)
    stop = max(0, tail - _CONTEXT)
    middle = difflib.unified_diff(
        old[start : len(old) - stop], new[start : len(new) - stop], n=_CONTEXT, lineterm=""
    )
    for number, line in enumerate(middle):
        if number < 2:
            continue  # difflib's own names
        if line.startswith("@@"):
            yield _HUNK.sub(lambda found: _moved(found, start), line)
            continue
        yield line[0] + visible(mask(line[1:].rstrip("\r\n")), keep="\t")
        if not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _lines(data: bytes | None) -> list[str]:
    data = data or b""
    text = data.decode(encoding_of(data), errors="replace").removeprefix(BOM)
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _shared(one: list[str], other: list[str]) -> int:
    count = 0
    for line, other_line in zip(one, other, strict=False):
        if line != other_line:
            break
        count += 1
    return count


def _moved(found: re.Match[str], by: int) -> str:
    # An empty side is numbered by the line before it, which for an empty file is 0.
    return f"@@ -{int(found[1]) + by}{found[2] or ''} +{int(found[3]) + by}{found[4] or ''} @@"
