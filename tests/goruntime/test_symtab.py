"""The symbol table while it is built: what a reader that skips the lock gets in each phase."""

from __future__ import annotations

import pytest

from emu.chaos.entries import Fault
from emu.goruntime.knobs import Knobs
from emu.goruntime.runtime import Runtime
from emu.goruntime.symtab import Func
from emu.goruntime.text import SYMBOLS, TEXT, pc_in
from tests.goruntime.programs import go

HERE = pc_in("runtime.gc")
LAST = TEXT[-1].name
LAST_BUT_ONE = TEXT[-2].name

FAULT = "null dereference"


async def seen_in(phase: str, pc: int = HERE, at: int = 1) -> object:
    """What a reader gets that skips the lock at the `at`-th checkpoint of a phase."""
    found: list[object] = []

    async def main(rt: Runtime) -> None:
        checkpoint = rt.checkpoint
        count = 0

        async def peek(*operation: str) -> str | None:
            nonlocal count
            if rt.machine.current.region.endswith(phase):
                count += 1
                if count == at:
                    found.append(await skipping(rt, pc))
            return await checkpoint(*operation)

        rt.checkpoint = peek  # type: ignore[assignment]
        await rt.symtab.findfunc(0)

    ran = await go(main)
    if not found:
        return FAULT if "addr=0x28" in " ".join(ran.output) else ran.outcome
    return found[0]


async def skipping(rt: Runtime, pc: int) -> Func | None:
    found = await rt.symtab._search(pc)
    return None if found is None else Func(found.name, 0, found.words, found.file, found.line)


@pytest.mark.parametrize(
    ("phase", "name"),
    [("phase3", None), ("phase4", ""), ("phase5", None), ("phase7", "runtime.gc")],
)
async def test_a_skipping_reader_gets(phase: str, name: str | None) -> None:
    found = await seen_in(phase)

    assert (found.name if isinstance(found, Func) else found) == name


@pytest.mark.parametrize(("phase", "at"), [("phase1", 2), ("phase2", 1)])
async def test_a_skipping_reader_faults_while_the_pointer_is_nil(phase: str, at: int) -> None:
    assert await seen_in(phase, at=at) == FAULT


async def test_before_the_first_symbol_is_counted_there_is_nothing() -> None:
    assert await seen_in("phase1", at=1) is None


async def test_in_phase_4_the_record_has_no_frame_size() -> None:
    found = await seen_in("phase4")

    assert isinstance(found, Func)
    assert found.words == 0


async def test_in_phase_6_the_last_function_hides_the_one_before() -> None:
    found = await seen_in("phase6", pc_in(LAST_BUT_ONE), at=2)

    assert isinstance(found, Func)
    assert found.name == LAST


async def test_in_phase_7_there_is_no_line() -> None:
    found = await seen_in("phase7")

    assert isinstance(found, Func)
    assert found.line == 0


async def test_in_phase_8_there_is_no_file() -> None:
    found = await seen_in("phase8")

    assert isinstance(found, Func)
    assert (found.line > 0, found.file) == (True, "")


@pytest.mark.parametrize("name", SYMBOLS)
async def test_the_complete_table_is_right(name: str) -> None:
    async def main(rt: Runtime) -> None:
        found = await rt.symtab.findfunc(pc_in(name))
        assert found is not None
        assert (found.name, found.file) == (name, SYMBOLS[name].file)

    assert (await go(main)).outcome == "ok"


@pytest.mark.parametrize("pc", [0, TEXT[0].entry - 1, TEXT[-1].entry + 0x100])
async def test_an_address_outside_the_text_has_no_function(pc: int) -> None:
    async def main(rt: Runtime) -> None:
        assert await rt.symtab.findfunc(pc) is None

    assert (await go(main)).outcome == "ok"


async def test_the_table_is_built_once() -> None:
    async def main(rt: Runtime) -> None:
        await rt.symtab.findfunc(HERE)
        await rt.symtab.findfunc(HERE)

    ran = await go(main)

    assert ran.objects("lock.acquire").count("funclock") == 1


@pytest.mark.parametrize("flag", ["mallocing", "gcing"])
@pytest.mark.parametrize("fix", [False, True])
async def test_the_fix_skips_the_build_under_a_flag(flag: str, fix: bool) -> None:
    async def main(rt: Runtime) -> None:
        setattr(rt.m, flag, 1)
        assert await rt.symtab.findfunc(HERE) is None
        setattr(rt.m, flag, 0)

    ran = await go(main, knobs=Knobs(seed1_fix=fix, nested_malloc="block"))

    assert ("funclock" in ran.objects("lock.acquire")) is not fix


@pytest.mark.parametrize("phase", ["phase2", "phase4", "phase8"])
async def test_the_builder_itself_is_in_malloc_with_funclock_held(phase: str) -> None:
    async def main(rt: Runtime) -> None:
        await rt.symtab.findfunc(0)

    ran = await go(
        main,
        chaos=Fault("segv-high", at=f"{phase}/mallocgc/clear mallocing"),
        knobs=Knobs(gotraceback=0),
    )

    assert ran.rt.m0.mallocing == 1
    assert "funclock" not in ran.objects("lock.release")


@pytest.mark.parametrize("symtab", ["lazy", "at_bootstrap"])
async def test_the_table_is_there_before_main_only_at_bootstrap(symtab: str) -> None:
    async def main(rt: Runtime) -> None:
        assert bool(rt.symtab.funcinit) is (symtab == "at_bootstrap")

    ran = await go(main, knobs=Knobs(symtab=symtab))  # type: ignore[arg-type]

    assert ran.outcome == "ok"
