"""The runtime's lock counts, hangs and throws as its C code does."""

from __future__ import annotations

from emu.chaos.entries import Fail
from emu.goruntime.knobs import Knobs
from emu.goruntime.lock import Lock
from emu.goruntime.runtime import Runtime
from tests.goruntime.programs import go

TWO = Knobs(gomaxprocs=2)


async def test_an_m_that_locks_what_it_holds_hangs_on_itself() -> None:
    async def main(rt: Runtime) -> None:
        lock = Lock(rt, "L")
        await lock.lock()
        await lock.lock()

    ran = await go(main)

    assert ran.history.outcome.reason == "main waits for L, which it holds itself"


async def test_locks_counts_what_is_held_or_waited_for() -> None:
    seen: list[int] = []

    async def main(rt: Runtime) -> None:
        lock = Lock(rt, "L")
        await lock.lock()
        seen.append(rt.m.locks)
        await lock.unlock()
        seen.append(rt.m.locks)

    await go(main)

    assert seen == [1, 0]


async def test_locks_is_raised_while_waiting() -> None:
    ran = await go(hold_for_ever, hold_for_ever, knobs=TWO)

    assert [m.locks for m in ran.rt.allm] == [2, 2]


async def hold_for_ever(rt: Runtime) -> None:
    """Two Ms take two locks in opposite orders."""
    first, second = (rt.heap.heap, rt.mprof.proflock)[:: 1 if rt.m is rt.m0 else -1]
    await first.lock()
    await rt.machine.yield_now()
    await second.lock()


async def test_unlocking_a_free_lock_throws() -> None:
    async def main(rt: Runtime) -> None:
        lock = Lock(rt, "L")
        rt.m.locks = 1
        await lock.unlock()

    ran = await go(main)

    assert "throw: unlock of unlocked lock" in ran.output


async def test_a_count_below_zero_lets_even_the_panic_path_panic() -> None:
    async def main(rt: Runtime) -> None:
        await Lock(rt, "L").unlock()

    ran = await go(main)

    assert ran.output == ["panic during panic"]


async def test_the_word_says_whether_somebody_sleeps() -> None:
    words: list[int] = []

    async def main(rt: Runtime) -> None:
        lock = rt.mprof.proflock
        words.append(lock.word)
        await lock.lock()
        words.append(lock.word)
        while not lock.queue.waiters:
            await rt.machine.yield_now()
        words.append(lock.word)
        await lock.unlock()

    async def worker(rt: Runtime) -> None:
        while not rt.mprof.proflock.word:
            await rt.machine.yield_now()
        await rt.mprof.proflock.lock()
        await rt.mprof.proflock.unlock()

    await go(main, worker, knobs=TWO)

    assert words == [0, 1, 2]


async def test_an_error_of_umtx_is_a_crash_on_purpose() -> None:
    async def main(rt: Runtime) -> None:
        lock = Lock(rt, "L")
        await lock.lock()
        await lock.lock()

    ran = await go(main, chaos=Fail("umtx_wait", error="EINVAL"))

    assert "[signal SIGSEGV code=0x1 addr=0x1005 pc=main.main]" in ran.output


async def test_every_wait_acquisition_and_release_is_an_event() -> None:
    async def main(rt: Runtime) -> None:
        lock = Lock(rt, "L")
        await lock.lock()
        await lock.unlock()

    ran = await go(main)
    events = [event.event for event in ran.history.events if event.object == "L"]

    assert events == ["lock.acquire", "lock.release"]


async def test_a_wait_of_a_dying_m_says_what_it_was_doing() -> None:
    async def main(rt: Runtime) -> None:
        lock = Lock(rt, "L")
        await lock.lock()
        rt.m.dying = rt.m.mallocing = 1
        await lock.lock()

    ran = await go(main)

    assert ran.events("note")[-1].fields["text"] == "M0: mallocing, dying, locks 2"
