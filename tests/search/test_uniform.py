"""URW and SURW: orders that are all as likely as each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from emu.engine.carrier import open_carriers
from emu.engine.machine import Machine
from emu.engine.scenario import Scenario, scenario, setup
from emu.posix.memory import Word
from emu.record.history import History
from emu.search.calibration import Calibration, Measure
from emu.search.census import Tally
from emu.search.draw import seed_of_run
from emu.search.explore import explore
from emu.search.strategies import parse_strategy
from emu.search.surw import SelectiveWalk
from emu.search.urw import UniformWalk
from tests.search.tiny import polling

RUNS = 4_096


@scenario()
async def independent(m: Machine, *, short: int = 2, long: int = 4) -> None:
    """Two threads of so many steps each, which have nothing to do with each other."""

    async def worker(steps: int) -> None:
        for _ in range(steps):
            await m.checkpoint("step")
            m.note("step")

    m.spawn(worker, short, name="short")
    m.spawn(worker, long, name="long")


@scenario()
async def nested(m: Machine) -> None:
    """Of two threads, one starts a third half-way."""

    async def leaf() -> None:
        for _ in range(2):
            await m.checkpoint("step")
            m.note("step")

    async def branch() -> None:
        await m.checkpoint("step")
        m.note("step")
        m.spawn(leaf, name="leaf")

    m.spawn(branch, name="branch")
    m.spawn(leaf, name="other")


@scenario()
async def noisy(m: Machine) -> None:
    """Two threads come to one word twice each; one of them also does much else."""
    word = Word(m, "word")

    async def worker(noise: int) -> None:
        for _ in range(2):
            for _ in range(noise):
                await m.checkpoint("work")
            await word.store(1)

    m.spawn(worker, 0, name="short")
    m.spawn(worker, 5, name="long")


async def orders(program: Scenario, strategy: str, kind: str, **params: Any) -> Counter[str]:
    """How often the events of one kind came in which order of threads, by their initials."""
    counts: Counter[str] = Counter()
    async for history in histories(program, strategy, **params):
        initials = [raw[3][0] for raw in history.raw if raw[0] == kind and raw[3] != "main"]
        counts["".join(initials)] += 1
    return counts


async def histories(program: Scenario, strategy: str, **params: Any) -> AsyncIterator[History]:
    """Many runs, calibrated by one before them."""
    recipe = parse_strategy(strategy)
    calibration = Calibration()
    async with open_carriers() as carriers:
        for run in range(RUNS + 1):
            chooser = recipe.make(0, seed_of_run(1, run), calibration)
            history: History = await Machine(setup(program, params), chooser, carriers).run()
            if run == 0:
                calibration = Calibration((chooser.measure(history.steps),))
            else:
                yield history


def chi_square(counts: Counter[str], cells: int) -> float:
    """How far the counts are from `cells` equal ones."""
    expected = counts.total() / cells
    missing = (cells - len(counts)) * expected
    return missing + sum((count - expected) ** 2 / expected for count in counts.values())


async def test_urw_gives_every_interleaving_of_independent_steps_the_same_chance() -> None:
    counts = await orders(independent, "urw", "note")

    assert len(counts) == 15
    assert chi_square(counts, 15) < 36.1, counts  # 14 degrees of freedom, 1 in 1,000


async def test_the_random_walk_does_not() -> None:
    counts = await orders(independent, "random", "note")

    assert chi_square(counts, 15) > 200


async def test_urw_counts_what_a_thread_is_going_to_start() -> None:
    """branch, leaf, leaf in this order, and other twice, make ten interleavings."""
    counts = await orders(nested, "urw", "note")

    assert len(counts) == 10
    assert chi_square(counts, 10) < 27.9, counts  # 9 degrees of freedom, 1 in 1,000


async def test_surw_gives_every_order_of_the_accesses_the_same_chance() -> None:
    """Of what is done to the word, whatever else the threads do."""
    counts = await orders(noisy, "surw", "word.store")

    assert len(counts) == 6
    assert chi_square(counts, 6) < 20.5, counts  # 5 degrees of freedom, 1 in 1,000


async def test_surw_is_urw_where_nothing_is_contended() -> None:
    counts = await orders(independent, "surw", "note")

    assert chi_square(counts, 15) < 36.1, counts


def threads(*tallies: Tally) -> Calibration:
    return Calibration((Measure(10, threads=tallies),))


def tally(name: str, **accesses: int) -> Tally:
    return Tally(name, "main", ("load", "x"), tuple(accesses.items()))


def test_surw_draws_the_thing_by_its_accesses() -> None:
    known = threads(tally("A", x=3, y=1), tally("B", x=3, y=1, z=90))

    drawn = Counter(SelectiveWalk(seed, known)._target for seed in range(1_000))

    assert drawn["x"] == pytest.approx(750, abs=45)
    assert drawn["y"] == pytest.approx(250, abs=45)
    assert "z" not in drawn


def test_without_an_earlier_run_urw_is_a_random_walk() -> None:
    assert UniformWalk(1, Calibration())._expected == {}


@pytest.mark.parametrize("strategy", ["urw", "surw"])
async def test_who_polls_does_not_starve_whom_it_polls_for(strategy: str) -> None:
    found = await explore(setup(polling), strategy, runs=200, stop="budget")

    assert found.outcomes == {"ok": 200}
