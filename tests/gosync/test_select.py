"""Select takes what is ready, by a choice where there are several, and else waits or not."""

from __future__ import annotations

import pytest

from emu.engine.machine import Machine
from emu.gosync.channel import Channel, NilChannel
from emu.gosync.select import DEFAULT, Selected, select
from tests.engine.programs import Script, run


async def ready(m: Machine) -> tuple[Channel, Channel]:
    a, b = Channel(m, "a", 1), Channel(m, "b", 1)
    await a.send(1)
    await b.send(2)
    return a, b


async def test_the_only_case_that_is_ready_is_taken() -> None:
    async def program(m: Machine) -> None:
        _, b = await ready(m)
        taken = await select(m, NilChannel(m).receiving(), b.receiving())
        assert taken == Selected(1, 2, ok=True)

    assert (await run(program)).outcome.name == "ok"


@pytest.mark.parametrize("option", [0, 1])
async def test_which_of_two_ready_cases_is_taken_is_a_choice(option: int) -> None:
    seen = []

    async def program(m: Machine) -> None:
        a, b = await ready(m)
        seen.append((await select(m, a.receiving(), b.receiving())).case)

    await run(program, Script({(4, "user"): option}))

    assert seen == [option]


async def test_with_a_default_nobody_waits() -> None:
    async def program(m: Machine) -> None:
        taken = await select(m, Channel(m, "c").receiving(), default=True)
        assert taken == Selected(DEFAULT)

    assert (await run(program)).outcome.name == "ok"


async def test_two_selects_with_a_default_do_not_meet() -> None:
    async def program(m: Machine) -> None:
        c = Channel(m, "c")

        async def sender() -> None:
            assert (await select(m, c.sending(), default=True)).case == DEFAULT

        m.spawn(sender)
        assert (await select(m, c.receiving(), default=True)).case == DEFAULT

    assert (await run(program)).outcome.name == "ok"


async def test_a_select_that_waits_is_served_once_and_leaves_the_other_channel() -> None:
    async def program(m: Machine) -> None:
        a, b = Channel(m, "a"), Channel(m, "b", 1)

        async def waiter() -> None:
            assert await select(m, a.receiving(), b.receiving()) == Selected(1, 7, ok=True)

        thread = m.spawn(waiter)
        await m.yield_now()
        await b.send(7)
        await thread.join()
        assert (await select(m, a.sending(), default=True)).case == DEFAULT

    assert (await run(program)).outcome.name == "ok"


async def test_a_select_does_not_meet_itself() -> None:
    async def program(m: Machine) -> None:
        c = Channel(m, "c")
        await select(m, c.sending(), c.receiving())

    assert (await run(program)).outcome.name == "stalled"


async def test_a_select_of_one_closed_channel_twice_is_told_once() -> None:
    async def program(m: Machine) -> None:
        c = Channel(m, "c")

        async def waiter() -> None:
            assert await select(m, c.receiving(), c.receiving()) == Selected(0)

        m.spawn(waiter)
        await m.yield_now()
        await c.close()

    history = await run(program)

    assert history.outcome.name == "ok"
    assert sum(event.event == "chan.receive" for event in history.events) == 1


async def test_a_select_that_takes_a_send_on_a_closed_channel_panics() -> None:
    async def program(m: Machine) -> None:
        c = Channel(m, "c")
        await c.close()
        await select(m, c.sending())

    assert (await run(program)).outcome.name == "panic"


async def test_channels_of_one_select_are_no_longer_apart() -> None:
    async def program(m: Machine) -> None:
        a, b, c = Channel(m, "a", 1), Channel(m, "b"), Channel(m, "c")
        await a.send()
        await select(m, a.receiving(), b.receiving())
        assert [a.target, b.target, c.target] == ["", "", "c"]

    assert (await run(program)).outcome.name == "ok"


async def test_a_select_says_what_was_ready_and_what_it_took() -> None:
    async def program(m: Machine) -> None:
        a, b = await ready(m)
        await select(m, a.receiving(), b.receiving())

    history = await run(program)
    said = next(event for event in history.events if event.event == "select")

    assert (said.object, said.fields) == ("a, b", {"ready": [0, 1], "taken": 0})


async def test_a_select_without_cases_waits_for_ever() -> None:
    async def program(m: Machine) -> None:
        await select(m)

    assert (await run(program)).outcome.name == "stalled"
