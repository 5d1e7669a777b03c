"""What hatchling asks when it builds the wheel: the profiles go into it compiled, too."""

from __future__ import annotations

import runpy
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class IndexHook(BuildHookInterface[Any]):
    """Puts the index beside `patcher/registry/index.py`; not into a checkout that is installed in place."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        index = runpy.run_path(str(root / "patcher/registry/index.py"))
        profiles = {path.stem: path.read_bytes() for path in (root / "profiles").glob("*.toml")}
        self.folder = tempfile.mkdtemp()
        made = Path(self.folder) / index["NAME"]
        made.write_bytes(index["compiled"](profiles))
        build_data["force_include"][str(made)] = f"patcher/registry/{made.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - as hatchling calls it
        if version != "editable":
            shutil.rmtree(self.folder)
