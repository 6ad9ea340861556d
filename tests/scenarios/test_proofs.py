"""The fixes of both Go bugs, within every schedule of a small bound."""

from __future__ import annotations

from emu.engine.scenario import setup
from emu.scenarios.malloc_fault import fault_in_malloc_among
from emu.scenarios.thread_start import signal_at_thread_start
from emu.search.answer import Exhausted
from emu.search.exhaustive import exhaust


async def test_no_one_signal_kills_a_thread_that_starts_once_that_is_fixed() -> None:
    found = await exhaust(setup(signal_at_thread_start, {"fix": True}), bound=1, stop="budget")

    assert (found.answer, list(found.outcomes)) == (Exhausted(1), ["ok"])


async def test_no_one_fault_in_malloc_deadlocks_two_ms_once_that_is_fixed() -> None:
    found = await exhaust(setup(fault_in_malloc_among, {"fix": True}), bound=1, stop="budget")

    assert (found.answer, sorted(found.outcomes)) == (Exhausted(1), ["exit 2", "ok"])
