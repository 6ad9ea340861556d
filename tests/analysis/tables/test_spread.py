from __future__ import annotations

import duckdb
from hypothesis import given, strategies as st

from emu.analysis.tables.spread import Spread


def test_nothing_has_a_spread_of_zeros() -> None:
    assert Spread.of([]) == Spread(0, 0, 0, 0, 0)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=300))
def test_percentiles_are_those_that_the_database_finds(values: list[int]) -> None:
    table = ", ".join(f"({value})" for value in values)
    asked = f"SELECT quantile_disc(x, [0.5, 0.99]), max(x), sum(x) FROM (VALUES {table}) AS t(x)"
    (((p50, p99), most, total),) = duckdb.execute(asked).fetchall()
    assert Spread.of(values) == Spread(len(values), p50, p99, most, total)
