"""A note passes one wake-up, before or after the sleep."""

from __future__ import annotations

from emu.goruntime.knobs import Knobs
from emu.goruntime.note import Note
from emu.goruntime.runtime import Runtime
from tests.goruntime.programs import go


async def test_a_wakeup_before_the_sleep_is_kept() -> None:
    async def main(rt: Runtime) -> None:
        note = Note(rt, "N")
        await note.wakeup()
        assert await note.sleep()

    assert (await go(main)).outcome == "ok"


async def test_a_cleared_note_has_forgotten_its_wakeup() -> None:
    async def main(rt: Runtime) -> None:
        note = Note(rt, "N")
        await note.wakeup()
        await note.clear()
        assert not await note.sleep(rt.machine.now + 1_000_000)

    assert (await go(main)).outcome == "ok"


async def test_a_second_wakeup_is_not_noticed() -> None:
    async def main(rt: Runtime) -> None:
        note = Note(rt, "N")
        await note.wakeup()
        await note.wakeup()

    assert (await go(main)).outcome == "ok"


async def test_a_sleeper_is_woken_by_another_m() -> None:
    async def main(rt: Runtime) -> None:
        await rt.scavenge.sleep()

    async def worker(rt: Runtime) -> None:
        while not rt.scavenge.queue.waiters:
            await rt.machine.yield_now()
        await rt.scavenge.wakeup()

    assert (await go(main, worker, knobs=Knobs(gomaxprocs=2))).outcome == "ok"


async def test_a_sleep_that_nobody_ends_is_silence() -> None:
    async def main(rt: Runtime) -> None:
        await Note(rt, "N").sleep()

    assert (
        await go(main)
    ).signature == "stalled [N] in test_a_sleep_that_nobody_ends_is_silence.main"
