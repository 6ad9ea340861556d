"""A soak: the entries of plans, one after another, each explored with machines side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from emu.campaign.plan import Entry, Plan
from emu.campaign.result import Result
from emu.campaign.shelf import save_findings
from emu.engine.carrier import open_carriers
from emu.errors import LogError
from emu.record.finding import Verdict
from emu.record.store import ROOT, directory_name, new_run
from emu.search.edge import Halt
from emu.search.exploration import Exploration
from emu.search.explore import LANES, explore

OnEntry = Callable[[Entry, int], object]
OnRun = Callable[[Exploration], object]
OnResult = Callable[[Result], object]

SEVERITY = (Verdict.MET, Verdict.UNKNOWN, Verdict.NOT_MET)
"""Verdicts from the best to the worst: a whole is as bad as its worst part."""


@dataclass(frozen=True)
class Orders:
    """How to soak, whatever the plans say; None leaves it to them.

    `out` is where findings are saved; None: nowhere.
    """

    runs: int | None = None
    seconds: float | None = None
    seed: int | None = None
    lanes: int = LANES
    out: Path | None = field(default=ROOT)

    def apply(self, entry: Entry) -> Entry:
        """`entry` with these orders: a budget given here takes the place of the plan's."""
        if self.runs is not None or self.seconds is not None:
            entry = replace(entry, runs=self.runs, seconds=self.seconds)
        return entry if self.seed is None else replace(entry, seed=self.seed)


async def soak(
    plans: Sequence[Plan],
    orders: Orders,
    halt: Halt,
    *,
    on_entry: OnEntry,
    on_run: OnRun,
    on_result: OnResult,
) -> list[Result]:
    """Explore every entry of `plans`; after `halt` was called, no further one.

    `on_entry` is called with each entry and its number, from 1, before it begins, `on_run`
    after every run, `on_result` when an entry is done. Raises `LogError` when findings
    cannot be saved.
    """
    results: list[Result] = []
    failure: LogError | None = None
    async with open_carriers() as carriers:

        async def run(entry: Entry) -> Result:
            on_entry(entry, len(results) + 1)
            explored = await explore(
                entry.setup,
                entry.strategy,
                runs=entry.runs,
                seconds=entry.seconds,
                seed=entry.seed,
                lanes=orders.lanes,
                stop=entry.until,
                on_run=on_run,
                halt=halt,
                carriers=carriers,
            )
            return Result(entry, explored)

        for plan in plans:
            shelf = _Shelf(plan.name, orders.out)
            for entry in plan.entries:
                if halt.called.is_set() or failure is not None:
                    break
                result = await run(orders.apply(entry))
                try:
                    result = shelf.save(result)
                except LogError as wrong:
                    failure = wrong  # raised outside: a nursery would wrap it
                results.append(result)
                on_result(result)
    if failure is not None:
        raise failure
    return results


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict of a whole from those of its parts; nothing at all is unknown."""
    return max(verdicts, key=SEVERITY.index, default=Verdict.UNKNOWN)


class _Shelf:
    """The directory of one soak of a plan, made when there is something to put in."""

    def __init__(self, name: str, root: Path | None) -> None:
        self._name = name
        self._root = root
        self._made: Path | None = None

    def save(self, result: Result) -> Result:
        """Save the findings of `result`; gives it with the places of the logs."""
        if self._root is None or not result.exploration.findings:
            return result
        self._made = self._made or new_run(self._name, self._root)
        return save_findings(result, self._made / directory_name(result.entry.name))
