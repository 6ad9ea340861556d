"""Channels: who meets whom, what a closed one gives, and what a nil one never does."""

from __future__ import annotations

from typing import Any

from emu.engine.machine import Machine
from emu.gosync.channel import Channel, NilChannel
from tests.engine.programs import Script, run, trail


async def ended(program: Any) -> str:
    return (await run(program)).outcome.name


async def test_a_rendezvous_gives_what_was_sent() -> None:
    async def program(m: Machine) -> None:
        c = Channel(m, "c")
        m.spawn(c.send, 7)
        assert await c.receive() == (7, True)

    assert await ended(program) == "ok"


async def test_a_sender_without_a_receiver_leaks() -> None:
    async def program(m: Machine) -> None:
        m.spawn(Channel(m, "c").send, 7, name="sender")

    history = await run(program)

    assert history.outcome.name == "leak"
    assert history.findings[0].objects == ("c",)


async def test_a_buffer_holds_what_it_has_room_for() -> None:
    async def program(m: Machine) -> None:
        c = Channel(m, "c", 2)
        await c.send(1)
        await c.send(2)
        assert [await c.receive(), await c.receive()] == [(1, True), (2, True)]

    assert await ended(program) == "ok"


async def test_a_full_buffer_lets_a_sender_in_when_a_value_leaves() -> None:
    async def program(m: Machine) -> None:
        c = Channel(m, "c", 1)
        await c.send(1)
        sender = m.spawn(c.send, 2)
        await m.yield_now()
        assert await c.receive() == (1, True)
        await sender.join()
        assert await c.receive() == (2, True)

    assert await ended(program) == "ok"


async def test_a_closed_channel_gives_what_is_left_and_then_none() -> None:
    async def program(m: Machine) -> None:
        c = Channel(m, "c", 1)
        await c.send(1)
        await c.close()
        assert [await c.receive(), await c.receive()] == [(1, True), (None, False)]

    assert await ended(program) == "ok"


async def test_a_receiver_that_waits_is_told_of_the_close() -> None:
    async def program(m: Machine) -> None:
        c = Channel(m, "c")

        async def receiver() -> None:
            assert await c.receive() == (None, False)

        m.spawn(receiver)
        await m.yield_now()
        await c.close()

    assert await ended(program) == "ok"


async def test_a_send_on_a_closed_channel_panics() -> None:
    async def program(m: Machine) -> None:
        c = Channel(m, "c")
        await c.close()
        await c.send()

    assert await ended(program) == "panic"


async def test_a_sender_that_waits_panics_at_the_close() -> None:
    async def program(m: Machine) -> None:
        c = Channel(m, "c")
        m.spawn(c.send, name="sender")
        await m.yield_now()
        await c.close()

    history = await run(program)

    assert history.outcome.reason.startswith("sender: panic: send on closed channel: c")


async def test_a_second_close_panics() -> None:
    async def program(m: Machine) -> None:
        c = Channel(m, "c")
        await c.close()
        await c.close()

    assert await ended(program) == "panic"


async def test_a_receive_from_a_nil_channel_waits_for_ever() -> None:
    async def program(m: Machine) -> None:
        await NilChannel(m).receive()

    assert await ended(program) == "stalled"


async def test_a_send_on_a_nil_channel_waits_for_ever() -> None:
    async def program(m: Machine) -> None:
        await NilChannel(m).send()

    assert await ended(program) == "stalled"


async def test_the_close_of_a_nil_channel_panics() -> None:
    async def program(m: Machine) -> None:
        await NilChannel(m).close()

    assert await ended(program) == "panic"


async def test_receivers_are_served_in_the_order_in_which_they_came() -> None:
    async def program(m: Machine) -> None:
        c = Channel(m, "c")

        async def receiver() -> None:
            m.note(str((await c.receive())[0]))

        for name in "ab":
            m.spawn(receiver, name=name)
        await m.sleep(1)
        await c.send(1)
        await c.send(2)

    assert trail(await run(program)) == ["a: 1", "b: 2"]


async def test_both_sides_of_a_meeting_are_events_of_the_step_that_makes_it() -> None:
    async def program(m: Machine) -> None:
        c = Channel(m, "c")
        m.spawn(c.send, 7, name="sender")
        await m.yield_now()
        await c.receive()

    history = await run(program)
    met = [event for event in history.events if event.event.startswith("chan.")]

    assert [(event.event, event.thread) for event in met] == [
        ("chan.send", "sender"),
        ("chan.receive", "main"),
    ]
    assert met[0].step == met[1].step
    assert met[1].fields == {"value": 7, "ok": True, "partner": "sender"}


async def test_who_was_served_takes_no_choice_to_come_to_its_next_operation() -> None:
    async def program(m: Machine) -> None:
        c = Channel(m, "c")

        async def receiver() -> None:
            await c.receive()
            await m.checkpoint("next")

        m.spawn(receiver)
        await m.yield_now()
        await c.send()

    script = Script()
    history = await run(program, script)
    after = max(event.step for event in history.events if event.event == "chan.send")

    asked = [step for step, kind, _ in script.asked if kind == "thread" and step > after]
    assert asked == []
