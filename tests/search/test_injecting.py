"""When chaos acts and timers fire, whatever the strategy."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any, cast

import pytest

from emu.search.calibration import Calibration, Calibrator, Measure
from emu.search.strategy import STAY_AWAY, Strategy


def started(seed: int, calibration: Calibration, *rates: float | None) -> Strategy:
    strategy = Strategy(seed, calibration)
    strategy.start(cast("Any", SimpleNamespace(chaos=SimpleNamespace(rates=rates))))
    return strategy


def first_act(strategy: Strategy, entries: tuple[int, ...], sites: int) -> int:
    """At which of `sites` sites the strategy acts first; 0 if at none."""
    for site in range(1, sites + 1):
        if strategy.chaos(site, entries):
            return site
    return 0


def test_an_entry_with_a_rate_acts_at_that_share_of_its_sites() -> None:
    strategy = started(1, Calibration(), 0.05)
    acts = sum(strategy.chaos(step, (0,)) for step in range(20_000))

    assert acts == pytest.approx(1_000, rel=0.1)


def test_an_entry_of_rate_zero_never_acts() -> None:
    assert first_act(started(2, Calibration(), 0.0), (0,), 10_000) == 0


def test_an_entry_of_rate_one_acts_at_its_every_site() -> None:
    strategy = started(3, Calibration(), 1.0)

    assert [strategy.chaos(step, (0,)) for step in range(5)] == [1] * 5


def test_a_spread_entry_is_uniform_over_the_sites_of_earlier_runs() -> None:
    calibration = Calibration((Measure(100, (10,), (0,)),))
    acts = Counter(
        first_act(started(seed, calibration, None), (0,), sites=10) for seed in range(8_000)
    )

    assert acts.pop(0) == pytest.approx(8_000 / STAY_AWAY, rel=0.15)
    assert sorted(acts) == list(range(1, 11))
    assert all(count == pytest.approx(700, rel=0.15) for count in acts.values())


def test_a_spread_entry_acts_in_the_first_run_too() -> None:
    acts = [first_act(started(seed, Calibration(), None), (0,), sites=200) for seed in range(100)]

    assert sum(1 for site in acts if site) > 90


def test_a_deadly_entry_comes_to_reach_the_last_site() -> None:
    """A run that dies of its injection says little of the sites beyond, yet they are found."""
    calibrator = Calibrator()
    acts = []
    for run in range(300):
        strategy = started(run, calibrator.calibration(), None)
        acts.append(first_act(strategy, (0,), sites=1_000))
        calibrator.add(strategy.measure(steps=1_000), cut=False)

    assert max(acts) > 950


def test_of_two_entries_due_at_one_checkpoint_the_other_acts_at_its_next() -> None:
    strategy = started(4, Calibration(), 1.0, 1.0)

    assert strategy.chaos(1, (0, 1)) == 1
    assert strategy.chaos(2, (1,)) == 1


def test_the_measure_of_a_run_counts_sites_and_acts() -> None:
    strategy = started(5, Calibration(), 1.0, 0.0)
    strategy.chaos(1, (0, 1))
    strategy.chaos(2, (1,))

    assert strategy.measure(steps=7) == Measure(7, (1, 2), (1, 0))


def test_a_timer_that_is_armed_late_does_not_fire_at_once() -> None:
    fired = [Strategy(seed, Calibration()).timer(1_000) for seed in range(100)]

    assert not any(fired)


def test_timers_fire_early_now_and_then() -> None:
    shares = []
    for seed in range(200):
        strategy = Strategy(seed, Calibration())
        shares.append(sum(strategy.timer(s) for s in range(1_000) if s >= strategy.timer_step))

    assert min(shares) < 10
    assert max(shares) > 100


def test_a_periodic_timer_does_not_starve_a_program() -> None:
    late = []
    for seed in range(20):
        strategy = Strategy(seed, Calibration())
        early = [s for s in range(20_000) if s >= strategy.timer_step and strategy.timer(s)]
        late.append(sum(step >= 19_000 for step in early))

    assert max(late) < 30
