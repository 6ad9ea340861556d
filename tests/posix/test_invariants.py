"""What must hold whatever the schedule: random threads, masks and signals, many seeds.

No signal is lost; no handler runs with its own signal unblocked or outside its mask; masks
and stacks are afterwards what they were; values of one realtime signal keep their order.
"""

from __future__ import annotations

from collections import Counter

import pytest

from emu.engine.thread import Thread
from emu.posix.action import Action
from emu.posix.freebsd import FREEBSD
from emu.posix.kernel import Kernel
from emu.posix.linux import LINUX
from emu.posix.mutex import Mutex
from tests.posix.harness import Dice, run, seen

NAMES = ("SIGHUP", "SIGUSR1", "SIGTERM", "SIGRTMIN")
THREADS = 3
OPERATIONS = 12


def storm_of(dice: Dice, handled: list[tuple[str, str, int]]):
    """A program in which threads send, block, unblock, wait and hold locks, as the dice say."""

    async def program(m, p):
        mutex = Mutex(m, "x")
        threads: list[Thread] = []

        async def handler(info, context):
            state = p.signals(context.thread)
            assert context.thread is m.current
            assert state.blocks(info.number)
            assert state.frames[-1].info is info
            handled.append((info.signal, context.thread.name, info.value))
            if dice.rng.random() < 0.3:
                await m.yield_now()
            if dice.rng.random() < 0.2:
                await p.raise_(dice.rng.choice(NAMES))
            assert state.frames[-1].info is info

        async def body():
            mine = p.signals(m.current)
            for number in range(OPERATIONS):
                before = mine.mask
                match dice.rng.randrange(6):
                    case 0:
                        await p.kill(p.pid, dice.rng.choice(NAMES))
                    case 1:
                        await p.thr_kill(threads[0], dice.rng.choice(NAMES))
                    case 2:
                        await p.sigqueue(p.pid, "SIGRTMIN", number)
                    case 3:
                        one = p.kernel.sigset(dice.rng.choice(NAMES))
                        await p.sigprocmask(dice.rng.choice(("SIG_BLOCK", "SIG_UNBLOCK")), one)
                        before = mine.mask
                    case 4:
                        async with mutex:
                            await m.yield_now()
                    case 5:
                        await m.sleep(0)
                assert mine.mask == before
                assert not mine.frames
                assert m.current.depth == 0
            await p.sigprocmask("SIG_SETMASK", p.kernel.empty())

        for name in NAMES:
            mask = tuple(other for other in NAMES if dice.rng.random() < 0.3)
            await p.sigaction(name, Action(handler, mask))
        threads.append(m.current)
        others = [await p.thr_new(body) for _ in range(THREADS)]
        await body()
        for thread in others:
            await thread.join()
        assert await p.sigpending() == p.kernel.empty()
        assert not p.pending.bits

    return program


@pytest.mark.parametrize("kernel", [LINUX, FREEBSD], ids=lambda kernel: kernel.name)
@pytest.mark.parametrize("targeting", [None, "any"])
def test_no_signal_is_lost(kernel: Kernel, targeting: str | None) -> None:
    for seed in range(60):
        handled: list[tuple[str, str, int]] = []
        program = storm_of(Dice(seed), handled)
        history = run(program, kernel=kernel, seed=seed, targeting=targeting)
        assert history.outcome.name == "ok", (seed, history.outcome)
        sent = [
            event.fields["signal"]
            for event in history.events
            if event.event == "signal.send" and event.fields["fate"] == "pending"
        ]
        assert Counter(sent) == Counter(name for name, _, _ in handled), seed
        assert len(seen(history, "signal.enter")) == len(seen(history, "signal.return")), seed


@pytest.mark.parametrize("kernel", [LINUX, FREEBSD], ids=lambda kernel: kernel.name)
def test_values_of_one_realtime_signal_keep_their_order(kernel: Kernel) -> None:
    for seed in range(30):
        got: list[int] = []

        async def program(m, p, got=got):
            async def handler(info, context):
                got.append(info.value)

            await p.sigaction("SIGRTMIN", Action(handler))

            async def sender():
                await p.sigprocmask("SIG_BLOCK", p.kernel.sigset("SIGRTMIN"))
                for value in range(10):
                    await p.sigqueue(p.pid, "SIGRTMIN", value)

            thread = await p.thr_new(sender)
            await thread.join()
            await m.sleep(1)

        assert run(program, kernel=kernel, seed=seed).outcome.name == "ok"
        assert got == list(range(10)), seed
