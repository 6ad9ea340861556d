"""What ran, by its logs: each program, a scenario with its parameters and chaos, is an entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from emu.analysis.fingerprint import fingerprint_number
from emu.analysis.report.contents import CoursePoint, Entry
from emu.analysis.sample import BehaviourSample
from emu.campaign.course import Course
from emu.record.history import ALL
from emu.record.logs import Logged


@dataclass
class _Program:
    """What the runs of a program have shown so far."""

    scenario: str
    params: dict[str, Any]
    chaos: tuple[dict[str, Any], ...]
    watchdog: dict[str, Any]
    strategies: dict[str, None] = field(default_factory=dict)
    seeds: dict[int, None] = field(default_factory=dict)
    runs: int = 0
    steps: int = 0
    emulated: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    sample: BehaviourSample = field(default_factory=BehaviourSample)
    course: Course = field(default_factory=Course)


class LoggedPrograms:
    """The programs that were run, in the order in which their logs are read."""

    def __init__(self) -> None:
        self.versions: dict[str, None] = {}
        self._programs: dict[str, _Program] = {}

    def add(self, run: Logged) -> None:
        """One more run."""
        history, info = run.history, run.history.info
        self.versions[info.emu] = None
        name = f"{info.scenario} {sorted(info.params.items())} {info.chaos}"
        fresh = _Program(info.scenario, info.params, info.chaos, info.watchdog)
        one = self._programs.setdefault(name, fresh)
        one.strategies[info.strategy] = None
        one.seeds[info.seed] = None
        one.runs += 1
        one.steps += history.steps
        one.emulated += history.ending.t
        one.outcomes[history.outcome.name] = one.outcomes.get(history.outcome.name, 0) + 1
        if history.level == ALL:
            one.sample.add(fingerprint_number(history))
        if one.runs == one.course.due:
            one.course.note(one.runs, one.outcomes, one.sample.estimate.behaviours)

    def entries(self) -> Iterator[Entry]:
        """Each as an entry."""
        for one in self._programs.values():
            _, _, name = one.scenario.rpartition(":")
            yield Entry(
                plan="",
                name=name or one.scenario,
                scenario=one.scenario,
                params=one.params,
                strategy=", ".join(one.strategies),
                seeds=_seeds(list(one.seeds)),
                runs=one.runs,
                steps=one.steps,
                emulated=one.emulated,
                outcomes=one.outcomes,
                chaos=one.chaos,
                watchdog=one.watchdog,
                estimate=one.sample.estimate if one.sample.runs else None,
                sampled=one.sample.runs,
                course=tuple(
                    CoursePoint(each.runs, each.outcomes, each.behaviours)
                    for each in one.course.points
                ),
            )


def _seeds(seeds: Sequence[int]) -> str:
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    return f"{len(seeds):,} seeds, {min(seeds)} to {max(seeds)}"
