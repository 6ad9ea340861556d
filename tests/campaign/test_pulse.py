"""The pulse of a campaign, and its pace."""

from __future__ import annotations

from pathlib import Path

from emu.campaign.health import Health
from emu.campaign.pace import WINDOW, Pace
from emu.campaign.pulse import FACT, Pulse, pulse_of, workers_of
from tests.campaign import programs
from tests.campaign.crews import new_ledger, spec, work


def test_the_pace_is_over_what_has_passed() -> None:
    pace = Pace(100.0)
    pace.add(102.0, 30, 600)
    assert pace.rates(102.0) == (15.0, 300.0)


def test_the_pace_forgets_what_was_long_ago() -> None:
    pace = Pace(0.0)
    pace.add(1.0, 1_000, 0)
    pace.add(50.0, 20, 0)
    assert pace.rates(50.0) == (20 / WINDOW, 0.0)


def test_a_pulse_reads_back() -> None:
    health = Health("w1", pid=7)
    health.begin("running", 0, 64, 10.0)
    pulse = Pulse(1_000.5, 3.0, 9.0, workers_of([health, Health("w2")], 12.5))
    assert pulse_of({FACT: pulse.as_fact()}) == pulse


def test_a_worker_is_busy_since_it_was_given_something() -> None:
    health = Health("w1")
    health.begin("running", 0, 64, 10.0)
    assert workers_of([health], 12.5)[0].seconds == 2.5


def test_an_idle_worker_is_not_silent() -> None:
    assert workers_of([Health("w1")], 99.0)[0].silent == 0.0


async def test_the_last_pulse_says_why_it_ended(tmp_path: Path) -> None:
    ledger = new_ledger(tmp_path / "c", [spec(programs.calm, runs=10)])
    await work(ledger)
    pulse = pulse_of(ledger.facts())
    assert pulse is not None
    assert pulse.ended == "done"
