"""The timelines of findings, from their logs; together they take no more than a page may."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import orjson

from emu.analysis.report.scene import Scene, scene_of
from emu.errors import LogError
from emu.record.history import History
from emu.record.logs import read_runs
from emu.search.exploration import findings_of

LONGEST: Final = 400
"""A tape of more characters is not on the page: it is in the finding's file."""

Tell = Callable[[str], object]
"""Is told in words how it gets on; who listens decides how often."""

ROOM: Final = 3_000_000
"""How many bytes all timelines of a page may take together."""


def silent(_: str) -> None:
    """Nobody listens."""


class Scenes:
    """The timelines of the findings in `directory`; `files` are the logs that were read.

    `damage` has a sentence for each log that cannot be read, `notices` what a reader must know.
    """

    def __init__(self, directory: Path, tell: Tell = silent) -> None:
        self.directory = directory
        self._tell = tell
        self.files: list[Path] = []
        self.damage: list[str] = []
        self._left = ROOM
        self._refused = 0

    @property
    def notices(self) -> list[str]:
        """What is not on the page for want of room."""
        if not self._refused:
            return []
        some = "1 finding has" if self._refused == 1 else f"{self._refused:,} findings have"
        return [f"{some} no timeline here, because the page would become too large."]

    def of(self, name: str, signature: str) -> tuple[Scene | None, str]:
        """The timeline of the finding with the log `name`; or None, and a sentence why."""
        if not name:
            return None, "it has no log."
        path = self.directory / name
        if not path.exists():
            return None, f"its log {name} is not there; none was kept, or it was removed."
        run = next(read_runs(path))
        if isinstance(run, LogError):
            self.damage.append(str(run))
            return None, "its log is damaged."
        self.files.append(path)
        self._tell(f"{len(self.files):,} logs of findings read")
        return self.drawn(run.history, signature)

    def drawn(self, history: History, signature: str) -> tuple[Scene | None, str]:
        """The timeline of a run that was read; or None, and a sentence why."""
        found = [one for one in findings_of(history) if one.signature == signature]
        scene = scene_of(history, found[0] if found else None)
        size = len(orjson.dumps(scene))
        if size > self._left:
            self._refused += 1
            return None, "the page would become too large."
        self._left -= size
        return scene, ""
