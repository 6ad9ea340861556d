"""Deadlocks that need a handler where no run had one, against every way of running."""

from __future__ import annotations

import pytest

from emu.analysis.predict.goodlock import goodlock
from emu.analysis.predict.signals import Expansion, Handlers
from emu.analysis.predict.stacks import Arrival
from emu.analysis.predict.trace import ENTER, Trace, trace_of
from emu.chaos.plan import Plan, Signal
from emu.engine.checkpoint import checkpoint
from emu.engine.machine import Machine
from emu.engine.scenario import scenario
from emu.posix.action import Action
from emu.posix.frame import Context
from emu.posix.mutex import Mutex
from emu.posix.process import Process
from emu.posix.siginfo import SigInfo
from emu.scenarios.classics import handler_takes_lock
from tests.analysis.predict.programs import can_deadlock, passing_runs, random_program
from tests.analysis.predict.runs import passing

FEW = range(100)
MANY = range(100, 1_100)


def possible(runs: list[Trace]) -> bool:
    """Whether a deadlock is predicted of the last of some runs, by what the handlers did in all."""
    handlers = Handlers()
    for run in runs:
        handlers.learn(run)
    expansion = Expansion(runs[-1], handlers)
    return bool(expansion.selves or goodlock(runs[-1], expansion.acquires))


def wrong(seeds: range) -> dict[str, list[int]]:
    mistakes: dict[str, list[int]] = {"missed": [], "false": []}
    count = {True: 0, False: 0}
    for seed in seeds:
        program = random_program(seed, signals=1 + seed % 2)
        runs = passing_runs(program, seed)
        if not runs:
            continue
        truth, said = can_deadlock(program), possible(runs)
        count[truth] += 1
        if truth != said:
            mistakes["missed" if truth else "false"].append(seed)
    assert sum(count.values()) == len(seeds)
    assert min(count.values()) > len(seeds) // 20, count
    return mistakes


def test_no_deadlock_is_missed_and_none_is_false() -> None:
    assert wrong(FEW) == {"missed": [], "false": []}


@pytest.mark.slow
def test_no_deadlock_is_missed_and_none_is_false_over_many_programs() -> None:
    assert wrong(MANY) == {"missed": [], "false": []}


async def test_a_handler_that_never_met_the_lock_is_seen_to_wait_for_its_own_thread() -> None:
    runs = [trace_of(one.shapes) for one in await passing(handler_takes_lock)]
    handlers = Handlers()
    for run in runs:
        handlers.learn(run)
    selves = list(Expansion(runs[0], handlers).selves)
    assert selves == [("main", "lock", Arrival("SIGUSR1"))]


@scenario(chaos=Plan((Signal("SIGUSR1"),)))
async def masked(m: Machine) -> None:
    """As `handler_takes_lock`, with the signal blocked while the lock is held."""
    process = Process(m)
    lock = Mutex(m, "lock")
    usr1 = process.kernel.sigset("SIGUSR1")

    async def handler(info: SigInfo, context: Context) -> None:
        async with lock:
            pass

    await process.sigaction(process.kernel.number("SIGUSR1"), Action(handler))
    for _ in range(3):
        await process.sigprocmask("SIG_BLOCK", usr1)
        async with lock:
            await checkpoint("work")
        await process.sigprocmask("SIG_UNBLOCK", usr1)


async def test_a_signal_that_is_blocked_while_the_lock_is_held_is_no_danger() -> None:
    runs = [trace_of(one.shapes) for one in await passing(masked)]
    assert any(op.kind == ENTER for run in runs for op in run.ops)
    handlers = Handlers()
    for run in runs:
        handlers.learn(run)
    assert all(not Expansion(run, handlers).selves for run in runs)
