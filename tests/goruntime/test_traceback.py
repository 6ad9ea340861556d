"""Tracebacks print what the symbol table says, and no more."""

from __future__ import annotations

import pytest

from emu.goruntime.knobs import Knobs
from emu.goruntime.m import G
from emu.goruntime.runtime import Runtime
from emu.goruntime.symtab import Func
from emu.goruntime.text import END, TEXT
from emu.goruntime.traceback import STEPS
from tests.goruntime.programs import go


async def test_a_full_trace_has_function_file_and_line() -> None:
    async def main(rt: Runtime) -> None:
        await rt.panic.panic("stop")

    ran = await go(main)
    at = ran.output.index("main.main(...)")

    assert ran.output[at + 1] == "\tmain.go:10"


async def test_frames_come_innermost_first() -> None:
    async def main(rt: Runtime) -> None:
        await rt.panic.panic("stop")

    output = (await go(main)).output

    assert output.index("runtime.panic(...)") < output.index("main.main(...)")


async def test_a_trace_says_who_created_the_goroutine() -> None:
    async def worker(rt: Runtime) -> None:
        await rt.panic.panic("stop")

    async def main(rt: Runtime) -> None:
        await rt.checkpoint("work")

    ran = await go(main, worker, knobs=Knobs(gomaxprocs=2))

    assert "created by main.main" in ran.output


async def test_every_other_goroutine_is_printed_too() -> None:
    async def main(rt: Runtime) -> None:
        await rt.panic.panic("stop")

    async def worker(rt: Runtime) -> None:
        while not rt.panic.panicking:
            await rt.machine.yield_now()

    ran = await go(main, worker, knobs=Knobs(gomaxprocs=2))
    headers = [line for line in ran.output if line.startswith("goroutine ")]

    assert len(headers) == 2


async def test_a_record_without_a_frame_size_is_walked_word_by_word_up_to_a_limit() -> None:
    async def main(rt: Runtime) -> None:
        rt.symtab.func = [*(Func() for _ in TEXT), Func(entry=END)]
        rt.symtab.nfunc = len(TEXT)
        rt.symtab.funcinit = 1
        gp = G("deep", None, frames=["runtime.goexit"] * (2 * STEPS))
        await rt.traceback.traceback(gp)
        assert rt.traceback.quality == "hidden frames"

    ran = await go(main)

    assert ran.outcome == "ok"
    assert not ran.output


@pytest.mark.parametrize(
    ("func", "quality"), [(None, "no symbols"), ([Func(), Func()], "no frames")]
)
async def test_a_table_that_is_not_there_is_not_one_that_is_being_filled(
    func: list[Func] | None, quality: str
) -> None:
    async def main(rt: Runtime) -> None:
        rt.symtab.func = func
        rt.symtab.nfunc = 0
        rt.symtab.funcinit = 1
        await rt.traceback.traceback(G("waiting", None, frames=["main.main"]))
        assert rt.traceback.quality == quality

    assert (await go(main)).outcome == "ok"


async def test_without_gotraceback_nothing_is_printed_of_stacks() -> None:
    async def main(rt: Runtime) -> None:
        await rt.panic.panic("stop")

    assert (await go(main, knobs=Knobs(gotraceback=0))).output == ["panic: stop"]


async def test_a_creator_outside_the_text_is_not_named() -> None:
    async def worker() -> None:
        raise AssertionError

    async def main(rt: Runtime) -> None:
        await rt.sched.newproc(worker, "main.worker", creator="main.elsewhere")
        await rt.panic.panic("stop")

    ran = await go(main)

    assert (ran.outcome, any("created by" in line for line in ran.output)) == ("exit 2", False)
