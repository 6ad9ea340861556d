"""Entries of a plan are checked when they are made."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emu.chaos.plan import Entry, Fail, Fault, Plan, Signal, Spurious, Stall
from emu.errors import UsageError


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Signal("SIGUSR3"), "signal.signal is 'SIGUSR3'; allowed are SIGHUP"),
        (lambda: Signal("SIGUSR3"), "did you mean 'SIGUSR"),
        (lambda: Fault("segv"), "allowed are segv-low, segv-high, bus, fpe"),
        (lambda: Fail("thr_new", error="ENOPE"), "fail.error is 'ENOPE'; allowed are EAGAIN"),
        (lambda: Fault("bus", rate=0.0), "fault.rate is 0.0; allowed is a number above 0, to 1"),
        (lambda: Stall(rate=1.5), "stall.rate is 1.5; allowed is a number above 0, to 1"),
        (lambda: Spurious(limit=0), "spurious.limit is 0; allowed is a whole number from 1"),
        (lambda: Signal("SIGHUP", limit=None), "an entry without a limit needs a rate"),
        (lambda: Signal("SIGHUP", at=""), "signal.at is empty; allowed is a glob"),
        (lambda: Stall(duration="5 parsecs"), "stall.duration is '5 parsecs'"),  # type: ignore[arg-type]
    ],
)
def test_a_bad_value_is_refused_in_one_sentence(make: Callable[[], Entry], sentence: str) -> None:
    with pytest.raises(UsageError) as error:
        make()

    assert sentence in str(error.value)


def test_a_stall_may_be_written_as_a_text() -> None:
    assert Stall(duration="250us").duration == 250_000  # type: ignore[arg-type]


def test_a_plan_stands_in_the_log_as_flat_rows() -> None:
    assert Plan((Fault("bus", at="gc"),)).as_rows() == (
        {"chaos": "fault", "at": "gc", "thread": "*", "rate": None, "limit": 1, "kind": "bus"},
    )


def test_asking_a_plan_for_its_sites_does_not_change_what_it_equals() -> None:
    plan = Plan((Fault("bus"),))
    plan.sites["", "lock", "main"] = (0,)

    assert plan == Plan((Fault("bus"),))
