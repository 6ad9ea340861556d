"""What is true of the lanes of any run, checked against its events and its findings."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise

from emu.analysis import arrows, bars
from emu.analysis.bars import BLOCK, HANDLER, HELD_UP, HOLD, WAIT, Bar
from emu.analysis.intervals import PASSIVE
from emu.analysis.lanes import Lanes, lanes_of
from emu.record.history import ALL, History
from emu.record.log import log_bytes
from emu.record.reading import parse_history


def checked(history: History) -> Lanes:
    """The lanes of a run, after all of the below."""
    lanes = lanes_of(history)
    within_the_run(history, lanes)
    rows_are_free(lanes)
    locks_are_told(history, lanes)
    threads_that_wait_do_nothing(history, lanes)
    handlers_are_as_deep_as_events(history, lanes)
    blocked_threads_are_held_up(history, lanes)
    arrows_lead_on(history, lanes)
    return lanes


def is_open(bar: Bar, number: int) -> bool:
    """Whether the event `number` falls into it."""
    return bar.start <= number and (bar.end is None or number < bar.end)


def within_the_run(history: History, lanes: Lanes) -> None:
    events = history.events
    lives = {lane.name: lane for lane in lanes.threads}
    for bar in lanes.bars:
        assert bar.kind in bars.KINDS
        assert 0 <= bar.t0 <= bar.t1 <= lanes.end
        assert 0 <= bar.step0 <= bar.step1 <= lanes.steps
        assert bar.start < len(events) if bar.end is None else bar.start < bar.end < len(events)
        assert lives[bar.thread].t0 <= bar.t0
        assert bar.row < lives[bar.thread].rows
        assert bar.kind == HOLD or bar.t1 <= lives[bar.thread].t1
    assert [bar.start for bar in lanes.bars] == sorted(bar.start for bar in lanes.bars)


def rows_are_free(lanes: Lanes) -> None:
    """No bar covers another, neither by events nor in time."""
    rows: dict[tuple[str, int], list[Bar]] = {}
    for bar in lanes.bars:
        rows.setdefault((bar.thread, bar.row), []).append(bar)
    for row in rows.values():
        for one, other in pairwise(row):
            assert one.end is not None
            assert one.end <= other.start
            assert one.t1 <= other.t0


def locks_are_told(history: History, lanes: Lanes) -> None:
    """Each acquisition begins a hold, and ends its wait if there was one, as long as it says."""
    acquired = {n for n, event in enumerate(history.events) if event.event == "lock.acquire"}
    assert {bar.start for bar in lanes.bars if bar.kind == HOLD} == acquired
    waits = {bar.end: bar for bar in lanes.bars if bar.kind == WAIT}
    for number in acquired:
        event = history.events[number]
        wait = waits.get(number)
        assert not event.fields["contended"] or (wait and wait.name == event.object)
        assert wait is None or wait.thread == event.thread
        if wait is not None and wait.name == event.object:  # else it was left by a jump
            assert wait.t1 - wait.t0 == event.fields["waited"]
            assert wait.held_by == (event.fields["held_by"] or "") or wait.held_by


def threads_that_wait_do_nothing(history: History, lanes: Lanes) -> None:
    done: dict[str, list[int]] = {}
    for number, event in enumerate(history.events):
        if event.event not in PASSIVE:
            done.setdefault(event.thread, []).append(number)
    for bar in lanes.bars:
        if bar.kind in (WAIT, BLOCK) and bar.what != "join":
            mine = done.get(bar.thread, [])
            end = len(mine) if bar.end is None else bisect_left(mine, bar.end)
            for number in mine[bisect_right(mine, bar.start) : end]:
                event = history.events[number]
                retries = event.object == bar.name and event.event in ("lock.wait", "wait.begin")
                late = event.event == "wait.end" and bar.kind == WAIT
                assert event.depth > bar.depth or retries or late


def handlers_are_as_deep_as_events(history: History, lanes: Lanes) -> None:
    handlers = [bar for bar in lanes.bars if bar.kind == HANDLER]
    if history.level == ALL:
        entered = [n for n, event in enumerate(history.events) if event.event == "signal.enter"]
        assert [bar.start for bar in handlers] == entered
    for number, event in enumerate(history.events):
        running = [one for one in handlers if one.thread == event.thread and is_open(one, number)]
        if event.thread and event.event != "thread.end":
            assert sorted(one.depth for one in running) == list(range(1, event.depth + 1))


def blocked_threads_are_held_up(history: History, lanes: Lanes) -> None:
    """What the machine saw at the end of the run is what the lanes say."""
    locks = {bar.name for bar in lanes.bars if bar.kind == HOLD}
    for finding in history.findings:
        for one in (*finding.cycle, *finding.blocked):
            mine = [bar for bar in lanes.bars if bar.thread == one.thread and bar.end is None]
            up = [bar for bar in mine if bar.kind in HELD_UP and bar.depth == one.depth]
            assert [bar.at for bar in up] == [one.at]
            assert up[0].t0 <= one.since  # it may have been woken in vain since
            held = {bar.name for bar in mine if bar.kind == HOLD}
            assert set(one.holds) & locks <= held


def arrows_lead_on(history: History, lanes: Lanes) -> None:
    """Each leads from an earlier event to a later one; each wait that ended has what ended it."""
    ends = {arrows.UNLOCK: "lock.acquire", arrows.SPAWN: "thread.start", arrows.JOIN: "thread.join"}
    for arrow in lanes.arrows:
        assert arrow.kind in arrows.KINDS
        assert arrow.start < arrow.end
        assert arrow.t0 <= arrow.t1
        last = history.events[arrow.end]
        assert last.event == ends.get(arrow.kind, last.event)
    freed = {arrow.end for arrow in lanes.arrows if arrow.kind == arrows.UNLOCK}
    met = {
        bar.end
        for bar in lanes.bars
        if bar.kind == WAIT
        and bar.end is not None
        and (history.events[bar.end].event, history.events[bar.end].object)
        == ("lock.acquire", bar.name)
    }
    assert freed == met


def with_locks_alone(history: History) -> History:
    """What a log of level `locks` has of a run."""
    return parse_history(log_bytes(history, level="locks").splitlines(keepends=True), "locks")
