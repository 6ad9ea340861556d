"""The circles of a lock order: those of single runs, and those that only all runs together have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from emu.analysis.predict.acquires import Acquire, Occurrence
from emu.analysis.predict.evidence import Scribe, Waits
from emu.analysis.predict.lockcycles import (
    LONGEST,
    VERDICTS,
    Arrows,
    Judge,
    Judged,
    Verdict,
    lock_cycles,
    may_have_longer,
    reason,
)
from emu.record.history import ALL

MOST_CYCLES: Final = 200
"""Circles of one program beyond this many are not looked for."""

_RANKS: Final = {verdict: rank for rank, verdict in enumerate(VERDICTS)}


@dataclass(frozen=True, slots=True)
class Cycle:
    """A circle: each of `locks` is held while the next is asked for, the last while the first is.

    `runs` is in how many runs all of it is, `happened` in how many these locks were a deadlock.
    `threads` are all that do a part of it; `waits` shows it, each a part of the circle. `gates`
    are the locks that keep it off, and `over` is the pair of `waits`, by number, of which the first
    is over before the second begins.
    """

    locks: tuple[str, ...]
    verdict: Verdict
    waits: tuple[Waits, ...]
    runs: int = 0
    happened: int = 0
    threads: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    over: tuple[int, int] | None = None


_SURER: Final[dict[Verdict, int]] = {"unknown": 0, "lifetime": 1, "possible": 2}
"""Of what single runs say of one cycle, that which says more is kept."""


class Circles:
    """What is known of the circles of one program so far."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Cycle] = {}
        self._runs: dict[tuple[str, ...], int] = {}
        self._happened: dict[tuple[str, ...], int] = {}
        self._arrows = Arrows()
        self._first: dict[tuple[Acquire, str], Waits] = {}

    def look(self, scribe: Scribe, found: Mapping[Acquire, list[Occurrence]]) -> None:
        """Add those of a run."""
        for finding in scribe.run.history.findings:
            waited = tuple(sorted(one.waits_for for one in finding.cycle))
            self._happened[waited] = self._happened.get(waited, 0) + 1
        for acquire, times in found.items():
            self._arrows.add(acquire)
            for one in sorted(acquire.held):
                if (acquire, one.lock) not in self._first:
                    op, outer = times[0]
                    self._first[acquire, one.lock] = scribe.waits(acquire, one.lock, op, outer)
        judge = Judge(scribe.trace, found, lives=scribe.run.history.level == ALL)
        for locks in islice(lock_cycles(judge.arrows.after()), MOST_CYCLES):
            self._runs[locks] = self._runs.get(locks, 0) + 1
            known = self._known.get(locks)
            if known is None or known.verdict != "possible":
                judged = judge.judge(locks)
                if judged is not None and (
                    known is None or _SURER[judged.verdict] > _SURER[known.verdict]
                ):
                    self._known[locks] = _cycle(scribe, locks, judged)

    def cycles(self) -> tuple[Cycle, ...]:
        """All of them, the nearest to a deadlock first."""
        cycles = []
        for locks in islice(lock_cycles(self._arrows.after()), MOST_CYCLES):
            one = self._known.get(locks) or self._of_several_runs(locks)
            happened = self._happened.get(tuple(sorted(locks)), 0)
            cycles.append(
                replace(
                    one,
                    verdict="possible" if happened else one.verdict,
                    runs=self._runs.get(locks, 0),
                    happened=happened,
                    threads=self._arrows.threads(locks),
                )
            )
        cycles.sort(key=lambda one: (_RANKS[one.verdict], len(one.locks), one.locks))
        return tuple(cycles)

    def notes(self) -> tuple[str, ...]:
        """What was left out."""
        after = self._arrows.after()
        notes = []
        if len(list(islice(lock_cycles(after), MOST_CYCLES + 1))) > MOST_CYCLES:
            notes.append(f"there are more than {MOST_CYCLES:,} cycles; the others are left out")
        if may_have_longer(after):
            notes.append(f"cycles of more than {LONGEST} locks are not looked for")
        return tuple(notes)

    def _of_several_runs(self, locks: tuple[str, ...]) -> Cycle:
        kept_off = reason(self._arrows.ways(locks))
        verdict = "apart" if kept_off.verdict == "lifetime" else kept_off.verdict
        waits = tuple(
            self._first[acquire, held] for held, acquire in zip(locks, kept_off.cycle, strict=True)
        )
        return Cycle(locks, verdict, waits, gates=kept_off.gates)


def _cycle(scribe: Scribe, locks: tuple[str, ...], judged: Judged) -> Cycle:
    """A cycle of one run in words that last."""
    waits = tuple(
        scribe.waits(acquire, held, span.inner, {held: span.outer})
        for held, acquire, span in zip(locks, judged.cycle, judged.spans, strict=True)
    )
    over = (judged.first, judged.then) if judged.first >= 0 else None
    return Cycle(locks, judged.verdict, waits, over=over)
