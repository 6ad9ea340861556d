"""What is predicted of passing runs is made to happen, or said not to have."""

from __future__ import annotations

import pytest

from emu.analysis.predict.prediction import Foresight, Prediction, foresee
from emu.analysis.predict.wakeups import LOST
from emu.engine.scenario import Scenario, Setup, setup
from emu.record.history import History
from emu.record.logs import Logged
from emu.scenarios.classics import (
    handler_takes_lock,
    lock_order_inversion,
    lost_wakeup,
    philosophers,
)
from emu.scenarios.malloc_fault import fault_in_malloc_among
from emu.search.confirm import confirm
from emu.search.edge import Halt
from emu.search.explore import explore
from emu.search.replay import replay
from tests.analysis.predict.news import EVERY, news
from tests.analysis.predict.test_wakeups import wakeups
from tests.quality.reference import BY_NAME, PROGRAMS, Program


async def predictions(
    made: Setup, runs: int = 60, outcomes: tuple[str, ...] = ("ok",), strategy: str = "random"
) -> list[Prediction]:
    """The deadlocks that the runs of a random walk show that pass."""
    return (await foreseen(made, runs, outcomes, strategy)).deadlocks


async def foreseen(
    made: Setup, runs: int = 60, outcomes: tuple[str, ...] = ("ok",), strategy: str = "random"
) -> Foresight:
    kept: list[Logged] = []

    def on_history(run: int, history: History) -> None:
        if history.outcome.name in outcomes:
            kept.append(Logged(f"run {run}", 1, history))

    await explore(made, strategy, runs=runs, stop="budget", on_history=on_history)
    assert kept
    return foresee(lambda: kept)


BUGGY = [
    *(setup(one) for one in (lock_order_inversion, philosophers)),
    *(BY_NAME[name].setup() for name in ("deadlock01", "cockroach10214")),
]


@pytest.mark.parametrize("made", BUGGY, ids=lambda made: made.scenario.name)
async def test_what_is_certain_happens_in_one_run(made: Setup) -> None:
    (only,) = await predictions(made)
    confirmed = await confirm(made, only)
    assert (only.grade, confirmed.runs) == ("certain", 1)
    assert confirmed.finding is not None
    assert tuple(sorted(confirmed.finding.objects)) == only.locks


async def test_what_needs_a_signal_is_steered_to() -> None:
    made = setup(handler_takes_lock)
    (only,) = await predictions(made)
    confirmed = await confirm(made, only, runs=20)
    assert only.needs_signal
    assert confirmed.finding is not None


@pytest.mark.parametrize("program", [philosophers, handler_takes_lock], ids=lambda one: one.name)
async def test_what_happened_replays(program: Scenario) -> None:
    made = setup(program)
    (only,) = await predictions(made)
    history = (await confirm(made, only)).history
    assert history is not None
    assert (await replay(made, history.tape)).digest == history.digest


async def test_what_cannot_happen_stays_unconfirmed() -> None:
    (only,) = await predictions(setup(handler_takes_lock))
    never = setup(lock_order_inversion)
    confirmed = await confirm(never, only, runs=10)
    assert (confirmed.finding, confirmed.history, confirmed.runs) == (None, None, 10)


async def test_a_halt_ends_it_in_good_order() -> None:
    made = setup(handler_takes_lock)
    (only,) = await predictions(made)
    halt = Halt()
    halt.requested = True
    confirmed = await confirm(made, only, halt=halt)
    assert (confirmed.runs, confirmed.finding) == (0, None)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: one.name)
async def test_nothing_is_predicted_of_a_repaired_program(program: Program) -> None:
    made = program.setup(fixed=True)
    assert (await foreseen(made, runs=40)).all == []


async def test_runs_that_die_as_they_should_show_the_two_locks_of_issue_1777() -> None:
    made = setup(fault_in_malloc_among, {"fix": False, "others": "findfunc"})
    found = await predictions(made, 120, ("ok", "exit 2"), "rotation")
    heap_and_table = [one for one in found if one.locks == ("funclock", "heap")]
    assert [one.grade for one in heap_and_table] == ["certain"]
    confirmed = await confirm(made, heap_and_table[0])
    assert confirmed.finding is not None
    assert confirmed.finding.objects == ("funclock", "heap")


async def test_a_wake_up_that_may_be_lost_is_lost() -> None:
    made = setup(lost_wakeup)
    (only,) = (await foreseen(made)).wakeups
    confirmed = await confirm(made, only, runs=100)
    assert confirmed.history is not None
    assert confirmed.finding is not None
    assert confirmed.finding.objects == ("waiter", "ready")
    assert (await replay(made, confirmed.history.tape)).digest == confirmed.history.digest


@pytest.mark.parametrize("go", [False, True], ids=["posix", "go"])
async def test_so_is_every_one_of_the_small_programs(go: bool) -> None:
    lost = 0
    for look, change, tell in EVERY:
        made = setup(news, {"look": look, "change": change, "tell": tell, "go": go})
        for one in await wakeups(made):
            confirmed = await confirm(made, one, runs=200)
            assert (confirmed.finding is not None) == (one.kind == LOST), (look, change, tell)
            lost += one.kind == LOST
    assert lost > 30
