"""Whoever uses emu wrongly is told what, where and what is allowed."""

from __future__ import annotations

import re

import pytest
import trio
import trio.lowlevel

from emu.engine.checkpoint import checkpoint
from emu.engine.machine import Machine
from emu.errors import UsageError
from emu.record.history import History
from tests.engine.programs import Program, run


async def crashed(program: Program) -> str:
    history: History = await run(program)
    assert history.outcome.name == "crash"
    (finding,) = history.findings
    return finding.sentence


async def test_an_await_of_something_foreign_is_named_by_thread_file_and_line() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            await trio.sleep(1)

        m.spawn(child, name="child")

    sentence = await crashed(program)

    assert re.fullmatch(
        r"child: awaited something that is not emu's at test_misuse\.py:\d+", sentence
    )


async def test_a_foreign_await_in_a_handler_is_named_too() -> None:
    async def program(m: Machine) -> None:
        async def handler() -> None:
            await trio.lowlevel.checkpoint()

        m.interrupt(m.current, handler)
        await m.checkpoint()

    assert "not emu's at test_misuse.py:" in await crashed(program)


async def test_a_foreign_await_does_not_disturb_the_other_machines() -> None:
    async def program(m: Machine) -> None:
        with pytest.raises(Exception, match=r"test_misuse\.py"):
            await trio.lowlevel.checkpoint()
        await m.checkpoint()

    assert (await run(program)).outcome.name == "ok"


async def test_a_forgotten_await_is_named_by_thread_file_and_line() -> None:
    async def program(m: Machine) -> None:
        m.note("about to forget")
        m.sleep(1)  # type: ignore[unused-coroutine]
        await m.checkpoint()

    sentence = await crashed(program)

    assert re.fullmatch(
        r"main: Machine\.sleep was called without `await` near test_misuse\.py:\d+", sentence
    )


async def test_a_body_that_is_no_async_function_is_named() -> None:
    async def program(m: Machine) -> None:
        m.spawn(lambda: None, name="plain")  # type: ignore[arg-type,return-value]
        await m.sleep(1)

    assert await crashed(program) == "plain: its function is not an `async def`"


async def test_a_body_with_the_wrong_arguments_is_a_crash() -> None:
    async def program(m: Machine) -> None:
        async def child(number: int) -> None:
            pass

        m.spawn(child, name="child")
        await m.sleep(1)

    assert "TypeError" in await crashed(program)


async def test_ten_thousand_threads_are_too_many() -> None:
    async def program(m: Machine) -> None:
        async def child() -> None:
            await m.sleep(1)

        for _ in range(10_000):
            m.spawn(child)

    sentence = await crashed(program)

    assert re.fullmatch(
        r"main: spawn: this machine has 5000 threads already; "
        r"allowed is watchdog\.threads = 5000 at test_misuse\.py:\d+",
        sentence,
    )


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda m: m.sleep(-1), "sleep: -1 seconds; allowed is a number from 0"),
        (lambda m: m.choose(0), "choose: 0 options; allowed is a whole number from 1"),
    ],
    ids=["sleep", "choose"],
)
async def test_a_value_that_is_not_allowed_is_answered(call: Program, sentence: str) -> None:
    async def program(m: Machine) -> None:
        await call(m)

    assert sentence in await crashed(program)


async def test_a_checkpoint_outside_a_thread_is_refused() -> None:
    with pytest.raises(UsageError, match="outside an emulated thread"):
        await checkpoint()
