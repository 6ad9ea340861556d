"""Logs that no machine of emu's wrote: whatever is in them, their pictures keep their rules."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, strategies as st

from emu.analysis.lanes import lanes_of
from emu.analysis.loads import loads_of
from emu.analysis.timeline import LEAST_ROWS, timeline
from emu.analysis.trace_export import UNIT, trace_rows
from emu.analysis.window import Window
from emu.record.event import KINDS, Event
from emu.record.history import History
from tests.analysis.histories import history
from tests.analysis.lanes_checked import rows_are_free, within_the_run
from tests.analysis.trace_checked import check

THREADS = ("", "A", "B", "C")
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "child": st.sampled_from(THREADS[1:]),
    "waited": st.sampled_from((0, 2_000)),
    "duration": st.integers(0, 5_000),
    "held_by": st.sampled_from((None, "A", "B")),
    "mode": st.sampled_from(("exclusive", "shared")),
    "woken": st.lists(st.sampled_from(THREADS[1:]), max_size=2),
    "count": st.integers(0, 1),
    "signal": st.sampled_from(("SIGUSR1", "SIGUSR2")),
    "target": st.sampled_from(("process", "A", "B")),
    "fate": st.sampled_from(("pending", "coalesced")),
    "how": st.sampled_from(("SIG_BLOCK", "sigsuspend")),
}


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    made = []
    t = step = 0
    for kind in draw(st.lists(st.sampled_from(sorted(KINDS)), max_size=30)):
        t += draw(st.sampled_from((0, 1, 999, 1_000)))
        step += draw(st.integers(0, 1))
        fields = {name: draw(VALUES.get(name, st.just("v"))) for name in KINDS[kind]}
        thread = draw(st.sampled_from(THREADS))
        name = thread if kind in ("thread.start", "thread.end") else draw(st.sampled_from("xyz"))
        depth = draw(st.sampled_from((0, 0, 0, 1, 2)))
        at = draw(st.sampled_from(("", "a.py:1:f", "b.py:2:g")))
        made.append(Event(kind, step, t, thread, depth, name, at, "", fields))
    return made


def run_of(made: list[Event]) -> History:
    return history(made, t=made[-1].t if made else 0)


@given(events())
def test_any_log_has_lanes(made: list[Event]) -> None:
    run = run_of(made)
    lanes = lanes_of(run)
    within_the_run(run, lanes)
    rows_are_free(lanes)
    for load in loads_of(lanes):
        assert load.runnable >= 0
        assert load.runnable + load.waiting <= len(lanes.threads)


@given(events())
def test_any_log_gives_a_trace_that_keeps_the_rules(made: list[Event]) -> None:
    run = run_of(made)
    rows = json.loads(json.dumps(list(trace_rows(run))))
    checked = check({"displayTimeUnit": UNIT, "traceEvents": rows})
    assert sum(row["ph"] == "s" for row in checked) == len(lanes_of(run).arrows)


@given(events(), st.integers(0, 10), st.integers(0, 30), st.integers(40, 120))
def test_any_window_of_any_log_can_be_drawn(
    made: list[Event], first: int, last: int, width: int
) -> None:
    run = run_of(made)
    lanes = lanes_of(run)
    for rows in (None, LEAST_ROWS):
        drawn = timeline(run.events, lanes, Window(first, last), width=width, rows=rows)
        assert all(len(line) <= width for line in drawn.lines)
