"""A run in the Trace Event Format, which Perfetto and chrome://tracing open.

Google: Trace Event Format (Chromium project, catapult). A run is a process. A thread has a
track: a slice for its life, and within it slices for what it holds, waits for and handles;
those that do not nest have further tracks of the same thread (`tracks`). Marks are instants,
loads are counters, arrows are flows. A step takes `STEP`, so what is still there when the run
ends, or when its thread does, ends a step later. Times are in us, with three digits for the ns.

A flow leads from slice to slice, and Perfetto takes the one that began last in its track, be it
over or an instant. So a flow event follows the slice or the instant that it is about, and an
unlock that frees somebody is a slice of its own: the last half step of the hold.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from emu.analysis.bars import BLOCK, HANDLER, HOLD, SLEEP, STALL, WAIT, Bar
from emu.analysis.lanes import Lanes, Mark, lanes_of, mark_of
from emu.analysis.loads import loads_of
from emu.analysis.tracks import Slice, in_tracks
from emu.record.history import History

UNIT: Final = "ns"
"""The `displayTimeUnit` of a trace."""

STEP: Final = 1_000
"""How long a step takes, in ns."""

NAMES: Final[dict[str, str]] = {
    HOLD: "{name}",
    WAIT: "wait {name}",
    BLOCK: "{what} {name}",
    SLEEP: "sleep",
    STALL: "stall",
    HANDLER: "handler {name}",
}
"""What slices are called."""

WHOLE: Final = frozenset(("exit", "kill", "stop", "continue"))
"""Kinds of mark that concern the process; the others concern their thread."""

Row = dict[str, Any]


class Track(NamedTuple):
    """A track of thread number `lane`, with its slices; `first` where it is the thread's first."""

    tid: int
    lane: int
    first: bool
    slices: tuple[Slice, ...]


def trace_rows(history: History, run: int = 1) -> Iterator[Row]:
    """The trace events of one run, which is process `run`; it is numbered from 1.

    Metadata comes first; the rest is ordered by time.
    """
    lanes = lanes_of(history)
    tracks = _tracks(lanes)
    yield from _metadata(history, lanes, tracks, run)
    flows = _Flows(lanes, run)
    groups = [
        *_slices(lanes, tracks, run, flows),
        *_instants(history, lanes, tracks, run, flows),
        *_counters(lanes, run),
    ]
    for group in sorted(groups, key=lambda group: group.order):
        yield from group.rows


class Group(NamedTuple):
    """Trace events that follow each other, and where they belong.

    By time; slices before others, the longer ones first; then as the run has it.
    """

    order: tuple[int, int, int, int]
    rows: list[Row]


class _Flows:
    """The ends of the arrows, each to be put after what it is about."""

    def __init__(self, lanes: Lanes, run: int) -> None:
        """Arrows to the same moment have both ends at instants, for slices come before those."""
        self._at_slices: dict[int, list[Row]] = {}
        self._at_instants: dict[int, list[Row]] = {}
        halves = {bar.end for bar in lanes.bars if _ends_in_unlock(bar)}
        for number, arrow in enumerate(lanes.arrows, start=1):
            row = {"name": arrow.kind, "cat": "flow", "id": f"0x{run:x}{number:08x}"}
            leaves = {"ph": "s", **row, "args": {"of": arrow.name}}
            earlier = arrow.t0 < arrow.t1 or arrow.start in halves
            ends = self._at_slices if earlier else self._at_instants
            ends.setdefault(arrow.start, []).append(leaves)
            ends.setdefault(arrow.end, []).append({"ph": "f", "bp": "e", **row})

    def after_slice(self, row: Row, event: int) -> list[Row]:
        """A slice, and after it the flows that begin or end with the event of the run."""
        return [row, *_moved(self._at_slices.pop(event, ()), row)]

    def after_instant(self, row: Row, event: int) -> list[Row]:
        """An instant, and after it the flows that begin or end with it and are nowhere yet."""
        ends = [*self._at_slices.pop(event, ()), *self._at_instants.pop(event, ())]
        return [row, *_moved(ends, row)]

    def leaves(self, event: int) -> bool:
        """Whether a flow begins or ends with the event, and may do so at a slice."""
        return event in self._at_slices

    def left(self) -> list[int]:
        """The events whose flows are nowhere yet."""
        return sorted({*self._at_slices, *self._at_instants})


def _ends_in_unlock(bar: Bar) -> bool:
    """Whether the last half step of a bar can be an unlock."""
    return bar.kind == HOLD and bar.end is not None and not bar.by and bar.t0 < bar.t1


def _moved(ends: Iterable[Row], to: Row) -> Iterator[Row]:
    place = {name: to[name] for name in ("pid", "tid", "ts")}
    return ({**end, **place} for end in ends)


