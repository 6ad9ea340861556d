"""What earlier runs say about the threads of the next."""

from __future__ import annotations

from emu.engine.carrier import open_carriers
from emu.engine.machine import Machine
from emu.engine.scenario import setup
from emu.search.calibration import Calibration, Measure
from emu.search.census import Census, Tally
from emu.search.strategies import parse_strategy
from emu.search.strategy import Strategy
from tests.search.tiny import deadlock01


def tally(name: str, parent: str = "", **accesses: int) -> Tally:
    return Tally(name, parent, ("load", "x"), tuple(accesses.items()))


async def measured(chooser: Strategy) -> Measure:
    """What a run of deadlock01 that deadlocks nowhere is measured to be."""
    async with open_carriers() as carriers:
        history = await Machine(setup(deadlock01), chooser, carriers).run()
    return chooser.measure(history.steps)


FAMILY = (tally("main", x=1), tally("A", "main", x=2, y=4), tally("B", "A", y=8))


def test_what_descendants_do_is_expected_of_their_parent() -> None:
    assert Census((FAMILY,)).expected() == {"main": 15, "A": 14, "B": 8}


def test_accesses_to_one_target_are_counted_alone() -> None:
    assert Census((FAMILY,)).expected("y") == {"main": 12, "A": 12, "B": 8}


def test_the_mean_of_the_runs_that_had_the_thread_is_expected() -> None:
    runs = ((tally("main", x=4),), (tally("main", x=7), tally("A", x=1)))

    assert Census(runs).expected() == {"main": 6, "A": 1}


def test_contended_is_what_two_threads_of_one_run_came_to() -> None:
    apart = ((tally("A", x=1, z=5),), (tally("B", x=1), tally("A", y=2), tally("C", y=3)))

    assert Census(apart).contended == (("y", 5),)


def test_what_names_no_target_is_not_contended() -> None:
    both = tuple(Tally(name, "", ("work", ""), (("", 5),)) for name in "AB")

    assert Census((both,)).contended == ()


async def test_a_run_tells_who_started_whom_and_what_each_did() -> None:
    """T1: two locks, a load and a store, two unlocks."""
    chooser = parse_strategy("urw").make(0, 1, Calibration())
    measure = await measured(chooser)

    main, t1, _ = measure.threads
    assert (main.name, main.parent) == ("main", "")
    assert (t1.name, t1.parent, t1.first) == ("T1", "main", ("lock", "a"))
    assert dict(t1.accesses) == {"a": 2, "b": 2, "counter": 2}


async def test_who_only_counts_for_others_counts_until_somebody_has() -> None:
    known = Calibration((Measure(9, threads=FAMILY),))

    first = await measured(parse_strategy("random").make(0, 1, Calibration()))
    later = await measured(parse_strategy("random").make(0, 1, known))

    assert first.threads
    assert not later.threads
