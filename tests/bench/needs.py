"""What ours must not take more of: ratios to the others, and growth with the size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.bench.measure import Cell, Figures, Growths, limit, ratio, top
from tests.bench.tools import MEDIUM, OURS, PURE, SMALL, TOOLS
from tests.bench.whole import BASE, Whole

_AT_MOST = [
    ("json", OURS, "json", 2.0),
    ("jsonc", OURS, "json5", 0.2),
    ("json5", OURS, "json5", 2.5),
    ("yaml", OURS, "PyYAML", 1.0),
    ("yaml", OURS, "ruamel.yaml", 0.1),
    ("yaml", PURE, "ruamel.yaml", 1.0),
    ("toml", OURS, "tomlkit", 0.5),
]
_GROWTH = 1.2


@dataclass(frozen=True)
class Need:
    """A promise and what was measured."""

    text: str
    found: float
    most: float

    @property
    def verdict(self) -> str:
        return "ok" if self.found <= self.most else "OVER"


def needs(found: Figures, growths: Growths, runs: Sequence[Whole]) -> Iterator[Need]:
    """Those for which there are figures."""
    for syntax, name, other, most in _AT_MOST:
        tool = next(tool for tool in TOOLS[syntax] if tool.name == other)
        largest = limit(syntax, PURE) if name == PURE else top(tool, syntax)
        for size in (SMALL, MEDIUM, largest):
            times = ratio(found, Cell(syntax, size, name), Cell(syntax, size, other))
            if times is not None:
                what = "ours (scanner in Python)" if name == PURE else "ours"
                yield Need(f"{syntax}, {shown(size)}: CPU of {what} / {other}", times, most)
    for (syntax, name), growth in growths.items():
        what = f"{syntax} (scanner in Python)" if name == PURE else syntax
        most_bytes = shown(limit(syntax, name))
        yield Need(f"{what}: CPU per byte at the limit ({most_bytes}) / at {shown(MEDIUM)}", growth, _GROWTH)
    for run in runs:
        if run.most is not None:
            where = run.where and f" ({run.where})"
            yield Need(f"CPU of vsegpt-patch {run.words}{where} / {BASE}", run.times, run.most)


def shown(size: int) -> str:
    """A size for people."""
    if size % (1 << 20) == 0:
        return f"{size >> 20} MiB"
    if size % (1 << 10) == 0:
        return f"{size >> 10} KiB"
    return f"{size // 1_000_000} MB" if size >= 1_000_000 else f"{size // 1000} KB"
