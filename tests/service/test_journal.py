"""The events of a campaign: each has its number, whoever asks, whatever happened before."""

from __future__ import annotations

import resource
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
import trio
from hypothesis import given, settings, strategies as st

from emu.service import journal as module
from emu.service.journal import Journal


def told(journal: Journal, after: int) -> list[tuple[int, Any]]:
    """Number and row of all events after a number, as they are sent."""
    found = []
    while events := journal.after(after):
        for number, frame in events:
            lines = frame.decode().splitlines()
            assert lines[0] == f"id: {number}"
            found.append((number, orjson.loads(lines[2].removeprefix("data: "))))
        after = events[-1][0]
    return found


def fill(journal: Journal, count: int) -> list[tuple[int, dict[str, Any]]]:
    rows = [{"event": "found", "text": "x" * (at % 7), "at": at} for at in range(count)]
    return [(journal.add(row), row) for row in rows]


@given(count=st.integers(0, 60), after=st.integers(0, 70), recent=st.integers(1, 20))
@settings(deadline=None)
def test_every_event_after_a_number_is_told(
    tmp_path_factory: pytest.TempPathFactory, count: int, after: int, recent: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "RECENT", recent)
        patch.setattr(module, "AT_ONCE", 7)
        journal = Journal(tmp_path_factory.mktemp("j"))
        rows = fill(journal, count)
        assert told(journal, after) == [row for row in rows if row[0] > after]


@given(count=st.integers(0, 60), after=st.integers(0, 70))
@settings(deadline=None)
def test_events_are_there_again(
    tmp_path_factory: pytest.TempPathFactory, count: int, after: int
) -> None:
    directory = tmp_path_factory.mktemp("j")
    rows = fill(Journal(directory), count)
    assert told(Journal(directory), after) == [row for row in rows if row[0] > after]


def test_numbers_go_on(tmp_path: Path) -> None:
    fill(Journal(tmp_path), 3)
    assert Journal(tmp_path).add({"event": "begin"}) == 4


@pytest.mark.parametrize("torn", ['{"id": 4, "eve', "", '{"id": 4'])
def test_a_line_that_was_never_finished_is_removed(tmp_path: Path, torn: str) -> None:
    rows = fill(Journal(tmp_path), 3)
    with (tmp_path / "events.jsonl").open("a") as file:
        file.write(torn)
    journal = Journal(tmp_path)
    rows.append((journal.add({"event": "begin"}), {"event": "begin"}))
    assert told(journal, 0) == rows


def test_a_file_that_is_full_gives_up_its_older_half(tmp_path: Path) -> None:
    journal = Journal(tmp_path, most=2_000)
    rows = fill(journal, 200)
    assert (tmp_path / "events.jsonl").stat().st_size <= 2_000
    kept = told(Journal(tmp_path), 0)
    assert kept == rows[-len(kept) :]
    assert len(kept) > 5


def test_events_are_told_though_they_cannot_be_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "gone")
    rows = fill(journal, 2)
    assert told(journal, 0) == rows
    assert "cannot be written" in journal.lost


@pytest.mark.parametrize("number", [10, 15, 22, 26])
def test_those_after_a_time_without_room_are_told_to_whoever_comes_back(
    tmp_path: Path, number: int
) -> None:
    rows = fill(Journal(tmp_path), 30)
    file = tmp_path / "events.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:10] + lines[20:]))
    assert told(Journal(tmp_path), number) == rows[max(number, 20) :]


def test_sums_that_were_lost_for_want_of_room_are_written_once_there_is_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RECENT", 3)
    monkeypatch.setattr(module, "SUMMED", 4)
    journal = Journal(tmp_path)
    for at in range(1, 7):
        if at in (4, 5):
            with monkeypatch.context() as patch:
                patch.setattr(journal, "path", tmp_path / "gone" / "events.jsonl")
                journal.add(harvest("b", 1, at))
        else:
            journal.add(harvest("a" if at == 1 else "b", 1, at))
    again = Journal(tmp_path)
    again.catch_up({("p", "a"): 3, ("p", "b"): 6}, 2.0)
    assert told(again, 6) == [(7, harvest("a", 2, 3, 2.0))]


def harvest(entry: str, runs: int, total: int, time: float = 1.0) -> dict[str, Any]:
    where = {"time": time, "plan": "p", "entry": entry}
    return {"event": "harvest", **where, "runs": runs, "total": total}


def sums(journal: Journal) -> Counter[str]:
    """How many runs of each entry the harvests tell of."""
    found = Counter[str]()
    for _, row in told(journal, 0):
        found[row["entry"]] += row["runs"]
    return found


@given(
    harvests=st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), max_size=60),
    missed=st.fixed_dictionaries({entry: st.integers(0, 9) for entry in "abc"}),
)
@settings(deadline=None)
def test_runs_that_were_never_told_are_told_when_it_is_taken_up(
    tmp_path_factory: pytest.TempPathFactory,
    harvests: list[tuple[str, int]],
    missed: dict[str, int],
) -> None:
    directory = tmp_path_factory.mktemp("j")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "RECENT", 9)
        patch.setattr(module, "SUMMED", 4)
        counted = Counter[str]()
        for entry, runs in harvests:
            counted[entry] += runs
            Journal(directory).add(harvest(entry, runs, counted[entry]))
        assert sums(Journal(directory)) == counted
        for _ in range(2):
            counted.update(missed)
            journal = Journal(directory)
            journal.catch_up({("p", entry): counted[entry] for entry in "abc"}, 2.0)
            assert sums(journal) == counted


def test_what_was_told_before_anybody_kept_the_sum_is_not_told_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, "SUMMED", 1_000)
        journal = Journal(tmp_path)
        journal.add(harvest("a", 5, 5))
        for at in range(20):
            journal.add(harvest("b", 1, at + 1))
    monkeypatch.setattr(module, "RECENT", 9)
    journal = Journal(tmp_path)
    journal.catch_up({("p", "a"): 5, ("p", "b"): 22}, 2.0)
    assert told(journal, 21) == [(22, harvest("b", 2, 22, 2.0))]


async def test_whoever_waits_is_woken(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(journal.wait)
        await trio.testing.wait_all_tasks_blocked()
        journal.add({"event": "found"})


DAMAGED = b'{"id": 4, "ev{"id": 5, "event": "found"}\n'


def test_a_damaged_line_at_the_end_is_removed(tmp_path: Path) -> None:
    rows = fill(Journal(tmp_path), 3)
    with (tmp_path / "events.jsonl").open("ab") as file:
        file.write(2 * DAMAGED)
    journal = Journal(tmp_path)
    rows.append((journal.add({"event": "begin"}), {"event": "begin"}))
    assert told(journal, 0) == rows


@pytest.mark.parametrize("after", range(8))
def test_a_damaged_line_in_the_middle_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(module, "RECENT", 1)
    rows = fill(Journal(tmp_path), 6)
    path = tmp_path / "events.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], DAMAGED, *lines[3:]]))
    assert told(Journal(tmp_path), after) == [row for row in rows if row[0] > after]


def test_no_part_of_a_line_is_left_where_there_is_no_room_for_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    rows = fill(journal, 3)
    room = (tmp_path / "events.jsonl").stat().st_size + 5
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
        journal.add({"event": "found"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert "cannot be written" in journal.lost
    rows.append((journal.add({"event": "told"}), {"event": "told"}))
    assert told(Journal(tmp_path), 0) == rows
