"""What a worker is told to do, and what it answers: plain values that travel between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from emu.campaign.harvest import Harvest, Shard
from emu.campaign.spec import EntrySpec
from emu.campaign.terms import CAP
from emu.record.finding import Finding
from emu.search.answer import Answer
from emu.search.start import Learned


@dataclass(frozen=True)
class Hello:
    """The first message to a worker: where modules are, and how much memory it may have, in bytes.

    0 is: as much as there is.
    """

    path: tuple[str, ...]
    memory: int


@dataclass(frozen=True)
class Cramped:
    """A worker's last word: it needs so many bytes of memory at least, and may not have them."""

    needed: int


@dataclass(frozen=True)
class Stop:
    """Answer with what is done of the order by now."""


@dataclass(frozen=True)
class Order:
    """Run a shard of an entry.

    `learned` is what the entry's first runs have taught; None: this shard has the first runs,
    and is to learn. `seen` is what is known to have turned up in earlier runs (`Start`), so that
    the work may end where the entry does. `seconds` is how long to work at most: the harvest
    then has fewer runs. `level` is that of the log of every run; those with a finding, and those
    without, each take at most `room` bytes, and the oldest go. `lost` says of runs that have
    cost workers how, and what is known of them: they are not made again. `watched` is a run whose
    events are told as they happen. `patience` is how many seconds the worker may be silent before
    it counts as hung.
    """

    spec: EntrySpec
    shard: Shard
    learned: Learned | None
    seen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seconds: float | None = None
    level: str = "none"
    room: int = CAP
    lost: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    watched: int | None = None
    lanes: int = 32
    patience: float = 60.0


@dataclass(frozen=True)
class Yield:
    """What came of an order: the harvest, and what the shard with the first runs has learned.

    `answer` is what an exhaustive search says. `broken` says why it ended before its time, for a
    fault of the user's; then no further run is worth it. `passed` and `failed` are the logs of
    the runs without and with a finding: compressed parts, oldest first.
    """

    harvest: Harvest
    learned: Learned | None = None
    answer: Answer | None = None
    broken: str = ""
    passed: tuple[bytes, ...] = ()
    failed: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Tell:
    """Run a finding again, in a simpler way if there is one, and tell what happened.

    `shrink` is how many runs may be spent on that; 0: run `tape` as it is. `log` is where the
    log will be, for the message.
    """

    spec: EntrySpec
    signature: str
    tape: str
    first_run: int
    strategy: str
    number: int
    shrink: int
    log: str = ""
    patience: float = 60.0


@dataclass(frozen=True)
class Told:
    """A finding as people see it: the message, the simplest tape known, and its full log.

    `log` is compressed. `runs` is how many were spent on shrinking.
    """

    finding: Finding
    message: str
    tape: str
    deviations: int
    runs: int
    log: bytes


@dataclass(frozen=True)
class Beat:
    """A worker is alive: how many runs and steps of its order are done."""

    runs: int
    steps: int


@dataclass(frozen=True)
class Began:
    """A run that is made alone begins."""

    run: int
    seed: int


@dataclass(frozen=True)
class Seen:
    """An event of a run that is made alone, as a line of the log."""

    line: str


@dataclass(frozen=True)
class Failed:
    """An order that could not be carried out; `usage`: for a fault of the user's."""

    sentence: str
    usage: bool
