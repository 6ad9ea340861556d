"""On the same steps, emu's strategies need as many schedules as the reference's.

Each pair of program and strategy is run until about `FAILURES` failures are expected, from a
fixed seed, which makes the standard error of 1/p about 100 / sqrt(FAILURES) per cent. Over
the whole table of more than a hundred pairs a deviation of `SIGMAS` standard errors is what
chance explains. Pairs that differ by more are named in `OTHERWISE`, with what emu needs.
"""

from __future__ import annotations

import pytest
from _pytest.mark import ParameterSet

from tests.quality.rates import SIGMAS, rate
from tests.quality.reference import PROGRAMS, STRATEGIES, Program

FAILURES = 120
MOST_RUNS = 3_000
QUICK_RUNS = 700

OTHERWISE: dict[tuple[str, str], tuple[str, float]] = {
    ("moby28462", "pos"): ("yields", 3.7),
    ("deadlock01", "urw"): ("children", 2.1),
    ("token_ring", "urw"): ("children", 7.5),
    ("reorder_20", "urw"): ("children", 10),
    ("etcd6857", "urw"): ("children", 3.4),
    ("etcd6873", "urw"): ("children", 2.4),
    ("moby33781", "urw"): ("children", 3.9),
    ("serving2137", "urw"): ("children", 6.3),
    ("moby27782", "urw"): ("children", 3.9),
    ("grpc2371", "urw"): ("children", 5.3),
    ("kubernetes81091", "urw"): ("children", 2.2),
    ("deadlock01", "surw"): ("meanwhile", 2.7),
    ("circular_buffer", "surw"): ("meanwhile", 1.1),
    ("work_steal_queue", "surw"): ("meanwhile", 4.3),
    ("bounded_buffer", "surw"): ("meanwhile", 2.4),
    ("lazy_lock", "surw"): ("meanwhile", 6.3),
    ("cockroach10214", "surw"): ("meanwhile", 1.3),
    ("etcd6857", "surw"): ("meanwhile", 3.7),
    ("etcd6873", "surw"): ("meanwhile", 2.6),
    ("moby28462", "surw"): ("meanwhile", 1.9),
    ("serving2137", "surw"): ("meanwhile", 5.4),
    ("moby27782", "surw"): ("meanwhile", 8.6),
    ("kubernetes81091", "surw"): ("meanwhile", 2.5),
}
"""Pairs where emu and the reference disagree: why, and what emu needs, by 150 to 600 failures.

yields    A thread that polls comes after all others until it is picked; there only PCT knows it.
          `test_other_rules.py` shows that this is the cause.
children  emu counts what a thread's children will do for the thread that starts them, until it
          has (the paper); there a thread's own steps count. `test_other_rules.py` shows that this
          is the cause: with own steps the same walk agrees.
meanwhile The reference does not say who runs until the next access, whom that is drawn among, and
          what happens once everybody is put off. In emu anybody runs meanwhile. Of thirty
          readings none agrees on all; nearest comes one in which the drawn thread runs itself
          until it has made its access (deadlock01 3.3, lazy_lock 15, circular_buffer 2.4, but
          cockroach10214 1.4). So this is a part of the cause, and the rest is not known.
"""

UNSURE = {
    ("pbzip2", "surw"),
    ("work_steal_queue", "random"),
    ("reorder_20", "pos"),
}
"""Pairs whose reference comes from a few failures only."""

WORSE_AT_MOST = 2.0
"""How many times the schedules of the reference a pair that disagrees may need."""


def pairs(*, quick: bool) -> list[ParameterSet]:
    made = []
    for program in PROGRAMS:
        for strategy in STRATEGIES:
            expected = program.schedules[strategy]
            hopeless = not 0 < expected * FAILURES <= MOST_RUNS * 5
            if hopeless or (program.name, strategy) in UNSURE:
                continue
            runs = max(200, min(MOST_RUNS, round(expected * FAILURES)))
            if quick == (runs <= QUICK_RUNS and program.steps < 40):
                made.append(pytest.param(program, strategy, runs, id=f"{program.name}-{strategy}"))
    return made


async def agrees(program: Program, strategy: str, runs: int) -> None:
    measured = await rate(program, strategy, runs)
    reference = program.schedules[strategy]
    _, expected = OTHERWISE.get((program.name, strategy), ("", reference))
    said = f"{measured.schedules:.2f} schedules, {measured.failures} failures, not {expected}"

    assert abs(measured.deviation(expected)) <= SIGMAS, said
    assert expected <= WORSE_AT_MOST * reference


@pytest.mark.parametrize(("program", "strategy", "runs"), pairs(quick=True))
async def test_a_strategy_needs_as_many_schedules_as_it_should(
    program: Program, strategy: str, runs: int
) -> None:
    await agrees(program, strategy, runs)


@pytest.mark.slow
@pytest.mark.parametrize(("program", "strategy", "runs"), pairs(quick=False))
async def test_a_strategy_that_needs_many_needs_as_many_as_it_should(
    program: Program, strategy: str, runs: int
) -> None:
    await agrees(program, strategy, runs)
