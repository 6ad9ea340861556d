"""Fingerprints: equal for schedules of one order, and for no others."""

from __future__ import annotations

from typing import Any

from emu.analysis.fingerprint import fingerprint
from emu.engine.machine import Machine
from emu.engine.scenario import Scenario, scenario, setup
from emu.posix.memory import Word
from emu.posix.mutex import Mutex
from emu.record.history import History
from emu.record.log import write_history
from emu.record.reading import read_history
from emu.record.tape import parse_tape
from emu.search.replay import replay


@scenario()
async def two_words(m: Machine, *, shared: bool = False) -> None:
    """Each of two threads stores to a word of its own, or both to one."""
    one, two = Word(m, "one"), Word(m, "two")
    for word in (one, one if shared else two):
        m.spawn(word.store, 1)


@scenario()
async def looks(m: Machine) -> None:
    """Two threads look at one word."""
    word = Word(m, "word")
    m.spawn(word.load)
    m.spawn(word.load)


@scenario()
async def locks(m: Machine) -> None:
    """Two threads take one lock."""
    lock = Mutex(m, "lock")

    async def worker() -> None:
        async with lock:
            await m.checkpoint("work")

    m.spawn(worker)
    m.spawn(worker)


async def run(program: Scenario, tape: str, **params: Any) -> History:
    return await replay(setup(program, params), parse_tape(tape))


async def test_the_order_of_stores_to_two_words_leaves_no_mark() -> None:
    one, other = await run(two_words, "emu1:"), await run(two_words, "emu1:1t1")

    assert one.digest != other.digest
    assert fingerprint(one) == fingerprint(other)


async def test_the_order_of_stores_to_one_word_does() -> None:
    one = await run(two_words, "emu1:", shared=True)
    other = await run(two_words, "emu1:1t1", shared=True)

    assert fingerprint(one) != fingerprint(other)


async def test_the_order_of_looks_leaves_no_mark() -> None:
    one, other = await run(looks, "emu1:"), await run(looks, "emu1:1t1")

    assert fingerprint(one) == fingerprint(other)


async def test_having_to_wait_for_a_lock_leaves_no_mark() -> None:
    one, other = await run(locks, "emu1:"), await run(locks, "emu1:3t1")

    assert [raw[0] for raw in one.raw] != [raw[0] for raw in other.raw]
    assert fingerprint(one) == fingerprint(other)


async def test_a_history_that_was_read_back_has_the_same(tmp_path: Any) -> None:
    history = await run(locks, "emu1:")
    write_history(history, tmp_path / "log.jsonl", level="all")

    assert fingerprint(read_history(tmp_path / "log.jsonl")) == fingerprint(history)


async def test_it_is_equal_on_every_machine() -> None:
    assert fingerprint(await run(looks, "emu1:")) == "fbd95e4de8aa19cf"
