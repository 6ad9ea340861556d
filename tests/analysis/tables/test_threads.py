"""How threads spend their time, by hand and against sums that must come out."""

from __future__ import annotations

from pathlib import Path

import pytest

from emu.analysis.tables.pack import pack
from emu.analysis.tables.tables import Tables
from emu.analysis.tables.threads import Blocking, Thread, Threads, threads
from emu.record.history import History
from tests.analysis.tables.logs import acquire, histories, release, run, wait, written


def told(tmp_path: Path, *runs: History) -> Threads:
    with Tables([written(tmp_path / "a.jsonl", runs)]) as tables:
        return threads(tables)


def thread(found: Threads, name: str) -> Thread:
    (one,) = [one for one in found.threads if one.thread == name]
    return one


CONTENDED = run(
    ("thread.start", 0, "A", "A"),
    acquire(10, "A", "l"),
    ("thread.start", 10, "B", "B"),
    wait(20, "B", "l"),
    release(50, "A", "l"),
    acquire(50, "B", "l", waited=30),
    ("thread.end", 60, "A", "A", None),
    ("thread.end", 90, "B", "B", None),
)


def test_a_life_lasts_from_the_first_event_to_the_end(tmp_path: Path) -> None:
    found = told(tmp_path, CONTENDED)
    assert (thread(found, "A").life, thread(found, "B").life) == (60, 80)


def test_the_life_of_a_thread_without_an_end_lasts_as_long_as_its_run(tmp_path: Path) -> None:
    one = thread(told(tmp_path, run(("note", 5, "A", "", ""), ("note", 25, "", "", ""))), "A")
    assert (one.life, one.unended) == (20, 1)


def test_a_thread_does_not_run_while_it_waits(tmp_path: Path) -> None:
    one = thread(told(tmp_path, CONTENDED), "B")
    assert (one.waiting, one.running) == (30, 50)


def test_who_holds_a_lock_keeps_who_wants_it_waiting(tmp_path: Path) -> None:
    (one,) = told(tmp_path, CONTENDED).blocking
    assert one == Blocking("hand:made", "B", "A", "l", 1, 30, 30, "hand.py:4:f", 3, 1)


def test_waits_of_several_runs_add_up(tmp_path: Path) -> None:
    found = told(tmp_path, CONTENDED, CONTENDED)
    (one,) = found.blocking
    assert (one.count, one.total, one.run) == (2, 60, 1)
    assert thread(found, "B").runs == 2


def test_a_handler_is_no_part_of_the_wait_below_it(tmp_path: Path) -> None:
    handler = [
        ("signal.deliver", 25, "B", "", "SIGUSR1", 0, None, "thread", "", "none"),
        ("signal.enter", 25, "B", "", "SIGUSR1"),
        ("signal.return", 35, "B", "", "SIGUSR1", "none"),
    ]
    one = run(
        ("thread.start", 0, "A", "A"),
        acquire(10, "A", "l"),
        ("thread.start", 10, "B", "B"),
        wait(20, "B", "l"),
        *handler,
        release(50, "A", "l"),
        acquire(50, "B", "l", waited=30),
        ("thread.end", 90, "B", "B", None),
    )
    raw = [(*event[:4], int(event[0] == "signal.enter"), *event[5:]) for event in one.raw]
    found = thread(told(tmp_path, History(one.info, raw, one.ending)), "B")
    assert (found.waiting, found.in_handlers, found.handlers) == (20, 10, 1)


def test_sleep_is_told_apart(tmp_path: Path) -> None:
    one = run(
        ("thread.start", 0, "A", "A"),
        ("thread.sleep", 10, "A", "", 100),
        ("note", 110, "A", "", ""),
        ("thread.end", 120, "A", "A", None),
    )
    found = thread(told(tmp_path, one), "A")
    assert (found.sleeping, found.running) == (100, 20)


@pytest.mark.parametrize("packed", [False, True])
async def test_of_real_runs_waits_are_as_long_as_their_acquisitions_say(
    tmp_path: Path, packed: bool
) -> None:
    runs = [one for one in await histories() if one.outcome.name == "ok"]
    path = written(tmp_path / "a.jsonl", runs)
    if packed:
        path = pack([path], tmp_path / "pack").directory
    said = sum(
        event.fields["waited"]
        for one in runs
        for event in one.events
        if event.event == "lock.acquire" and event.depth == 0
    )
    with Tables([path]) as tables:
        found = threads(tables)
    assert sum(one.waiting for one in found.threads) == said > 0
    assert all(one.running >= 0 for one in found.threads)
