"""Shared words: each access is one event and one checkpoint."""

from __future__ import annotations

import pytest

from emu.posix.memory import Atomic, Word
from emu.posix.mutexattr import MutexAttr
from tests.posix.harness import Row, Table, run, seen

table = Table()


@table.row("loads and stores", seeds=0)
async def load_and_store(m, p):
    word = Word(m, "w", 1)
    await word.store(2)
    assert await word.load() == 2


@table.row("exchange gives the old value", seeds=0)
async def exchange(m, p):
    word = Atomic(m, "w", 1)
    assert await word.exchange(2) == 1
    assert word.value == 2


@table.row("compare and swap", seeds=0)
async def compare_and_swap(m, p):
    word = Atomic(m, "w", 1)
    assert not await word.compare_and_swap(5, 6)
    assert word.value == 1
    assert await word.compare_and_swap(1, 6)
    assert word.value == 6


@table.row("add gives the sum", seeds=0)
async def add(m, p):
    assert await Atomic(m, "w", 1).add(-3) == -2


@table.row("atomic additions are never lost", seeds=30)
async def atomic_adds(m, p):
    word = Atomic(m, "w")

    async def adder():
        for _ in range(5):
            await word.add(1)

    threads = [await p.thr_new(adder) for _ in range(3)]
    for thread in threads:
        await thread.join()
    assert word.value == 15


def test_a_load_and_a_store_can_lose_an_update() -> None:
    values = set()

    async def program(m, p):
        word = Word(m, "w")

        async def adder():
            await word.store(await word.load() + 1)

        threads = [await p.thr_new(adder) for _ in range(2)]
        for thread in threads:
            await thread.join()
        values.add(word.value)

    for seed in range(20):
        run(program, seed=seed)
    assert values == {1, 2}


def test_the_log_tells_plain_from_atomic() -> None:
    async def program(m, p):
        await Word(m, "w").load()
        await Atomic(m, "a").load()

    assert seen(run(program), "word.load", "atomic") == [False, True]


def test_a_value_that_is_not_plain_shows_as_its_type() -> None:
    async def program(m, p):
        await Word(m, "w").store(p)

    assert seen(run(program), "word.store", "value") == ["Process"]


def test_an_unknown_mutex_type_leaves_the_attribute() -> None:
    async def program(m, p):
        attributes = MutexAttr(m)
        assert attributes.gettype() == "normal"
        assert attributes.settype("recursive") == 0
        for wrong in (-1, 99, "other"):
            assert attributes.settype(wrong) == p.kernel.errno("EINVAL")
        assert attributes.gettype() == "recursive"

    assert run(program).outcome.name == "ok"


@pytest.mark.parametrize("row", table, ids=table.ids)
def test_row(row: Row) -> None:
    row.check()
