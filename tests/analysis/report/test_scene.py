"""A scene: the lanes of a run as the page's timeline reads them."""

from __future__ import annotations

from typing import Any

import orjson

from emu.analysis.report.scene import MOST, Scene, scene_of
from emu.record.event import Event
from emu.record.history import History
from tests.analysis.histories import event, history, inversion

BAR = (
    *("thread", "kind", "name", "what", "row", "depth", "step0", "t0", "event0"),
    *("step1", "t1", "event1", "at", "until", "held_by", "by"),
)
NAMES = ("kind", "name", "what", "at", "until", "held_by", "by")


def bars(scene: Scene) -> list[dict[str, Any]]:
    """The bars, with their names and the names of their threads."""
    names = scene["names"]
    made = [dict(zip(BAR, one, strict=True)) for one in scene["bars"]]
    for bar in made:
        bar |= {key: names[bar[key]] for key in NAMES}
        bar["thread"] = names[scene["threads"][bar["thread"]][0]]
    return made


def seed_deadlock() -> Scene:
    run = inversion()
    return scene_of(run, run.findings[0])


def churn(rounds: int) -> History:
    """A thread that takes and gives back a lock again and again, while another holds one."""
    events: list[Event] = [event("lock.acquire", 1, "main", "outer", 3, waited=0)]
    for step in range(2, 2 * rounds + 2, 2):
        events.append(event("lock.acquire", step, "T1", "inner", 5, waited=0))
        events.append(event("lock.release", step + 1, "T1", "inner", 6))
    return history(events, t=(2 * rounds + 2) * 1000)


def test_it_has_both_threads_and_both_locks_of_the_seed_deadlock() -> None:
    drawn = {(one["thread"], one["kind"], one["name"]) for one in bars(seed_deadlock())}
    assert drawn == {
        ("T1", "hold", "left"),
        ("T1", "wait", "right"),
        ("T2", "hold", "right"),
        ("T2", "wait", "left"),
    }


def test_what_did_not_end_has_no_last_event_and_the_last_step() -> None:
    assert {(one["event1"], one["step1"]) for one in bars(seed_deadlock())} == {(-1, 8)}


def test_it_has_who_waits_for_whom() -> None:
    scene = seed_deadlock()
    names = scene["names"]
    threads = [names[one[0]] for one in scene["threads"]]
    cycle = [
        (threads[thread], names[lock], [threads[by] for by in holders])
        for thread, lock, holders in scene["cycle"]
    ]
    assert cycle == [("T1", "right", ["T2"]), ("T2", "left", ["T1"])]


def test_a_name_stands_in_it_once() -> None:
    names = seed_deadlock()["names"]
    assert len(names) == len(set(names))


def test_an_arrow_has_the_steps_of_both_ends() -> None:
    events = [
        event("lock.acquire", 1, "T1", "left", 3, waited=0),
        event("lock.wait", 2, "T2", "left", 4, held_by="T1"),
        event("lock.release", 5, "T1", "left", 6),
        event("lock.acquire", 7, "T2", "left", 4, waited=5000, contended=True),
    ]
    scene = scene_of(history(events))
    (arrow,) = scene["arrows"]
    assert scene["names"][arrow[0]] == "unlock"
    assert (arrow[3], arrow[7]) == (5, 7)


def test_a_short_run_is_whole() -> None:
    scene = scene_of(churn(10))
    assert (scene["notes"], len(scene["bars"]), scene["span"][:3]) == ([], 11, [0, 0, 0])


def test_of_a_long_run_it_has_the_end_and_says_so() -> None:
    scene = scene_of(churn(10 * MOST))
    assert len(scene["bars"]) == MOST
    assert scene["bars"][-1][9] == scene["span"][3] == 20 * MOST + 1
    (note, *_) = scene["notes"]
    assert note.startswith("A long run: shown are the last 2,3")
    assert note.endswith("all of it is in the log.")


def test_what_is_held_since_before_the_window_is_in_it() -> None:
    held = [one for one in bars(scene_of(churn(10 * MOST))) if one["name"] == "outer"]
    assert [one["step0"] for one in held] == [1]


def test_a_long_run_takes_no_more_room_than_a_page_has_for_it() -> None:
    assert len(orjson.dumps(scene_of(churn(20 * MOST)))) < 150_000


def test_a_log_of_locks_alone_says_that_it_is_one() -> None:
    run = inversion()
    some = History(run.info, (), run.ending, "locks")
    some.__dict__["events"] = run.events
    assert scene_of(some)["notes"] == [
        "The log is of level locks: it has locks and threads, and nothing else."
    ]
