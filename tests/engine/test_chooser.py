"""The contract between a machine and whoever decides."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from emu.engine.chooser import Chooser
from emu.engine.clock import NEVER
from emu.engine.machine import Machine
from emu.engine.thread import Thread
from emu.record.tape import Deviation
from tests.engine.programs import Lock, Script, inversion, run, trail


async def three(m: Machine) -> None:
    async def worker() -> None:
        for _ in range(3):
            await m.checkpoint("work")
            m.note("works")

    for name in "abc":
        m.spawn(worker, name=name)


class Careful(Chooser):
    """Decides at random and checks what it is asked."""

    quiet_until = 0
    timer_step = 0

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.calls: list[str] = []
        self.asked: list[tuple[int, str]] = []

    def start(self, machine: Machine) -> None:
        self.calls.append("start")
        self.machine = machine

    def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
        numbers = [thread.id for thread in runnable]
        assert len(numbers) > 1
        assert numbers == sorted(numbers)
        assert 0 <= here < len(numbers)
        return self._answer(step, "thread", len(numbers))

    def timer(self, step: int) -> int:
        assert len(self.machine.clock)
        return self._answer(step, "timer", 2)

    def pick(self, step: int, kind: str, options: int) -> int:
        assert options > 1
        return self._answer(step, kind, options)

    def finish(self, machine: Machine) -> None:
        self.calls.append("finish")

    def _answer(self, step: int, kind: str, options: int) -> int:
        assert not self.machine.ended
        if self.asked:
            assert step >= self.asked[-1][0]
        assert (step, kind) not in self.asked
        self.asked.append((step, kind))
        return self.rng.randrange(options)


async def everything(m: Machine) -> None:
    """Locks, timers, waiters and choices of its own."""
    lock = Lock(m, "lock")

    async def worker() -> None:
        for _ in range(2):
            async with lock:
                await m.checkpoint("inside")
            await m.sleep(m.choose(3))
            await m.yield_now()

    for _ in range(4):
        m.spawn(worker)


@pytest.mark.parametrize("seed", range(30))
async def test_a_machine_keeps_its_side_of_the_contract(seed: int) -> None:
    """In order, one question of a kind at a step, none without a choice, none after the end."""
    careful = Careful(seed)
    history = await run(everything, careful)

    assert history.outcome.name == "ok"
    assert careful.calls == ["start", "finish"]
    assert {kind for _, kind in careful.asked} >= {"thread", "timer", "user"}


async def test_option_0_keeps_the_running_thread() -> None:
    assert "".join(line[0] for line in trail(await run(three))) == "aaabbbccc"


async def test_option_k_is_the_kth_thread_after_the_running_one() -> None:
    probe = Script()
    await run(three, probe)
    step = next(step for step, kind, options in probe.asked if options == 3)
    history = await run(three, Script({(step, "thread"): 2}))

    assert trail(history)[0] == "c: works"


async def test_every_other_option_than_0_is_on_the_tape() -> None:
    probe = Script()
    await run(three, probe)
    steps = [step for step, kind, options in probe.asked if kind == "thread" and options == 3][:2]
    history = await run(three, Script({(step, "thread"): 1 for step in steps}))

    assert history.tape.deviations == tuple(Deviation(step, "thread", 1) for step in steps)


async def test_a_thread_that_was_started_is_not_asked_about_again_at_its_first_checkpoint() -> None:
    probe = Script()
    await run(three, probe)
    asked = {step for step, kind, _ in probe.asked if kind == "thread"}
    started = [event.step for event in (await run(three)).events if event.event == "thread.start"]

    assert asked.isdisjoint(step + 1 for step in started[1:])


async def test_a_chooser_that_is_quiet_is_asked_only_when_a_thread_becomes_runnable() -> None:
    class Quiet(Chooser):
        asked = 0

        def thread(self, step: int, runnable: Sequence[Thread], here: int) -> int:
            self.asked += 1
            return 0

    async def program(m: Machine) -> None:
        async def worker() -> None:
            for _ in range(1_000):
                await m.checkpoint()

        m.spawn(worker)
        m.spawn(worker)

    quiet = Quiet()
    history = await run(program, quiet)

    assert quiet.quiet_until == NEVER
    assert history.steps > 2_000
    assert quiet.asked < 10


async def test_the_quiet_schedule_has_an_empty_tape() -> None:
    assert str((await run(everything)).tape).startswith("emu1:#")


async def test_where_one_thread_can_run_nobody_is_asked() -> None:
    async def program(m: Machine) -> None:
        for _ in range(10):
            await m.checkpoint()

    script = Script()
    await run(program, script)

    assert script.asked == []


async def test_a_thread_that_yields_makes_way_even_on_the_quiet_schedule() -> None:
    async def program(m: Machine) -> None:
        async def other() -> None:
            m.note("other")

        m.spawn(other, name="other")
        await m.yield_now()
        m.note("main")

    assert trail(await run(program)) == ["other: other", "main: main"]


async def test_a_chooser_hears_who_yields() -> None:
    heard: list[str] = []

    class Listens(Chooser):
        def yielded(self, thread: Thread) -> None:
            heard.append(thread.name)

    await run(inversion, Listens())

    assert heard == ["T1", "T2"]
