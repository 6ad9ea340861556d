"""Scenario code that never reaches a checkpoint is broken by real time."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable

import pytest
import trio

from emu.engine.machine import Machine
from emu.engine.watchdog import Limits, real_time
from emu.record.history import History
from tests.engine.programs import Program, run

SOON = Limits(real=300_000_000)


def watched(program: Program, limits: Limits = SOON) -> History:
    async def main() -> History:
        return await run(program, limits=limits)

    with real_time() as guard:
        assert guard.active
        return trio.run(main)


async def spins(m: Machine) -> None:
    while True:
        pass


async def sleeps(m: Machine) -> None:
    time.sleep(600)  # noqa: ASYNC251 - that is the mistake


async def computes_in_a_child(m: Machine) -> None:
    async def child() -> None:
        await m.checkpoint()
        total = 0
        while total >= 0:
            total += 1

    m.spawn(child, name="child")


@pytest.mark.parametrize(
    ("program", "thread"), [(spins, "main"), (sleeps, "main"), (computes_in_a_child, "child")]
)
def test_code_that_never_reaches_a_checkpoint_is_unknown_by_thread_file_and_line(
    program: Callable[[Machine], Awaitable[None]], thread: str
) -> None:
    history = watched(program)

    assert history.outcome.name == "unknown"
    assert re.fullmatch(
        rf"{thread} ran at test_real_time\.py:\d+ without a checkpoint for 300ms of real time "
        r"\(watchdog\.real\)",
        history.outcome.reason,
    )


def test_a_scenario_that_swallows_everything_is_broken_too() -> None:
    async def program(m: Machine) -> None:
        while True:
            try:
                time.sleep(600)  # noqa: ASYNC251 - that is the mistake
            except Exception:
                m.note("swallowed")

    assert watched(program).outcome.name == "unknown"


def test_a_run_that_keeps_reaching_checkpoints_may_take_as_long_as_it_likes() -> None:
    async def program(m: Machine) -> None:
        for _ in range(5):
            time.sleep(0.2)  # noqa: ASYNC251 - slow, but it gets there
            await m.checkpoint()

    assert watched(program).outcome.name == "ok"


def test_code_that_spins_while_it_is_unwound_is_broken_too() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            try:
                await m.sleep(600)
            finally:
                while True:
                    pass

        m.spawn(child, name="child")
        await m.sleep(1)
        raise AssertionError

    history = watched(program)

    assert history.outcome.name == "assertion"
