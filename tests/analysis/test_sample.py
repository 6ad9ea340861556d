"""The sample of behaviours: exact while there is room, then an estimate, whatever the order."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings, strategies as st

from emu.analysis.coverage import Coverage
from emu.analysis.sample import ROOM, BehaviourSample

FINGERPRINTS = st.lists(st.integers(0, 2**64 - 1), max_size=60)


def sampled(behaviours: list[int]) -> BehaviourSample:
    sample = BehaviourSample()
    for behaviour in behaviours:
        sample.add(behaviour)
    return sample


def many(distinct: int, runs: int) -> list[int]:
    rng = Random(3)
    known = [rng.getrandbits(64) for _ in range(distinct)]
    return [known[rng.randrange(distinct)] for _ in range(runs)]


@given(FINGERPRINTS, FINGERPRINTS)
def test_with_room_it_says_what_coverage_says(some: list[int], more: list[int]) -> None:
    coverage = Coverage()
    behaviours = some + more + some
    for behaviour in behaviours:
        coverage.add(behaviour)

    assert sampled(behaviours).estimate == coverage.estimate


@settings(max_examples=10)
@given(st.integers(0, 2**32))
def test_the_order_of_the_runs_does_not_matter(seed: int) -> None:
    behaviours = many(4_000, 9_000)
    first = sampled(behaviours)
    Random(seed).shuffle(behaviours)
    second = sampled(behaviours)

    assert (first.level, sorted(first.counts.items())) == (
        second.level,
        sorted(second.counts.items()),
    )


def test_it_never_keeps_more_than_there_is_room_for() -> None:
    assert len(sampled(many(50_000, 60_000)).counts) <= ROOM


def test_without_room_distinct_behaviours_are_estimated_to_ten_per_cent() -> None:
    behaviours = many(20_000, 60_000)
    estimate = sampled(behaviours).estimate

    assert abs(estimate.behaviours / len(set(behaviours)) - 1) < 0.1


def test_without_room_those_seen_once_are_estimated_to_twenty_per_cent() -> None:
    behaviours = many(20_000, 30_000)
    counts: dict[int, int] = {}
    for one in behaviours:
        counts[one] = counts.get(one, 0) + 1
    once = sum(count == 1 for count in counts.values())

    assert abs(sampled(behaviours).estimate.once / once - 1) < 0.2


def test_a_sample_goes_on_from_its_state() -> None:
    behaviours = many(3_000, 5_000)
    first = sampled(behaviours[:2_500])
    later = BehaviourSample(first.runs, first.level, dict(first.counts))
    for behaviour in behaviours[2_500:]:
        later.add(behaviour)

    assert later.estimate == sampled(behaviours).estimate
