"""Many machines in one trio: each gives the history that it gives alone."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import trio

from emu.engine.carrier import open_carriers
from emu.engine.machine import Machine
from emu.record.finding import Outcome
from tests.engine.programs import Lock, Script, made, run


class Wild(Script):
    """Any option, by a seed."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.rng = Random(seed)

    def _answer(self, step: int, kind: str, options: int) -> int:
        return self.rng.randrange(options)


async def program(m: Machine) -> None:
    """Locks that are taken in any order, so that some runs deadlock."""
    locks = [Lock(m, name) for name in ("left", "right")]

    async def worker() -> None:
        first = m.choose(2)
        async with locks[first]:
            await m.checkpoint("between")
            async with locks[1 - first]:
                m.note("has both")
        await m.sleep(1)

    for _ in range(3):
        m.spawn(worker)


async def side_by_side(count: int) -> list[str]:
    """The digests of `count` machines that run at the same time, in the order of their seeds."""
    digests = [""] * count

    async def one(seed: int, carriers: Any) -> None:
        history = await Machine(made(program), Wild(seed), carriers).run()
        digests[seed] = f"{history.digest} {history.tape}"

    async with open_carriers() as carriers, trio.open_nursery() as nursery:
        for seed in range(count):
            nursery.start_soon(one, seed, carriers)
    return digests


async def test_a_machine_among_many_does_what_it_does_alone() -> None:
    alone = []
    for seed in range(40):
        history = await run(program, Wild(seed))
        alone.append(f"{history.digest} {history.tape}")

    assert await side_by_side(40) == alone


async def test_side_by_side_is_the_same_every_time() -> None:
    """trio shuffles the order in which it runs its tasks; that must not show."""
    assert len({tuple(await side_by_side(20)) for _ in range(5)}) == 1


async def test_a_machine_that_fails_leaves_its_neighbours_alone() -> None:
    async def fails(m: Machine) -> None:
        await m.checkpoint()
        raise ZeroDivisionError

    outcomes: dict[str, Outcome] = {}

    async def one(name: str, body: Any, carriers: Any) -> None:
        outcomes[name] = (await Machine(made(body), Wild(0), carriers).run()).outcome

    async with open_carriers() as carriers, trio.open_nursery() as nursery:
        nursery.start_soon(one, "bad", fails, carriers)
        nursery.start_soon(one, "good", program, carriers)

    assert outcomes["bad"].name == "crash"
    assert outcomes["good"].name in ("ok", "deadlock")


async def test_a_pool_that_is_cancelled_ends_every_machine_in_it() -> None:
    async def endless(m: Machine) -> None:
        async def child() -> None:
            try:
                while True:
                    await m.checkpoint()
            finally:
                await m.sleep(1)

        m.spawn(child)
        await child()

    ended: list[int] = []

    async def one(number: int, carriers: Any) -> None:
        try:
            await Machine(made(endless), Wild(number), carriers).run()
        finally:
            ended.append(number)

    with trio.move_on_after(0.05) as scope:
        async with open_carriers() as carriers, trio.open_nursery() as nursery:
            for number in range(10):
                nursery.start_soon(one, number, carriers)

    assert scope.cancelled_caught
    assert len(ended) == 10


@pytest.mark.parametrize("threads", [1, 7])
async def test_a_run_does_not_depend_on_what_its_carriers_carried_before(threads: int) -> None:
    async def before(m: Machine) -> None:
        for _ in range(threads):
            m.spawn(m.checkpoint)

    async with open_carriers() as carriers:
        fresh = await Machine(made(program), Wild(5), carriers).run()
        await Machine(made(before), Wild(1), carriers).run()
        again = await Machine(made(program), Wild(5), carriers).run()

    assert fresh.digest == again.digest
