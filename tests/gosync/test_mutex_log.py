"""Every acquisition of a mutex says who kept its thread waiting."""

from __future__ import annotations

from emu.engine.scenario import setup
from emu.scenarios.sctbench import lazy01
from emu.search.explore import run_once


async def test_a_contended_acquisition_names_the_holder() -> None:
    for seed in range(20):
        history = await run_once(setup(lazy01), "random", seed)
        taken = [event.fields for event in history.events if event.event == "lock.acquire"]

        assert all(bool(one["held_by"]) is one["contended"] for one in taken)
