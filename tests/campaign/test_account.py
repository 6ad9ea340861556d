"""The account of an entry: every run counts once, however its runs were cut and mixed."""

from __future__ import annotations

from dataclasses import asdict, replace
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import given, settings, strategies as st

from emu.campaign.account import GIVEN_UP, Account
from emu.campaign.harvest import Harvest, Kind, Sighting, Trouble
from emu.campaign.spec import EntrySpec
from emu.record.finding import Expectation, Verdict

OUTCOMES = (
    Kind("ok"),
    Kind("deadlock", ("deadlock [a, b]",)),
    Kind("exit 2"),
    Kind("stalled", ("stalled [a]", "stalled [b]")),
    Kind("unknown"),
)


def spec(**changes: Any) -> EntrySpec:
    made = EntrySpec(
        plan="plan",
        name="entry",
        target="plan.toml#entry",
        scenario="module:function",
        params={},
        chaos=(),
        watchdog={},
        expect=Expectation(),
        strategy="random",
        seed=0,
        until="budget",
        runs=None,
        seconds=None,
    )
    return replace(made, **changes)


def harvest(first: int, codes: list[int]) -> Harvest:
    """The runs from `first` on, each ending as `OUTCOMES` says; all else follows from that."""
    made = Harvest(first, seconds=1.0)
    for run, code in enumerate(codes, start=first):
        kind = OUTCOMES[code]
        for signature in kind.signatures:
            if signature not in [one.signature for one in made.sightings]:
                made.sightings.append(
                    Sighting(signature, kind.outcome, "a sentence", run, run * 7, "random", "")
                )
        if kind.outcome == "unknown":
            made.troubles.append(Trouble(run, run * 7, "a limit"))
        if not run % 2:
            made.behaviours.append((run, run * 0x9E3779B9 % 64))
        made._add(kind, run % 5, run)
    return made


def cut(codes: list[int], places: list[int]) -> list[Harvest]:
    """The runs as harvests, cut at these places."""
    bounds = sorted({0, len(codes), *(place for place in places if place < len(codes))})
    return [harvest(one, codes[one:end]) for one, end in pairwise(bounds)]


def booked(account: Account) -> dict[str, Any]:
    """All that must be equal however the runs were cut: not the seconds."""
    figures = asdict(account.figures) | {"seconds": 0}
    return {
        "figures": figures,
        "findings": {name: asdict(one) for name, one in account.findings.items()},
        "troubles": {name: asdict(one) for name, one in account.troubles.items()},
    }


CODES = st.lists(st.integers(0, len(OUTCOMES) - 1), min_size=1, max_size=60)
SPECS = st.sampled_from(
    [
        spec(),
        spec(until="finding"),
        spec(until="met", expect=Expectation(some=("deadlock", "exit 2"))),
        spec(until="met", expect=Expectation(only=("ok", "deadlock"))),
        spec(until="met", expect=Expectation(some=("stalled [b]",)), runs=20),
        spec(until="saturated"),
        spec(runs=25),
    ]
)


@settings(max_examples=300)
@given(SPECS, CODES, st.lists(st.integers(0, 60), max_size=8), st.integers(0, 2**32))
def test_order_and_cuts_of_harvests_do_not_matter(
    made: EntrySpec, codes: list[int], places: list[int], seed: int
) -> None:
    whole = Account(made)
    whole.add(harvest(0, codes), 5.0)
    parts = cut(codes, places)
    Random(seed).shuffle(parts)
    account = Account(made)
    for part in [*parts, *parts[:2]]:
        account.add(part, 5.0)

    assert booked(account) == booked(whole)


@settings(max_examples=200)
@given(CODES, st.data())
def test_harvests_that_overlap_count_their_runs_once(codes: list[int], data: st.DataObject) -> None:
    end = st.integers(1, len(codes))
    parts = []
    for _ in range(6):
        last = data.draw(end)
        first = data.draw(st.integers(0, last - 1))
        parts.append(harvest(first, codes[first:last]))
    account, whole = Account(spec()), Account(spec())
    for part in [*parts, harvest(0, codes)]:
        account.add(part, 5.0)
    whole.add(harvest(0, codes), 5.0)

    assert booked(account) == booked(whole)


def test_a_harvest_before_its_turn_waits() -> None:
    account = Account(spec())
    account.add(harvest(3, [0, 0]), 0.0)

    assert account.figures.runs == 0


def test_what_comes_after_the_end_does_not_count() -> None:
    account = Account(spec(until="finding"))
    account.add(harvest(0, [0, 0, 1]), 0.0)
    account.add(harvest(3, [3, 3]), 0.0)

    assert account.figures.outcomes == {"ok": 2, "deadlock": 1}


def test_an_entry_that_is_met_ends_with_the_run_that_met_it() -> None:
    account = Account(spec(until="met", expect=Expectation(some=("deadlock",))))
    account.add(harvest(0, [0, 0, 1, 0, 1]), 0.0)

    assert (account.figures.runs, account.figures.over) == (3, "met")


def test_an_entry_ends_with_the_last_run_of_its_budget() -> None:
    account = Account(spec(runs=4))
    account.add(harvest(0, [0] * 9), 0.0)

    assert (account.figures.runs, account.figures.over) == (4, "budget")


def test_an_entry_that_costs_workers_again_and_again_is_set_aside() -> None:
    account = Account(spec())
    lost = Harvest(0)
    for run in range(GIVEN_UP):
        lost.add_unknown(run, "worker lost: it was killed by SIGKILL")
    account.add(lost, 0.0)

    assert account.figures.over == "set aside"


def test_an_entry_that_was_set_aside_is_unknown() -> None:
    account = Account(spec())
    account.add(harvest(0, [0]), 0.0)
    account.close("set aside")

    assert account.verdict is Verdict.UNKNOWN


def test_what_a_harvest_shows_first_is_told() -> None:
    account = Account(spec())
    account.add(harvest(0, [1]), 0.0)

    assert [one.sighted.signature for one in account.add(harvest(1, [1, 3, 3]), 1.0)] == [
        "stalled [a]",
        "stalled [b]",
    ]


def test_a_finding_knows_when_it_was_seen_first_and_last() -> None:
    account = Account(spec())
    account.add(harvest(0, [1]), 10.0)
    account.add(harvest(1, [0, 1]), 20.0)
    tally = account.findings["deadlock [a, b]"]

    assert (tally.since, tally.latest, tally.sighted.run, tally.last_run) == (10.0, 20.0, 0, 2)


def test_runs_without_an_answer_are_one_trouble_a_sentence() -> None:
    account = Account(spec())
    account.add(harvest(0, [4, 0, 4]), 0.0)

    assert [(one.sighted.seed, one.count) for one in account.troubles.values()] == [(0, 2)]
