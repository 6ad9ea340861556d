"""What is told of locks is true: against a model in which everything is known."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from emu.analysis.predict.acquires import abstract_acquires
from emu.analysis.predict.trace import trace_of
from emu.record.event import Event
from emu.record.history import History
from tests.analysis.strace.lowlevellock import Hold, Model
from tests.analysis.strace.traces import imported

Told = tuple[Event, Event | None]
"""A hold: its acquisition and its release."""


def holds(history: History) -> list[Told]:
    """Every hold of a history, in order; no two of one lock overlap."""
    found: list[Told] = []
    held: dict[str, int] = {}
    for event in history.events:
        if event.event == "lock.acquire":
            assert event.object not in held
            held[event.object] = len(found)
            found.append((event, None))
        elif event.event == "lock.release":
            acquired, _ = found[held[event.object]]
            assert acquired.thread == event.thread
            found[held.pop(event.object)] = (acquired, event)
    return found


def next_line(model: Model, event: Event) -> int:
    """The step of the next line of an event's thread; the last step if there is none."""
    later = (at for at in range(event.step, len(model.lines)))
    mine = (at for at in later if model.lines[at].split()[0] == event.thread)
    return model.steps[next(mine, len(model.lines) - 1)]


def covers(model: Model, true: Hold, told: Told) -> bool:
    """Whether a hold that is told is a part of a real one, but for the instruction that took it."""
    acquired, released = told
    if (str(true.thread), f"{true.lock + 16:#x}") != (acquired.thread, acquired.object):
        return False
    came_back = acquired.fields["contended"]
    begun = next_line(model, acquired) if came_back else model.steps[acquired.step - 1]
    ends = len(model.steps) if true.released is None else true.released
    return true.acquired <= begun and (released is None or model.steps[released.step - 1] <= ends)


def holders(model: Model, wait: Event) -> set[str]:
    """Who held a lock when a thread found it held, until it had it."""
    found: set[str] = set()
    for line, holder in model.tried.items():
        tid, what = model.lines[line - 1].split(maxsplit=1)
        if line < wait.step or tid != wait.thread:
            continue
        if f"({wait.object}, " not in what or (found and next_is_other(model, line, tid)):
            break
        found.add(str(holder))
    return found


def next_is_other(model: Model, line: int, tid: str) -> bool:
    """Whether a thread did something else since it last waited, before line `line`."""
    before = [text for text in model.lines[: line - 1] if text.split()[0] == tid]
    return "futex resumed" not in before[-1] or "WAIT" not in before[-2]


def check_all(path: Path, seeds: range) -> int:
    told = 0
    for seed in seeds:
        model = Model(Random(seed), threads=2 + seed % 3, locks=1 + seed % 2)
        history = imported(path, "\n".join(model.lines))
        for hold in holds(history):
            told += 1
            assert any(covers(model, true, hold) for true in model.holds), (seed, hold)
        for event in history.events:
            if event.event == "lock.wait" and event.fields["held_by"] != "unknown":
                told += 1
                assert event.fields["held_by"] in holders(model, event), (seed, event)
    return told


def test_what_is_told_of_locks_is_true(tmp_path: Path) -> None:
    assert check_all(tmp_path, range(100)) > 900


@pytest.mark.slow
def test_what_is_told_of_locks_is_true_of_many_runs(tmp_path: Path) -> None:
    assert check_all(tmp_path, range(100, 1_500)) > 11_000


def test_every_acquisition_that_had_to_wait_is_told(tmp_path: Path) -> None:
    for seed in range(60):
        model = Model(Random(seed), locks=1)
        history = imported(tmp_path, "\n".join(model.lines))
        waited = [event for event in history.events if event.event == "lock.wait"]
        acquired = [event for event in history.events if event.event == "lock.acquire"]

        assert len(waited) == sum(event.fields["contended"] for event in acquired)


def test_every_call_that_wakes_is_a_release_of_what_somebody_waited_for(tmp_path: Path) -> None:
    for seed in range(60):
        model = Model(Random(seed))
        history = imported(tmp_path, "\n".join(model.lines))
        calls = [line.split()[1:3] for line in model.lines if "futex(" in line]
        waited_for = {word for word, act in calls if act == "FUTEX_WAIT_PRIVATE,"}

        assert sum(
            word in waited_for and act == "FUTEX_WAKE_PRIVATE," for word, act in calls
        ) == sum(event.event == "lock.release" for event in history.events)


def check_nesting(path: Path, seeds: range) -> int:
    """Which lock was asked for with which one held, in so many runs; gives how often it is told."""
    told = 0
    for seed in seeds:
        model = Model(Random(seed), 4, 3, 6, windows=seed % 2 > 0, ordered=seed % 4 > 0)
        trace = trace_of(imported(path, "\n".join(model.lines)).shapes)
        for acquire in abstract_acquires(trace):
            for held in acquire.held:
                told += 1
                pair = (int(held.lock, 16) - 16, int(acquire.lock, 16) - 16)
                assert (int(acquire.thread), *pair) in model.nested, (seed, acquire)
    return told


def test_an_order_of_locks_is_one_that_a_thread_has(tmp_path: Path) -> None:
    assert check_nesting(tmp_path, range(40)) > 50


def check_overlaps(path: Path, seeds: range) -> None:
    for seed in seeds:
        model = Model(Random(seed), threads=3 + seed % 4, locks=1, windows=True)

        assert holds(imported(path, "\n".join(model.lines)))


def test_where_others_run_between_instruction_and_call_holds_still_do_not_overlap(
    tmp_path: Path,
) -> None:
    check_overlaps(tmp_path, range(100))


@pytest.mark.slow
def test_nor_do_they_in_many_runs(tmp_path: Path) -> None:
    check_overlaps(tmp_path, range(100, 1_000))


@pytest.mark.slow
def test_nor_is_there_another_order_of_locks_in_many_runs(tmp_path: Path) -> None:
    assert check_nesting(tmp_path, range(40, 400)) > 400
