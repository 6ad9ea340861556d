"""The programs under test that do not come with emu: their modules, and whether they changed."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from emu.campaign.spec import EntrySpec
from emu.errors import LogError

HOUSE: Final = Path(__file__).parents[1]
"""Where emu is: what is in there has emu's own version."""


def modules_of(specs: Sequence[EntrySpec]) -> dict[Path, Path]:
    """The modules of scenarios and strategies, if imported: their names as files, and the files."""
    targets = [text for spec in specs for text in (spec.scenario, spec.strategy) if ":" in text]
    made: dict[Path, Path] = {}
    for name in dict.fromkeys(text.partition(":")[0] for text in targets):
        module = sys.modules.get(name)
        file = getattr(module, "__file__", None)
        if file is None or HOUSE in Path(file).parents:
            continue
        path = Path(*name.split("."))
        made[path / "__init__.py" if hasattr(module, "__path__") else path.with_suffix(".py")] = (
            Path(file)
        )
    return made


def read_module(file: Path) -> bytes:
    """Its source; raises `LogError` where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as wrong:
        raise LogError(f"cannot read {file}: {wrong.strerror or wrong}") from None


def digests(specs: Sequence[EntrySpec]) -> dict[str, str]:
    """The SHA-256 of each of these modules, in hexadecimal, by its name as a file."""
    return {
        str(path): hashlib.sha256(read_module(file)).hexdigest()
        for path, file in modules_of(specs).items()
    }


def changed(before: Mapping[str, str], specs: Sequence[EntrySpec]) -> list[str]:
    """Which of these modules are not what they were."""
    now = digests(specs)
    return [name for name, digest in before.items() if now.get(name, digest) != digest]
