"""No two objects of a run share a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emu.engine.machine import Machine
from emu.gosync.channel import Channel, NilChannel
from emu.gosync.cond import Cond
from emu.gosync.context import Context
from emu.gosync.mutex import Mutex as GoMutex
from emu.gosync.once import Once as GoOnce
from emu.gosync.rwmutex import RWMutex
from emu.gosync.waitgroup import WaitGroup
from emu.posix.barrier import Barrier
from emu.posix.condvar import Condition
from emu.posix.memory import Atomic, Word
from emu.posix.mutex import Mutex
from emu.posix.once import Once
from emu.posix.pipe import Pipe
from emu.posix.rwlock import RWLock
from emu.posix.semaphore import Semaphore
from emu.posix.spin import Spin
from tests.engine.programs import run

KINDS: list[Callable[[Machine, str], Any]] = [
    *(Atomic, Condition, Mutex, Once, Pipe, RWLock, Semaphore, Spin, Word),
    lambda m, name: Barrier(m, name, 2),
    *(Channel, Cond, Context, GoMutex, GoOnce, RWMutex, WaitGroup),
]


async def names(*kinds: Callable[[Machine, str], Any]) -> list[str]:
    """What objects of these kinds are called that all want to be `a`."""
    given: list[str] = []

    async def program(m: Machine) -> None:
        given.extend(made(m, "a").name for made in kinds)

    assert (await run(program)).outcome.name == "ok"
    return given


@pytest.mark.parametrize("kind", KINDS)
async def test_a_name_that_is_taken_gets_a_number(kind: Callable[[Machine, str], Any]) -> None:
    assert await names(Mutex, kind) == ["a", "a~2"]


async def test_an_object_may_be_called_like_a_thread() -> None:
    async def program(m: Machine) -> None:
        assert Mutex(m, m.current.name).name == m.current.name

    assert (await run(program)).outcome.name == "ok"


async def test_a_channel_that_there_is_none_of_has_no_number() -> None:
    assert await names(NilChannel, NilChannel) == ["a", "a"]


async def test_a_lock_is_told_from_another_of_its_name_in_the_log() -> None:
    async def program(m: Machine) -> None:
        for mutex in (Mutex(m, "mu"), Mutex(m, "mu")):
            async with mutex:
                pass

    acquired = [one.object for one in (await run(program)).events if one.event == "lock.acquire"]
    assert acquired == ["mu", "mu~2"]
