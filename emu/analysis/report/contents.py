"""What is on the page, as plain values: whoever knows a campaign fills this in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emu.analysis.coverage import Estimate
from emu.analysis.order import ProgramOrder
from emu.analysis.report.contention import LockUse
from emu.analysis.report.scene import Scene

MET, NOT_MET, UNKNOWN = "met", "not met", "unknown"


@dataclass(frozen=True, slots=True)
class CoursePoint:
    """After `runs` runs: counts of the outcomes, in their order, and behaviours seen by then."""

    runs: int
    outcomes: tuple[int, ...]
    behaviours: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What ran: an entry of a plan, or a program by its logs.

    `verdict` is one of those above, empty where nothing was expected; `expected` says in words
    what was. `over` says why it ended. `emulated` is in ns, `budget` in words. `first_found` is
    the run, from 1, that showed what matters first. `sampled` is of how many runs the behaviour
    is known. `course` is empty where nobody kept it.
    """

    plan: str
    name: str
    scenario: str
    params: Mapping[str, Any]
    strategy: str
    seeds: str
    runs: int
    steps: int
    emulated: int
    outcomes: Mapping[str, int]
    verdict: str = ""
    expected: str = ""
    over: str = ""
    reason: str = ""
    budget: str = ""
    chaos: tuple[Mapping[str, Any], ...] = ()
    watchdog: Mapping[str, Any] = field(default_factory=dict)
    first_found: int | None = None
    estimate: Estimate | None = None
    sampled: int = 0
    course: tuple[CoursePoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry that shows a finding: how often, first in which run (from 1), by which tape.

    `runs` are those of the entry. `replay` is the command that follows the tape. `state` is empty
    or says why the tape is not to be trusted.
    """

    plan: str
    entry: str
    number: int
    count: int
    runs: int
    first_run: int
    strategy: str
    seed: int
    tape: str
    deviations: int
    replay: str
    standing: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding: one signature, whoever shows it; `shown` has some of so many `entries`.

    `message` is that of the simplest tape, which `shown[0]` has. `standing` says what was
    expected, empty if nobody said. `first` and `last` are seconds since the epoch, None where
    nobody kept them. `scene` is its timeline; None: `no_scene` says why there is none.
    """

    number: int
    signature: str
    kind: str
    message: str
    standing: str
    count: int
    runs: int
    shown: tuple[Shown, ...]
    entries: int = 1
    first: float | None = None
    last: float | None = None
    log: str = ""
    scene: Scene | None = None
    no_scene: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Runs that ended without an answer: why, whose, how many, some of their seeds."""

    sentence: str
    entry: str
    count: int
    first_run: int
    seeds: tuple[int, ...]
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Program:
    """What the logs say of one program's locks: how they are used, and in which order."""

    order: ProgramOrder
    locks: tuple[LockUse, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """The whole page.

    `facts` are names with values for its head; `began` is in seconds since the epoch. `read`
    says which logs the locks are known from. `notices` are sentences that a reader must not miss.
    """

    title: str
    directory: str
    facts: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]
    findings: tuple[Found, ...]
    troubles: tuple[Trouble, ...] = ()
    programs: tuple[Program, ...] = ()
    verdict: str = ""
    read: str = ""
    notices: tuple[str, ...] = ()
    emu: str = ""
