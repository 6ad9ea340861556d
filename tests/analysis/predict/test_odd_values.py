"""Whatever stands in lines that are good, orders and predictions are found in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import trio
from hypothesis import given, settings, strategies as st

from emu.analysis.order import lock_order
from emu.analysis.predict.prediction import foresee
from emu.record.event import KINDS, RawEvent
from emu.record.history import History
from emu.record.judging import fault_of
from emu.record.line import render
from emu.record.log import write_history
from emu.record.logs import Logged, read_runs
from emu.record.row import raw_of, row_of
from tests.analysis.runs import runs_of

NAMES = ("lock_order_inversion", "lost_wakeup", "handler_takes_lock", "fault_in_malloc")


async def _histories() -> list[History]:
    return [run for name in NAMES for run in await runs_of(name, 2)]


HISTORIES = trio.run(_histories)

VALUES: list[Any] = [None, 5, -1, 1 << 40, True, False, "", "x", "main", [], ["x"], {"a": 1}]
"""What a field may have in the place of its value."""


def look(history: History, events: Sequence[RawEvent]) -> None:
    """Find what there is to find in the log of a run with these events."""
    ending = replace(history.ending)
    with TemporaryDirectory() as directory:
        path = Path(directory, "a.jsonl")
        write_history(History(history.info, events, ending), path)
        (run,) = read_runs(path)
    assert isinstance(run, Logged)
    foresee(lambda: [run])
    lock_order(lambda: [run])


FIELDS = {
    (raw[0], name): (history, at)
    for history in HISTORIES
    for at, raw in enumerate(history.raw)
    for name in KINDS[raw[0]]
}
"""Fields of kinds of their own, each with a run and the number of an event that has it."""


@pytest.mark.parametrize(("kind", "name"), FIELDS)
def test_each_value_that_a_field_may_have_is_taken(kind: str, name: str) -> None:
    history, at = FIELDS[kind, name]
    for value in VALUES:
        row = row_of(history.raw[at]) | {name: value}
        if fault_of(render(row)) is None:
            look(history, [*history.raw[:at], raw_of(row), *history.raw[at + 1 :]])


@settings(deadline=None)
@given(st.data())
def test_any_value_that_a_good_line_may_have_is_taken(data: st.DataObject) -> None:
    history = data.draw(st.sampled_from(HISTORIES))
    events = list(history.raw)
    for at in data.draw(st.lists(st.integers(0, len(events) - 1), min_size=1, max_size=9)):
        row = row_of(events[at])
        if own := KINDS[row["event"]]:
            row[data.draw(st.sampled_from(own))] = data.draw(st.sampled_from(VALUES))
        if fault_of(render(row)) is None:
            events[at] = raw_of(row)
    look(history, events)
