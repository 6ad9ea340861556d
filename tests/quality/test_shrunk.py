"""Whatever a shipped plan finds is shrunk to the same few deviations, every time."""

from __future__ import annotations

import pytest

from emu.campaign.entry import Entry
from tests.quality.shrunk import measure, shipped

SHIPPED = list(shipped())
SOME = (
    ("smoke", "table and heap: deadlock"),
    ("go-1777", "R1-02 after, amd64"),
    ("go-1777", "R1-04e after, last function"),
    ("go-3017", "T2-05 deep before, 386"),
    ("go-3017", "R2-03 after, GOMAXPROCS=2"),
)


def every(*names: tuple[str, str]) -> pytest.MarkDecorator:
    """For every entry of these plans and names, or of all."""
    entries = [(plan, entry) for plan, entry in SHIPPED if not names or (plan, entry.name) in names]
    return pytest.mark.parametrize(
        ("plan", "entry"), entries, ids=[f"{plan}: {entry.name}" for plan, entry in entries]
    )


def broken(plan: str, entry: Entry) -> dict[str, tuple[str, ...]]:
    """The promises that shrinking breaks, by finding and tape."""
    rows = measure(plan, entry, (entry.seed,)).rows
    return {f"{row.signature}: {row.found}": row.broken for row in rows if row.broken}


def test_the_entries_that_are_always_tried_are_there() -> None:
    assert set(SOME) <= {(plan, entry.name) for plan, entry in SHIPPED}


@every(*SOME)
def test_what_some_entries_find_shrinks_as_promised(plan: str, entry: Entry) -> None:
    assert not broken(plan, entry)


@pytest.mark.slow
@every()
def test_what_any_entry_finds_shrinks_as_promised(plan: str, entry: Entry) -> None:
    assert not broken(plan, entry)
