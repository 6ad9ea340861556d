"""The end of a run cannot hang, whatever scenario code does about it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from emu.engine.carrier import open_carriers
from emu.engine.chooser import Chooser
from emu.engine.machine import Machine
from emu.engine.watchdog import Limits
from emu.record.finding import Outcome
from tests.engine.programs import Lock, made, run, trail

ROOT = Path(__file__).parents[2]


async def test_a_finally_that_awaits_does_not_hang() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            try:
                await m.sleep(600)
            finally:
                await m.sleep(600)

        m.spawn(child)
        await m.sleep(1)
        raise AssertionError

    assert (await run(program)).outcome.name == "assertion"


async def test_code_that_swallows_every_exception_in_a_loop_does_not_hang() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            while True:
                with suppress(BaseException):
                    await m.sleep(600)

        m.spawn(child, name="child")
        await m.sleep(1)
        raise AssertionError

    assert (await run(program)).outcome.name == "assertion"


async def test_the_evidence_is_taken_before_anything_is_torn_down() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            try:
                await m.sleep(600)
            finally:
                m.note("unwound")

        m.spawn(child)
        await m.sleep(1)
        raise AssertionError

    history = await run(program)

    assert trail(history) == []
    assert [one.thread for one in history.findings[0].blocked] == ["T1"]


async def test_what_unwinding_raises_changes_nothing() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            try:
                await m.sleep(600)
            finally:
                raise ZeroDivisionError

        m.spawn(child)
        await m.sleep(1)
        raise AssertionError

    assert (await run(program)).outcome.name == "assertion"


async def test_every_thread_is_unwound_oldest_first() -> None:
    order: list[str] = []

    async def program(m: Machine) -> None:
        async def child(name: str) -> None:
            try:
                await m.sleep(600)
            finally:
                order.append(name)

        for name in "abc":
            m.spawn(child, name)
        await m.sleep(1)
        m.exit(Outcome("exit 3"))

    history = await run(program)

    assert history.outcome.name == "exit 3"
    assert order == ["a", "b", "c"]


async def test_more_threads_than_patience_are_unwound_each_to_its_end() -> None:
    unwound: list[int] = []

    async def program(m: Machine) -> None:
        async def child(number: int) -> None:
            try:
                async with Lock(m, f"lock {number}"):
                    await m.sleep(600)
            finally:
                unwound.append(number)

        for number in range(1_500):
            m.spawn(child, number)
        await m.sleep(1)
        raise AssertionError

    await run(program, limits=Limits(steps=100_000))

    assert len(unwound) == 1_500


async def test_a_thread_that_never_ran_does_not_run_at_the_end() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            ran.append("child")

        m.spawn(child)
        raise AssertionError

    ran: list[str] = []
    await run(program)

    assert ran == []


async def test_the_same_carriers_serve_the_next_run() -> None:
    async def bad(m: Machine) -> None:
        async def child() -> None:
            with suppress(BaseException):
                await m.sleep(600)

        m.spawn(child)
        await m.sleep(1)
        raise AssertionError

    async def good(m: Machine) -> None:
        await m.spawn(m.checkpoint).join()

    async with open_carriers() as carriers:
        for _ in range(20):
            history = await Machine(made(bad), Chooser(), carriers).run()
            assert history.outcome.name == "assertion"
            history = await Machine(made(good), Chooser(), carriers).run()
            assert history.outcome.name == "ok"


async def test_only_the_first_end_counts() -> None:
    async def program(m: Machine) -> None:
        m.end(Outcome("exit 3"))
        m.end(Outcome("exit 4"))

    assert (await run(program)).outcome.name == "exit 3"


def test_a_body_that_never_ends_does_not_keep_the_interpreter_from_ending() -> None:
    program = (
        "import trio\n"
        "from tests.engine.programs import run\n"
        "async def program(m):\n"
        "    async def child():\n"
        "        while True:\n"
        "            try:\n"
        "                await m.sleep(600)\n"
        "            except BaseException:\n"
        "                pass\n"
        "    m.spawn(child)\n"
        "    await m.sleep(1)\n"
        "    raise AssertionError\n"
        "print(trio.run(run, program).outcome.name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, timeout=30, cwd=ROOT
    )

    assert done.stdout == b"assertion\n"
    assert done.stderr == b""
