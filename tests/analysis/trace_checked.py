"""The rules of the Trace Event Format, checked of a trace as a viewer would read it."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

Row = dict[str, Any]

FIELDS: Final[dict[str, frozenset[str]]] = {
    "M": frozenset(("ph", "name", "pid", "tid", "args")),
    "X": frozenset(("ph", "name", "cat", "pid", "tid", "ts", "dur", "args")),
    "i": frozenset(("ph", "name", "cat", "s", "pid", "tid", "ts", "args")),
    "C": frozenset(("ph", "name", "pid", "ts", "args")),
    "s": frozenset(("ph", "name", "cat", "id", "pid", "tid", "ts", "args")),
    "f": frozenset(("ph", "bp", "name", "cat", "id", "pid", "tid", "ts")),
}
"""What each phase that emu writes has, no more and no less."""


def check(trace: dict[str, Any]) -> list[Row]:
    """The trace events, after all of the below."""
    assert set(trace) == {"displayTimeUnit", "traceEvents"}
    assert trace["displayTimeUnit"] in ("ns", "ms")
    rows: list[Row] = trace["traceEvents"]
    for row in rows:
        assert row.keys() == FIELDS[row["ph"]]
        assert isinstance(row["name"], str)
        assert row["name"]
        if row["ph"] != "M":
            assert type(row["ts"]) in (int, float)
            assert row["ts"] >= 0
    processes = Counter(row["pid"] for row in rows)
    for pid in processes:
        _check_process([row for row in rows if row["pid"] == pid])
    _check_flows(rows)
    return rows


def _check_process(rows: list[Row]) -> None:
    metadata = [row for row in rows if row["ph"] == "M"]
    timed = [row for row in rows if row["ph"] != "M"]
    assert rows == [*metadata, *timed]
    assert [row["ts"] for row in timed] == sorted(row["ts"] for row in timed)
    names = [row["name"] for row in metadata]
    assert names[0] == "process_name"
    assert names.count("process_name") == names.count("process_sort_index") == 1
    named = [row["tid"] for row in metadata if row["name"] == "thread_name"]
    ordered = [row["tid"] for row in metadata if row["name"] == "thread_sort_index"]
    assert named == ordered == sorted(set(named))
    assert {row["tid"] for row in timed if "tid" in row} <= set(named)
    for tid in named:
        _check_nesting([row for row in timed if row["ph"] == "X" and row["tid"] == tid])
    for row in timed:
        if row["ph"] == "i":
            assert row["s"] in ("g", "p", "t")
        if row["ph"] == "C":
            assert all(type(value) is int and value >= 0 for value in row["args"].values())


def _check_nesting(slices: list[Row]) -> None:
    """A slice lies within what is open when it begins, and comes after that."""
    inside: list[Row] = []
    for one in slices:
        assert one["dur"] >= 0
        while inside and _end(inside[-1]) <= _ns(one["ts"]):
            inside.pop()
        assert not inside or _end(one) <= _end(inside[-1])
        inside.append(one)


def _check_flows(rows: list[Row]) -> None:
    """Each has one beginning and then one end, both in a slice that is open by then."""
    begun: dict[str, Row] = {}
    over: set[str] = set()
    for row in rows:
        if row["ph"] == "s":
            assert row["id"] not in begun
            begun[row["id"]] = row
        elif row["ph"] == "f":
            first = begun[row["id"]]
            assert row["id"] not in over
            assert (row["name"], row["cat"]) == (first["name"], first["cat"])
            assert row["bp"] == "e"
            assert first["ts"] <= row["ts"]
            over.add(row["id"])
    assert over == set(begun)
    for row in rows:
        if row["ph"] in "sf":
            assert any(
                one["ph"] == "X"
                and (one["pid"], one["tid"]) == (row["pid"], row["tid"])
                and _ns(one["ts"]) <= _ns(row["ts"]) < _end(one)
                for one in rows
            )


def bound_to(rows: list[Row], number: int) -> Row:
    """What Perfetto binds a flow event to: what began last in its track before it."""
    flow = rows[number]
    return next(
        row
        for row in reversed(rows[:number])
        if row["ph"] in "Xi" and (row["pid"], row["tid"]) == (flow["pid"], flow["tid"])
    )


def _end(one: Row) -> int:
    """When a slice ends, in ns."""
    return _ns(one["ts"]) + _ns(one["dur"])


def _ns(us: float) -> int:
    return round(us * 1_000)
