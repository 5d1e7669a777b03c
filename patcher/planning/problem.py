"""Why a tool is refused."""

from __future__ import annotations

from pathlib import Path

from patcher.dataclass import dataclass
from patcher.errors import PatchError, Refused


@dataclass(frozen=True)
class Problem:
    """Why a tool is refused: what, where, what to do."""

    tool: str
    path: Path | None
    line: int | None
    reason: str
    cure: str

    @classmethod
    def of(cls, tool: str, path: Path | None, refusal: PatchError) -> Problem:
        if isinstance(refusal, Refused):
            return cls(tool, path, refusal.line, refusal.reason, refusal.cure)
        return cls(tool, path, None, str(refusal), "")
