"""Contexts are cancelled with their children; timers fire when who runs next says so."""

from __future__ import annotations

import pytest

from emu.engine.machine import Machine
from emu.gosync.context import CANCELED, DEADLINE_EXCEEDED, Context, with_timeout
from emu.gosync.go import after, go
from tests.engine.programs import Script, run


async def test_a_cancelled_context_is_done() -> None:
    async def program(m: Machine) -> None:
        context = Context(m, "context")
        m.spawn(context.cancel)
        assert await context.done.receive() == (None, False)
        assert context.error == CANCELED

    assert (await run(program)).outcome.name == "ok"


async def test_a_context_is_cancelled_with_its_parent_and_not_the_other_way() -> None:
    async def program(m: Machine) -> None:
        parent = Context(m, "parent")
        child, other = Context(m, "child", parent), Context(m, "other", parent)
        await child.cancel()
        assert (parent.error, child.error, other.error) == (None, CANCELED, None)
        await parent.cancel()
        assert (parent.error, other.error) == (CANCELED, CANCELED)

    assert (await run(program)).outcome.name == "ok"


async def test_a_child_of_a_cancelled_context_is_cancelled_from_the_start() -> None:
    async def program(m: Machine) -> None:
        parent = Context(m, "parent")
        await parent.cancel()
        assert Context(m, "child", parent).error == CANCELED

    assert (await run(program)).outcome.name == "ok"


async def test_a_second_cancellation_does_nothing() -> None:
    async def program(m: Machine) -> None:
        context = Context(m, "context")
        await context.cancel("first")
        await context.cancel("second")
        assert context.error == "first"

    assert (await run(program)).outcome.name == "ok"


async def test_the_time_of_a_context_may_be_up() -> None:
    async def program(m: Machine) -> None:
        context = await with_timeout(m, "context")
        await context.done.receive()
        assert context.error == DEADLINE_EXCEEDED

    assert (await run(program)).outcome.name == "ok"


@pytest.mark.parametrize(("choices", "fired"), [({}, False), ({(2, "thread"): 1}, True)])
async def test_a_timer_fires_when_its_thread_is_picked(
    choices: dict[tuple[int, str], int], fired: bool
) -> None:
    seen = []

    async def program(m: Machine) -> None:
        channel = await after(m, "timer")
        await m.checkpoint("look")
        seen.append(channel.closed)

    await run(program, Script(choices))

    assert seen == [fired]


async def test_a_goroutine_is_started_by_a_step_and_does_not_run_yet() -> None:
    async def program(m: Machine) -> None:
        async def body() -> None:
            m.note("runs")

        await go(m, body, name="g")
        m.note("started")

    history = await run(program)

    assert [event.thread for event in history.events if event.event == "note"] == ["main", "g"]
    assert history.steps >= 1
