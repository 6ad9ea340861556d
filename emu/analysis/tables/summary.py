"""What is in some logs: programs, runs and how they ended, events, signals, injections, time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final
from urllib.parse import unquote

from emu.analysis.tables.tables import EVENTS, KEPT, RUNS, Tables
from emu.record.event import KINDS

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
    tables.keep(("signal", "injection", "steps", "t"))
    programs: dict[str, Program] = {}
    kinds = Counter[str]()
    for scenario, outcome, runs, steps, t, longest in tables.rows(_RUNS):
        program = programs.setdefault(scenario or NAMELESS, Program())
        program.runs += runs
        program.outcomes[outcome or CUT_OFF] += runs
        program.steps += int(steps or 0)
        program.t += int(t or 0)
        program.longest = max(program.longest, longest or 0)
    for scenario, kind, signal, injection, count in _counts(tables):
        if kind not in KINDS:
            continue
        program = programs.setdefault(scenario, Program())
        kinds[kind] += count
        program.events += count
        match kind:
            case "thread.start":
                program.threads += count
            case "signal.send":
                program.sent[signal] += count
            case "signal.deliver":
                program.delivered[signal] += count
            case "inject":
                program.injections[injection] += count
    return Summary(dict(sorted(programs.items())), Counter(dict(sorted(kinds.items()))))


def _counts(tables: Tables) -> list[tuple[str, str, str, str, int]]:
    """How many events there are: by scenario, kind, signal and injection."""
    found = []
    for packed in tables.packed(EVENTS, "filename = true"):
        of_pack = (
            f"SELECT filename, event, signal, injection, count(*) FROM ({packed}) GROUP BY ALL"
        )
        for file, *rest in tables.rows(of_pack):
            scenario = unquote(PurePath(file).parent.name.partition("=")[2])
            found.append((scenario, *rest))
    if tables.sources.logs:
        found += [(scenario or NAMELESS, *rest) for scenario, *rest in tables.rows(_OF_LOGS)]
    return found


_RUNS: Final = f"""
SELECT scenario, outcome, count(*), sum(steps), sum(t), max(t)
FROM {RUNS} GROUP BY ALL ORDER BY ALL
"""
_OF_LOGS: Final = f"""
SELECT r.scenario, event, signal, injection, sum(n)::BIGINT
FROM (
    SELECT run, event, signal, injection, count(*) AS n
    FROM {KEPT} GROUP BY ALL
)
LEFT JOIN (SELECT run, scenario FROM {RUNS}) AS r USING (run)
GROUP BY ALL
"""
