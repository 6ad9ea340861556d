"""Which lock is asked for while which is held, and what is said of the circles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from emu.analysis.order import FOREIGN, Edge, ProgramOrder, lock_order
from emu.analysis.ordercycles import Cycle
from emu.analysis.orderdot import as_dot
from emu.analysis.orderwords import cycle_in_words
from emu.engine.machine import Machine
from emu.engine.scenario import Scenario, scenario
from emu.posix.mutex import Mutex
from emu.posix.rwlock import RWLock
from emu.record.history import History
from emu.record.logs import Logged
from emu.scenarios.classics import handler_takes_lock, lock_order_inversion
from tests.analysis.predict.runs import passing, runs_of
from tests.analysis.predict.test_traces import apart, gated


def order_of(histories: Sequence[History]) -> ProgramOrder:
    (only,) = lock_order(
        lambda: [Logged(f"run {at}", 1, history) for at, history in enumerate(histories)]
    ).programs
    return only


async def order(program: Scenario) -> ProgramOrder:
    return order_of(await runs_of(program, 60))


def edge(of: ProgramOrder, held: str, lock: str) -> Edge:
    return next(one for one in of.edges if (one.held, one.lock) == (held, lock))


def cycle(of: ProgramOrder) -> Cycle:
    (only,) = of.cycles
    return only


async def test_an_edge_has_its_counts_and_both_its_places() -> None:
    histories = await passing(lock_order_inversion)
    one = edge(order_of(histories), "left", "right")
    (passage,) = one.passages
    assert (one.count, one.runs, one.threads) == (len(histories), len(histories), ("T1",))
    assert (passage.since.at, passage.asks.at) == (
        "classics.py:27:lock_order_inversion.worker",
        "classics.py:28:lock_order_inversion.worker",
    )


async def test_the_first_time_is_the_evidence() -> None:
    first, *_ = histories = await passing(lock_order_inversion)
    (passage,) = edge(order_of(histories), "left", "right").passages
    asks = first.events[passage.asks.line - 2]
    assert (passage.asks.path, asks.event, asks.object) == ("run 0", "lock.acquire", "right")


async def test_two_orders_of_two_threads_are_possible() -> None:
    one = cycle(order_of(await passing(lock_order_inversion)))
    assert (one.locks, one.verdict, one.happened) == (("left", "right"), "possible", 0)


async def test_runs_that_deadlocked_count_and_are_counted() -> None:
    histories = await runs_of(lock_order_inversion, 60)
    dead = [one for one in histories if one.outcome.name == "deadlock"]
    one = cycle(order_of(histories))
    assert (one.runs, one.happened) == (len(histories), len(dead))
    assert cycle(order_of(dead)).verdict == "possible"


async def test_a_gate_is_named() -> None:
    of = await order(gated)
    one = next(each for each in of.cycles if each.locks == ("left", "right"))
    assert (one.verdict, one.gates) == ("gate", ("gate",))
    assert edge(of, "left", "right").gates == ("gate",)


async def test_lives_that_do_not_overlap_are_named() -> None:
    one = cycle(await order(apart))
    assert one.verdict == "lifetime"
    assert one.over is not None
    assert [one.waits[at].thread for at in one.over] == ["T1", "T2"]


@scenario()
async def alone(m: Machine) -> None:
    """One thread has both orders."""
    left, right = Mutex(m, "left"), Mutex(m, "right")
    async with left, right:
        pass
    async with right, left:
        pass


@scenario()
async def readers(m: Machine) -> None:
    """Two threads share two locks in two orders."""
    left, right = RWLock(m, "left"), RWLock(m, "right")

    async def reader(first: RWLock, second: RWLock) -> None:
        await first.rdlock()
        await second.rdlock()
        await second.unlock()
        await first.unlock()

    m.spawn(reader, left, right)
    m.spawn(reader, right, left)


@scenario()
async def sometimes(m: Machine) -> None:
    """Which order is used, and by whom, is a choice: no run has both."""
    left, right = Mutex(m, "left"), Mutex(m, "right")

    async def worker(first: Mutex, second: Mutex) -> None:
        async with first, second:
            pass

    if m.choose(2):
        m.spawn(worker, left, right, name="A")
    else:
        m.spawn(worker, right, left, name="B")


@pytest.mark.parametrize(
    ("program", "verdict", "said"),
    [
        (alone, "one thread", "no deadlock: it takes 2 threads, and only main does any of it"),
        (readers, "shared", "no deadlock: who shares a lock does not wait for others that share"),
        (sometimes, "apart", "not known to be possible: no single run has all of it"),
        (gated, "gate", "no deadlock: gate is held around it, and that keeps the threads apart"),
        (apart, "lifetime", "no deadlock: T1 is over with its part before T2 begins its own"),
        (lock_order_inversion, "possible", "a deadlock is possible, by 60 runs: nothing keeps it"),
    ],
    ids=lambda one: one.name if isinstance(one, Scenario) else None,
)
async def test_a_circle_is_judged_and_the_reason_said(
    program: Scenario, verdict: str, said: str
) -> None:
    of = await order(program)
    one = next(each for each in of.cycles if each.locks == ("left", "right"))
    assert one.verdict == verdict
    assert cycle_in_words(one)[1].strip().startswith(said)


async def test_modes_are_those_in_which_locks_are_held_and_asked_for() -> None:
    one = edge(await order(readers), "left", "right")
    assert (one.held_modes, one.modes) == (("shared",), ("shared",))


async def test_a_lock_that_a_handler_takes_says_of_which_signal() -> None:
    of = await order(handler_takes_lock)
    (lock,) = of.locks
    assert lock.signals == ("SIGUSR1",)


async def test_a_thread_that_waited_for_itself_is_a_circle_of_one() -> None:
    of = await order(handler_takes_lock)
    one = cycle(of)
    assert (one.locks, one.verdict) == (("lock",), "possible")
    assert one.happened == one.runs > 0
    assert one.waits[0].signals == ("SIGUSR1",)


async def test_programs_are_apart() -> None:
    histories = [*await runs_of(alone, 2), *await runs_of(gated, 2)]
    found = lock_order(lambda: [Logged("run", 1, one) for one in histories])
    assert [one.scenario.rpartition(":")[2] for one in found.programs] == ["alone", "gated"]


async def test_a_possible_deadlock_stands_out_in_the_graph() -> None:
    first, second = await runs_of(gated, 1), await passing(lock_order_inversion)
    found = lock_order(lambda: [Logged("run", 1, one) for one in (*first, *second)])
    lines = as_dot(found).splitlines()
    assert [line.count("penwidth") for line in lines if "->" in line] == [0, 0, 0, 0, 1, 1]


async def test_quotes_in_names_do_not_end_a_text_of_the_graph() -> None:
    (history,) = await runs_of(alone, 1)
    odd = [replace(one, object=one.object.replace("left", 'l"')) for one in history.events]
    history.__dict__["events"] = tuple(odd)
    text = as_dot(lock_order(lambda: [Logged("run", 1, history)]))
    assert '"0 l\\"" [label="l\\""];' in text


async def test_of_traces_it_is_noted_that_locks_may_be_missing() -> None:
    first, *_ = await passing(lock_order_inversion)
    info = replace(first.info, strategy="strace")
    found = order_of([History(info, first.raw, first.ending)])
    assert found.notes == (FOREIGN,)
