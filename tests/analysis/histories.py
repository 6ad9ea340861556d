"""Histories made by hand: what a run would have left behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emu.record.event import KINDS, Event
from emu.record.finding import Blocked, Finding, Outcome, RunInfo
from emu.record.history import Ending, History
from emu.record.tape import Deviation, Tape

FILE = "inversion.py"


def event(
    kind: str,
    step: int,
    thread: str,
    obj: str = "",
    line: int = 0,
    depth: int = 0,
    file: str = FILE,
    **fields: Any,
) -> Event:
    own = {name: fields.get(name) for name in KINDS[kind]}
    at = f"{file}:{line}:worker" if line else ""
    return Event(kind, step, step * 1000, thread, depth, obj, at, "", own)


def acquire(step: int, thread: str, lock: str, **fields: Any) -> Event:
    """A lock is acquired, at the line that is the step's number."""
    return event("lock.acquire", step, thread, lock, step, mode="exclusive", **fields)


def release(step: int, thread: str, lock: str, **fields: Any) -> Event:
    """It is released."""
    return event("lock.release", step, thread, lock, step, mode="exclusive", **fields)


def wait(step: int, thread: str, lock: str, holder: str, **fields: Any) -> Event:
    """A thread begins to wait for it."""
    return event("lock.wait", step, thread, lock, step, held_by=holder, mode="exclusive", **fields)


def signal(kind: str, step: int, thread: str, depth: int, name: str = "SIGUSR1") -> Event:
    """Something that a thread has to do with a signal."""
    return event(f"signal.{kind}", step, thread, depth=depth, signal=name)


def history(
    events: Sequence[Event],
    *findings: Finding,
    outcome: Outcome | None = None,
    scenario: str = "inversion:lock_order_inversion",
    deviations: Sequence[Deviation] = (),
    t: int = 9_000,
) -> History:
    last = events[-1].step if events else 0
    kind = findings[0].kind if findings else "ok"
    ending = Ending(Tape(tuple(deviations)), outcome or Outcome(kind), findings, last, t)
    made = History(RunInfo(scenario, strategy="random", seed=11), (), ending)
    made.__dict__["events"] = tuple(events)
    made.__dict__["digest"] = "a72e" + "0" * 60
    return made


def inversion() -> History:
    """Two threads take two locks in opposite orders, and wait for each other."""
    cycle = (
        Blocked("T1", "right", "lock", f"{FILE}:11:worker", 4_000, ("T2",), f"{FILE}:10:worker"),
        Blocked("T2", "left", "lock", f"{FILE}:11:worker", 3_000, ("T1",), f"{FILE}:10:worker"),
    )
    found = Finding(
        "deadlock",
        "T1 waits for right, T2 waits for left: each held by the next",
        objects=("right", "left"),
        functions=("worker",),
        threads=("T1", "T2"),
        cycle=cycle,
    )
    events = [
        event("thread.start", 1, "T1", "T1", 5),
        event("lock.acquire", 2, "T1", "left", 10, waited=False),
        event("lock.acquire", 4, "T2", "right", 10, waited=False),
        event("lock.wait", 6, "T2", "left", 11, held_by="T1"),
        event("lock.wait", 8, "T1", "right", 11, held_by="T2"),
    ]
    return history(events, found, deviations=[Deviation(2, "thread", 1)])
