"""A thread before a closed gate is no choice; who waits there is seen by graph and watchdog."""

from __future__ import annotations

from emu.engine.chooser import Chooser
from emu.engine.gate import Gate
from emu.engine.machine import Machine
from emu.engine.ownership import Ownership
from tests.engine.programs import run, trail


class Lock:
    """The least lock on a gate."""

    def __init__(self, m: Machine, name: str) -> None:
        self.m = m
        self.gate = Gate(m, name)
        self.ownership = Ownership(name)

    async def lock(self) -> None:
        own = self.ownership
        await self.gate.enter("lock", lambda: own.owner is None, holders=own.holders)
        own.acquire(self.m.current)
        self.gate.changed()

    async def unlock(self) -> None:
        await self.gate.enter("unlock", lambda: True)
        self.ownership.release(self.m.current)
        self.gate.changed()


class Probe(Chooser):
    """Notes how many threads were runnable at each choice; always takes the last option."""

    quiet_until = 0

    def __init__(self) -> None:
        self.counts: list[int] = []

    def thread(self, step: int, runnable: object, here: int) -> int:
        assert isinstance(runnable, list)
        self.counts.append(len(runnable))
        return len(runnable) - 1


async def contenders(m: Machine) -> None:
    lock = Lock(m, "lock")

    async def contender() -> None:
        await lock.lock()
        m.note("in")
        await m.checkpoint("work", "nothing")
        m.note("out")
        await lock.unlock()

    for name in "abc":
        m.spawn(contender, name=name)


async def test_a_gate_lets_one_after_the_other_through() -> None:
    said = [line.partition(": ") for line in trail(await run(contenders, Probe()))]

    assert [word for _, _, word in said] == ["in", "out"] * 3


async def test_who_stands_before_a_closed_gate_is_no_choice() -> None:
    probe = Probe()
    await run(contenders, probe)

    assert probe.counts[-1] < 3
    assert all(count <= 3 for count in probe.counts)


async def test_a_thread_that_is_held_waits_since_the_gate_closed() -> None:
    history = await run(contenders, Probe())
    waits = [event for event in history.events if event.event == "lock.wait"]

    assert {event.thread for event in waits} <= {"a", "b", "c"}
    assert all(event.at.startswith("test_gate.py:") for event in waits)
    assert len(waits) == 2


async def test_two_gates_in_opposite_orders_are_a_deadlock() -> None:
    async def program(m: Machine) -> None:
        left, right = Lock(m, "left"), Lock(m, "right")

        async def take(first: Lock, second: Lock) -> None:
            await first.lock()
            await second.lock()

        m.spawn(take, left, right, name="T1")
        m.spawn(take, right, left, name="T2")

    history = await run(program, Probe())

    assert history.outcome.name == "deadlock"
    assert history.findings[0].objects == ("left", "right")


async def test_a_handler_runs_while_its_thread_waits_at_a_gate() -> None:
    async def program(m: Machine) -> None:
        lock = Lock(m, "lock")
        await lock.lock()

        async def waiter() -> None:
            await lock.lock()
            m.note("owns")
            await lock.unlock()

        async def handler() -> None:
            m.note("handles")

        thread = m.spawn(waiter, name="waiter")
        await m.sleep(1)
        m.interrupt(thread, handler)
        await m.sleep(1)
        await lock.unlock()

    assert trail(await run(program)) == ["waiter: handles", "waiter: owns"]
