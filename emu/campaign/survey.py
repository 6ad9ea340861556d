"""A look at the locks in the logs of many runs: a share of each entry's, up to a budget.

Every log of a night of soaking would take as long to read; a share of each tells the same of the
locks. What was left out is counted and said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from emu.analysis.lanes import lanes_of
from emu.analysis.order import lock_order
from emu.analysis.report.contention import Contention
from emu.analysis.report.contents import Program
from emu.analysis.tables.sources import Sources
from emu.analysis.tables.unpack import runs_in
from emu.campaign.scenes import Tell, silent
from emu.errors import LogError
from emu.record.logs import Logged, read_runs

EVENTS: Final = 150_000
"""How many events are looked at, unless told otherwise: these take some ten seconds."""

TOLD: Final = 20
"""So many damaged logs are named; of more, how many there are."""

_NAME: Final = re.compile(r"(\d{4,})-\d{10}(-found)?-\d+\.jsonl(\.zst)?")
"""A log in the logbook of a campaign: of which entry, and whether its runs found something."""


@dataclass
class Survey:
    """What was seen: runs looked at, logs that were not read to their end, what is damaged."""

    programs: tuple[Program, ...] = ()
    runs: int = 0
    events: int = 0
    cut: int = 0
    files: int = 0
    damage: dict[str, None] = field(default_factory=dict)

    def in_words(self) -> str:
        """What was looked at, in a sentence."""
        read = f"From the logs of {self.runs:,} run{'' if self.runs == 1 else 's'}"
        if not self.cut:
            return f"{read}."
        return (
            f"{read}; {self.cut:,} of {self.files:,} files of logs were not read to their end "
            f"(`emu logs locks` counts all)."
        )


def named(damage: Iterable[str]) -> list[str]:
    """What is damaged, as far as a reader can bear it."""
    sentences = list(dict.fromkeys(damage))
    more = len(sentences) - TOLD
    return sentences if more <= 0 else [*sentences[:TOLD], f"{more:,} more logs are damaged."]


def survey(
    files: Sequence[Path],
    *,
    events: int = EVENTS,
    on_run: Callable[[Logged], object] | None = None,
    tell: Tell = silent,
) -> Survey:
    """Look at the runs in these logs and packs, as many as have so many events together.

    Files of one entry share what is its part of them; `on_run` is told each run, `tell` how it
    gets on.
    """
    seen = Survey(files=len(files))
    contention: dict[str, Contention] = {}

    def read() -> Iterator[Logged]:
        groups = _groups(files)
        for at, group in enumerate(groups):
            share = (events - seen.events) // (len(groups) - at)
            for run in _runs(group, share, seen):
                info = run.history.info
                name = f"{info.scenario} {sorted(info.params.items())}"
                contention.setdefault(name, Contention()).look(lanes_of(run.history))
                if on_run is not None:
                    on_run(run)
                tell(f"logs of {seen.runs:,} runs read")
                yield run

    orders = lock_order(read).programs
    locks = [one.locks() for one in contention.values()]
    seen.programs = tuple(Program(*pair) for pair in zip(orders, locks, strict=True))
    return seen


def _groups(files: Sequence[Path]) -> list[list[Path]]:
    """The files of each entry, what passed and what found apart; of others, all together."""
    groups: dict[tuple[str, ...], list[Path]] = {}
    for path in files:
        match = _NAME.fullmatch(path.name)
        key = () if match is None else (match[1], match[2] or "")
        groups.setdefault(key, []).append(path)
    return list(groups.values())


def _read(path: Path) -> Iterator[Logged | LogError]:
    """The runs of a log, or of a pack, which is a directory."""
    if not path.is_dir():
        yield from read_runs(path)
        return
    with closing(Sources([path])) as sources:
        yield from runs_in(sources)


def _runs(files: Sequence[Path], events: int, seen: Survey) -> Iterator[Logged]:
    """The runs in these files until they have so many events; at least one."""
    left = events
    for number, path in enumerate(files):
        for run in _read(path):
            if isinstance(run, LogError):
                seen.damage[str(run)] = None
                continue
            if left <= 0 and left != events:
                seen.cut += len(files) - number
                return
            left -= len(run.history.raw)
            seen.runs += 1
            seen.events += len(run.history.raw)
            yield run
