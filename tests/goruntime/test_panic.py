"""How a Go process ends: exit statuses, and what it says before."""

from __future__ import annotations

from emu.goruntime.knobs import Knobs
from emu.goruntime.m import Panicking
from emu.goruntime.runtime import Runtime
from tests.goruntime.programs import go, nothing

QUIET = Knobs(gotraceback=0)


async def recovers(panicking: Panicking | None) -> bool:
    return panicking is not None


async def test_main_returning_is_status_0() -> None:
    assert (await go(nothing)).outcome == "ok"


async def test_a_throw_is_status_2() -> None:
    async def main(rt: Runtime) -> None:
        await rt.panic.throw("oops")

    ran = await go(main)

    assert ran.signature == "exit 2 [throw: oops, full trace]"


async def test_a_panic_nobody_recovers_from_is_status_2() -> None:
    async def main(rt: Runtime) -> None:
        await rt.panic.panic("oops")

    assert (await go(main)).outcome == "exit 2"


async def test_a_throw_while_dying_is_status_3() -> None:
    async def error() -> str:
        await made[0].panic.throw("again")

    made: list[Runtime] = []

    async def main(rt: Runtime) -> None:
        made.append(rt)
        await rt.panic.panic("oops", error)

    ran = await go(main)

    assert (ran.outcome, ran.output) == ("exit 3", ["panic during panic"])


async def test_a_recovered_panic_lets_the_function_return() -> None:
    async def main(rt: Runtime) -> None:
        await rt.panic.deferring(recovers, lambda: rt.panic.panic("oops"))
        rt.machine.note("went on")

    ran = await go(main)

    assert (ran.outcome, len(ran.events("note"))) == ("ok", 1)


async def test_a_deferred_call_runs_on_a_normal_return_too() -> None:
    ran_with: list[Panicking | None] = []

    async def deferred(panicking: Panicking | None) -> bool:
        ran_with.append(panicking)
        return False

    async def main(rt: Runtime) -> None:
        await rt.panic.deferring(deferred, lambda: rt.malloc.mal(8))

    await go(main)

    assert ran_with == [None]


async def test_deferred_calls_run_newest_first() -> None:
    order: list[str] = []

    def saying(word: str):
        async def deferred(panicking: Panicking | None) -> bool:
            order.append(word)
            return word == "outer"

        return deferred

    async def main(rt: Runtime) -> None:
        async def inner() -> None:
            await rt.panic.deferring(saying("inner"), lambda: rt.panic.panic("oops"))

        await rt.panic.deferring(saying("outer"), inner)

    ran = await go(main)

    assert (ran.outcome, order) == ("ok", ["inner", "outer"])


async def test_panicstring_in_the_collector_throws() -> None:
    async def main(rt: Runtime) -> None:
        rt.m.gcing = 1
        await rt.panic.panicstring("oops")

    assert (await go(main, knobs=QUIET)).output == ["panic: oops", "throw: panic during gc"]


async def test_panicstring_allocates_whatever_was_going_on() -> None:
    async def main(rt: Runtime) -> None:
        rt.m.mallocing = 1
        await rt.panic.panicstring("oops")

    assert (await go(main, knobs=QUIET)).output == ["throw: malloc/free - deadlock"]


async def test_the_error_method_is_called_with_paniclk_held() -> None:
    held: list[list[str]] = []

    async def main(rt: Runtime) -> None:
        async def error() -> str:
            held.append([one.name for one in rt.machine.current.holds])
            return "oops"

        await rt.panic.panic("error", error)

    await go(main, knobs=QUIET)

    assert held == [["paniclk"]]


async def test_an_m_that_dies_beside_another_parks_for_ever_and_the_other_exits() -> None:
    async def main(rt: Runtime) -> None:
        rt.panic.panicking += 1
        await rt.panic.throw("first")

    async def worker(rt: Runtime) -> None:
        while not rt.panic.deadlock.waiters:
            await rt.machine.yield_now()
        rt.panic.panicking -= 1
        await rt.panic.throw("second")

    ran = await go(main, worker, knobs=Knobs(gomaxprocs=2, gotraceback=0))

    assert (ran.outcome, ran.output) == ("exit 2", ["throw: first", "throw: second"])


async def test_parking_for_ever_is_no_cycle_but_a_lock_that_is_parked_with_is_found() -> None:
    async def main(rt: Runtime) -> None:
        await rt.heap.heap.lock()
        rt.panic.panicking += 1
        await rt.panic.throw("parks")

    async def worker(rt: Runtime) -> None:
        while not rt.panic.deadlock.waiters:
            await rt.machine.yield_now()
        await rt.heap.heap.lock()

    ran = await go(main, worker, knobs=Knobs(gomaxprocs=2, gotraceback=0))

    assert ran.signature.startswith("stalled [heap, deadlock] in ")
    assert "Panic.dopanic" in ran.signature


async def test_dying_and_mallocing_are_never_cleared() -> None:
    async def main(rt: Runtime) -> None:
        rt.m.mallocing = 1
        await rt.panic.throw("oops")

    ran = await go(main, knobs=QUIET)

    assert (ran.rt.m0.dying, ran.rt.m0.mallocing) == (1, 1)
