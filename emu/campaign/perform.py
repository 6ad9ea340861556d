"""Carries out an order: the same in a worker of our own, on a cluster, or in a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Final

from emu.analysis.message import WayBack, message
from emu.campaign.harvest import FINGERPRINTED, Harvest
from emu.campaign.order import Order, Tell, Told, Yield
from emu.campaign.parts import Parts, packed
from emu.engine.carrier import Carriers
from emu.engine.machine import Machine
from emu.errors import EmuError, InternalError
from emu.record.history import History
from emu.record.log import log_bytes
from emu.record.tape import parse_tape
from emu.search.edge import Halt
from emu.search.exhaustive import exhaust
from emu.search.exploration import Exploration, findings_of
from emu.search.explore import explore
from emu.search.replay import replay
from emu.search.shrink import shrink
from emu.search.start import Learned, Start

SPUN: Final = 3
"""The first runs of an entry end early when so many met the limit on real time."""

OnProgress = Callable[[int, int], object]
OnBegin = Callable[[int, Machine], object]


class Spoiled(Exception):
    """A run took memory that its neighbours needed: whose fault it is, is seen when it is alone."""


class _CostsWorkers(Exception):
    """A run that is not made, because it has cost workers before."""


async def run_shard(
    order: Order,
    carriers: Carriers,
    halt: Halt,
    on_progress: OnProgress | None = None,
    on_begin: OnBegin | None = None,
) -> Yield:
    """Run a shard, or as much of it as fits into its seconds, or until `halt`.

    `on_progress` gets how many runs and steps are done after each run, `on_begin` the number of
    each run with its machine before it begins. Raises `Spoiled` when memory ran out while
    machines were side by side, and `UsageError` when the entry cannot be run by this emu.
    """
    work = _Work(order, halt)
    work.on_progress, work.on_begin = on_progress, on_begin
    return await work.run(carriers)


class _Work:
    """A shard at work."""

    def __init__(self, order: Order, halt: Halt) -> None:
        self.order = order
        self.halt = halt
        self.on_progress: OnProgress | None = None
        self.on_begin: OnBegin | None = None
        self.harvest = Harvest(order.shard.first)
        self.spun = 0
        self._all = order.spec.until == "saturated"
        self._logs = {found: Parts(order.room) for found in (False, True)}
        self._broken: dict[int, tuple[int, Exception]] = {}
        self._spoiled = False

    async def run(self, carriers: Carriers) -> Yield:
        began = perf_counter()
        broken = ""
        try:
            explored = await self._explore(carriers)
        except EmuError as wrong:
            if not isinstance(wrong.exploration, Exploration):
                raise
            explored, broken = wrong.exploration, str(wrong)
        if self._spoiled:
            raise Spoiled
        self.harvest.seconds = perf_counter() - began
        cut = explored.interrupted and self.spun < SPUN
        learned = None
        if self.order.learned is None and not cut:
            learned = explored.learned or Learned()
        passed, failed = (self._logs[found].close() for found in (False, True))
        return Yield(self.harvest, learned, explored.answer, broken, passed, failed)

    async def _explore(self, carriers: Carriers) -> Exploration:
        order, spec, shard = self.order, self.order.spec, self.order.shard
        setup = spec.setup()
        if spec.exhaustive:
            return await exhaust(
                setup,
                bound=spec.bound,
                runs=spec.runs,
                seconds=spec.seconds,
                stop=spec.until,
                expectation=spec.expect,
                on_run=self._on_run,
                on_history=self._on_history,
                halt=self.halt,
                carriers=carriers,
            )
        return await explore(
            setup,
            spec.strategy,
            runs=shard.runs,
            seconds=order.seconds,
            seed=spec.seed,
            lanes=1 if shard.alone else order.lanes,
            stop="budget" if self._all else spec.until,
            expectation=spec.expect,
            halt=self.halt,
            carriers=carriers,
            start=Start(shard.first, order.learned, order.seen),
            on_begin=self._on_begin,
            on_run=self._on_run,
            on_history=self._on_history,
            on_broken=self._on_broken,
        )

    def _on_begin(self, run: int, machine: Machine) -> None:
        if run in self.order.lost:
            raise _CostsWorkers
        if self.on_begin is not None:
            self.on_begin(run, machine)

    def _on_run(self, explored: Exploration) -> None:
        self._settle()
        if self.on_progress is not None:
            self.on_progress(explored.runs, explored.steps)

    def _on_history(self, run: int, history: History) -> None:
        self._settle()
        reason = history.outcome.reason
        if "MemoryError" in reason and not self.order.shard.alone:
            self._spoiled = True
            self.halt.call()
        if "(watchdog.real)" in reason:
            self.spun += 1
            if self.spun >= SPUN:
                self.halt.call()  # the run counts, and the harvest ends with it
        every = self._all or not run % FINGERPRINTED
        self.harvest.add(history, fingerprinted=every)
        if self.order.level != "none":
            try:
                log = log_bytes(history, level=self.order.level)
            except Exception as error:  # a program may record what no log can hold
                sentence = f"the log cannot be written: {_said(error)}"
                self.harvest.note(run, history.info.seed, sentence)
            else:
                self._logs[bool(findings_of(history))].add(log)

    def _on_broken(self, run: int, seed: int, error: Exception) -> None:
        if isinstance(error, MemoryError) and not self.order.shard.alone:
            self._spoiled = True
            self.halt.call()
        self._broken[run] = (seed, error)

    def _settle(self) -> None:
        """Count the runs that broke emu, as far as their turn has come."""
        while (broken := self._broken.pop(self.harvest.end, None)) is not None:
            seed, error = broken
            said = self.order.lost.get(self.harvest.end, (f"emu failed: {_said(error)}", ""))
            self.harvest.add_unknown(seed, *said)


async def tell(order: Tell, carriers: Carriers, halt: Halt) -> Told:
    """Run a finding again, shrink it if that is ordered, and write its message and its log.

    Raises `Mismatch` when the tape does not give the finding again.
    """
    spec = order.spec
    setup = spec.setup()
    tape = parse_tape(order.tape)
    way = WayBack(
        target=spec.target,
        run=order.first_run + 1,
        runs=spec.runs or 0,
        strategy=order.strategy,
        seed=spec.seed,
        log=order.log,
    )
    if order.shrink:
        shrunk = await shrink(
            setup, tape, runs=order.shrink, signature=order.signature, halt=halt, carriers=carriers
        )
        history, finding, runs = shrunk.history, shrunk.finding, shrunk.runs
        way = replace(way, shrinking=shrunk.in_words)
    else:
        history, runs = await replay(setup, tape, carriers=carriers), 0
        found = [one for one in findings_of(history) if one.signature == order.signature]
        if not found:
            raise InternalError(f"{order.tape} does not give {order.signature} again")
        finding = found[0]
    return Told(
        finding=finding,
        message=message(history, finding, way),
        tape=str(history.tape),
        deviations=len(history.tape),
        runs=runs,
        log=packed(log_bytes(history)),
    )


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0]
