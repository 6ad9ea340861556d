"""Real programs under a real strace: what is imported is what they do."""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import pytest

from emu.analysis.predict.prediction import predict
from emu.record.event import Event
from emu.record.history import History
from emu.record.log import write_history
from emu.record.logs import Logged, read_runs
from emu.record.reading import read_history
from tests.analysis.strace.real import PROGRAMS, compiled, needs_strace, traced
from tests.analysis.strace.test_soundness import holds

pytestmark = needs_strace


def waiters(history: History, kind: str) -> dict[str, set[str]]:
    """For each object the threads that waited for it."""
    found = defaultdict(set)
    for event in history.events:
        if event.event == kind:
            found[event.object].add(event.thread)
    return found


def of(history: History, kind: str) -> list[Event]:
    return [event for event in history.events if event.event == kind]


@pytest.mark.parametrize(
    "options",
    [
        "-f -ttt",
        "-f -ttt -T -y",
        "-f -ttt -Y -yy",
        "-f -ttt -X verbose",
        "-ff -ttt -T",
        "-f -ttt -n",
    ],
)
def test_the_mutex_that_threads_of_a_c_program_wait_for_is_shown(
    tmp_path: Path, options: str
) -> None:
    made = traced([str(compiled("contended", tmp_path))], tmp_path, options)
    history = made.history
    ((word, threads),) = waiters(history, "lock.wait").items()

    assert made.damage == ()
    assert history.outcome.name == "ok"
    assert len(threads) >= 2
    assert word.startswith("0x")
    assert len(of(history, "thread.start")) == 4
    assert {event.fields["held_by"] for event in of(history, "lock.wait")} <= threads | {
        event.thread for event in of(history, "lock.acquire")
    }
    assert len(holds(history)) >= 3


def test_what_was_imported_is_read_back(tmp_path: Path) -> None:
    made = traced([str(compiled("contended", tmp_path))], tmp_path)
    write_history(made.history, tmp_path / "log.jsonl")

    assert read_history(tmp_path / "log.jsonl") == made.history


def test_the_futexes_that_threads_of_a_python_program_wait_for_are_shown(tmp_path: Path) -> None:
    made = traced([sys.executable, str(PROGRAMS / "contended.py")], tmp_path)
    words = waiters(made.history, "wait.begin") | waiters(made.history, "lock.wait")

    assert made.damage == ()
    assert made.history.outcome.name == "ok"
    assert max(len(threads) for word, threads in words.items() if word.startswith("0x")) >= 2
    assert len(of(made.history, "thread.start")) == 4
    assert holds(made.history) or not of(made.history, "lock.acquire")


def test_the_signals_of_a_program_are_sent_delivered_and_returned_from(tmp_path: Path) -> None:
    history = traced([str(compiled("signals", tmp_path))], tmp_path).history
    outer = [one for one in of(history, "signal.deliver") if one.fields["signal"] == "SIGUSR1"]
    inner = [one for one in of(history, "signal.deliver") if one.fields["signal"] == "SIGUSR2"]
    sends = of(history, "signal.send")

    assert [one.depth for one in outer] == [0, 0]
    assert [one.depth for one in inner] == [1, 1]
    assert {one.fields["mask"] for one in outer} == {"SIGUSR1 SIGTERM"}
    assert {one.fields["mask"] for one in inner} == {"SIGUSR1 SIGUSR2 SIGTERM"}
    assert {one.fields["stack"] for one in outer} == {"alternate"}
    assert {one.thread for one in outer + inner} == {sends[0].fields["target"]}
    assert [one.fields["signal"] for one in of(history, "signal.return")] == [
        "SIGUSR2",
        "SIGUSR1",
        "SIGUSR2",
        "SIGUSR1",
    ]
    assert [one.fields["target"] for one in sends if one.depth == 0][1] == "process"
    assert {one.fields["chosen"] for one in sends} == {outer[0].thread}
    assert all(
        sent.t <= delivered.t
        for sent, delivered in zip(
            [one for one in sends if one.depth == 0],
            outer,
            strict=True,
        )
    )


def test_a_deadlock_is_seen_as_waits_that_never_end(tmp_path: Path) -> None:
    history = traced([str(compiled("deadlock", tmp_path))], tmp_path).history
    waits = of(history, "lock.wait")

    assert history.outcome.name == "killed SIGALRM"
    assert sorted(event.thread for event in waits) == ["anna", "ben"]
    assert {event.fields["held_by"] for event in waits} == {"unknown"}
    assert len({event.object for event in waits}) == 2
    assert not of(history, "lock.acquire")


def test_a_deadlock_of_robust_mutexes_shows_who_holds_what(tmp_path: Path) -> None:
    history = traced([str(compiled("deadlock", tmp_path)), "robust"], tmp_path).history

    assert {event.thread: event.fields["held_by"] for event in of(history, "lock.wait")} == {
        "anna": "ben",
        "ben": "anna",
    }
    assert {event.thread for event in of(history, "lock.acquire")} == {"anna", "ben"}


def test_locks_of_every_kind_are_told_from_what_is_none(tmp_path: Path) -> None:
    history = traced([str(compiled("kinds", tmp_path))], tmp_path).history
    locks = {event.object for event in of(history, "lock.acquire")}
    others = {event.object for event in of(history, "wait.begin")}

    assert 3 <= len(waiters(history, "lock.wait")) <= 4  # the last is not always waited for
    assert not locks & others
    assert holds(history)


def test_both_orders_of_two_locks_are_a_deadlock_that_is_possible_and_not_certain(
    tmp_path: Path,
) -> None:
    history = traced([str(compiled("order", tmp_path))], tmp_path).history
    log = tmp_path / "log.jsonl"
    write_history(history, log)
    runs = [run for run in read_runs(log) if isinstance(run, Logged)]
    (one,) = predict(lambda: runs)

    assert history.outcome.name == "ok"
    assert one.grade == "possible"
    assert set(one.locks) == set(waiters(history, "lock.wait"))


def test_places_are_functions_of_the_program(tmp_path: Path) -> None:
    made = traced([str(compiled("contended", tmp_path))], tmp_path, "-f -ttt -k")
    places = {event.at for event in of(made.history, "lock.wait")}

    assert places <= {"contended:0:work", ""}
