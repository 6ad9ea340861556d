"""The reductions leave out nothing: what they show is what every schedule shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import trio
from hypothesis import HealthCheck, assume, given, settings

from emu.engine.scenario import Scenario, setup
from emu.search import dpor, trail as trails
from emu.search.answer import Exhausted
from emu.search.exhaustive import exhaust
from emu.search.footprint import Footprint
from tests.search.generated import OTHERS, PLAIN, WAITING, Program, program_of, programs

MOST = 600
"""Programs of more schedules than this take too long to compare."""

CALM = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def shown(program: Scenario, **how: Any) -> tuple[set[str], set[int]] | None:
    """The outcomes and behaviours of every schedule; None if there are too many."""
    found = trio.run(lambda: exhaust(setup(program), stop="budget", runs=MOST, **how))
    assert found.coverage is not None
    if not isinstance(found.answer, Exhausted):
        return None
    return set(found.outcomes), set(found.coverage.behaviours)


def same(program: Scenario, **how: Any) -> bool:
    every = shown(program, reduce=False, **how)
    assume(every is not None)
    return shown(program, **how) == every


@given(programs((*PLAIN, "nest", "nestgo"), threads=3, steps=2))
@CALM
def test_words_and_locks_show_the_same_reduced(program: Program) -> None:
    assert same(program_of(program))


@given(programs(("make", "load", "store"), threads=3, steps=2))
@CALM
def test_objects_of_one_name_show_the_same_reduced(program: Program) -> None:
    assert same(program_of(program))


@given(programs(("spawn", "load", "store"), threads=3, steps=2))
@CALM
def test_threads_made_by_several_show_the_same_reduced(program: Program) -> None:
    assert same(program_of(program))


@given(programs((*PLAIN, *WAITING), threads=3, steps=2))
@CALM
def test_waits_show_the_same_reduced(program: Program) -> None:
    assert same(program_of(program))


@given(programs((*PLAIN, *WAITING, *OTHERS), threads=2, steps=2))
@CALM
def test_signals_timers_exits_and_draws_show_the_same_reduced(program: Program) -> None:
    assert same(program_of(program))


@given(programs(("load", "store", "posix", "kill", "check"), threads=2, steps=2))
@CALM
def test_faults_show_the_same_reduced(program: Program) -> None:
    assert same(program_of(program, faults=True))


@given(programs((*PLAIN, "nest", "post", "take"), threads=2, steps=2))
@CALM
def test_joins_show_the_same_reduced(program: Program) -> None:
    assert same(program_of(program, join=True))


@pytest.mark.parametrize("bound", [0, 1, 2])
@given(programs((*PLAIN, *WAITING, "exit", "check"), threads=3, steps=2))
@settings(CALM, max_examples=30)
def test_within_a_bound_the_same_is_shown_reduced(bound: int, program: Program) -> None:
    assert same(program_of(program), bound=bound)


def test_who_has_begun_and_waits_is_no_behaviour_of_its_own() -> None:
    # T1 may begin, and wait, before the others lock each other out, which ends the run.
    program = program_of(((("nestgo", 0),), (("nestgo", 1),), (("nestgo", 1),)))

    assert shown(program) == shown(program, reduce=False)


@given(programs((*PLAIN, "choose", "check"), threads=3, steps=2))
@CALM
def test_little_room_for_what_waits_leaves_nothing_out(program: Program) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dpor, "MOST", 2)
        assert same(program_of(program))


def blind(self: Footprint, other: Footprint) -> bool:
    """Sees no two writes of one thing."""
    return self.wide or other.wide or bool(self.writes & other.reads or other.writes & self.reads)


def asleep(self: trails.Trail) -> None:
    """Wakes no sleeper."""
    self._collect()


def lazy(self: dpor.Reduction, *_: object) -> None:
    """Reverses no race."""


LOSER: Program = (
    (("load", 0), ("store", 0), ("load", 1)),
    (("store", 0), ("store", 1), ("load", 0)),
    (("store", 1),),
)


@pytest.mark.parametrize(
    ("owner", "name", "broken"),
    [
        (Footprint, "depends", blind),
        (trails.Trail, "_settle", asleep),
        (dpor.Reduction, "_reverse", lazy),
        (dpor.Reduction, "_want", lazy),
    ],
)
def test_a_broken_reduction_is_caught(
    owner: type, name: str, broken: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = program_of(LOSER)
    every = shown(program, reduce=False)
    assert shown(program) == every

    monkeypatch.setattr(owner, name, broken)

    assert shown(program) != every
