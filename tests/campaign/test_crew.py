"""Workers: real processes, which may end, hang, or run out of memory in the middle of an order."""

from __future__ import annotations

import os
import signal

import pytest
import trio

from emu.campaign.crew import Worker, open_crew
from emu.campaign.harvest import Shard
from emu.campaign.losses import WorkerLost
from emu.campaign.order import Order, Tell, Told, Yield
from emu.engine.scenario import Scenario
from emu.errors import InternalError, UsageError
from emu.search.start import Learned
from tests.campaign import programs
from tests.campaign.crews import spec

RUNS = 200
MEMORY = 700_000_000


def order(
    scenario: Scenario, *, alone: bool = False, patience: float = 30.0, watched: int | None = None
) -> Order:
    made = spec(scenario, strategy="random", runs=RUNS, until="budget")
    learned = Learned()
    return Order(
        made,
        Shard(0, 0, RUNS, alone),
        learned,
        patience=patience,
        watched=watched,
        level="none",
    )


async def lost(worker: Worker, what: Order) -> WorkerLost:
    with pytest.raises(WorkerLost) as raised:
        await worker.do(what)
    return raised.value


async def test_an_order_is_carried_out() -> None:
    async with open_crew(1) as (worker,):
        answer = await worker.do(order(programs.calm))

    assert isinstance(answer, Yield)
    assert answer.harvest.runs == RUNS


async def test_what_a_program_prints_is_no_answer() -> None:
    async with open_crew(1) as (worker,):
        answer = await worker.do(order(programs.prints))

    assert isinstance(answer, Yield)
    assert answer.harvest.runs == RUNS


async def test_an_order_that_cannot_be_carried_out_says_why() -> None:
    wrong = spec(programs.calm, strategy="nobody")
    async with open_crew(1) as (worker,):
        with pytest.raises(UsageError, match="there is no strategy 'nobody'"):
            await worker.do(Order(wrong, Shard(0, 0, 5), Learned()))


async def test_a_worker_whose_program_ends_it_is_lost() -> None:
    async with open_crew(1) as (worker,):
        assert (await lost(worker, order(programs.leaves))).how == (
            "worker lost: it ended with status 7"
        )


async def test_a_worker_that_is_lost_is_replaced() -> None:
    async with open_crew(1) as (worker,):
        await lost(worker, order(programs.leaves))
        answer = await worker.do(order(programs.calm))

    assert isinstance(answer, Yield)
    assert worker.health.lost == 1


async def test_alone_it_is_known_which_run_it_was() -> None:
    async with open_crew(1) as (worker,):
        first = await lost(worker, order(programs.leaves, alone=True))
        again = await lost(worker, order(programs.leaves, alone=True))

    assert first.run is not None
    assert (first.run, first.seed) == (again.run, again.seed)


async def test_of_a_run_under_suspicion_the_last_events_are_known() -> None:
    async with open_crew(1) as (worker,):
        first = await lost(worker, order(programs.leaves, alone=True))
        again = await lost(worker, order(programs.leaves, alone=True, watched=first.run))

    assert '"event":"choice"' in again.events[-1]


async def test_a_worker_that_is_killed_is_lost() -> None:
    async with open_crew(1) as (worker,):
        await worker.do(order(programs.calm))
        os.kill(worker.health.pid, signal.SIGKILL)

        assert (await lost(worker, order(programs.calm))).how == (
            "worker lost: it was killed by SIGKILL"
        )


async def test_a_worker_that_hangs_is_ended_and_its_stacks_are_known() -> None:
    async with open_crew(1) as (worker,):
        gone = await lost(worker, order(programs.sulks, patience=4.0))

    assert gone.how == "worker lost: it hung, silent for 4 s"
    assert any("in sulks" in line for line in gone.stack)


async def test_memory_that_runs_out_side_by_side_costs_the_worker() -> None:
    async with open_crew(1, MEMORY) as (worker,):
        assert (await lost(worker, order(programs.hoards))).how == (
            "worker lost: it ran out of memory"
        )


async def test_alone_a_run_that_takes_all_memory_crashes_and_the_others_do_not() -> None:
    async with open_crew(1, MEMORY) as (worker,):
        answer = await worker.do(order(programs.hoards, alone=True))

    assert isinstance(answer, Yield)
    kinds = [answer.harvest.kinds[code].outcome for code in answer.harvest.codes]
    assert set(kinds) == {"ok", "crash"}


async def test_a_worker_with_less_memory_than_it_needs_says_so() -> None:
    async with open_crew(1, 1_000_000) as (worker,):
        gone = await lost(worker, order(programs.calm))

    assert gone.unable
    assert gone.how.startswith("worker lost: it may take 1 MB of memory, and needs at least ")


async def test_a_worker_hands_in_what_is_done_when_it_is_stopped() -> None:
    made = spec(programs.calm, strategy="random", runs=10_000_000, until="budget")
    endless = Order(made, Shard(0, 0, 10_000_000), Learned())
    answers: list[Yield | Told] = []
    async with open_crew(1) as (worker,), trio.open_nursery() as nursery:

        async def do() -> None:
            answers.append(await worker.do(endless))

        nursery.start_soon(do)
        while not worker.health.runs:  # noqa: ASYNC110  # only beats from outside change it
            await trio.sleep(0.01)
        await worker.stop()

    (answer,) = answers
    assert isinstance(answer, Yield)
    assert 0 < answer.harvest.runs < 10_000_000


async def test_no_worker_outlives_its_campaign() -> None:
    async with open_crew(2) as crew:
        for worker in crew:
            await worker.do(order(programs.calm))
        pids = [worker.health.pid for worker in crew]

    assert not any(map(alive, pids))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_finding_is_told() -> None:
    made = spec(programs.inversion, strategy="random", runs=RUNS, until="finding")
    async with open_crew(1) as (worker,):
        found = await worker.do(Order(made, Shard(0, 0, RUNS), None))
        assert isinstance(found, Yield)
        (sighting,) = found.harvest.sightings
        told = await worker.do(
            Tell(made, sighting.signature, sighting.tape, sighting.run, "random", 1, shrink=200)
        )

    assert isinstance(told, Told)
    assert told.message.startswith("inversion deadlocks\n")
    assert told.deviations == 1


async def test_a_finding_that_does_not_replay_says_so() -> None:
    made = spec(programs.inversion, strategy="random")
    async with open_crew(1) as (worker,):
        with pytest.raises(InternalError, match="gives another history"):
            await worker.do(Tell(made, "deadlock", "emu1:#0000", 0, "random", 1, shrink=0))
