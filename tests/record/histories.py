"""Histories to write and read: one by hand, any at all, and that of a real run."""

from __future__ import annotations

from typing import Any

import trio
from hypothesis import strategies as st

from emu.engine.carrier import open_carriers
from emu.engine.chooser import Chooser
from emu.engine.machine import Machine
from emu.engine.scenario import scenario, setup
from emu.record.event import (
    COUNT,
    GIVEN,
    KINDS,
    NAMES,
    NEEDED,
    TEXT,
    TRUTH,
    WIDE,
    RawEvent,
    type_of,
)
from emu.record.finding import OUTCOMES, Blocked, Finding, Outcome, RunInfo
from emu.record.history import Ending, History
from emu.record.tape import Deviation, Tape

AT = "inversion.py:10:worker"

link = Blocked("T1", "right", "lock", AT, 3_000, ("T2",), AT, ("left",))
found = Finding("deadlock", "T1 waits for right", ("right",), ("worker",), ("T1",), (), (link,))


def raw(kind: str, step: int, thread: str, obj: str, *values: Any, at: str = AT) -> RawEvent:
    return (kind, step, step * 1000, thread, 0, obj, at, -1, "", values)


def history(*events: RawEvent, findings: tuple[Finding, ...] = (), outcome: str = "ok") -> History:
    info = RunInfo("inversion:lock_order_inversion", {"fix": False}, strategy="walk", seed=11)
    tape = Tape((Deviation(2, "thread", 1),))
    return History(info, events, Ending(tape, Outcome(outcome, "so be it"), findings, 4, 4_000))


def example() -> History:
    return history(
        raw("thread.start", 0, "T1", "T1"),
        raw("note", 1, "T1", "", "about to lock"),
        raw("lock.acquire", 2, "T1", "left", 0, False, None, None),
        raw("thread.sleep", 3, "T1", "", 1_000),
        raw("lock.wait", 4, "T1", "right", "T2", None),
        findings=(found,),
        outcome="deadlock",
    )


@scenario()
async def busy(m: Machine, *, rounds: int = 20) -> None:
    async def worker() -> None:
        for number in range(rounds):
            with m.region("work"):
                await m.checkpoint("step")
                m.note(f"round {number}")
                m.choose(3)

    threads = [m.spawn(worker), m.spawn(worker, name="other")]
    await m.sleep(0.001)
    for thread in threads:
        await thread.join()


def real() -> History:
    """The history of a real run, in trio and all."""

    async def run() -> History:
        async with open_carriers() as carriers:
            return await Machine(setup(busy), Chooser(), carriers).run()

    return trio.run(run)


names = st.text(max_size=8)
counts = st.integers(0, 2**63 - 1)
places = st.just("") | st.builds("{}.py:{}:{}".format, st.just("file"), counts, st.just("f"))
plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
values = st.recursive(plain, lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner))


def held(kind: str, name: str) -> st.SearchStrategy[Any]:
    """What a field of a kind's own may be given."""
    signed = st.integers(0, 2**64 - 1) if name in WIDE else st.integers(-(2**63), 2**63 - 1)
    only = {COUNT: signed, TRUTH: st.booleans(), NAMES: st.lists(names, max_size=2), TEXT: names}
    if (kind, name) in GIVEN:
        return values
    one = only.get(type_of(kind, name), values)
    return one if (kind, name) in NEEDED else st.none() | one


@st.composite
def events(draw: st.DrawFn) -> RawEvent:
    kind = draw(st.sampled_from(sorted(KINDS)))
    own = tuple(draw(held(kind, name)) for name in KINDS[kind])
    step, t, depth = draw(counts), draw(counts), draw(counts)
    return (kind, step, t, draw(names), depth, draw(names), draw(places), -1, draw(names), own)


waits = st.builds(
    Blocked, names, names, names, places, counts, st.tuples(names), places, st.tuples(names), counts
)
texts = st.lists(names, max_size=2).map(tuple)
findings = st.builds(
    Finding,
    st.sampled_from(sorted(OUTCOMES)),
    *[names, texts, texts, texts, texts],
    cycle=st.lists(waits, max_size=2).map(tuple),
    blocked=st.lists(waits, max_size=2).map(tuple),
    trace=texts,
)
histories = st.builds(
    History,
    st.builds(
        RunInfo,
        names,
        params=st.dictionaries(names, st.booleans() | st.integers(-9, 9) | names),
        chaos=st.lists(st.dictionaries(names, names), max_size=2).map(tuple),
        strategy=names,
        seed=counts,
    ),
    st.lists(events()),
    st.builds(
        Ending,
        st.lists(st.builds(Deviation, st.just(5), st.just("thread"), st.integers(1, 9)))
        .map(tuple)
        .map(Tape),
        st.builds(Outcome, names, names),
        st.lists(findings, max_size=2).map(tuple),
        counts,
        counts,
    ),
)
