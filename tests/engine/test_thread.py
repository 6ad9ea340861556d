"""Threads: states, names, joining, what starts and ends them."""

from __future__ import annotations

import pytest

from emu.engine.machine import Machine
from emu.engine.thread import NEXT, Panic, State, Thread
from emu.engine.waitqueue import WaitQueue
from tests.engine.programs import run, trail


def test_the_table_of_states_speaks_of_every_state() -> None:
    assert set(NEXT) == set(State)
    assert NEXT[State.DONE] == ()


async def test_a_thread_is_ready_then_blocked_then_ready_then_done() -> None:
    async def program(m: Machine) -> None:
        queue = WaitQueue(m, "queue")
        seen: list[State] = []

        async def waiter() -> None:
            await queue.park("test")

        thread = m.spawn(waiter)
        seen.append(thread.state)
        await m.yield_now()
        seen.append(thread.state)
        queue.wake()
        seen.append(thread.state)
        await thread.join()
        seen.append(thread.state)
        assert seen == [State.READY, State.BLOCKED, State.READY, State.DONE]

    assert (await run(program)).outcome.name == "ok"


async def test_a_spawned_thread_does_not_run_before_a_checkpoint() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            m.note("runs")

        thread = m.spawn(child, name="child")
        m.note("spawned")
        await thread.join()

    assert trail(await run(program)) == ["main: spawned", "child: runs"]


async def test_join_gives_what_the_body_returned() -> None:
    async def program(m: Machine) -> None:
        async def child() -> int:
            return 42

        m.note(str(await m.spawn(child).join()))

    assert trail(await run(program)) == ["main: 42"]


async def test_joining_a_thread_that_is_done_does_not_wait() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            pass

        thread = m.spawn(child)
        await thread.join()
        await thread.join()

    history = await run(program)

    joins = [event.fields["waited"] for event in history.events if event.event == "thread.join"]
    assert joins == [True, False]


async def test_many_may_join_one_thread() -> None:
    async def program(m: Machine) -> None:
        async def child() -> str:
            await m.sleep(1)
            return "result"

        async def joiner(thread: Thread) -> None:
            m.note(await thread.join())

        thread = m.spawn(child)
        for name in "abc":
            m.spawn(joiner, thread, name=name)

    assert sorted(trail(await run(program))) == ["a: result", "b: result", "c: result"]


async def test_a_name_that_is_taken_gets_a_number() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            pass

        names = [m.spawn(child, name="worker").name for _ in range(3)]
        assert names == ["worker", "worker#2", "worker#3"]

    assert (await run(program)).outcome.name == "ok"


async def test_the_process_is_ok_when_every_thread_has_ended() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            await m.sleep(1)
            m.note("outlives main")

        m.spawn(child, name="child")

    history = await run(program)

    assert history.outcome.name == "ok"
    assert trail(history) == ["child: outlives main"]


@pytest.mark.parametrize(
    ("error", "outcome", "sentence"),
    [
        (AssertionError("2 of 4"), "assertion", "child: the assertion '2 of 4' does not hold at"),
        (Panic("all goroutines are asleep"), "panic", "child: panic: all goroutines are asleep at"),
        (KeyError("left"), "crash", "child: KeyError: 'left' at"),
        (SystemExit(3), "crash", "child: SystemExit: 3 at"),
    ],
)
async def test_what_a_thread_raises_is_the_outcome(
    error: BaseException, outcome: str, sentence: str
) -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            await m.checkpoint()
            raise error

        m.spawn(child, name="child")
        await m.sleep(1)

    history = await run(program)

    assert history.outcome.name == outcome
    assert history.findings[0].sentence.startswith(sentence)
    assert history.findings[0].functions == (
        "test_what_a_thread_raises_is_the_outcome.program.child",
    )


async def test_a_thread_may_be_suspended_and_resumed() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            m.note("runs")

        thread = m.spawn(child, name="child")
        m.suspend(thread)
        await m.yield_now()
        m.note("child is stopped")
        m.resume(thread)
        await thread.join()

    assert trail(await run(program)) == ["main: child is stopped", "child: runs"]


async def test_a_thread_that_suspends_itself_stops_at_its_next_checkpoint() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            m.suspend(m.current)
            m.note("still here")
            await m.checkpoint()
            m.note("on again")

        thread = m.spawn(child, name="child")
        await m.sleep(1)
        m.note("resumes")
        m.resume(thread)
        await thread.join()

    assert trail(await run(program)) == ["child: still here", "main: resumes", "child: on again"]


async def test_an_interrupt_runs_at_the_next_checkpoint_in_place() -> None:
    async def program(m: Machine) -> None:
        async def handler() -> None:
            m.note("interrupt")

        async def child() -> None:
            m.note("before")
            await m.sleep(5)
            m.note("after")

        thread = m.spawn(child, name="child")
        await m.sleep(1)
        m.interrupt(thread, handler)
        await thread.join()

    assert trail(await run(program)) == ["child: before", "child: interrupt", "child: after"]


async def test_interrupts_run_in_the_order_of_their_arrival() -> None:
    async def program(m: Machine) -> None:
        async def handler(name: str) -> None:
            m.note(name)

        for name in ("one", "two"):
            m.interrupt(m.current, lambda name=name: handler(name))  # type: ignore[misc]
        await m.checkpoint()

    assert trail(await run(program)) == ["main: one", "main: two"]


async def test_an_interrupt_may_be_interrupted() -> None:
    async def program(m: Machine) -> None:
        async def inner() -> None:
            m.note("inner")

        async def outer() -> None:
            m.interrupt(m.current, inner)
            await m.checkpoint()
            m.note("outer goes on")

        m.interrupt(m.current, outer)
        await m.checkpoint()
        m.note("body goes on")

    assert trail(await run(program)) == [
        "main: inner",
        "main: outer goes on",
        "main: body goes on",
    ]