def _tracks(lanes: Lanes) -> list[Track]:
    """The first slice of a thread's first track is its life, numbered -1."""
    slices: dict[str, list[Slice]] = {}
    for number, bar in enumerate(lanes.bars):
        end = lanes.end + STEP if bar.end is None and bar.t1 == lanes.end else bar.t1
        slices.setdefault(bar.thread, []).append(Slice(bar.t0, end, number))
    tracks: list[Track] = []
    for number, lane in enumerate(lanes.threads):
        life = Slice(lane.t0, lane.t1 + STEP, -1)
        for one in in_tracks([life, *slices.get(lane.name, ())]):
            tracks.append(Track(len(tracks) + 1, number, one[0] is life, tuple(one)))
    return tracks


def _metadata(history: History, lanes: Lanes, tracks: list[Track], run: int) -> Iterator[Row]:
    info = history.info
    name = f"run {run}: {info.scenario.rpartition(':')[2]}, {history.outcome.name}"
    params = ", ".join(f"{key}={value}" for key, value in info.params.items())
    yield _meta("process_name", run, 0, name=name)
    if params:
        yield _meta("process_labels", run, 0, labels=params)
    yield _meta("process_sort_index", run, 0, sort_index=run)
    for track in tracks:
        thread = lanes.threads[track.lane].name
        shown = thread if track.first else f"{thread} (more)"
        yield _meta("thread_name", run, track.tid, name=shown)
        yield _meta("thread_sort_index", run, track.tid, sort_index=track.tid)


def _meta(kind: str, pid: int, tid: int, **args: Any) -> Row:
    return {"ph": "M", "name": kind, "pid": pid, "tid": tid, "args": args}


def _slices(lanes: Lanes, tracks: list[Track], run: int, flows: _Flows) -> Iterator[Group]:
    for track in tracks:
        edges = sorted(edge for one in track.slices for edge in one[:2])
        for one in track.slices:
            if one.bar < 0:
                lane = lanes.threads[track.lane]
                args: Row = {"steps": [lane.step0, lane.step1], "ended": lane.end is not None}
                yield _slice(one, [_complete(run, track.tid, lane.name, "thread", one, args)])
                continue
            bar = lanes.bars[one.bar]
            name = NAMES[bar.kind].format(name=bar.name, what=bar.what).strip()
            row = _complete(run, track.tid, name, bar.kind, one, _args(bar))
            yield _slice(one, flows.after_slice(row, bar.start) if bar.kind == HOLD else [row])
            if bar.end is not None and _ends_in_unlock(bar) and flows.leaves(bar.end):
                before = edges[max(bisect_left(edges, one.t1) - 1, 0)]
                last = Slice(max(one.t1 - STEP // 2, before), one.t1, one.bar)
                row = _complete(
                    run, track.tid, f"unlock {bar.name}", "unlock", last, {"at": bar.until}
                )
                yield _slice(last, flows.after_slice(row, bar.end))


def _slice(one: Slice, rows: list[Row]) -> Group:
    return Group((one.t0, 0, one.t0 - one.t1, one.bar), rows)


def _complete(run: int, tid: int, name: str, kind: str, one: Slice, args: Row) -> Row:
    row = {"ph": "X", "name": name, "cat": kind, "pid": run, "tid": tid}
    return row | {"ts": _us(one.t0), "dur": _us(one.t1 - one.t0), "args": args}


def _args(bar: Bar) -> Row:
    """What is known of a bar; what is empty is left out."""
    known = {
        "what": bar.what,
        "at": bar.at,
        "until": bar.until,
        "held_by": bar.held_by,
        "released_by": bar.by,
        "depth": bar.depth,
    }
    steps = {"steps": [bar.step0, bar.step1], "ended": bar.end is not None}
    return {name: value for name, value in known.items() if value} | steps


def _counters(lanes: Lanes, run: int) -> Iterator[Group]:
    for load in loads_of(lanes):
        counts = {"runnable": load.runnable, "waiting for locks": load.waiting}
        row = {"ph": "C", "name": "threads", "pid": run, "ts": _us(load.t), "args": counts}
        yield Group((load.t, 1, -1, 0), [row])


def _instants(
    history: History, lanes: Lanes, tracks: list[Track], run: int, flows: _Flows
) -> Iterator[Group]:
    """The marks, and what a flow begins or ends with that is no slice and leaves no mark."""
    first = {lanes.threads[track.lane].name: track.tid for track in tracks if track.first}
    for mark in lanes.marks:
        row = _instant(run, first[mark.thread], mark)
        yield Group((mark.t, 1, mark.event, 0), flows.after_instant(row, mark.event))
    for number in flows.left():
        mark = mark_of(number, history.events[number])
        row = _instant(run, first[mark.thread], mark)
        yield Group((mark.t, 1, mark.event, 0), flows.after_instant(row, number))


def _instant(run: int, tid: int, mark: Mark) -> Row:
    args: Row = {"at": mark.at} if mark.at else {}
    args["step"] = mark.step
    row = {"ph": "i", "name": mark.text, "cat": mark.kind, "s": "p" if mark.kind in WHOLE else "t"}
    return row | {"pid": run, "tid": tid, "ts": _us(mark.t), "args": args}


def _us(ns: int) -> float:
    us, rest = divmod(ns, 1_000)
    return ns / 1_000 if rest else us
