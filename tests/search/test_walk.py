"""The random walk and bursts: who runs next."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from types import SimpleNamespace
from typing import Any, cast

import pytest

from emu.engine.scenario import setup
from emu.search.bursts import Bursts
from emu.search.calibration import Calibration, Measure
from emu.search.explore import run_once
from emu.search.walk import RandomWalk
from tests.search.tiny import calm

THREADS: Any = [SimpleNamespace(id=number) for number in range(5)]


def test_the_walk_takes_every_thread_about_as_often() -> None:
    walk = RandomWalk(1, Calibration())
    taken = Counter(walk.thread(step, THREADS, 2) for step in range(5_000))

    assert sorted(taken) == [0, 1, 2, 3, 4]
    assert min(taken.values()) > 900


def turns(seed: int, horizon: int) -> list[int]:
    """How many turns each thread got in a row, when bursts decided 2,000 steps."""
    bursts = Bursts(seed, Calibration((Measure(horizon),)))
    machine = bursts.machine = cast("Any", SimpleNamespace(current=THREADS[0]))
    order = []
    for step in range(1, 2_001):
        here = machine.current.id
        machine.current = THREADS[(here + bursts.thread(step, THREADS, here)) % len(THREADS)]
        order.append(machine.current.id)
    return [len(list(group)) for _, group in groupby(order)]


def test_some_bursts_are_short_and_some_are_as_long_as_a_run() -> None:
    means = [sum(found) / len(found) for found in (turns(seed, 256) for seed in range(40))]

    assert min(means) < 4
    assert max(means) > 60


def test_a_burst_goes_on_when_a_thread_became_runnable() -> None:
    bursts = Bursts(1, Calibration((Measure(256),)))
    bursts.machine = cast("Any", SimpleNamespace(current=THREADS[3]))
    bursts.thread(1, THREADS, 3)
    bursts.quiet_until = 50

    assert [bursts.thread(step, THREADS, 3) for step in range(2, 50)] == [0] * 48


def test_a_burst_ends_when_its_thread_cannot_go_on() -> None:
    bursts = Bursts(1, Calibration((Measure(256),)))
    bursts.machine = cast("Any", SimpleNamespace(current=SimpleNamespace(id=9)))
    bursts.quiet_until = 5_000
    taken = set()
    for step in range(100):
        taken.add(bursts.thread(step, THREADS, 3))
        bursts.quiet_until = 5_000

    assert taken == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("strategy", ["random", "pct", "bursts", "rotation"])
async def test_a_seed_gives_one_schedule(strategy: str) -> None:
    one, other = [await run_once(setup(calm), strategy, 11) for _ in range(2)]

    assert one == other


async def test_two_seeds_give_two_schedules() -> None:
    digests = {(await run_once(setup(calm), "random", seed)).digest for seed in range(20)}

    assert len(digests) == 20
