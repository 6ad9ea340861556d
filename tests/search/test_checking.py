"""Check: explore and raise."""

from __future__ import annotations

import traceback

import pytest

import emu
from emu.engine.machine import Machine
from emu.engine.scenario import scenario
from emu.posix.mutex import Mutex
from emu.search.check import check
from tests.search.own_strategies import Answers, Fifo


@scenario()
async def crossed(m: Machine, *, fix: bool = False) -> None:
    left, right = Mutex(m, "left"), Mutex(m, "right")

    async def worker(first: Mutex, second: Mutex) -> None:
        async with first:
            async with second:
                pass

    m.spawn(worker, left, right, name="T1")
    m.spawn(worker, *((left, right) if fix else (right, left)), name="T2")


@scenario(expect="deadlock")
async def wanted(m: Machine, *, fix: bool = False) -> None:
    await crossed.function(m, fix=fix)


@scenario()
async def endless(m: Machine) -> None:
    while True:
        await m.checkpoint("work")


def test_what_holds_gives_the_exploration() -> None:
    assert check(crossed, runs=20, params={"fix": True}).outcomes == {"ok": 20}


def test_what_must_turn_up_is_no_error_when_it_does() -> None:
    assert "deadlock" in check(wanted).outcomes


def test_what_may_not_be_is_raised_with_its_whole_message() -> None:
    with pytest.raises(emu.Falsified) as raised:
        check(crossed)
    lines = str(raised.value).splitlines()
    assert lines[0] == "crossed deadlocks"
    assert lines[-1].startswith(f"  replay  emu replay {__name__}:crossed emu1:")


def test_the_error_is_shown_under_the_name_that_it_is_imported_by() -> None:
    with pytest.raises(emu.Falsified) as raised:
        check(crossed)
    shown = traceback.format_exception_only(raised.value)
    assert shown[0].startswith("emu.Falsified: crossed deadlocks\n")


def test_a_failed_check_is_a_failed_assertion() -> None:
    with pytest.raises(AssertionError):
        check(crossed)


def test_what_must_turn_up_and_does_not_is_raised_too() -> None:
    with pytest.raises(emu.Falsified, match="wanted: deadlock did not turn up in 9 runs, but ok 9"):
        check(wanted, runs=9, params={"fix": True})


def test_a_limit_leaves_it_undecided() -> None:
    with pytest.raises(emu.Undecided, match="endless: the run used up its 50 steps"):
        check(endless, runs=1, watchdog={"steps": 50})


def test_the_replay_line_sets_parameters_and_limits_again() -> None:
    with pytest.raises(emu.Falsified) as raised:
        check(crossed, params={"fix": False}, watchdog={"graph": False})
    assert str(raised.value).endswith(" --param fix=false --watchdog graph=false")


def test_a_strategy_may_be_given_as_a_class() -> None:
    with pytest.raises(emu.Falsified, match=r"own_strategies:Fifo, seed 0"):
        check(crossed, strategy=Fifo)


def test_a_strategy_that_goes_wrong_is_no_falsification() -> None:
    with pytest.raises(emu.StrategyError, match=r"thread\(\) at step 1 answered 7; allowed is "):
        check(crossed, strategy=Answers)


def test_a_check_may_be_a_proof() -> None:
    explored = check(crossed, strategy="exhaustive", params={"fix": True})
    assert str(explored.answer) == "exhausted: every schedule, without a bound"


def test_a_proof_whose_budget_ran_out_is_undecided() -> None:
    with pytest.raises(emu.Undecided, match=r"crossed: budget ran out: 1 run$"):
        check(crossed, strategy="exhaustive", runs=1, params={"fix": True})


def test_a_bound_is_for_a_proof_alone() -> None:
    with pytest.raises(emu.UsageError, match="bound is 2; it is for strategy 'exhaustive' alone"):
        check(crossed, bound=2)
