"""The drawing of a lock order."""

from __future__ import annotations

from emu.analysis.report.graph import MOST, GraphDrawing, draw_graph
from emu.record.event import Event
from tests.analysis.histories import event, history, inversion
from tests.analysis.report.pages import program


def nested(*pairs: tuple[str, str, str]) -> list[Event]:
    """Threads that take one lock inside another, one after the other."""
    events: list[Event] = []
    for at, (thread, outer, inner) in enumerate(pairs):
        step = 10 * at
        events += [
            event("lock.acquire", step + 1, thread, outer, 3, waited=0),
            event("lock.acquire", step + 2, thread, inner, 4, waited=0),
            event("lock.release", step + 3, thread, inner, 5),
            event("lock.release", step + 4, thread, outer, 6),
        ]
    return events


def drawn(events: list[Event]) -> GraphDrawing:
    made = draw_graph(program(history(events)).order)
    assert made is not None
    return made


def test_both_edges_of_the_seed_deadlock_stand_out() -> None:
    made = draw_graph(program(inversion()).order)
    assert made is not None
    assert [one.kind for one in made.lines] == ["deadlock", "deadlock"]
    assert [(one.name, one.kind) for one in made.boxes] == [
        ("left", "deadlock"),
        ("right", "deadlock"),
    ]


def test_an_order_without_a_circle_is_plain() -> None:
    made = drawn(nested(("T1", "a", "b"), ("T2", "a", "b")))
    assert [one.kind for one in made.lines] == ["plain"]


def test_a_circle_of_one_thread_is_kept_off() -> None:
    made = drawn(nested(("T1", "a", "b"), ("T1", "b", "a")))
    assert {one.kind for one in made.lines} == {"kept"}


def test_the_gate_of_a_circle_is_told() -> None:
    events: list[Event] = []
    for at, (thread, outer, inner) in enumerate((("T1", "a", "b"), ("T2", "b", "a"))):
        step = 20 * at
        events.append(event("lock.acquire", step + 1, thread, "gate", 2, waited=0))
        events += [
            event("lock.acquire", step + 2, thread, outer, 3, waited=0),
            event("lock.acquire", step + 3, thread, inner, 4, waited=0),
            event("lock.release", step + 4, thread, inner, 5),
            event("lock.release", step + 5, thread, outer, 6),
            event("lock.release", step + 6, thread, "gate", 7),
        ]
    gates = {(one.kind, one.gates) for one in drawn(events).lines}
    assert gates == {("kept", "gate"), ("plain", "")}


def test_locks_that_are_never_nested_make_no_drawing() -> None:
    events = [
        event("lock.acquire", 1, "T1", "a", 3, waited=0),
        event("lock.release", 2, "T1", "a", 3),
    ]
    assert draw_graph(program(history(events)).order) is None


def test_what_is_left_out_of_a_large_one_is_said() -> None:
    pairs = [("T1", "root", f"leaf{n:02}") for n in range(MOST + 9)]
    made = drawn(nested(*pairs))
    assert len(made.boxes) == MOST
    assert made.left_out == "10 locks with fewer edges not drawn"


def test_everything_is_inside() -> None:
    made = drawn(nested(("T1", "a", "b"), ("T2", "b", "c"), ("T3", "c", "a"), ("T1", "a", "c")))
    assert all(one.x >= 0 and one.x + one.width <= made.width for one in made.boxes)
    assert all(0 <= one.y <= made.height - 30 for one in made.boxes)
