"""Draws are in range, as likely as they say, and the same everywhere."""

from __future__ import annotations

from random import Random

import pytest

from emu.search.draw import below, distinct, geometric, seed_of_run


def test_below_gives_every_number_about_as_often() -> None:
    rng = Random(1)
    counts = [0] * 7
    for _ in range(7_000):
        counts[below(rng, 7)] += 1

    assert min(counts) > 900
    assert max(counts) < 1_100


def test_draws_are_the_same_on_every_python() -> None:
    rng = Random(2012)

    assert [below(rng, 1_000) for _ in range(6)] == [96, 473, 364, 195, 328, 584]
    assert [geometric(rng, 0.01) for _ in range(6)] == [461, 18, 47, 11, 112, 223]


@pytest.mark.parametrize("rate", [0.5, 0.1, 0.003])
def test_the_mean_of_a_geometric_draw_is_one_over_its_rate(rate: float) -> None:
    rng = Random(3)
    mean = sum(geometric(rng, rate) for _ in range(4_000)) / 4_000

    assert mean == pytest.approx(1 / rate, rel=0.05)


def test_a_geometric_draw_of_rate_one_succeeds_at_once() -> None:
    rng = Random(4)

    assert {geometric(rng, 1.0) for _ in range(100)} == {1}


def test_a_geometric_draw_of_a_tiny_rate_comes_to_an_end() -> None:
    assert geometric(Random(5), 1e-300) > 1_000_000


def test_distinct_numbers_are_distinct_and_rise() -> None:
    rng = Random(6)

    for _ in range(100):
        drawn = distinct(rng, 4, 9)
        assert drawn == sorted(set(drawn))
        assert len(drawn) == 4
        assert 1 <= drawn[0] <= drawn[-1] <= 9


def test_distinct_gives_all_numbers_where_there_are_too_few() -> None:
    assert distinct(Random(7), 5, 3) == [1, 2, 3]


def test_no_two_runs_of_an_exploration_have_the_same_seed() -> None:
    assert len({seed_of_run(11, run) for run in range(50_000)}) == 50_000


def test_explorations_with_neighbouring_seeds_share_no_early_run() -> None:
    first = {seed_of_run(0, run) for run in range(2_000)}

    assert not first & {seed_of_run(1, run) for run in range(2_000)}


def test_a_seed_of_more_than_32_bits_counts_in_full() -> None:
    assert seed_of_run(1, 0) != seed_of_run(1 + (1 << 32), 0)
