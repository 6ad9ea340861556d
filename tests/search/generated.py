"""Small programs made up by hypothesis, as scenarios."""

from __future__ import annotations

from hypothesis import strategies as st

from emu.chaos.plan import Fault, Plan
from emu.engine.machine import Machine
from emu.engine.scenario import Scenario, scenario
from emu.gosync.mutex import Mutex as GoMutex
from emu.posix.action import Action
from emu.posix.condvar import Condition
from emu.posix.frame import Context
from emu.posix.memory import Atomic
from emu.posix.mutex import Mutex
from emu.posix.process import Process
from emu.posix.rwlock import RWLock
from emu.posix.semaphore import Semaphore
from emu.posix.siginfo import SigInfo

Step = tuple[str, int]
Program = tuple[tuple[Step, ...], ...]

PLAIN = ("load", "store", "add", "own", "posix", "go", "try")
WAITING = ("post", "take", "read", "write", "signal", "wait")
OTHERS = ("kill", "yield", "sleep", "exit", "check", "choose")


def programs(kinds: tuple[str, ...], threads: int, steps: int) -> st.SearchStrategy[Program]:
    """Programs of 2 to `threads` threads of at most `steps` steps each, of these kinds."""
    step = st.tuples(st.sampled_from(kinds), st.integers(0, 1))
    body = st.lists(step, min_size=1, max_size=steps).map(tuple)
    return st.lists(body, min_size=2, max_size=threads).map(tuple)


def program_of(program: Program, *, join: bool = False, faults: bool = False) -> Scenario:
    """The scenario that runs `program`; nothing that it does is unexpected."""

    async def generated(m: Machine) -> None:
        process = Process(m)
        words = [Atomic(m, "w0"), Atomic(m, "w1")]
        locks = [Mutex(m, "l0"), Mutex(m, "l1")]
        gates = [GoMutex(m, "g0"), GoMutex(m, "g1")]
        rw = RWLock(m, "rw")
        semaphore = Semaphore(m, "sem")
        condition, guard = Condition(m, "cond"), Mutex(m, "guard")

        async def handler(info: SigInfo, context: Context) -> None:
            await words[0].add(1)

        for signal in ("SIGUSR1", "SIGSEGV"):
            await process.sigaction(process.kernel.number(signal), Action(handler))

        async def do(kind: str, which: int) -> None:
            word = words[which]
            if kind == "load":
                await word.load()
            elif kind == "store":
                await word.store(m.current.id)
            elif kind == "add":
                await word.add(1)
            elif kind == "make":
                await Atomic(m, f"made{which}").add(1)
            elif kind == "spawn":
                m.spawn(words[which].add, 1, name="child")
            elif kind == "own":
                await m.checkpoint("own", m.current.name)
            elif kind == "posix":
                async with locks[which]:
                    await words[0].load()
            elif kind == "go":
                async with gates[which]:
                    await words[1].store(m.current.id)
            elif kind == "try":
                if await locks[which].trylock() == 0:
                    await locks[which].unlock()
            elif kind == "nest":
                async with locks[which]:
                    async with locks[1 - which]:
                        pass
            elif kind == "nestgo":
                async with gates[which]:
                    async with gates[1 - which]:
                        pass
            elif kind == "post":
                await semaphore.post()
            elif kind == "take":
                await semaphore.wait()
            elif kind == "read":
                await rw.rdlock()
                await rw.unlock()
            elif kind == "write":
                await rw.wrlock()
                await rw.unlock()
            elif kind == "signal":
                async with guard:
                    await condition.signal()
            elif kind == "wait":
                async with guard:
                    await condition.wait(guard)
            elif kind == "kill":
                await process.kill(process.pid, process.kernel.number("SIGUSR1"))
            elif kind == "yield":
                await m.yield_now()
            elif kind == "sleep":
                await m.sleep(0.001)
            elif kind == "exit":
                await m.checkpoint("exit")
                process.exit(which)
            elif kind == "check":
                assert await word.load() != 2
            elif kind == "choose":
                await word.store(m.choose(2))

        async def body(steps: tuple[Step, ...]) -> None:
            for kind, which in steps:
                await do(kind, which)

        threads = [m.spawn(body, steps, name=f"T{n}") for n, steps in enumerate(program)]
        if join:
            for thread in threads:
                await thread.join()
            await words[0].load()

    chaos = Plan((Fault("segv-low", at="*", thread="T0"),)) if faults else None
    return scenario(expect={"only": None}, chaos=chaos)(generated)
