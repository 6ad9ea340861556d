"""What is told of locks, by hand and against another way to count."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from emu.analysis.tables.locks import Lock, locks
from emu.analysis.tables.spread import Spread
from emu.analysis.tables.tables import Tables
from emu.record.history import History
from tests.analysis.tables.logs import acquire, histories, release, run, wait, written


def told(tmp_path: Path, *runs: History) -> dict[str, Lock]:
    with Tables([written(tmp_path / "a.jsonl", runs)]) as tables:
        return {lock.lock: lock for lock in locks(tables)}


def test_a_lock_is_held_from_its_acquisition_to_its_release(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        run(
            acquire(10, "A", "l"),
            release(25, "A", "l"),
            acquire(30, "B", "l"),
            release(130, "B", "l"),
        ),
    )
    assert found["l"].holds == Spread(2, 15, 100, 100, 115)


def test_holds_of_several_locks_overlap(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        run(acquire(1, "A", "l"), acquire(2, "A", "k"), release(5, "A", "l"), release(9, "A", "k")),
    )
    assert (found["l"].holds.total, found["k"].holds.total) == (4, 7)


def test_readers_hold_a_lock_each_for_itself(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        run(
            acquire(1, "A", "l", mode="shared"),
            acquire(2, "B", "l", mode="shared"),
            release(11, "A", "l", mode="shared"),
            release(22, "B", "l", mode="shared"),
        ),
    )
    assert found["l"].holds == Spread(2, 10, 20, 20, 30)


def test_a_reader_that_reads_again_holds_from_the_first_time_on(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        run(
            acquire(1, "A", "l", mode="shared"),
            acquire(5, "A", "l", mode="shared"),
            release(21, "A", "l", mode="shared"),
        ),
    )
    assert found["l"].holds == Spread(1, 20, 20, 20, 20)


def test_a_reader_that_reads_twice_holds_until_its_last_release(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        run(
            acquire(1, "A", "l", mode="shared"),
            acquire(5, "A", "l", mode="shared"),
            release(21, "A", "l", mode="shared"),
            release(31, "A", "l", mode="shared"),
        ),
    )
    assert found["l"].holds == Spread(1, 30, 30, 30, 30)


def test_whoever_releases_a_lock_ends_that_it_is_held(tmp_path: Path) -> None:
    found = told(tmp_path, run(acquire(1, "A", "l"), release(4, "B", "l")))
    assert found["l"].holds.total == 3


def test_a_lock_that_is_never_released_is_counted(tmp_path: Path) -> None:
    found = told(
        tmp_path, run(acquire(1, "A", "l")), run(acquire(1, "A", "l"), release(2, "A", "l"))
    )
    assert (found["l"].unreleased, found["l"].holds.count) == (1, 1)


def test_a_hold_does_not_reach_into_the_next_run(tmp_path: Path) -> None:
    found = told(tmp_path, run(acquire(1, "A", "l")), run(release(7, "A", "l")))
    assert found["l"].holds.count == 0


def test_waits_are_those_of_contended_acquisitions(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        run(
            acquire(1, "A", "l"),
            wait(2, "B", "l"),
            release(9, "A", "l"),
            acquire(9, "B", "l", waited=7),
            release(10, "B", "l"),
        ),
    )
    assert found["l"].waits == Spread(1, 7, 7, 7, 7)
    assert found["l"].contended_share == 0.5


def test_the_longest_wait_says_who_where_and_when(tmp_path: Path) -> None:
    one = run(
        acquire(1, "A", "l"), wait(2, "B", "l"), release(9, "A", "l"), acquire(9, "B", "l", 7)
    )
    longest = told(tmp_path, run(), one)["l"].longest
    assert longest is not None
    assert (longest.waited, longest.thread, longest.place) == (7, "B", "hand.py:4:f")
    assert (longest.step, longest.run) == (3, 2)


def test_a_wait_without_an_end_is_stuck_and_lasts_to_the_end_of_its_run(tmp_path: Path) -> None:
    one = run(acquire(1, "A", "l"), wait(2, "B", "l"), ("note", 50, "A", "", ""))
    lock = told(tmp_path, one)["l"]
    assert lock.stuck == 1
    assert lock.longest is not None
    assert (lock.longest.waited, lock.longest.thread, lock.longest.ended) == (48, "B", False)


def test_a_wait_that_was_given_up_is_not_stuck(tmp_path: Path) -> None:
    one = run(
        acquire(1, "A", "l"), wait(2, "B", "l"), ("lock.fail", 9, "B", "l", "ETIMEDOUT", None)
    )
    assert told(tmp_path, one)["l"].stuck == 0


def test_a_lock_that_nobody_got_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, run(wait(2, "B", "l")))["l"].acquisitions == 0


def test_locks_of_different_programs_are_different(tmp_path: Path) -> None:
    runs = [run(acquire(1, "A", "l"), scenario=name) for name in ("m:f", "m:g")]
    with Tables([written(tmp_path / "a.jsonl", runs)]) as tables:
        assert [lock.scenario for lock in locks(tables)] == ["m:f", "m:g"]


TWICE = "cockroach16167"
"""A program in which a reader takes a lock twice: times do not say what belongs to what."""


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("twice", [False, True])
async def test_of_real_runs_locks_are_counted_as_their_histories_count(
    tmp_path: Path, packed: bool, twice: bool
) -> None:
    runs = [one for one in await histories() if twice or TWICE not in one.info.scenario]
    path = written(tmp_path / "a.jsonl", runs)
    if packed:
        from emu.analysis.tables.pack import pack

        path = pack([path], tmp_path / "pack").directory
    had = Counter[tuple[str, str]]()
    held = Counter[tuple[str, str]]()
    waited = Counter[tuple[str, str]]()
    handlers = Counter[tuple[str, str]]()
    for one in runs:
        since: dict[tuple[str, str], int] = {}
        level = Counter[tuple[str, str]]()
        for event in one.events:
            key = (one.info.scenario, event.object)
            mode = event.fields.get("mode")
            holder = (event.object, event.thread if mode == "shared" else "")
            if event.event == "lock.acquire":
                had[key] += 1
                waited[key] += event.fields["waited"] if event.fields["contended"] else 0
                handlers[key] += event.depth > 0
                since.setdefault(holder, event.t)
                level[holder] += 1
            elif event.event == "lock.release":
                level[holder] -= 1
                if not level[holder]:
                    held[key] += event.t - since.pop(holder)
    with Tables([path]) as tables:
        found = {(lock.scenario, lock.lock): lock for lock in locks(tables)}
    assert {key: lock.acquisitions for key, lock in found.items() if lock.acquisitions} == had
    assert {key: lock.holds.total for key, lock in found.items() if lock.holds.total} == +held
    assert {key: lock.waits.total for key, lock in found.items() if lock.waits.total} == +waited
    assert {key: lock.in_handlers for key, lock in found.items() if lock.in_handlers} == +handlers
    assert sum(waited.values()) > 0 < sum(handlers.values())
