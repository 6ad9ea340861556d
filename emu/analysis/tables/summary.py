"""What is in some logs: programs, runs and how they ended, events, signals, injections, time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final
from urllib.parse import unquote

from emu.analysis.tables.kept import KEPT, keep
from emu.analysis.tables.tables import EVENTS, RUNS, WITH_SCENARIO, Tables
from emu.record.event import KINDS
from emu.record.history import HEAD, TAIL

NAMELESS: Final = "-"
"""The scenario of what comes before the first run of a log; a pack's directory is called so too."""

CUT_OFF: Final = "cut off"
"""The outcome of a run whose log has no end."""


@dataclass
class Program:
    """A scenario: how many of its runs ended how, and what happened in them.

    `steps` and `t` (ns of emulated time) are those of all its runs, `longest` the most that one
    took. `threads` counts those that were started, `main` among them.
    """

    runs: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    events: int = 0
    threads: int = 0
    steps: int = 0
    t: int = 0
    longest: int = 0
    sent: Counter[str] = field(default_factory=Counter)
    delivered: Counter[str] = field(default_factory=Counter)
    injections: Counter[str] = field(default_factory=Counter)

    def tell(self, kind: str, signal: str, injection: str, count: int) -> None:
        """Count what such events did."""
        match kind:
            case "thread.start":
                self.threads += count
            case "signal.send":
                self.sent[signal] += count
            case "signal.deliver":
                self.delivered[signal] += count
            case "inject":
                self.injections[injection] += count


@dataclass
class Summary:
    """All programs, by name, and how many events there are of each kind."""

    programs: dict[str, Program]
    kinds: Counter[str]

    @property
    def total(self) -> Program:
        """All programs together."""
        total = Program()
        for one in self.programs.values():
            total.runs += one.runs
            total.events += one.events
            total.threads += one.threads
            total.steps += one.steps
            total.t += one.t
            total.longest = max(total.longest, one.longest)
            total.outcomes += one.outcomes
            total.sent += one.sent
            total.delivered += one.delivered
            total.injections += one.injections
        return total


def summary(tables: Tables) -> Summary:
    """What is in the logs; reads them once."""
    programs = defaultdict[str, Program](Program)
    kept = keep(tables, ("signal", "injection", "steps", "t"))
    kinds = Counter({kind: count for kind, count in kept.items() if kind in KINDS})
    for scenario, outcome, runs, steps, t, longest in tables.rows(_RUNS):
        program = programs[scenario or NAMELESS]
        program.runs += runs
        program.outcomes[outcome or CUT_OFF] += runs
        program.steps += int(steps or 0)
        program.t += int(t or 0)
        program.longest = max(program.longest, longest or 0)
    for scenario, kind, signal, injection, count in _of_packs(tables):
        kinds[kind] += count
        programs[scenario].events += count
        programs[scenario].tell(kind, signal, injection, count)
    if tables.sources.logs:
        for scenario, events, threads in tables.rows(_EVENTS):
            programs[scenario].events += events
            programs[scenario].threads += threads
        for scenario, *told in tables.rows(_TOLD):
            programs[scenario].tell(*told)
    return Summary(dict(sorted(programs.items())), Counter(dict(sorted(kinds.items()))))


def _of_packs(tables: Tables) -> Iterator[tuple[str, str, str, str, int]]:
    """How many events there are in packs: by scenario, kind, signal and injection."""
    for packed in tables.packed(EVENTS, "filename = true"):
        counts = f"SELECT filename, event, signal, injection, count(*) FROM ({packed}) GROUP BY ALL"
        for file, kind, signal, injection, count in tables.rows(counts):
            if kind in KINDS:
                scenario = unquote(PurePath(file).parent.name.partition("=")[2])
                yield scenario, kind, signal, injection, count


_RUNS: Final = f"""
SELECT scenario, outcome, count(*), sum(steps), sum(t), max(t)
FROM {RUNS} GROUP BY ALL ORDER BY ALL
"""
_SCENARIO: Final = f"coalesce(scenario, '{NAMELESS}')"

_TOLD: Final = f"""
SELECT {_SCENARIO}, event, signal, injection, sum(n)::BIGINT
FROM (
    SELECT run, event, signal, injection, count(*) AS n
    FROM {KEPT} WHERE event IN ('signal.send', 'signal.deliver', 'inject') GROUP BY ALL
) {WITH_SCENARIO}
GROUP BY ALL
"""
"""What is told of single events in logs, by scenario."""


_EVENTS: Final = f"""
SELECT {_SCENARIO}, sum(events)::BIGINT, sum(threads)::BIGINT
FROM (
    SELECT run, count(*) FILTER (event NOT IN ('{HEAD}', '{TAIL}')) AS events,
        count(*) FILTER (event = 'thread.start') AS threads
    FROM {KEPT} GROUP BY run
) {WITH_SCENARIO}
GROUP BY ALL
"""
"""How many events of logs there are, and threads started.

Runs are counted before anything is known of them: there are far fewer of them than of kinds in all
runs.
"""
