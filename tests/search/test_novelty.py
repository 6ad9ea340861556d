"""Which runs behave alike."""

from __future__ import annotations

from emu.engine.machine import Machine
from emu.engine.scenario import scenario, setup
from emu.posix.memory import Word
from emu.record.history import History
from emu.record.tape import Deviation, Tape
from emu.search import novelty
from emu.search.explore import run_once
from emu.search.novelty import Novelty, behaviour
from emu.search.replay import replay


@scenario()
async def two_words(m: Machine) -> None:
    """Each thread has a word of its own, and then both store to one."""
    shared = Word(m, "shared")

    async def worker(number: int) -> None:
        await Word(m, f"own {number}").store(number)
        await shared.store(number)

    for number in (1, 2):
        m.spawn(worker, number, name=f"T{number}")


async def history(*steps: int) -> History:
    """The run in which the other thread goes on at these steps."""
    return await replay(setup(two_words), Tape(tuple(Deviation(at, "thread", 1) for at in steps)))


async def test_the_order_of_what_does_not_meet_is_no_behaviour() -> None:
    assert behaviour(await history()) == behaviour(await history(3, 5))


async def test_the_order_at_one_object_is_a_behaviour() -> None:
    assert behaviour(await history()) != behaviour(await history(1))


async def test_a_behaviour_is_new_once() -> None:
    known = Novelty()
    one = await run_once(setup(two_words), "random", 1)

    assert [known.add(one), known.add(one)] == [True, False]


async def test_when_there_is_no_room_nothing_is_new() -> None:
    known = Novelty()
    known._known.update(number.to_bytes(8) for number in range(novelty.ROOM))

    assert not known.add(await run_once(setup(two_words), "random", 1))
