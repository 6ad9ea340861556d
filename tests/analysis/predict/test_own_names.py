"""Two locks that were to have one name are two locks."""

from __future__ import annotations

from emu.analysis.predict.prediction import predict
from emu.engine.machine import Machine
from emu.engine.scenario import Scenario, scenario
from emu.posix.mutex import Mutex
from emu.record.logs import Logged
from tests.analysis.predict.runs import passing, runs_of


async def crossed(m: Machine, *, again: bool) -> None:
    """One thread takes a lock of its own and `right`, another `right` and a lock of its own.

    Both call theirs `left`; or it is the same one `again`.
    """
    right, left = Mutex(m, "right"), Mutex(m, "left")
    other = left if again else Mutex(m, "left")

    async def worker(first: Mutex, second: Mutex) -> None:
        async with first, second:
            pass

    threads = [m.spawn(worker, left, right), m.spawn(worker, right, other)]
    for thread in threads:
        await thread.join()


@scenario()
async def two_of_one_name(m: Machine) -> None:
    await crossed(m, again=False)


@scenario()
async def one_of_one_name(m: Machine) -> None:
    await crossed(m, again=True)


@scenario()
async def pairs_of_one_name(m: Machine) -> None:
    """Two threads take two locks that are called the same, in opposite orders."""
    one, two = Mutex(m, "left"), Mutex(m, "left")

    async def worker(first: Mutex, second: Mutex) -> None:
        async with first, second:
            pass

    threads = [m.spawn(worker, one, two), m.spawn(worker, two, one)]
    for thread in threads:
        await thread.join()


async def predicted(program: Scenario) -> list[tuple[str, tuple[str, ...]]]:
    runs = [Logged(f"run {at}", 1, one) for at, one in enumerate(await passing(program))]
    assert runs
    return [(one.signature, one.locks) for one in predict(lambda: runs)]


async def test_a_cycle_through_two_locks_of_one_name_is_none() -> None:
    assert await predicted(two_of_one_name) == []


async def test_a_cycle_through_one_lock_is_one() -> None:
    assert await predicted(one_of_one_name) == [
        ("deadlock [left, right] in crossed.worker", ("left", "right"))
    ]


async def test_a_cycle_of_two_locks_of_one_name_is_seen() -> None:
    assert await predicted(pairs_of_one_name) == [
        ("deadlock [left] in pairs_of_one_name.worker", ("left", "left~2"))
    ]


async def test_the_deadlock_itself_has_the_signature_that_was_predicted() -> None:
    found = {one.signature for run in await runs_of(pairs_of_one_name) for one in run.findings}
    assert found == {"deadlock [left] in pairs_of_one_name.worker"}
