"""os/signal: what the handler sends, a goroutine receives."""

from __future__ import annotations

from emu.chaos.entries import Signal
from emu.goruntime.runtime import Runtime
from tests.goruntime.programs import go


async def receive(rt: Runtime) -> None:
    rt.ossignal.enable("SIGUSR1")
    await rt.checkpoint("work")
    rt.machine.note(str(await rt.ossignal.signal_recv()))


async def test_a_signal_that_came_before_is_received() -> None:
    ran = await go(receive, chaos=Signal("SIGUSR1", at="main.main/work"))

    assert [event.fields["text"] for event in ran.events("note")] == ["30"]


async def test_a_receiver_sleeps_until_a_signal_comes() -> None:
    ran = await go(receive, chaos=Signal("SIGUSR1", at="idle"))

    assert [event.fields["text"] for event in ran.events("note")] == ["30"]


async def test_a_receiver_that_sleeps_has_asked_for_a_kick() -> None:
    ran = await go(receive)

    assert (ran.outcome, ran.rt.ossignal.kick) == ("stalled", 1)


async def test_a_signal_wakes_the_receiver_once() -> None:
    """Even if the receiver has begun another round by then, and wants a kick again."""
    kicks: list[str] = []

    async def main(rt: Runtime) -> None:
        sig = rt.ossignal

        async def wakeup() -> None:
            kicks.append("kick")
            sig.kick = int(len(kicks) == 1)

        sig.enable("SIGUSR1")
        sig.kick = 1
        sig.note.wakeup = wakeup  # type: ignore[method-assign]
        await rt.process.raise_("SIGUSR1")

    await go(main)

    assert kicks == ["kick"]
